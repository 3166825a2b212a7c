"""The client secrets that are saved, as an admin sees them: never the secrets themselves."""

from dataclasses import dataclass

from ostiary.domain.connection import Connection
from ostiary.domain.openid.settings import ClientSecret
from ostiary.kernel.clock import Clock
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSecrets:
    """Deletes them. They are saved with the form of the connection, and read with its page."""

    store: Store
    clock: Clock
    audit: AuditTrail

    def delete(self, connection: Connection, secret: ClientSecret, *, actor: Actor) -> bool:
        """Forget it for ever. False where it has gone already."""
        scope = {"organization_id": connection.organization_id}
        with self.store.write() as tx:
            if not tx.client_secrets.delete(connection.id, secret_id=secret.id, **scope):
                return False
            self.audit.write(
                tx,
                "client_secret.deleted",
                actor=actor,
                subject=connection.id,
                facts={"secret": secret.id, "issuer": secret.issuer},
                now=self.clock.now(),
                **scope,
            )
        return True
