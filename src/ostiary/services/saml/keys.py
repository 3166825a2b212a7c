"""Our own keys of a connection, made when first needed and kept sealed (decision 13): what signs and what decrypts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ostiary import saml
from ostiary.domain.connection import Connection
from ostiary.domain.connection_key import KeyRole
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random
from ostiary.storage import Store, Transaction

_BITS = 2048
_LASTS = timedelta(days=3653)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key of ours, and the certificate by which identity providers are given its public half."""

    private: rsa.RSAPrivateKey
    certificate: saml.Certificate
    decryption: saml.DecryptionKey
    """The same key, for what was encrypted to the certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInRole:
    """One of a connection's keys, and what it does."""

    role: KeyRole
    key: SigningKey
    created_at: datetime
    changed_at: datetime | None
    """Since when it has its role, where it had another before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """Gives each connection its own RSA keys. Making one takes 30 to 100 ms: THREAD only."""

    store: Store
    random: Random

    def of(self, connection: Connection, now: datetime) -> SigningKey:
        """The connection's current key, which signs; made now if it has none."""
        with self.store.read() as tx:
            bundle = tx.keys.current(connection.id, organization_id=connection.organization_id)
        return _read(bundle) if bundle else self._make(connection, now)

    def every(self, connection: Connection) -> tuple[KeyInRole, ...]:
        """The connection's keys, the current one first, then the next and the one before; none if none was needed."""
        with self.store.read() as tx:
            stored = tx.keys.every(connection.id, organization_id=connection.organization_id)
        return tuple(
            KeyInRole(role=each.role, key=_read(each.bundle), created_at=each.created_at, changed_at=each.changed_at)
            for each in stored
        )

    def for_decryption(self, connection: Connection) -> tuple[saml.DecryptionKey, ...]:
        """Every key to which a provider may have encrypted: those of all roles."""
        return tuple(each.key.decryption for each in self.every(connection))

    def published(self, connection: Connection, now: datetime) -> tuple[saml.Certificate, ...]:
        """The certificates of the current key, made now if there is none, and of the next one: for our metadata."""
        self.of(connection, now)
        return tuple(each.key.certificate for each in self.every(connection) if each.role is not KeyRole.PREVIOUS)

    def insert(self, tx: Transaction, connection: Connection, *, role: KeyRole, bundle: bytes, now: datetime) -> None:
        """Keep a new key in this role, inside the caller's transaction."""
        tx.keys.insert(
            ids.key_id(self.random),
            organization_id=connection.organization_id,
            connection_id=connection.id,
            private_key=bundle,
            role=role,
            created_at=now,
        )

    def _make(self, connection: Connection, now: datetime) -> SigningKey:
        fresh = new_bundle(connection, now)
        with self.store.write() as tx:
            # Two first requests at once: the one that comes second waits, and takes the key of the first.
            tx.connections.hold(connection.id, organization_id=connection.organization_id)
            known = tx.keys.current(connection.id, organization_id=connection.organization_id)
            if known is None:
                self.insert(tx, connection, role=KeyRole.CURRENT, bundle=fresh, now=now)
        return _read(known or fresh)


def new_bundle(connection: Connection, now: datetime) -> bytes:
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
    # We made it and the seal held: to check its numbers once more takes 37 ms.
    key = serialization.load_pem_private_key(bundle, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(type(key))
    certificate = x509.load_pem_x509_certificate(bundle)
    return SigningKey(
        private=key,
        certificate=saml.certificate_from_der(certificate.public_bytes(serialization.Encoding.DER)),
        decryption=saml.decryption_key(key),
    )
