"""Our own key at a provider: what signs our assertions, and its public half as we publish it. RFC 7517, RFC 7638."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A key of ours."""

    key: "RSAKey" = field(repr=False)
    name: str
    """Its thumbprint: the same key has the same name wherever it stands."""

    @property
    def published(self) -> dict[str, str]:
        """The public half, as a member of our key set."""
        numbers = self.key.as_dict(private=False)
        return {
            "kty": "RSA",
            "n": str(numbers["n"]),
            "e": str(numbers["e"]),
            "use": "sig",
            "alg": "RS256",
            "kid": self.name,
        }


@lru_cache(maxsize=64)
def own_key(pem: bytes) -> OwnKey:
    """The key in this PEM, which we made ourselves. Reading it takes 40 ms; it is kept."""
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(pem)
    return OwnKey(key=key, name=key.thumbprint())
