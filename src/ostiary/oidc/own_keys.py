"""Our own key at a provider: it signs our assertions and opens what is encrypted to us. RFC 7517, RFC 7638."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

KEY_ENCRYPTIONS: Final = ("RSA-OAEP", "RSA-OAEP-256")
"""How the key of an encrypted token may be encrypted to ours. RFC 7518 4.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A key of ours."""

    key: "RSAKey" = field(repr=False)
    name: str
    """Its thumbprint: the same key has the same name wherever it stands."""

    @property
    def names(self) -> frozenset[str]:
        """Every name under which it is published."""
        return frozenset((self.name, *(self._name_for(each) for each in KEY_ENCRYPTIONS)))

    @property
    def published(self) -> dict[str, str]:
        """The public half, as a member of our key set."""
        return {**self._public, "use": "sig", "alg": "RS256", "kid": self.name}

    @property
    def published_for_encryption(self) -> tuple[dict[str, str], ...]:
        """The same for what is encrypted to us: once for each algorithm, as providers look for one by its name."""
        return tuple(
            {**self._public, "use": "enc", "alg": each, "kid": self._name_for(each)} for each in KEY_ENCRYPTIONS
        )

    @property
    def _public(self) -> dict[str, str]:
        numbers = self.key.as_dict(private=False)
        return {"kty": "RSA", "n": str(numbers["n"]), "e": str(numbers["e"])}

    def _name_for(self, algorithm: str) -> str:
        return f"{self.name}-{algorithm}"


@lru_cache(maxsize=64)
def own_key(pem: bytes) -> OwnKey:
    """The key in this PEM, which we made ourselves. Reading it takes 40 ms; it is kept."""
    from joserfc.jwk import RSAKey

    key = RSAKey.import_key(pem)
    return OwnKey(key=key, name=key.thumbprint())
