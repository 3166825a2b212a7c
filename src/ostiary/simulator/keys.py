"""Signing keys and their certificates."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ostiary.kernel.randomness import Random
from ostiary.simulator.profile import CertificateQuirks
from ostiary.simulator.state import SigningKey

_PARTS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}
_YEAR = timedelta(days=365)


def new_key(quirks: CertificateQuirks, *, random: Random, now: datetime) -> SigningKey:
    """A new RSA key of 2048 bits with its certificates. Takes 30 to 100 ms."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    today = now.replace(microsecond=0)
    lasting = (today - timedelta(hours=1), today + quirks.years * _YEAR)
    expired = (today - quirks.years * _YEAR, today - timedelta(days=1))
    return SigningKey(
        private_key_pem=_private_pem(key),
        certificate_pem=_certificate(key, quirks=quirks, window=lasting, serial=_serial(random)),
        expired_certificate_pem=_certificate(key, quirks=quirks, window=expired, serial=_serial(random)),
        created_at=now,
    )


def _private_pem(key: rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode("ascii")


def _serial(random: Random) -> int:
    return int.from_bytes(random.token(8)) >> 1 | 1


def _certificate(
    key: rsa.RSAPrivateKey, *, quirks: CertificateQuirks, window: tuple[datetime, datetime], serial: int
) -> str:
    name = x509.Name([x509.NameAttribute(_PARTS[part], value) for part, value in quirks.subject.items()])
    begins, ends = window
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, begins, ends)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode("ascii")
