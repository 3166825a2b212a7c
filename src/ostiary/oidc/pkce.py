"""Proof Key for Code Exchange, S256 only. RFC 7636."""

import hashlib

import pybase64

METHOD = "S256"


def challenge_of(verifier: str) -> str:
    """The challenge that is sent ahead of this verifier. RFC 7636 4.2."""
    return _text(hashlib.sha256(verifier.encode("ascii")).digest())


def half_hash_of(value: str, *, algorithm: str) -> str:
    """`at_hash` of this access token for an ID token signed by this algorithm. Core 3.1.3.6."""
    digest = hashlib.new(_hash_of(algorithm), value.encode("ascii", "replace")).digest()
    return _text(digest[: len(digest) // 2])


def _hash_of(algorithm: str) -> str:
    # Ed25519 is defined over SHA-512; the others carry the size in their name.
    return f"sha{algorithm[-3:]}" if algorithm[-3:] in {"256", "384", "512"} else "sha512"


def _text(octets: bytes) -> str:
    return pybase64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
