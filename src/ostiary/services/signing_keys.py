"""The keys with which a connection signs its requests. Made when first needed, kept sealed (decision 13)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ostiary.domain.connection import Connection
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random
from ostiary.storage import Store

_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """Gives each connection its own RSA key. Making one takes 30 to 100 ms: THREAD only."""

    store: Store
    random: Random

    def of(self, connection: Connection, now: datetime) -> rsa.RSAPrivateKey:
        """The connection's key, made now if it has none."""
        with self.store.read() as tx:
            pem = tx.keys.current(connection.id, organization_id=connection.organization_id)
        return _read(pem) if pem else self._make(connection, now)

    def _make(self, connection: Connection, now: datetime) -> rsa.RSAPrivateKey:
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        pem = fresh.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with self.store.write() as tx:
            # Two first requests at once: the one that comes second takes the key of the first.
            known = tx.keys.current(connection.id, organization_id=connection.organization_id)
            if known:
                return _read(known)
            tx.keys.insert(
                ids.key_id(self.random),
                organization_id=connection.organization_id,
                connection_id=connection.id,
                private_key=pem,
                created_at=now,
            )
        return _read(pem)


@lru_cache(maxsize=256)
def _read(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(type(key))
    return key
