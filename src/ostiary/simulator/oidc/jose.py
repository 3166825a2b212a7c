"""Signing, verifying and writing keys down. The only file of the simulator that knows joserfc."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime

from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from pydantic import JsonValue

from ostiary.simulator.oidc.state import ProviderKey

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
ENCRYPTION = "RSA-OAEP"
"""The algorithm of a key that signs nothing."""
DEFAULT_CONTENT_ENCRYPTION = "A128CBC-HS256"
_CURVES = {"ES256": "P-256", "ES384": "P-384"}


class NotVerified(ValueError):
    """The token was not signed by one of the keys, or is no token."""


class NotEncrypted(ValueError):
    """The application has no key for that."""


def new_provider_key(kid: str, *, algorithm: str, now: datetime) -> ProviderKey:
    """A key of that algorithm: RSA of 2048 bits takes 30 to 100 ms."""
    curve = _CURVES.get(algorithm)
    key = ECKey.generate_key(curve) if curve else RSAKey.generate_key(2048)
    members = {name: value for name, value in key.as_dict(private=True).items() if isinstance(value, str)}
    return ProviderKey(kid=kid, algorithm=algorithm, jwk=members, created_at=now)


def public_members(key: ProviderKey) -> dict[str, JsonValue]:
    """The public key as it stands in a key set. RFC 7517 4."""
    private = {"d", "p", "q", "dp", "dq", "qi", "oth", "kid"}
    public: dict[str, JsonValue] = {name: value for name, value in key.jwk.items() if name not in private}
    return {**public, "kid": key.kid, "use": "enc" if key.algorithm == ENCRYPTION else "sig", "alg": key.algorithm}


def signed(claims: Mapping[str, JsonValue], *, key: ProviderKey, media_type: str = "JWT") -> str:
    """The claims as a compact JWS. RFC 7515 7.1."""
    curve = _CURVES.get(key.algorithm)
    private = ECKey.import_key(dict(key.jwk)) if curve else RSAKey.import_key(dict(key.jwk))
    header = {"alg": key.algorithm, "kid": key.kid, **({"typ": media_type} if media_type else {})}
    return jwt.encode(header, dict(claims), private, algorithms=[key.algorithm])


def unsigned(claims: Mapping[str, JsonValue]) -> str:
    """The claims under `alg: none`, with nothing in the place of the signature. RFC 7515 A.5."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def encrypted(token: str, *, key_set: str, algorithm: str, content: str) -> str:
    """The signed token in an envelope to the first key of this set that is for that. RFC 7516 7.1, RFC 7519 5.2.

    Raises: `NotEncrypted`.
    """
    try:
        listed = json.loads(key_set)["keys"]
        found = next(each for each in listed if each.get("use") == "enc" and each.get("alg", algorithm) == algorithm)
        # Whom it may be opened by is the reader's to judge: the simulator encrypts as it is told.
        registry = jwe.JWERegistry(algorithms=[algorithm, content])
        header = {"alg": algorithm, "enc": content, "cty": "JWT", "kid": str(found["kid"])}
        return jwe.encrypt_compact(header, token, RSAKey.import_key(_public_of(found)), registry=registry)
    except (JoseError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise NotEncrypted(str(error)) from error


def verified_claims(token: str, *, key_set: str) -> dict[str, JsonValue]:
    """The claims of a token that one of these keys has signed. Raises: `NotVerified`."""
    try:
        keys = KeySet.import_key_set(json.loads(key_set))
        return dict(jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NotVerified(str(error)) from error


def half_hash(text: str, *, algorithm: str) -> str:
    """`at_hash`: the left half of the digest that the algorithm names. OIDC Core 3.1.3.6."""
    digest = hashlib.new("sha" + algorithm[2:], text.encode("ascii")).digest()
    return _base64(digest[: len(digest) // 2])


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier. RFC 7636 4.2."""
    return _base64(hashlib.sha256(verifier.encode("ascii", "replace")).digest())


def _public_of(listed: Mapping[str, str]) -> dict[str, str | list[str]]:
    return {name: listed[name] for name in ("kty", "n", "e")}


def _part(value: Mapping[str, JsonValue]) -> str:
    return _base64(json.dumps(dict(value), separators=(",", ":")).encode())


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
