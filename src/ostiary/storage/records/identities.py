"""What ties people at identity providers to accounts: (connection, issuer, subject), never the address."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.account import Role
from ostiary.domain.identity import LinkedIdentity
from ostiary.kernel.ids import AccountId, ConnectionId, IdentityId, OrganizationId
from ostiary.kernel.values import EmailAddress
from ostiary.storage.fingerprints import fingerprint_of
from ostiary.storage.records.accounts import stored_address
from ostiary.storage.schema import accounts, identities
from ostiary.storage.statements import Prepared, Row, Statements

_c = identities.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.connection_id,
    _c.account_id,
    _c.issuer,
    _c.subject,
    _c.email,
    _c.created_at,
    _c.last_used_at,
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("identity")) & _MINE

_INSERT = Prepared(insert(identities), columns=[*(column.name for column in _COLUMNS), "subject_key"])
_BY_SUBJECT = Prepared(
    select(*_COLUMNS).where(_c.connection_id == bindparam("connection"), _c.subject_key == bindparam("key"), _MINE)
)
_OF_ACCOUNT = Prepared(
    select(*_COLUMNS)
    .where(_c.account_id == bindparam("account"), _c.connection_id == bindparam("connection"), _MINE)
    .order_by(_c.created_at)
    .limit(1)
)
_ALL_OF_ACCOUNT = Prepared(
    select(*_COLUMNS).where(_c.account_id == bindparam("account"), _MINE).order_by(_c.created_at)
)
_TOUCH = Prepared(update(identities).where(_THIS).values(last_used_at=bindparam("moment"), email=bindparam("address")))
_UNLINK_OWNERS = Prepared(
    delete(identities).where(
        _c.connection_id == bindparam("connection"),
        _MINE,
        _c.account_id.in_(
            select(accounts.c.id).where(
                accounts.c.organization_id == bindparam("organization"), accounts.c.role == Role.OWNER.value
            )
        ),
    )
)
_DELETE = Prepared(delete(identities).where(_THIS))


@dataclass(frozen=True, slots=True)
class Identities:
    """What ties people at identity providers to accounts."""

    run: Statements

    def insert(self, identity: LinkedIdentity) -> None:
        """Keep a new link. Raises: `AlreadyExists` when this subject of the connection is linked."""
        self.run.change(
            _INSERT,
            id=identity.id,
            organization_id=identity.organization_id,
            connection_id=identity.connection_id,
            account_id=identity.account_id,
            issuer=identity.issuer,
            subject=identity.subject,
            subject_key=fingerprint_of(identity.issuer, identity.subject),
            email=str(identity.email),
            created_at=identity.created_at,
            last_used_at=identity.last_used_at,
        )

    def by_subject(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str, subject: str
    ) -> LinkedIdentity | None:
        """The link of exactly this subject at this connection."""
        key = fingerprint_of(issuer, subject)
        row = self.run.one(_BY_SUBJECT, connection=connection_id, organization=organization_id, key=key)
        return None if row is None else _read(row)

    def of_account(
        self, account_id: AccountId, *, organization_id: OrganizationId, connection_id: ConnectionId
    ) -> LinkedIdentity | None:
        """The account's link at this connection, to whichever subject."""
        row = self.run.one(_OF_ACCOUNT, account=account_id, organization=organization_id, connection=connection_id)
        return None if row is None else _read(row)

    def all_of_account(self, account_id: AccountId, *, organization_id: OrganizationId) -> tuple[LinkedIdentity, ...]:
        """All links of the account, the oldest first."""
        rows = self.run.every(_ALL_OF_ACCOUNT, account=account_id, organization=organization_id)
        return tuple(_read(row) for row in rows)

    def touch(
        self, identity_id: IdentityId, *, organization_id: OrganizationId, email: EmailAddress, at: datetime
    ) -> bool:
        """Note that it was used, and the address that came along. False if there is no such link."""
        changed = self.run.change(
            _TOUCH, identity=identity_id, organization=organization_id, address=str(email), moment=at
        )
        return changed == 1

    def unlink_owners(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> int:
        """Untie every owner from this connection; each confirms the identity once more. Returns how many were tied."""
        return self.run.change(_UNLINK_OWNERS, connection=connection_id, organization=organization_id)

    def delete(self, identity_id: IdentityId, *, organization_id: OrganizationId) -> bool:
        """Cut the link. False if there is no such link."""
        return self.run.change(_DELETE, identity=identity_id, organization=organization_id) == 1


def _read(row: Row) -> LinkedIdentity:
    return LinkedIdentity(
        id=row[0],
        organization_id=row[1],
        connection_id=row[2],
        account_id=row[3],
        issuer=row[4],
        subject=row[5],
        email=stored_address(row[6]),
        created_at=row[7],
        last_used_at=row[8],
    )
