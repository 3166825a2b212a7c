"""A mail that waits in the outbox."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.kernel.ids import EventId, OrganizationId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMail:
    """A mail that leaves by SMTP after the transaction that wrote it."""

    id: EventId
    organization_id: OrganizationId | None
    to: str
    subject: str
    text: str
    created_at: datetime
