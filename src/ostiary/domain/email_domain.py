"""An organization's email domain, and its proof by DNS."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.kernel.ids import DomainId, OrganizationId
from ostiary.kernel.values import DomainName

RECORD_PREFIX = "_ostiary-challenge."
VALUE_PREFIX = "ostiary-domain-verification="


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

    @property
    def is_verified(self) -> bool:
        """Whether addresses of this domain count as the organization's own."""
        return self.verified_at is not None

    @property
    def record_name(self) -> str:
        """Where the TXT record has to stand."""
        return f"{RECORD_PREFIX}{self.name}"

    @property
    def record_value(self) -> str:
        """What the TXT record has to say."""
        return f"{VALUE_PREFIX}{self.challenge}"
