"""Who talks with whom, and how strictly: the frozen values with which every message is read or written."""

from dataclasses import dataclass

from ostiary.saml.certificates import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """Our side of one connection."""

    entity_id: str
    acs_url: str
    """Where answers are posted: what is shown to admins, sent in requests, and compared. Never from a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """The customer's side of one connection."""

    entity_id: str
    sso_url: str
    certificates: tuple[Certificate, ...]
    """The pinned keys: a message counts only if one of these has signed it. Dates refuse nothing (decision 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlPolicy:
    """What a connection allows. The defaults are strict."""

    clock_skew_seconds: int = 120
    accept_unsolicited: bool = False
    """Whether an answer that nobody asked for (tile login) is read at all."""
    allow_sha1: bool = False
    minimum_rsa_bits: int = 2048
