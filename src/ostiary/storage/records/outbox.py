"""Mail that waits to leave. Its text is sealed: one-time links stand in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, insert, select, update

from ostiary.domain.mail import OutboxMail
from ostiary.kernel.ids import EventId
from ostiary.storage.schema import outbox
from ostiary.storage.statements import Prepared, Row, Statements

_c = outbox.c
_COLUMNS = (_c.id, _c.organization_id, _c.recipient, _c.subject, _c.body, _c.created_at, _c.attempts)
_LONGEST_REASON = 500
_THIS = _c.id == bindparam("mail")

_PUT = Prepared(
    insert(outbox),
    columns=[
        "id",
        "organization_id",
        "recipient",
        "subject",
        "body",
        "created_at",
        "next_at",
        "attempts",
        "why",
    ],
)
# A claimed mail is due again when the lease ends, so a dead server loses none.
_CLAIM = Prepared(
    update(outbox)
    .where(
        _c.id.in_(
            select(_c.id)
            .where(_c.next_at <= bindparam("moment", type_=_c.next_at.type))
            .order_by(_c.next_at, _c.id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    .values(next_at=bindparam("leased_until", type_=_c.next_at.type), attempts=_c.attempts + 1)
    .returning(*_COLUMNS)
)
_SENT = Prepared(delete(outbox).where(_THIS))
_FAILED = Prepared(update(outbox).where(_THIS).values(next_at=bindparam("again_at"), why=bindparam("reason")))


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMail:
    """A mail that was claimed for sending."""

    mail: OutboxMail
    attempts: int
    """Which try this is, from 1."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mail that waits to leave."""

    run: Statements

    def put(self, mail: OutboxMail) -> None:
        """Keep it for sending; it leaves only if the transaction is committed."""
        self.run.change(
            _PUT,
            id=mail.id,
            organization_id=mail.organization_id,
            recipient=mail.to,
            subject=mail.subject,
            body=self.run.vault.seal(mail.text.encode(), table=outbox.name, column=_c.body.name, row=mail.id),
            created_at=mail.created_at,
            next_at=mail.created_at,
            attempts=0,
            why="",
        )

    def claim(self, *, limit: int, lease: timedelta, now: datetime) -> tuple[DueMail, ...]:
        """Mails to send now, the longest due first, for one caller only until the lease ends."""
        rows = self.run.every(_CLAIM, most=limit, leased_until=now + lease, moment=now)
        return tuple(sorted((self._read(row) for row in rows), key=lambda due: due.mail.id))

    def sent(self, mail_id: EventId) -> bool:
        """It has left, and is not kept. False if it had left before."""
        return self.run.change(_SENT, mail=mail_id) == 1

    def failed(self, mail_id: EventId, *, next_at: datetime | None, why: str) -> bool:
        """It could not leave: try again then, or never with None. False if it has left meanwhile."""
        return self.run.change(_FAILED, mail=mail_id, again_at=next_at, reason=why[:_LONGEST_REASON]) == 1

    def _read(self, row: Row) -> DueMail:
        text = self.run.vault.open_sealed(row[4], table=outbox.name, column=_c.body.name, row=row[0]).decode()
        mail = OutboxMail(id=row[0], organization_id=row[1], to=row[2], subject=row[3], text=text, created_at=row[5])
        return DueMail(mail=mail, attempts=row[6])
