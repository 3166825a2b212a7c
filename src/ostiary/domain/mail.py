"""A mail that waits in the outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ostiary.kernel import ids
from ostiary.kernel.ids import EventId, OrganizationId
from ostiary.kernel.randomness import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMail:
    """A mail that leaves by SMTP after the transaction that wrote it."""

    id: EventId
    organization_id: OrganizationId | None
    to: str
    subject: str
    text: str
    created_at: datetime


def mail_to_each(
    recipients: Iterable[str],
    *,
    organization_id: OrganizationId,
    subject: str,
    paragraphs: Sequence[str],
    random: Random,
    now: datetime,
) -> tuple[OutboxMail, ...]:
    """The same mail to each of these addresses, with an empty line between its paragraphs."""
    text = "\n\n".join(paragraphs) + "\n"
    return tuple(
        OutboxMail(
            id=ids.event_id(random, now),
            organization_id=organization_id,
            to=recipient,
            subject=subject,
            text=text,
            created_at=now,
        )
        for recipient in recipients
    )
