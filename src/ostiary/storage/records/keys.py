"""Our own keys of a connection, sealed: one current, at times a next one and one before."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.connection_key import KeyRole
from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.storage.schema import signing_keys
from ostiary.storage.statements import Prepared, Row, Statements

_c = signing_keys.c
_OF_CONNECTION = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))
_IN_ROLE = _OF_CONNECTION & (_c.role == bindparam("its_role"))

_INSERT = Prepared(
    insert(signing_keys),
    columns=["id", "organization_id", "connection_id", "private_key", "created_at", "retired_at", "role"],
)
_CURRENT = Prepared(select(_c.id, _c.private_key).where(_OF_CONNECTION & _c.retired_at.is_(None)))
_EVERY = Prepared(select(_c.id, _c.private_key, _c.role, _c.created_at, _c.changed_at).where(_OF_CONNECTION))
_TURN = Prepared(
    update(signing_keys)
    .where(_IN_ROLE)
    .values(
        role=bindparam("new_role"),
        changed_at=bindparam("moment", type_=_c.changed_at.type),
        retired_at=bindparam("retired", type_=_c.retired_at.type),
    )
)
_IS_THERE = Prepared(select(_c.id).where(_IN_ROLE))
_DELETE = Prepared(delete(signing_keys).where(_IN_ROLE))
_ORDER = tuple(KeyRole)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key of ours as it is kept."""

    role: KeyRole
    bundle: bytes
    """What was given to be kept."""
    created_at: datetime
    changed_at: datetime | None
    """Since when it has its role, where it had another before."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Our own keys."""

    run: Statements

    def insert(
        self,
        key_id: KeyId,
        *,
        organization_id: OrganizationId,
        connection_id: ConnectionId,
        private_key: bytes,
        role: KeyRole = KeyRole.CURRENT,
        created_at: datetime,
    ) -> None:
        """Keep a new key, sealed. Raises: `AlreadyExists` when the connection has one in this role."""
        self.run.change(
            _INSERT,
            id=key_id,
            organization_id=organization_id,
            connection_id=connection_id,
            private_key=self.run.vault.seal(
                private_key, table=signing_keys.name, column=_c.private_key.name, row=key_id
            ),
            created_at=created_at,
            retired_at=None if role is KeyRole.CURRENT else created_at,
            role=role.value,
        )

    def current(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bytes | None:
        """The key that signs for this connection, as it was given. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_CURRENT, connection=connection_id, organization=organization_id)
        return None if row is None else self._opened(row)

    def every(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> tuple[StoredKey, ...]:
        """The connection's keys, the current one first, then the next. Raises: `SealBroken`, `KeyWrong`."""
        rows = self.run.every(_EVERY, connection=connection_id, organization=organization_id)
        found = [
            StoredKey(role=KeyRole(row[2]), bundle=self._opened(row), created_at=row[3], changed_at=row[4])
            for row in rows
        ]
        return tuple(sorted(found, key=lambda key: _ORDER.index(key.role)))

    def switch(self, connection_id: ConnectionId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """The next key becomes the current one, and that the one before. False where there is no next.

        Raises: `AlreadyExists` where one from before is still kept.
        """
        of = {"connection": connection_id, "organization": organization_id}
        if self.run.one(_IS_THERE, its_role=KeyRole.NEXT.value, **of) is None:
            return False
        turns = ((KeyRole.CURRENT, KeyRole.PREVIOUS, at), (KeyRole.NEXT, KeyRole.CURRENT, None))
        for role, new_role, retired in turns:
            self.run.change(_TURN, its_role=role.value, new_role=new_role.value, moment=at, retired=retired, **of)
        return True

    def delete(self, connection_id: ConnectionId, *, organization_id: OrganizationId, role: KeyRole) -> bool:
        """Forget the key in this role for ever. False if there is none."""
        return (
            self.run.change(_DELETE, connection=connection_id, organization=organization_id, its_role=role.value) == 1
        )

    def _opened(self, row: Row) -> bytes:
        """The key in a row that begins with its id and the sealed key."""
        return self.run.vault.open_sealed(row[1], table=signing_keys.name, column=_c.private_key.name, row=row[0])
