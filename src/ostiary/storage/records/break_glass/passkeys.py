"""Passkeys: the public keys of authenticators, and how often each has signed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.break_glass.holder import Passkey
from ostiary.kernel.ids import AccountId, KeyId, OrganizationId
from ostiary.storage.fingerprints import fingerprint_of
from ostiary.storage.schema import passkeys
from ostiary.storage.statements import Prepared, Row, Statements

_c = passkeys.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.account_id,
    _c.credential_id,
    _c.public_key,
    _c.sign_count,
    _c.transports,
    _c.name,
    _c.added_at,
    _c.last_used_at,
    _c.stopped_at,
)
_OF_ACCOUNT = (_c.account_id == bindparam("account")) & (_c.organization_id == bindparam("organization"))
_THIS = (_c.id == bindparam("which")) & _OF_ACCOUNT

_INSERT = Prepared(insert(passkeys), columns=[*(column.name for column in _COLUMNS), "credential_hash"])
_OF = Prepared(select(*_COLUMNS).where(_OF_ACCOUNT).order_by(_c.added_at, _c.id))
_BY_CREDENTIAL = Prepared(select(*_COLUMNS).where(_c.credential_hash == bindparam("wanted")))
# The count is compared where it is set: of two answers with one count, one counts.
_USED = Prepared(
    update(passkeys)
    .where(_THIS, _c.stopped_at.is_(None), _c.sign_count == bindparam("held", type_=_c.sign_count.type))
    .values(
        sign_count=bindparam("new_count", type_=_c.sign_count.type),
        last_used_at=bindparam("moment", type_=_c.last_used_at.type),
    )
)
_STOP = Prepared(
    update(passkeys)
    .where(_THIS, _c.stopped_at.is_(None))
    .values(stopped_at=bindparam("moment", type_=_c.stopped_at.type))
)
_DELETE = Prepared(delete(passkeys).where(_THIS))
_DELETE_ALL = Prepared(delete(passkeys).where(_OF_ACCOUNT))


@dataclass(frozen=True, slots=True)
class Passkeys:
    """The passkeys of people with break-glass access."""

    run: Statements

    def insert(self, passkey: Passkey) -> None:
        """Keep a new one. Raises: `AlreadyExists` where anybody has this credential."""
        self.run.change(
            _INSERT,
            id=passkey.id,
            organization_id=passkey.organization_id,
            account_id=passkey.account_id,
            credential_hash=fingerprint_of(passkey.credential_id),
            credential_id=passkey.credential_id,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            transports=passkey.transports,
            name=passkey.name,
            added_at=passkey.added_at,
            last_used_at=passkey.last_used_at,
            stopped_at=passkey.stopped_at,
        )

    def of(self, account_id: AccountId, *, organization_id: OrganizationId) -> tuple[Passkey, ...]:
        """The account's, the oldest first."""
        rows = self.run.every(_OF, account=account_id, organization=organization_id)
        return tuple(_read(row) for row in rows)

    def by_credential(self, credential_id: str) -> Passkey | None:
        """The one with this credential id, which tells whose it is. A question without an organization."""
        row = self.run.one(_BY_CREDENTIAL, wanted=fingerprint_of(credential_id))
        return None if row is None else _read(row)

    def used(self, passkey: Passkey, *, sign_count: int, at: datetime) -> bool:
        """Note a use. False where it was stopped, deleted or used by somebody else since it was read."""
        changed = self.run.change(
            _USED,
            which=passkey.id,
            account=passkey.account_id,
            organization=passkey.organization_id,
            held=passkey.sign_count,
            new_count=sign_count,
            moment=at,
        )
        return changed == 1

    def stop(self, passkey: Passkey, *, at: datetime) -> bool:
        """It opens nothing from now on. False if that was so before."""
        scope = {"account": passkey.account_id, "organization": passkey.organization_id}
        return self.run.change(_STOP, which=passkey.id, moment=at, **scope) == 1

    def delete(self, passkey_id: KeyId, *, account_id: AccountId, organization_id: OrganizationId) -> bool:
        """Forget it for ever. False if the account has none such."""
        return self.run.change(_DELETE, which=passkey_id, account=account_id, organization=organization_id) == 1

    def delete_all(self, account_id: AccountId, *, organization_id: OrganizationId) -> int:
        """Forget all of the account, and tell how many."""
        return self.run.change(_DELETE_ALL, account=account_id, organization=organization_id)


def _read(row: Row) -> Passkey:
    return Passkey(
        id=row[0],
        organization_id=row[1],
        account_id=row[2],
        credential_id=row[3],
        public_key=bytes(row[4]),
        sign_count=row[5],
        transports=row[6],
        name=row[7],
        added_at=row[8],
        last_used_at=row[9],
        stopped_at=row[10],
    )
