"""What a provider publishes as its keys: only what can verify a signature is taken. RFC 7517 5, RFC 7518 3.3."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ostiary.oidc.errors import KeysUnusable, NotJson
from ostiary.oidc.json_text import JsonObject, JsonValue, read_object

if TYPE_CHECKING:  # loaded with the first key, not with the server: 40 ms and 3 MB (decision 33)
    from joserfc.jwk import ECKey, OKPKey, RSAKey

MOST_KEYS = 64
LARGEST_KEY_SET = 512 * 1024
LONGEST_NAME = 255
_SHORTEST_RSA = 2048
_LARGEST_RSA = 8192
_OF_CURVE: Final[Mapping[str, tuple[str, ...]]] = {
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA", "Ed25519"),
}
_OF_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")

_PUBLIC = frozenset(("kty", "n", "e", "crv", "x", "y"))

_ROCA: Final = tuple(
    (prime, frozenset(pow(65537, exponent, prime) for exponent in range(prime)))
    for prime in (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
)
"""Primes, and the remainders that 65537 makes there: all of them fit by chance in one modulus of 2^27."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """One public key, with the algorithms that it may verify."""

    name: str
    """Its `kid`; empty where it has none."""
    algorithms: tuple[str, ...]
    issuer: str
    """For which issuer it signs, a template perhaps; empty where the key does not say (Entra does)."""
    key: "RSAKey | ECKey | OKPKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys of a provider, and what else stood in its set."""

    keys: tuple[VerificationKey, ...]
    ignored: tuple[str, ...]
    """Why keys were left out, one short text for each."""
    publishes_private: bool
    """Whether a private key stands there for all to read."""

    @property
    def names(self) -> tuple[str, ...]:
        """The `kid` of each."""
        return tuple(key.name for key in self.keys)


def read_key_set(body: bytes) -> KeySet:
    """The keys of a `jwks_uri` document. Raises: `NotJson`, `KeysUnusable` where none is left."""
    if len(body) > LARGEST_KEY_SET:
        raise NotJson(where="keys", content_type="", detail=f"more than {LARGEST_KEY_SET} bytes")
    try:
        document = read_object(body)
    except ValueError as error:
        raise NotJson(where="keys", content_type="", detail=str(error)) from None
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise NotJson(where="keys", content_type="", detail="no list of keys")
    return key_set_of(listed)


def key_set_of(listed: list[JsonValue]) -> KeySet:
    """The keys of this list. Raises: `KeysUnusable` where none is left."""
    keys: list[VerificationKey] = []
    ignored: list[str] = []
    for each in listed[:MOST_KEYS]:
        found = _read(each)
        if isinstance(found, str):
            ignored.append(found)
        else:
            keys.append(found)
    if not keys:
        raise KeysUnusable(ignored=tuple(ignored))
    private = any(isinstance(each, dict) and each.get("kty") != "oct" and "d" in each for each in listed)
    return KeySet(keys=tuple(keys), ignored=tuple(ignored), publishes_private=private)


def _read(jwk: JsonValue) -> VerificationKey | str:
    """The key, or why it is left out."""
    from joserfc.errors import JoseError

    if not isinstance(jwk, dict):
        return "not an object"
    name, issuer = jwk.get("kid", ""), jwk.get("issuer", "")
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return "a kid that is no text, or a very long one"
    try:
        algorithms = _suitable(jwk)
        key = _import(jwk)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        return f"{name[:60]}: {str(error)[:100] or type(error).__name__}"
    return VerificationKey(name=name, algorithms=algorithms, issuer=issuer if isinstance(issuer, str) else "", key=key)


def _suitable(jwk: JsonObject) -> tuple[str, ...]:
    """The algorithms that this key may verify: of its kind, and where it is pinned to one, that one."""
    kind, operations = jwk.get("kty"), jwk.get("key_ops")
    if jwk.get("use", "sig") != "sig" or (isinstance(operations, list) and "verify" not in operations):
        raise ValueError("not for signatures")
    # A symmetric key that everybody can read verifies nothing (`oct`); an unknown kind is not for us.
    of_kind = _OF_RSA if kind == "RSA" else _OF_CURVE.get(str(jwk.get("crv")), ()) if kind in {"EC", "OKP"} else ()
    pinned = jwk.get("alg")
    algorithms = of_kind if pinned is None else tuple(each for each in of_kind if each == pinned)
    if not algorithms:
        raise ValueError(f"kty {kind}, crv {jwk.get('crv')}, alg {pinned}")
    return algorithms


def _import(jwk: JsonObject) -> "RSAKey | ECKey | OKPKey":
    """The public key. Raises: `JoseError`, `ValueError`, `TypeError`, `KeyError`."""
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    # The private half, where somebody publishes it, is not taken into memory.
    members: dict[str, str | list[str]] = {}
    for member in _PUBLIC & jwk.keys():
        value = jwk[member]
        if not isinstance(value, str):
            raise TypeError(f"{member} is no text")
        members[member] = value
    if jwk.get("kty") == "RSA":
        # Before it is built: the library only warns of a short key, and a huge one costs.
        bits = len(str(members["n"])) * 6
        if not _SHORTEST_RSA <= bits <= _LARGEST_RSA + 8:
            raise ValueError(f"RSA of about {bits} bits")
        key = RSAKey.import_key(members)
        if _has_roca_shape(key.public_key.public_numbers().n):
            raise ValueError("RSA of a chip whose keys can be computed (ROCA)")
        return key
    other = ECKey.import_key(members) if jwk.get("kty") == "EC" else OKPKey.import_key(members)
    _ = other.public_key  # builds it, so that a point off the curve is refused here
    return other


def _has_roca_shape(modulus: int) -> bool:
    """Whether the modulus is of the kind that Infineon's library made: factored in hours (CVE-2017-15361)."""
    return all(modulus % prime in powers for prime, powers in _ROCA)
