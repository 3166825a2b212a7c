"""Our signing keys, one current for each connection, sealed."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.storage.schema import signing_keys
from ostiary.storage.statements import Prepared, Row, Statements

_c = signing_keys.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.connection_id,
    _c.private_key,
    _c.certificate,
    _c.created_at,
    _c.retired_at,
)
_OF_CONNECTION = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))

_INSERT = Prepared(insert(signing_keys), columns=[column.name for column in _COLUMNS])
_CURRENT = Prepared(select(*_COLUMNS).where(_OF_CONNECTION, _c.retired_at.is_(None)))
_OF = Prepared(select(*_COLUMNS).where(_OF_CONNECTION).order_by(_c.created_at.desc()))
_RETIRE = Prepared(
    update(signing_keys).where(_OF_CONNECTION, _c.retired_at.is_(None)).values(retired_at=bindparam("moment"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key pair of a connection."""

    id: KeyId
    organization_id: OrganizationId
    connection_id: ConnectionId
    private_key: bytes = field(repr=False)
    """As its maker encoded it; stored sealed."""
    certificate: str
    created_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Keys:
    """Our signing keys."""

    run: Statements

    def insert(self, key: SigningKey) -> None:
        """Keep a new current key. Raises: `AlreadyExists` when the connection has one: retire it first."""
        sealed = self.run.vault.seal(key.private_key, table=signing_keys.name, column=_c.private_key.name, row=key.id)
        self.run.change(
            _INSERT,
            id=key.id,
            organization_id=key.organization_id,
            connection_id=key.connection_id,
            private_key=sealed,
            certificate=key.certificate,
            created_at=key.created_at,
            retired_at=key.retired_at,
        )

    def current(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> SigningKey | None:
        """The key that signs for this connection. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_CURRENT, connection=connection_id, organization=organization_id)
        return None if row is None else self._read(row)

    def of(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> tuple[SigningKey, ...]:
        """All keys of this connection, the newest first. Raises: `SealBroken`, `KeyWrong`."""
        rows = self.run.every(_OF, connection=connection_id, organization=organization_id)
        return tuple(self._read(row) for row in rows)

    def retire(self, connection_id: ConnectionId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """The current key signs no more. False if there is none."""
        return self.run.change(_RETIRE, connection=connection_id, organization=organization_id, moment=at) == 1

    def _read(self, row: Row) -> SigningKey:
        private_key = self.run.vault.open_sealed(
            row[3], table=signing_keys.name, column=_c.private_key.name, row=row[0]
        )
        return SigningKey(
            id=row[0],
            organization_id=row[1],
            connection_id=row[2],
            private_key=private_key,
            certificate=row[4],
            created_at=row[5],
            retired_at=row[6],
        )
