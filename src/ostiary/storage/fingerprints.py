"""Hashes that stand for texts of any length: an index has a limit, and a stranger chooses the length."""

import hashlib


def fingerprint_of(*parts: str) -> str:
    """A hash of these texts, which no other texts have."""
    hashed = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        hashed.update(len(encoded).to_bytes(4, "big") + encoded)
    return hashed.hexdigest()
