"""What was changed, by whom: the audit log of an organization."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, EventId, OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One thing that somebody changed. `action` is a code such as connection.saved."""

    id: EventId
    organization_id: OrganizationId
    at: datetime
    actor: str
    """Name of the account, `operator` for the command line, `ostiary` for background work."""
    account_id: AccountId | None
    action: str
    subject: str
    facts: Mapping[str, Fact]
    client_address: str
