"""Our secrets at OpenID Connect providers: sealed, written and never shown, two at a time while they change."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.openid.settings import MOST_SECRETS, ClientSecret, OpenedSecret
from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.storage.schema import client_secrets, connections
from ostiary.storage.statements import Prepared, Row, Statements

NEVER: Final = datetime.min.replace(tzinfo=UTC)
_c = client_secrets.c
_SHOWN = (
    _c.id,
    _c.organization_id,
    _c.connection_id,
    _c.created_at,
    _c.created_by,
    _c.expires_at,
    _c.issuer,
    _c.used_at,
)
_OF_CONNECTION = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))

_INSERT = Prepared(insert(client_secrets), columns=[column.name for column in _c])
_OF = Prepared(select(*_SHOWN).where(_OF_CONNECTION).order_by(_c.created_at.desc(), _c.id.desc()))
# By way of the connections, which have an index by organization.
_OF_ORGANIZATION = Prepared(
    select(*_SHOWN)
    .join(connections, connections.c.id == _c.connection_id)
    .where(connections.c.organization_id == bindparam("organization"), _c.organization_id == bindparam("organization"))
    .order_by(_c.created_at.desc(), _c.id.desc())
)
# One whose issuer an older version did not note belongs to the connection, whatever it is.
_OPENED = Prepared(
    select(_c.id, _c.secret, _c.used_at)
    .where(_OF_CONNECTION, _c.issuer.in_((bindparam("whose"), "")))
    .order_by(_c.created_at.desc(), _c.id.desc())
)
_DELETE = Prepared(delete(client_secrets).where(_OF_CONNECTION & (_c.id == bindparam("which"))))
_ADOPT = Prepared(update(client_secrets).where(_OF_CONNECTION, _c.issuer == "").values(issuer=bindparam("whose")))
_USED = Prepared(
    update(client_secrets)
    .where(_OF_CONNECTION, _c.id == bindparam("which"))
    .values(used_at=bindparam("moment", type_=_c.used_at.type))
)


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """Our secrets at providers."""

    run: Statements

    def add(self, secret: ClientSecret, *, value: str) -> None:
        """Keep a new one, sealed. It is used from now on; of its issuer's before it only one stays.

        That is the one that the provider has taken last: two secrets that were copied amiss push out none that works.
        """
        sealed = self.run.vault.seal(value.encode(), table=client_secrets.name, column=_c.secret.name, row=secret.id)
        self.run.change(
            _INSERT,
            id=secret.id,
            organization_id=secret.organization_id,
            connection_id=secret.connection_id,
            secret=sealed,
            created_at=secret.created_at,
            created_by=secret.created_by,
            expires_at=secret.expires_at,
            issuer=secret.issuer,
            used_at=secret.used_at,
        )
        scope = {"organization_id": secret.organization_id}
        others = [
            each
            for each in self.of(secret.connection_id, **scope)
            if each.issuer == secret.issuer and each.id != secret.id
        ]
        by_use = sorted(others, key=lambda each: (each.used_at or NEVER, each.created_at), reverse=True)
        for each in by_use[MOST_SECRETS - 1 :]:
            self.delete(secret.connection_id, secret_id=each.id, **scope)

    def adopt(self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str) -> None:
        """Those whose issuer an older version did not note belong to this one from now on."""
        self.run.change(_ADOPT, connection=connection_id, organization=organization_id, whose=issuer)

    def keep_only(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuers: Collection[str]
    ) -> None:
        """Forget for ever what belongs to issuers other than these."""
        for each in self.of(connection_id, organization_id=organization_id):
            if each.issuer and each.issuer not in issuers:
                self.delete(connection_id, organization_id=organization_id, secret_id=each.id)

    def of(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> tuple[ClientSecret, ...]:
        """The connection's, the newest first, without the secrets themselves."""
        rows = self.run.every(_OF, connection=connection_id, organization=organization_id)
        return tuple(_read(row) for row in rows)

    def of_organization(self, organization_id: OrganizationId) -> tuple[ClientSecret, ...]:
        """Those of all its connections, the newest first, without the secrets themselves."""
        return tuple(_read(row) for row in self.run.every(_OF_ORGANIZATION, organization=organization_id))

    def opened(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str
    ) -> tuple[OpenedSecret, ...]:
        """The secrets of this issuer themselves, the newest first: for a call to it, and for no page.

        Raises: `SealBroken`, `KeyWrong`.
        """
        rows = self.run.every(_OPENED, connection=connection_id, organization=organization_id, whose=issuer)
        place = {"table": client_secrets.name, "column": _c.secret.name}
        return tuple(
            OpenedSecret(
                id=row[0], value=self.run.vault.open_sealed(row[1], **place, row=row[0]).decode(), used_at=row[2]
            )
            for row in rows
        )

    def delete(self, connection_id: ConnectionId, *, organization_id: OrganizationId, secret_id: KeyId) -> bool:
        """Forget it for ever. False if there is none."""
        changed = self.run.change(_DELETE, connection=connection_id, organization=organization_id, which=secret_id)
        return changed == 1

    def note_use(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, secret_id: KeyId, at: datetime
    ) -> None:
        """Note that the provider has taken it."""
        self.run.change(_USED, connection=connection_id, organization=organization_id, which=secret_id, moment=at)


def _read(row: Row) -> ClientSecret:
    return ClientSecret(
        id=row[0],
        organization_id=row[1],
        connection_id=row[2],
        created_at=row[3],
        created_by=row[4],
        expires_at=row[5],
        issuer=row[6],
        used_at=row[7],
    )
