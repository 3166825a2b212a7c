"""Which connections are enforced, from when on, and how far people have been told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, null, select, update

from ostiary.domain.enforcement.policy import Enforced
from ostiary.domain.organization import Plan
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId, first_event_id
from ostiary.storage.schema import audit, connections, organizations
from ostiary.storage.statements import Prepared, Statements

_c = connections.c
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("connection")) & _MINE

_OF = Prepared(
    select(_c.id, _c.enforced_from).where(
        _MINE, _c.enforced_from.is_not(None), _c.enabled_at.is_not(None), _c.serving_number.is_not(None)
    )
)
_SET = Prepared(
    update(connections)
    .where(_THIS)
    .values(
        enforced_at=bindparam("moment"),
        enforced_by=bindparam("by"),
        enforced_from=bindparam("begins"),
        warning_due_at=bindparam("warning"),
        warned_up_to="",
    )
)
_STOP = Prepared(
    update(connections)
    .where(_THIS, _c.enforced_from.is_not(None))
    .values(enforced_at=null(), enforced_by=null(), enforced_from=null(), warning_due_at=null(), warned_up_to=null())
)
_DUE = select(_c.id).where(_c.warning_due_at <= bindparam("due", type_=_c.warning_due_at.type))
# Whoever claims it tells the next people; a server that dies meanwhile leaves them to another.
_CLAIM = Prepared(
    update(connections)
    .where(_c.id == _DUE.order_by(_c.warning_due_at).limit(1).with_for_update(skip_locked=True).scalar_subquery())
    .values(warning_due_at=bindparam("leased_until"))
    .returning(_c.id, _c.organization_id, _c.warned_up_to)
)
_MOVE_ON = Prepared(
    update(connections)
    .where(_THIS, _c.enforced_from.is_not(None))
    .values(warning_due_at=bindparam("again"), warned_up_to=bindparam("reached"))
)
_o = organizations.c
ENDED_WITH_PLAN = "organization.enforcement_ended"
"""In the audit log it is the mark that it has been told, too."""
_HELD_UNTIL_THEN = exists().where(
    _c.organization_id == _o.id,
    _c.enforced_from <= _o.sso_until,
    _c.enabled_at.is_not(None),
    _c.serving_number.is_not(None),
)
# Ids sort by time: of a log that is kept for good only the lines since that day are looked at, once a minute.
_TOLD = Prepared(
    select(audit.c.id)
    .where(
        audit.c.organization_id == bindparam("organization"),
        audit.c.id >= bindparam("since_then"),
        audit.c.action == ENDED_WITH_PLAN,
    )
    .limit(1)
)
_ENDED_WITH_PLAN = Prepared(
    select(_o.id, _o.sso_until)
    .where(
        _o.plan != Plan.BUSINESS.value,
        _o.sso_until > bindparam("since", type_=_o.sso_until.type),
        _o.sso_until <= bindparam("moment", type_=_o.sso_until.type),
        _HELD_UNTIL_THEN,
    )
    .order_by(_o.sso_until)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWarning:
    """People of this connection's organization are to be told that it will be enforced."""

    connection_id: ConnectionId
    organization_id: OrganizationId
    told_up_to: str


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Which connections are enforced."""

    run: Statements

    def of(self, organization_id: OrganizationId) -> tuple[Enforced, ...]:
        """The enabled connections of the organization that are enforced, already or from a day to come."""
        rows = self.run.every(_OF, organization=organization_id)
        return tuple(Enforced(connection_id=row[0], begins_at=row[1]) for row in rows)

    def begin(
        self,
        connection_id: ConnectionId,
        *,
        organization_id: OrganizationId,
        at: datetime,
        by: AccountId | None,
        begins_at: datetime,
        warns: bool,
    ) -> bool:
        """Enforce it from then on; with `warns` people are told first. False if there is no such connection."""
        changed = self.run.change(
            _SET,
            connection=connection_id,
            organization=organization_id,
            moment=at,
            by=by,
            begins=begins_at,
            warning=at if warns else None,
        )
        return changed == 1

    def stop(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bool:
        """Enforce it no longer. False if it was not enforced."""
        return self.run.change(_STOP, connection=connection_id, organization=organization_id) == 1

    def claim_warning(self, *, lease: timedelta, now: datetime) -> DueWarning | None:
        """A connection whose people are to be told, for one caller until the lease ends; None if there is none."""
        row = self.run.one(_CLAIM, due=now, leased_until=now + lease)
        return None if row is None else DueWarning(connection_id=row[0], organization_id=row[1], told_up_to=row[2])

    def move_on(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, told_up_to: str, due_at: datetime | None
    ) -> bool:
        """Everybody up to this address has been told; the rest then, or nobody with None. False if it has ended."""
        this = {"connection": connection_id, "organization": organization_id}
        return self.run.change(_MOVE_ON, again=due_at, reached=told_up_to, **this) == 1

    def ended_with_plan(self, *, since: datetime, now: datetime) -> OrganizationId | None:
        """An organization where something was enforced until SSO ended with the plan, since then; None if all are told.

        Its audit log tells which were told: whoever asks writes `ENDED_WITH_PLAN` there.
        """
        for organization_id, until in self.run.every(_ENDED_WITH_PLAN, since=since, moment=now):
            if self.run.one(_TOLD, organization=organization_id, since_then=first_event_id(until)) is None:
                return OrganizationId(organization_id)
        return None
