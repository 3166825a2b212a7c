"""The client secrets that are saved, as an admin sees them: never the secrets themselves."""

from dataclasses import dataclass

from ostiary.domain.connection import Connection
from ostiary.domain.openid.settings import Authentication, ClientSecret
from ostiary.kernel.clock import Clock
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.enforcement.ways_in import require_way_in_beside
from ostiary.storage import Store, Transaction

_WITHOUT_SECRET = (Authentication.PRIVATE_KEY_JWT, Authentication.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSecrets:
    """Deletes them. They are saved with the form of the connection, and read with its page."""

    store: Store
    clock: Clock
    audit: AuditTrail

    def delete(self, connection: Connection, secret: ClientSecret, *, actor: Actor) -> bool:
        """Forget it for ever. False where it has gone already.

        Raises: `LastWayIn` where the connection is enforced, signs nobody in without it, and nobody with the settings
        gets in otherwise.
        """
        scope = {"organization_id": connection.organization_id}
        with self.store.write() as tx:
            tx.organizations.hold(connection.organization_id)  # before the row, as whoever deletes the connection does
            if not tx.client_secrets.delete(connection.id, secret_id=secret.id, **scope):
                return False
            if _signs_nobody_in(tx, connection):
                require_way_in_beside(tx, connection.organization_id, {connection.id})
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


def _signs_nobody_in(tx: Transaction, connection: Connection) -> bool:
    """Whether the settings that serve need a secret, and there is none of their issuer."""
    current = tx.connections.by_id(connection.id)
    if current is None or current.serving is None:
        return False
    settings = current.serving.oidc
    if settings.is_operators_client or settings.authentication in _WITHOUT_SECRET:
        return False
    saved = tx.client_secrets.of(connection.id, organization_id=connection.organization_id)
    return not any(each.issuer in {"", settings.issuer} for each in saved)
