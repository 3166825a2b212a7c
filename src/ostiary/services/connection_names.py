"""Naming a connection: what people read where they choose, and admins in lists, mails and the audit log."""

from dataclasses import dataclass

from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.naming import free_name, read_name
from ostiary.guides import called, default_name
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionNames:
    """Gives names."""

    store: Store
    clock: Clock
    audit: AuditTrail

    def rename(self, connection_id: ConnectionId, typed: str, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Call it so from now on; empty: by its provider's name again, with a number where that is taken.

        Raises: `ConnectionUnknown`, `ValueTooLong`, `NameTaken`.
        """
        with self.store.write() as tx:
            tx.organizations.hold(organization_id)  # of two who choose one name at once, one gets it
            every = tx.connections.of(organization_id)
            connection = next((each for each in every if each.id == connection_id), None)
            if connection is None:
                raise ConnectionUnknown
            own = default_name(connection.provider, connection.protocol)
            others = [called(each) for each in every if each.id != connection_id]
            name = read_name(typed, taken=others) or free_name(own, taken=others)
            if name == called(connection):
                return
            tx.connections.rename(connection_id, organization_id=organization_id, name="" if name == own else name)
            self.audit.write(
                tx,
                "connection.renamed",
                organization_id=organization_id,
                actor=actor,
                subject=connection_id,
                facts={"before": called(connection), "name": name},
                now=self.clock.now(),
            )
