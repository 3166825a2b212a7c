"""One-time links: a first password, a reset. Only their hashes are stored."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.storage.schema import links
from ostiary.storage.statements import Prepared, Row, Statements

_c = links.c
_COLUMNS = (_c.organization_id, _c.account_id, _c.purpose)
_IS_VALID = (_c.hash == bindparam("wanted")) & (_c.expires_at > bindparam("moment"))

_INSERT = Prepared(insert(links), columns=["hash", "organization_id", "account_id", "purpose", "expires_at"])
_PEEK = Prepared(select(*_COLUMNS).where(_IS_VALID))
# The row goes as it is read: of two people with the same link, one gets it.
_CONSUME = Prepared(delete(links).where(_IS_VALID).returning(*_COLUMNS))
_WITHDRAW = Prepared(
    delete(links).where(_c.account_id == bindparam("account"), _c.organization_id == bindparam("organization"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOwner:
    """Whose link it is, and what for."""

    organization_id: OrganizationId
    account_id: AccountId
    purpose: str


@dataclass(frozen=True, slots=True)
class Links:
    """One-time links."""

    run: Statements

    def insert(
        self,
        link_hash: str,
        *,
        organization_id: OrganizationId,
        account_id: AccountId,
        purpose: str,
        expires_at: datetime,
    ) -> None:
        """Keep a new one."""
        self.run.change(
            _INSERT,
            hash=link_hash,
            organization_id=organization_id,
            account_id=account_id,
            purpose=purpose,
            expires_at=expires_at,
        )

    def peek(self, link_hash: str, *, now: datetime) -> LinkOwner | None:
        """Whose link it is, without using it up; None if it is unknown, used or too old."""
        row = self.run.one(_PEEK, wanted=link_hash, moment=now)
        return None if row is None else _read(row)

    def consume(self, link_hash: str, *, now: datetime) -> LinkOwner | None:
        """Whose link it was, for one caller only; None if it is unknown, used or too old."""
        row = self.run.one(_CONSUME, wanted=link_hash, moment=now)
        return None if row is None else _read(row)

    def withdraw(self, account_id: AccountId, *, organization_id: OrganizationId) -> int:
        """Make all links of an account useless, and tell how many."""
        return self.run.change(_WITHDRAW, account=account_id, organization=organization_id)


def _read(row: Row) -> LinkOwner:
    return LinkOwner(organization_id=row[0], account_id=row[1], purpose=row[2])
