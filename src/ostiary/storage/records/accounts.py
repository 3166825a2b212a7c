"""People, each in one organization."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, func, insert, or_, select, update

from ostiary.domain.account import ADMIN_ROLES, Account, Role
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.storage.schema import accounts
from ostiary.storage.statements import Prepared, Row, Statements

_c = accounts.c
ACCOUNT_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.email,
    _c.first_name,
    _c.last_name,
    _c.role,
    _c.password_hash,
    _c.is_active,
    _c.created_at,
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("account")) & _MINE

_INSERT = Prepared(insert(accounts), columns=[*(column.name for column in ACCOUNT_COLUMNS), "email_key"])
_BY_ID = Prepared(select(*ACCOUNT_COLUMNS).where(_THIS))
# The active one first; of several deactivated ones the youngest.
_BY_EMAIL = Prepared(
    select(*ACCOUNT_COLUMNS)
    .where(_MINE, _c.email_key == bindparam("key"))
    .order_by(_c.is_active.desc(), _c.created_at.desc())
    .limit(1)
)
_ANYWHERE = Prepared(
    select(*ACCOUNT_COLUMNS)
    .where(_c.email_key == bindparam("key"), _c.is_active)
    .order_by(_c.organization_id)
    .limit(20)
)
_PAGE = Prepared(
    select(*ACCOUNT_COLUMNS)
    .where(_MINE, _c.email_key > bindparam("after"))
    .order_by(_c.email_key, _c.id)
    .limit(bindparam("most", type_=Integer))
)
_OWNERS = Prepared(select(func.count()).where(_MINE, _c.role == Role.OWNER.value, _c.is_active))
_ANY_BEYOND = Prepared(select(_c.id).where(_MINE, _c.is_active).limit(1).offset(bindparam("others", type_=Integer)))
_ADMINS = Prepared(
    select(*ACCOUNT_COLUMNS)
    .where(_MINE, or_(*(_c.role == role.value for role in sorted(ADMIN_ROLES))), _c.is_active)
    .order_by(_c.email_key)
    .limit(bindparam("most", type_=Integer))
)
_SET_PASSWORD = Prepared(update(accounts).where(_THIS).values(password_hash=bindparam("new")))
_SET_FIRST_PASSWORD = Prepared(
    update(accounts).where(_THIS, _c.password_hash.is_(None)).values(password_hash=bindparam("new"))
)
_SET_ROLE = Prepared(update(accounts).where(_THIS).values(role=bindparam("new")))
_SET_NAMES = Prepared(update(accounts).where(_THIS).values(first_name=bindparam("first"), last_name=bindparam("last")))
_SET_CREATED_BY = Prepared(update(accounts).where(_THIS).values(created_by=bindparam("new")))
_DEACTIVATE = Prepared(update(accounts).where(_THIS).values(is_active=False, deactivated_at=bindparam("moment")))


@dataclass(frozen=True, slots=True)
class Accounts:
    """People, each in one organization."""

    run: Statements

    def insert(self, account: Account) -> None:
        """Keep a new one. Raises: `AlreadyExists` when an active one of the organization has the address."""
        self.run.change(
            _INSERT,
            id=account.id,
            organization_id=account.organization_id,
            email=str(account.email),
            email_key=account.email.key,
            first_name=account.first_name,
            last_name=account.last_name,
            role=account.role.value,
            password_hash=account.password_hash,
            is_active=account.is_active,
            created_at=account.created_at,
        )

    def by_id(self, account_id: AccountId, *, organization_id: OrganizationId) -> Account | None:
        """The account, active or not."""
        row = self.run.one(_BY_ID, account=account_id, organization=organization_id)
        return None if row is None else read_account(row)

    def by_email(self, email_key: str, *, organization_id: OrganizationId) -> Account | None:
        """The account with this address (as `EmailAddress.key`): the active one, else the youngest of the others."""
        row = self.run.one(_BY_EMAIL, key=email_key, organization=organization_id)
        return None if row is None else read_account(row)

    def by_email_anywhere(self, email_key: str) -> tuple[Account, ...]:
        """The active accounts with this address in all organizations, for a password: it decides which one.

        One of the few questions without an organization (decision 8).
        """
        return tuple(read_account(row) for row in self.run.every(_ANYWHERE, key=email_key))

    def page(self, *, organization_id: OrganizationId, after_email: str = "", limit: int = 100) -> tuple[Account, ...]:
        """Accounts in the order of their addresses, from the first after this one on."""
        rows = self.run.every(_PAGE, organization=organization_id, after=after_email, most=limit)
        return tuple(read_account(row) for row in rows)

    def owners(self, *, organization_id: OrganizationId) -> int:
        """How many active owners there are."""
        row = self.run.one(_OWNERS, organization=organization_id)
        return 0 if row is None else int(row[0])

    def are_at_least(self, count: int, *, organization_id: OrganizationId) -> bool:
        """Whether so many accounts are active. `count` is at least one."""
        return self.run.one(_ANY_BEYOND, organization=organization_id, others=count - 1) is not None

    def admins(self, *, organization_id: OrganizationId, limit: int = 50) -> tuple[Account, ...]:
        """Active owners and admins: who is told when something happens to the organization."""
        return tuple(read_account(row) for row in self.run.every(_ADMINS, organization=organization_id, most=limit))

    def set_password(self, account_id: AccountId, *, organization_id: OrganizationId, password_hash: str) -> bool:
        """Change the password. False if there is no such account."""
        return self._change(_SET_PASSWORD, account_id, organization_id, new=password_hash)

    def set_first_password(self, account_id: AccountId, *, organization_id: OrganizationId, password_hash: str) -> bool:
        """Give a password to who has none. False if there is one: of two who set the first at once, one does."""
        return self._change(_SET_FIRST_PASSWORD, account_id, organization_id, new=password_hash)

    def set_role(self, account_id: AccountId, *, organization_id: OrganizationId, role: Role) -> bool:
        """Change the role. False if there is no such account."""
        return self._change(_SET_ROLE, account_id, organization_id, new=role.value)

    def set_names(
        self, account_id: AccountId, *, organization_id: OrganizationId, first_name: str, last_name: str
    ) -> bool:
        """Change the names. False if there is no such account."""
        return self._change(_SET_NAMES, account_id, organization_id, first=first_name, last=last_name)

    def set_created_by(self, account_id: AccountId, *, organization_id: OrganizationId, created_by: str) -> bool:
        """Note what made the account, such as the id of a connection. False if there is no such account."""
        return self._change(_SET_CREATED_BY, account_id, organization_id, new=created_by)

    def deactivate(self, account_id: AccountId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """Close the account; its address is free for another. False if there is no such account."""
        return self._change(_DEACTIVATE, account_id, organization_id, moment=at)

    def _change(
        self, statement: Prepared, account_id: AccountId, organization_id: OrganizationId, **values: object
    ) -> bool:
        return self.run.change(statement, account=account_id, organization=organization_id, **values) == 1


def read_account(row: Row) -> Account:
    """The account in a row that begins with `ACCOUNT_COLUMNS`."""
    return Account(
        id=row[0],
        organization_id=row[1],
        email=stored_address(row[2]),
        first_name=row[3],
        last_name=row[4],
        role=Role(row[5]),
        password_hash=row[6],
        is_active=row[7],
        created_at=row[8],
    )


def stored_address(text: str) -> EmailAddress:
    """An address that was parsed before it was stored; it is not parsed again."""
    local, _, domain = text.rpartition("@")
    return EmailAddress(local, DomainName(domain))
