"""Recovery codes: keyed hashes, each used once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, update

from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.storage.schema import recovery_codes
from ostiary.storage.statements import Prepared, Statements

_c = recovery_codes.c
_OF_ACCOUNT = (_c.account_id == bindparam("account")) & (_c.organization_id == bindparam("organization"))

_INSERT = Prepared(insert(recovery_codes), columns=[column.name for column in _c])
# One statement: of two who send the same code at the same time, one gets in.
_USE = Prepared(
    update(recovery_codes)
    .where(_OF_ACCOUNT, _c.hash == bindparam("its_hash"), _c.used_at.is_(None))
    .values(used_at=bindparam("moment", type_=_c.used_at.type))
)
_DELETE = Prepared(delete(recovery_codes).where(_OF_ACCOUNT))


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """The recovery codes of people with break-glass access."""

    run: Statements

    def replace(
        self, account_id: AccountId, *, organization_id: OrganizationId, hashes: Sequence[str], at: datetime
    ) -> None:
        """Keep these; all earlier ones of the account end, used or not."""
        self.run.change(_DELETE, account=account_id, organization=organization_id)
        for each in hashes:
            self.run.change(
                _INSERT, account_id=account_id, organization_id=organization_id, hash=each, made_at=at, used_at=None
            )

    def use(self, account_id: AccountId, *, organization_id: OrganizationId, code_hash: str, at: datetime) -> bool:
        """Use one up. True for one caller only, ever."""
        used = self.run.change(_USE, account=account_id, organization=organization_id, its_hash=code_hash, moment=at)
        return used == 1

    def delete(self, account_id: AccountId, *, organization_id: OrganizationId) -> int:
        """End all of the account, and tell how many."""
        return self.run.change(_DELETE, account=account_id, organization=organization_id)
