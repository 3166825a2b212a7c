"""Our signing keys, one current for each connection, sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.storage.schema import signing_keys
from ostiary.storage.statements import Prepared, Statements

_c = signing_keys.c
_IS_CURRENT = (
    (_c.connection_id == bindparam("connection"))
    & (_c.organization_id == bindparam("organization"))
    & _c.retired_at.is_(None)
)

_INSERT = Prepared(
    insert(signing_keys), columns=["id", "organization_id", "connection_id", "private_key", "created_at", "retired_at"]
)
_CURRENT = Prepared(select(_c.id, _c.private_key).where(_IS_CURRENT))
_RETIRE = Prepared(update(signing_keys).where(_IS_CURRENT).values(retired_at=bindparam("moment")))


@dataclass(frozen=True, slots=True)
class Keys:
    """Our signing keys."""

    run: Statements

    def insert(
        self,
        key_id: KeyId,
        *,
        organization_id: OrganizationId,
        connection_id: ConnectionId,
        private_key: bytes,
        created_at: datetime,
    ) -> None:
        """Keep a new current key, sealed. Raises: `AlreadyExists` when the connection has one: retire it first."""
        self.run.change(
            _INSERT,
            id=key_id,
            organization_id=organization_id,
            connection_id=connection_id,
            private_key=self.run.vault.seal(
                private_key, table=signing_keys.name, column=_c.private_key.name, row=key_id
            ),
            created_at=created_at,
            retired_at=None,
        )

    def current(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bytes | None:
        """The key that signs for this connection, as it was given. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_CURRENT, connection=connection_id, organization=organization_id)
        if row is None:
            return None
        return self.run.vault.open_sealed(row[1], table=signing_keys.name, column=_c.private_key.name, row=row[0])

    def retire(self, connection_id: ConnectionId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """The current key signs no more. False if there is none."""
        return self.run.change(_RETIRE, connection=connection_id, organization=organization_id, moment=at) == 1
