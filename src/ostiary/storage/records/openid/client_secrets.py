"""Our secrets at OpenID Connect providers: sealed, written and never shown, two at a time while they change."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from ostiary.domain.openid.settings import MOST_SECRETS, ClientSecret
from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.storage.schema import client_secrets
from ostiary.storage.statements import Prepared, Statements

_c = client_secrets.c
_SHOWN = (_c.id, _c.organization_id, _c.connection_id, _c.created_at, _c.created_by, _c.expires_at)
_OF_CONNECTION = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))

_INSERT = Prepared(insert(client_secrets), columns=[column.name for column in _c])
_OF = Prepared(select(*_SHOWN).where(_OF_CONNECTION).order_by(_c.created_at.desc(), _c.id.desc()))
_OPENED = Prepared(select(_c.id, _c.secret).where(_OF_CONNECTION).order_by(_c.created_at.desc(), _c.id.desc()))
_DELETE = Prepared(delete(client_secrets).where(_OF_CONNECTION & (_c.id == bindparam("which"))))


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """Our secrets at providers."""

    run: Statements

    def add(self, secret: ClientSecret, *, value: str) -> None:
        """Keep a new one, sealed. It is used from now on; of those before it only the newest stays."""
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
        )
        for each in self.of(secret.connection_id, organization_id=secret.organization_id)[MOST_SECRETS:]:
            self.delete(secret.connection_id, organization_id=secret.organization_id, secret_id=each.id)

    def of(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> tuple[ClientSecret, ...]:
        """The connection's, the newest first, without the secrets themselves."""
        rows = self.run.every(_OF, connection=connection_id, organization=organization_id)
        return tuple(
            ClientSecret(
                id=row[0],
                organization_id=row[1],
                connection_id=row[2],
                created_at=row[3],
                created_by=row[4],
                expires_at=row[5],
            )
            for row in rows
        )

    def opened(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> tuple[str, ...]:
        """The secrets themselves, the newest first: for a call to the provider, and for no page.

        Raises: `SealBroken`, `KeyWrong`.
        """
        rows = self.run.every(_OPENED, connection=connection_id, organization=organization_id)
        place = {"table": client_secrets.name, "column": _c.secret.name}
        return tuple(self.run.vault.open_sealed(row[1], **place, row=row[0]).decode() for row in rows)

    def delete(self, connection_id: ConnectionId, *, organization_id: OrganizationId, secret_id: KeyId) -> bool:
        """Forget it for ever. False if there is none."""
        changed = self.run.change(_DELETE, connection=connection_id, organization=organization_id, which=secret_id)
        return changed == 1
