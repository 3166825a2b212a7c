"""The keys with which a connection signs its requests. Made when first needed, kept sealed (decision 13)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ostiary import saml
from ostiary.domain.connection import Connection
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random
from ostiary.storage import Store

_BITS = 2048
_LASTS = timedelta(days=3653)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key of ours, and the certificate by which identity providers are given its public half."""

    private: rsa.RSAPrivateKey
    certificate: saml.Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """Gives each connection its own RSA key. Making one takes 30 to 100 ms: THREAD only."""

    store: Store
    random: Random

    def of(self, connection: Connection, now: datetime) -> SigningKey:
        """The connection's key, made now if it has none."""
        with self.store.read() as tx:
            bundle = tx.keys.current(connection.id, organization_id=connection.organization_id)
        return _read(bundle) if bundle else self._make(connection, now)

    def _make(self, connection: Connection, now: datetime) -> SigningKey:
        fresh = _new_bundle(connection, now)
        with self.store.write() as tx:
            # Two first requests at once: the one that comes second takes the key of the first.
            known = tx.keys.current(connection.id, organization_id=connection.organization_id)
            if known is None:
                tx.keys.insert(
                    ids.key_id(self.random),
                    organization_id=connection.organization_id,
                    connection_id=connection.id,
                    private_key=fresh,
                    created_at=now,
                )
        return _read(known or fresh)


def _new_bundle(connection: Connection, now: datetime) -> bytes:
    """A new private key and a certificate around its public half, one after the other in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"ostiary {connection.id}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LASTS)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


@lru_cache(maxsize=256)
def _read(bundle: bytes) -> SigningKey:
    key = serialization.load_pem_private_key(bundle, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(type(key))
    certificate = x509.load_pem_x509_certificate(bundle)
    return SigningKey(
        private=key,
        certificate=saml.certificate_from_der(certificate.public_bytes(serialization.Encoding.DER)),
    )
