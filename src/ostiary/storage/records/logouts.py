"""Logouts that we have asked identity providers for: each is answered once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from ostiary.domain.session import Logout, LogoutOutcome
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.storage.schema import logouts
from ostiary.storage.statements import Prepared, Statements

_c = logouts.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.connection_id,
    _c.account_id,
    _c.person,
    _c.email,
    _c.started_at,
    _c.expires_at,
    _c.answered_at,
    _c.outcome,
    _c.code,
)
_INSERT = Prepared(insert(logouts), columns=[column.name for column in _COLUMNS])
_BY_ID = Prepared(select(*_COLUMNS).where(_c.id == bindparam("logout")))
# Of two copies of an answer one changes the row.
_ANSWER = Prepared(
    update(logouts)
    .where(
        _c.id == bindparam("logout"),
        _c.connection_id == bindparam("connection"),
        _c.organization_id == bindparam("organization"),
        _c.answered_at.is_(None),
        _c.expires_at > bindparam("moment", type_=_c.expires_at.type),
    )
    .values(
        answered_at=bindparam("moment", type_=_c.expires_at.type),
        outcome=bindparam("new_outcome"),
        code=bindparam("new_code"),
    )
)


@dataclass(frozen=True, slots=True)
class Logouts:
    """Logouts that wait for an identity provider, or had its answer."""

    run: Statements

    def insert(self, logout: Logout) -> None:
        """Keep a new one."""
        self.run.change(
            _INSERT,
            id=logout.id,
            organization_id=logout.organization_id,
            connection_id=logout.connection_id,
            account_id=logout.account_id,
            person=logout.person,
            email=logout.email,
            started_at=logout.started_at,
            expires_at=logout.expires_at,
            answered_at=logout.answered_at,
            outcome=logout.outcome.value,
            code=logout.code,
        )

    def by_id(self, logout_id: str) -> Logout | None:
        """The logout, which tells whose it is. A question without an organization (decision 8)."""
        row = self.run.one(_BY_ID, logout=logout_id)
        if row is None:
            return None
        return Logout(
            id=row[0],
            organization_id=row[1],
            connection_id=row[2],
            account_id=row[3],
            person=row[4],
            email=row[5],
            started_at=row[6],
            expires_at=row[7],
            answered_at=row[8],
            outcome=LogoutOutcome(row[9]),
            code=row[10],
        )

    def answer(
        self,
        logout_id: str,
        *,
        connection_id: ConnectionId,
        organization_id: OrganizationId,
        outcome: LogoutOutcome,
        code: str | None,
        at: datetime,
    ) -> bool:
        """Write how it ended. True for one caller only, ever, and only before it expires."""
        changed = self.run.change(
            _ANSWER,
            logout=logout_id,
            connection=connection_id,
            organization=organization_id,
            new_outcome=outcome.value,
            new_code=code,
            moment=at,
        )
        return changed == 1
