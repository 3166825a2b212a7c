"""The keys of the vectors, made once and committed. `python -m tests.vectors.keys` makes those that are missing.

They protect nothing: each private key stands beside its certificate, for everybody to read.
"""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.vectors.message import KEYS

_FOREVER = datetime(2056, 1, 1, tzinfo=UTC)
_PAST = datetime(2026, 2, 1, tzinfo=UTC)
_WANTED: dict[str, tuple[object, datetime]] = {
    "idp": (2048, _FOREVER),
    "idp-next": (2048, _FOREVER),
    "expired": (2048, _PAST),
    "stranger": (2048, _FOREVER),
    "weak": (1024, _FOREVER),
    "ec": (ec.SECP256R1(), _FOREVER),
    "sp": (2048, _FOREVER),
    "sp-next": (2048, _FOREVER),
}


def make_missing() -> None:
    """Write a key and a self-signed certificate for each name that has none."""
    KEYS.mkdir(parents=True, exist_ok=True)
    for name, (kind, until) in _WANTED.items():
        path = KEYS / f"{name}.key"
        if path.exists():
            continue
        key = (
            ec.generate_private_key(kind)
            if isinstance(kind, ec.EllipticCurve)
            else rsa.generate_private_key(65537, int(str(kind)))
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.acme.example")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
            .not_valid_after(until)
            .sign(key, SHA256())
        )
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.with_suffix(".crt").write_bytes(certificate.public_bytes(Encoding.PEM))


if __name__ == "__main__":
    make_missing()
