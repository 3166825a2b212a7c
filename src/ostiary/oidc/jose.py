"""Signed tokens: read, verified by a pinned key and algorithm, and signed. RFC 7515, RFC 8725.

Nothing in a token's header chooses a key of its own (`jku`, `jwk`, `x5u`, `x5c` are not looked at) or an algorithm that
the connection does not take. What `verify` returns was signed; it is the only maker of `Verified`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pybase64

from ostiary.oidc.errors import (
    AlgorithmMismatch,
    HeaderRefused,
    KeyAmbiguous,
    KeyUnknown,
    SignatureMismatch,
    TokenMalformed,
)
from ostiary.oidc.json_text import JsonObject, read_object
from ostiary.oidc.keys import LONGEST_NAME, KeySet, VerificationKey

if TYPE_CHECKING:
    from joserfc._rfc7515.model import JWSAlgModel
    from joserfc.jwk import ECKey, RSAKey

LARGEST_TOKEN = 64 * 1024
_PARTS = 3
_PARTS_ENCRYPTED = 5
_MOST_TRIED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedJws:
    """A compact JWS that has been taken apart. Nothing in it is believed."""

    header: JsonObject
    octets: bytes
    """The payload."""
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """`alg`, or what stands in its place, as text."""
        value = self.header.get("alg")
        return value if isinstance(value, str) else "" if value is None else str(value)[:60]

    @property
    def key_name(self) -> str | None:
        """`kid`; None where there is none."""
        value = self.header.get("kid")
        return None if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedToken:
    """A JWT that has been taken apart, its payload read. Nothing in it is believed."""

    jws: UnverifiedJws
    payload: JsonObject

    @property
    def header(self) -> JsonObject:
        """What the token says of itself."""
        return self.jws.header

    @property
    def algorithm(self) -> str:
        """`alg`, as text."""
        return self.jws.algorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The claims of a token whose signature holds, and the key that made it."""

    header: JsonObject
    claims: JsonObject
    key: VerificationKey


def take_apart(token: str) -> UnverifiedToken:
    """The parts of a JWT in compact form. Raises: `TokenMalformed`."""
    jws = read_jws(token)
    return UnverifiedToken(jws=jws, payload=_object("payload", jws.octets))


def read_jws(text: str) -> UnverifiedJws:
    """The parts of a JWS in compact form; its payload may be anything. Raises: `TokenMalformed`."""
    if len(text) > LARGEST_TOKEN:
        raise TokenMalformed(what="size", detail=f"{len(text)} characters")
    parts = text.split(".")
    if len(parts) == _PARTS_ENCRYPTED:
        raise TokenMalformed(what="form", detail="it is encrypted, in five parts")
    if len(parts) != _PARTS or not text.isascii():
        raise TokenMalformed(what="form", detail=f"{len(parts)} parts")
    header, payload, signature = parts
    return UnverifiedJws(
        header=read_header(header),
        octets=octets("payload", payload),
        signed=text[: len(header) + 1 + len(payload)].encode("ascii"),
        signature=octets("signature", signature),
    )


def read_header(part: str) -> JsonObject:
    """What the first part of a token says of the rest. Raises: `TokenMalformed`."""
    return _object("header", octets("header", part))


def octets(what: str, part: str) -> bytes:
    """What a part of a token stands for. One spelling of it only. Raises: `TokenMalformed`, which names `what`."""
    try:
        found = pybase64.b64decode(part + "=" * (-len(part) % 4), altchars="-_", validate=True)
    except ValueError:
        raise TokenMalformed(what=what, detail="not base64url") from None
    # No padding, no "+" or "/", no bits that stand for nothing (RFC 4648 3.5).
    if _text(found) != part:
        raise TokenMalformed(what=what, detail="not base64url")
    return found


def verify(token: UnverifiedToken, *, keys: KeySet, algorithms: Sequence[str]) -> Verified:
    """The token's claims, if a key of this set that fits it has signed it.

    Raises: `AlgorithmMismatch`, `HeaderRefused`, `KeyUnknown`, `KeyAmbiguous`, `SignatureMismatch`.
    """
    require_header(token.jws, algorithms=algorithms)
    key = signer(token.jws, candidates(token.jws, keys))
    return Verified(header=token.header, claims=token.payload, key=key)


def require_header(jws: UnverifiedJws, *, algorithms: Sequence[str]) -> None:
    """Return if we do what the header demands. Raises: `AlgorithmMismatch`, `HeaderRefused`."""
    if jws.header.get("alg") not in algorithms:
        raise AlgorithmMismatch(expected=tuple(algorithms), received=jws.algorithm)
    # We understand no extension, so every critical one is refused (RFC 7515 4.1.11).
    for parameter in ("crit", "b64"):
        if parameter in jws.header:
            raise HeaderRefused(parameter=parameter)


def candidates(jws: UnverifiedJws, keys: KeySet) -> tuple[VerificationKey, ...]:
    """The keys that may have signed this. Raises: `KeyUnknown`, `KeyAmbiguous`."""
    suitable = [key for key in keys.keys if jws.algorithm in key.algorithms]
    name = jws.key_name
    if name is not None:
        named = tuple(key for key in suitable if key.name == name)
        if not named:
            raise KeyUnknown(received=name[:LONGEST_NAME], known=keys.names)
        return named[:_MOST_TRIED]
    if not suitable:
        raise KeyUnknown(received="", known=keys.names)
    # Never only the first: while a provider rotates, the first is the wrong one. Many are no set of one provider.
    if len(suitable) > _MOST_TRIED:
        raise KeyAmbiguous(known=keys.names)
    return tuple(suitable)


def signer(jws: UnverifiedJws, keys: Sequence[VerificationKey]) -> VerificationKey:
    """The one of these keys that has signed this. Raises: `SignatureMismatch`."""
    algorithm = _algorithm(jws.algorithm)
    for key in keys:
        if algorithm.verify(jws.signed, jws.signature, key.key):
            return key
    raise SignatureMismatch(key=jws.key_name or "", algorithm=jws.algorithm)


def sign(header: JsonObject, payload: bytes, *, key: "RSAKey | ECKey") -> str:
    """A compact JWS over these octets by our own key. `header` names the algorithm."""
    head = _text(json.dumps(dict(header), separators=(",", ":")).encode())
    signed = f"{head}.{_text(payload)}"
    signature = _algorithm(str(header["alg"])).sign(signed.encode(), key)
    return f"{signed}.{_text(signature)}"


def _algorithm(name: str) -> "JWSAlgModel":
    # Loaded with the first token, not with the server (decision 33).
    from joserfc.jws import JWSRegistry

    return JWSRegistry.algorithms[name]


def _object(what: str, content: bytes) -> JsonObject:
    try:
        return read_object(content)
    except ValueError as error:
        raise TokenMalformed(what=what, detail=str(error)) from None


def _text(content: bytes) -> str:
    return pybase64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
