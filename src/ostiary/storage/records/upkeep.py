"""Which connections are looked after next: each about once a day, and at once when other settings begin to serve."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.storage.schema import expiry_notices, upkeep
from ostiary.storage.statements import Prepared, Statements

_c = upkeep.c
_n = expiry_notices.c
_MOMENT = _c.due_at.type

_first = insert(upkeep).values(
    connection_id=bindparam("connection"),
    organization_id=bindparam("organization"),
    due_at=bindparam("moment", type_=_MOMENT),
)
_PLAN = Prepared(
    _first.on_conflict_do_update(
        index_elements=["connection_id"],
        set_={"due_at": _first.excluded.due_at},
        where=_c.organization_id == bindparam("organization"),
    )
)
# A claimed connection is due again when the lease ends, so a dead server loses none.
_CLAIM = Prepared(
    update(upkeep)
    .where(
        _c.connection_id.in_(
            select(_c.connection_id)
            .where(_c.due_at <= bindparam("moment", type_=_MOMENT))
            .order_by(_c.due_at, _c.connection_id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    .values(due_at=bindparam("leased_until", type_=_MOMENT))
    .returning(_c.connection_id)
)
_notice = insert(expiry_notices).values(
    connection_id=bindparam("connection"),
    organization_id=bindparam("organization"),
    fingerprint=bindparam("its_fingerprint"),
    days=bindparam("its_days", type_=Integer),
    noticed_at=bindparam("moment", type_=_n.noticed_at.type),
)
# One atomic statement: of two servers that see the same step at the same time, one tells of it.
_NOTICE = Prepared(
    _notice.on_conflict_do_update(
        index_elements=["connection_id", "fingerprint"],
        set_={"days": _notice.excluded.days, "noticed_at": _notice.excluded.noticed_at},
        where=(_n.days > _notice.excluded.days) & (_n.organization_id == bindparam("organization")),
    )
)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Which connections are looked after next."""

    run: Statements

    def plan(self, connection_id: ConnectionId, *, organization_id: OrganizationId, due_at: datetime) -> None:
        """Look after this connection then, and not when it was planned before."""
        self.run.change(_PLAN, connection=connection_id, organization=organization_id, moment=due_at)

    def claim(self, *, limit: int, lease: timedelta, now: datetime) -> tuple[ConnectionId, ...]:
        """Connections to look after now, for one caller only until the lease ends."""
        return tuple(row[0] for row in self.run.every(_CLAIM, most=limit, leased_until=now + lease, moment=now))

    def notice(
        self,
        connection_id: ConnectionId,
        *,
        organization_id: OrganizationId,
        fingerprint: str,
        days: int,
        at: datetime,
    ) -> bool:
        """Note that somebody is told now that this certificate ends in `days`. False if that was told before."""
        changed = self.run.change(
            _NOTICE,
            connection=connection_id,
            organization=organization_id,
            its_fingerprint=fingerprint,
            its_days=days,
            moment=at,
        )
        return changed == 1
