"""What every peer of the tests needs: a key of its own, a port of this machine, and the moment when it answers."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A private key and its certificate, both in PEM."""

    private: str
    certificate: str


def new_key() -> KeyPair:
    """An RSA key of 2048 bits with a certificate of its own making, good for a month."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an identity provider of these tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    return KeyPair(private=private.decode(), certificate=certificate.public_bytes(pem).decode())


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    answers_at: str,
    seconds: int,
) -> Iterator[None]:
    """This command as a process of its own, from the moment when it answers at a URL until it is ended."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_for(answers_at, seconds=seconds, is_running=lambda: server.poll() is None, log=log)
        yield
    finally:
        # Workers outlive a kill of their master (PHP's server): the whole group is ended.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=10)


def _wait_for(url: str, *, seconds: int, is_running: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + seconds
    while is_running() and time.monotonic() < end:
        try:
            if httpx2.get(url, timeout=5, trust_env=False).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            pass
        time.sleep(_PAUSE)
    raise AssertionError(f"Nothing answers at {url}: " + log.read_text(errors="replace")[-2000:])
