"""Certificates as people paste and upload them: every shape that is seen, read into one value."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate whose key is pinned. Its dates are for warnings only."""

    der: bytes
    subject: str
    """As "CN=idp.example.com, O=Example", the most specific part first."""
    not_before: datetime
    not_after: datetime
    fingerprint: str
    """SHA-256 of the DER, upper-case hex with colons."""
    key: str
    """The kind of key and its size, as "RSA 2048" or "EC secp256r1"."""

    def is_expired(self, now: datetime) -> bool:
        """Whether its last moment has passed."""
        return now > self.not_after
