"""Who has break-glass access, and how they stand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, case, delete, exists, func, insert, or_, select, update

from ostiary.domain.account import Account, Role
from ostiary.domain.break_glass.holder import Holder
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.storage.records.accounts import ACCOUNT_COLUMNS, read_account
from ostiary.storage.schema import accounts, break_glass, passkeys, recovery_codes
from ostiary.storage.statements import Prepared, Row, Statements

_c = break_glass.c
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.account_id == bindparam("account")) & _MINE
_ITS_CODES = (recovery_codes.c.account_id == _c.account_id) & (recovery_codes.c.organization_id == _c.organization_id)
_ITS_PASSKEYS = (
    (passkeys.c.account_id == _c.account_id)
    & (passkeys.c.organization_id == _c.organization_id)
    & passkeys.c.stopped_at.is_(None)
)
_left = func.count(case((recovery_codes.c.used_at.is_(None), 1)))
_HOLDER = (
    *ACCOUNT_COLUMNS,
    _c.named_by,
    _c.named_at,
    select(func.max(recovery_codes.c.made_at)).where(_ITS_CODES).scalar_subquery(),
    select(_left).where(_ITS_CODES).scalar_subquery(),
    select(func.max(recovery_codes.c.used_at)).where(_ITS_CODES).scalar_subquery(),
    select(func.count(passkeys.c.id)).where(_ITS_PASSKEYS).scalar_subquery(),
    select(func.max(passkeys.c.last_used_at)).where(_ITS_PASSKEYS).scalar_subquery(),
)
_OF_ACCOUNT = (accounts.c.id == _c.account_id) & (accounts.c.organization_id == _c.organization_id)
_OWNS = (accounts.c.role == Role.OWNER.value) & accounts.c.is_active

_INSERT = Prepared(insert(break_glass), columns=[column.name for column in _c])
_HOLDERS = Prepared(
    select(*_HOLDER).select_from(break_glass.join(accounts, _OF_ACCOUNT)).where(_MINE).order_by(accounts.c.email_key)
)
_ONE = Prepared(select(*_HOLDER).select_from(break_glass.join(accounts, _OF_ACCOUNT)).where(_THIS))
_CODE_KEY = Prepared(select(_c.code_key).where(_THIS))
_SET_CODE_KEY = Prepared(update(break_glass).where(_THIS).values(code_key=bindparam("new_key")))
_DELETE = Prepared(delete(break_glass).where(_THIS))
_PROVEN = Prepared(
    select(_c.account_id)
    .select_from(break_glass.join(accounts, _OF_ACCOUNT))
    .where(
        _MINE,
        _OWNS,
        or_(
            exists().where(_ITS_PASSKEYS, passkeys.c.last_used_at.is_not(None)),
            and_(
                exists().where(_ITS_CODES, recovery_codes.c.used_at.is_not(None)),
                exists().where(_ITS_CODES, recovery_codes.c.used_at.is_(None)),
            ),
        ),
    )
)
_OWNERS = Prepared(
    select(*ACCOUNT_COLUMNS)
    .where(accounts.c.organization_id == bindparam("organization"), _OWNS)
    .order_by(accounts.c.email_key)
)


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has break-glass access."""

    run: Statements

    def proven_accounts(self, organization_id: OrganizationId) -> set[AccountId]:
        """Active owners who have got in by a code or passkey of theirs, and can do so again."""
        return {row[0] for row in self.run.every(_PROVEN, organization=organization_id)}

    def of(self, organization_id: OrganizationId) -> tuple[Holder, ...]:
        """Everybody who was named, in the order of their addresses; also those for whom it opens nothing any more."""
        return tuple(_read(row) for row in self.run.every(_HOLDERS, organization=organization_id))

    def by_account(self, account_id: AccountId, *, organization_id: OrganizationId) -> Holder | None:
        """This one, if they were named."""
        row = self.run.one(_ONE, account=account_id, organization=organization_id)
        return None if row is None else _read(row)

    def owners(self, organization_id: OrganizationId) -> tuple[Account, ...]:
        """All active owners: who may be named, and who is told of every use."""
        return tuple(read_account(row) for row in self.run.every(_OWNERS, organization=organization_id))

    def insert(
        self,
        account_id: AccountId,
        *,
        organization_id: OrganizationId,
        named_by: AccountId,
        code_key: bytes,
        at: datetime,
    ) -> None:
        """Name somebody. Raises: `AlreadyExists`."""
        self.run.change(
            _INSERT,
            account_id=account_id,
            organization_id=organization_id,
            named_by=named_by,
            named_at=at,
            code_key=self._sealed(code_key, account_id),
        )

    def code_key(self, account_id: AccountId, *, organization_id: OrganizationId) -> bytes | None:
        """What the hashes of their codes are keyed with. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_CODE_KEY, account=account_id, organization=organization_id)
        if row is None:
            return None
        return self.run.vault.open_sealed(row[0], table=break_glass.name, column=_c.code_key.name, row=account_id)

    def set_code_key(self, account_id: AccountId, *, organization_id: OrganizationId, code_key: bytes) -> bool:
        """Another key, for another set of codes. False if they were not named."""
        sealed = self._sealed(code_key, account_id)
        return self.run.change(_SET_CODE_KEY, account=account_id, organization=organization_id, new_key=sealed) == 1

    def delete(self, account_id: AccountId, *, organization_id: OrganizationId) -> bool:
        """Take it away. Their codes and passkeys are deleted beside. False if they were not named."""
        return self.run.change(_DELETE, account=account_id, organization=organization_id) == 1

    def _sealed(self, code_key: bytes, account_id: AccountId) -> bytes:
        return self.run.vault.seal(code_key, table=break_glass.name, column=_c.code_key.name, row=account_id)


def _read(row: Row) -> Holder:
    return Holder(
        account=read_account(row),
        named_by=row[9],
        named_at=row[10],
        codes_made_at=row[11],
        codes_left=int(row[12] or 0),
        code_used_at=row[13],
        passkeys=int(row[14] or 0),
        passkey_used_at=row[15],
    )
