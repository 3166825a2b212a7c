"""Who changed what."""

from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, insert, select

from ostiary.domain.audit import AuditEvent
from ostiary.kernel.ids import OrganizationId
from ostiary.storage.schema import audit
from ostiary.storage.statements import Prepared, Row, Statements

_c = audit.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.at,
    _c.actor,
    _c.account_id,
    _c.action,
    _c.subject,
    _c.facts,
    _c.client_address,
)
_AFTER_ALL = "~"
"""Sorts after every id."""

_APPEND = Prepared(insert(audit), columns=[column.name for column in _COLUMNS])
_PAGE = Prepared(
    select(*_COLUMNS)
    .where(_c.organization_id == bindparam("organization"), _c.id < bindparam("before"))
    .order_by(_c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Audit:
    """Who changed what. It is only ever added to."""

    run: Statements

    def append(self, event: AuditEvent) -> None:
        """Keep an event."""
        self.run.change(
            _APPEND,
            id=event.id,
            organization_id=event.organization_id,
            at=event.at,
            actor=event.actor,
            account_id=event.account_id,
            action=event.action,
            subject=event.subject,
            facts=event.facts,
            client_address=event.client_address,
        )

    def page(
        self, *, organization_id: OrganizationId, older_than: str | None = None, limit: int = 100
    ) -> tuple[AuditEvent, ...]:
        """Events, the newest first, from the first before this one on."""
        rows = self.run.every(_PAGE, organization=organization_id, before=older_than or _AFTER_ALL, most=limit)
        return tuple(_read(row) for row in rows)


def _read(row: Row) -> AuditEvent:
    return AuditEvent(
        id=row[0],
        organization_id=row[1],
        at=row[2],
        actor=row[3],
        account_id=row[4],
        action=row[5],
        subject=row[6],
        facts=row[7],
        client_address=row[8],
    )
