"""Real servers on loopback that behave as well or as badly as a test wants, and an authority of one test."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ostiary.demo.dns_server import DnsServer, Record
from ostiary.kernel.clock import FixedClock

TLS_HANDSHAKE = 0x16
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

Handle = Callable[[socket.socket, bytes], None]


@dataclass
class Heard:
    """What arrived at a server."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    sni: list[str | None] = field(default_factory=list)
    connections: int = 0


@contextmanager
def a_server(handle: Handle, *, tls: ssl.SSLContext | None = None, reads_first: bool = True) -> Iterator[Heard]:
    """A server that hands each connection, with the head and body of its first HTTP request, to `handle`."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    heard = Heard(port=listening.getsockname()[1])
    open_sockets: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            connection.settimeout(10)
            if tls is not None:
                tls.sni_callback = lambda _socket, name, _context: heard.sni.append(name)
                connection = tls.wrap_socket(connection, server_side=True)
                open_sockets.append(connection)
            request = _read_request(connection) if reads_first else b""
            heard.requests.append(request)
            handle(connection, request)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        connection.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                heard.connections += 1
                open_sockets.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield heard
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(5)
        for each in open_sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _read_request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return received
        received += chunk
        if received[0] == TLS_HANDSHAKE:
            return received
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(body: bytes = b"hello", *, status: str = "200 OK", headers: tuple[str, ...] = ()) -> Handle:
    """A handler that answers like this, whatever it was asked."""
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", "")

    def handle(connection: socket.socket, _request: bytes) -> None:
        connection.sendall("\r\n".join(lines).encode() + body)

    return handle


def silent(connection: socket.socket, _request: bytes) -> None:
    """A handler that says nothing until the other side has given up."""
    with suppress(OSError):
        connection.recv(1)


@dataclass
class Authority:
    """A certificate authority of one test."""

    folder: Path

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, f"Authority {x509.random_serial_number():x}"[:64])]
        )
        self._certificate = self._sign(
            self._name, self._key, x509.BasicConstraints(ca=True, path_length=0), not_after=_soon()
        )

    def trusting(self) -> ssl.SSLContext:
        """A client that trusts this authority alone."""
        pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, host: str, *, not_after: datetime | None = None) -> ssl.SSLContext:
        """A server with a certificate for this host."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._sign(name, key, x509.SubjectAlternativeName([x509.DNSName(host)]), not_after=not_after)
        file = self.folder / f"{host}-{certificate.serial_number}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(self, name, key, extension, *, not_after: datetime | None):
        until = not_after or _soon()
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=30))
            .not_valid_after(until)
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )


def _soon() -> datetime:
    # OpenSSL asks the real clock, whatever the test's own says.
    return datetime.now(tz=UTC) + timedelta(days=1)


@contextmanager
def a_dns_server(**addresses: str) -> Iterator[DnsServer]:
    """A DNS server with an A record for each: `idp_example="127.0.0.1"` stands for the name idp.example."""
    server = DnsServer(clock=FixedClock(NOW))
    for name, address in addresses.items():
        server.add(name.replace("_", "."), value=address, kind="A")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(kw_only=True)
class TurningDnsServer(DnsServer):
    """A DNS server that answers the first question for an address with one, every later one with another."""

    first: str
    later: str
    asked: int = 0

    def _find(self, name: str, kind: str) -> list[Record]:
        if kind != "A":
            return []
        self.asked += 1
        return [Record(name=name, value=self.first if self.asked == 1 else self.later, kind=kind)]

    def _exists(self, name: str) -> bool:
        return bool(name)
