"""An organization's email domain, and its proof by DNS."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.kernel.ids import DomainId, OrganizationId
from ostiary.kernel.values import DomainName

RECORD_PREFIX = "_ostiary-challenge."
VALUE_PREFIX = "ostiary-domain-verification="
GRACE = timedelta(days=7)
"""How long a verified domain counts on after its record has gone: records get lost when a zone is moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailDomain:
    """A domain that an organization has claimed. It counts for nothing until it is verified."""

    id: DomainId
    organization_id: OrganizationId
    name: DomainName
    challenge: str
    created_at: datetime
    verified_at: datetime | None
    checked_at: datetime | None
    found: tuple[str, ...]
    """What the last look-up found in place of the challenge; empty when nothing stood there."""
    missing_since: datetime | None = None
    """Since when the record of a verified domain is known to be gone."""

    @property
    def is_verified(self) -> bool:
        """Whether addresses of this domain count as the organization's own."""
        return self.verified_at is not None

    @property
    def counts_until(self) -> datetime | None:
        """When a verified domain whose record has gone stops to count; None while the record stands there."""
        return self.missing_since + GRACE if self.is_verified and self.missing_since else None

    @property
    def record_name(self) -> str:
        """Where the TXT record has to stand."""
        return f"{RECORD_PREFIX}{self.name}"

    @property
    def record_value(self) -> str:
        """What the TXT record has to say."""
        return f"{VALUE_PREFIX}{self.challenge}"
