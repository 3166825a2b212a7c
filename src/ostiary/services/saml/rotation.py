"""Another key of ours takes the place of the current one, in steps that lose no sign-in: prepare, switch, remove."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Connection
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.errors import ConnectionUnknown, KeyStepMissed
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.saml.keys import KeyInRole, SigningKeys, new_bundle
from ostiary.storage import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysView:
    """A connection with its keys: the current one first, then the next and the one before."""

    connection: Connection
    keys: tuple[KeyInRole, ...]

    def in_role(self, role: KeyRole) -> KeyInRole | None:
        """The key in this role."""
        return next((each for each in self.keys if each.role is role), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotation:
    """Shows our keys of a connection, and changes them. Making one takes 30 to 100 ms: THREAD only."""

    store: Store
    clock: Clock
    audit: AuditTrail
    keys: SigningKeys

    def view(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> KeysView:
        """The connection's keys, of which the current one is made now if there is none. Raises: `ConnectionUnknown`."""
        connection = self._of(connection_id, organization_id)
        self.keys.of(connection, self.clock.now())
        return KeysView(connection=connection, keys=self.keys.every(connection))

    def prepare(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Make the next key: from now on our metadata names both, and both decrypt. The current one signs.

        Raises: `ConnectionUnknown`, `KeyStepMissed` where there is a next one, or one from before is still kept.
        """
        connection, now = self._of(connection_id, organization_id), self.clock.now()
        self.keys.of(connection, now)
        fresh = new_bundle(connection, now)
        with self.store.write() as tx:
            self._require(tx, connection, has=frozenset({KeyRole.CURRENT}))
            self.keys.insert(tx, connection, role=KeyRole.NEXT, bundle=fresh, now=now)
            self._note(tx, "connection.key_prepared", connection, actor=actor, now=now)

    def switch(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """The next key signs from now on. The one before it still decrypts, and our metadata names it no more.

        Raises: `ConnectionUnknown`, `KeyStepMissed` where there is no next one.
        """
        connection, now = self._of(connection_id, organization_id), self.clock.now()
        with self.store.write() as tx:
            self._require(tx, connection, has=frozenset({KeyRole.CURRENT, KeyRole.NEXT}))
            tx.keys.switch(connection.id, organization_id=organization_id, at=now)
            self._note(tx, "connection.key_switched", connection, actor=actor, now=now)

    def remove(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Forget the key from before: what is still encrypted to it can't be opened any more.

        Raises: `ConnectionUnknown`, `KeyStepMissed` where there is none.
        """
        connection, now = self._of(connection_id, organization_id), self.clock.now()
        with self.store.write() as tx:
            self._require(tx, connection, has=frozenset({KeyRole.CURRENT, KeyRole.PREVIOUS}))
            tx.keys.delete(connection.id, organization_id=organization_id, role=KeyRole.PREVIOUS)
            self._note(tx, "connection.key_removed", connection, actor=actor, now=now)

    @staticmethod
    def _require(tx: Transaction, connection: Connection, *, has: frozenset[KeyRole]) -> None:
        """Return if the connection has keys in just these roles: another admin, or a second click, may be faster."""
        tx.connections.hold(connection.id, organization_id=connection.organization_id)
        kept = tx.keys.every(connection.id, organization_id=connection.organization_id)
        if {key.role for key in kept} != has:
            raise KeyStepMissed

    def _note(self, tx: Transaction, action: str, connection: Connection, *, actor: Actor, now: datetime) -> None:
        self.audit.write(
            tx, action, organization_id=connection.organization_id, actor=actor, subject=connection.id, now=now
        )

    def _of(self, connection_id: ConnectionId, organization_id: OrganizationId) -> Connection:
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        # Another organization's connection is as unknown as one that never was.
        if connection is None or connection.organization_id != organization_id:
            raise ConnectionUnknown
        return connection
