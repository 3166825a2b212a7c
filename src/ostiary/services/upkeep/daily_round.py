"""Looks after each connection about once a day: its source of keys is pinned, and what ends soon is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.connection import Connection, SamlSettings
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.upkeep.metadata_source import MetadataSource, spread
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.randomness import Random
from ostiary.services.upkeep.expiry_notices import ExpiryNotices
from ostiary.services.upkeep.secret_notices import SecretNotices
from ostiary.storage import Store, Transaction

LEASE = timedelta(minutes=10)
BATCH = 50
MOST_AT_ONCE = 1000
"""In one run of the job; what is left comes with the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyRound:
    """Looks after the connections that are due. Its work grows with those, never with how many there are."""

    store: Store
    random: Random
    notices: ExpiryNotices
    secret_notices: SecretNotices

    def look_after_due(self, now: datetime) -> None:
        """Look after every connection that is due now, each in a transaction of its own."""
        for _ in range(MOST_AT_ONCE // BATCH):
            with self.store.write() as tx:
                due = tx.upkeep.claim(limit=BATCH, lease=LEASE, now=now)
            for connection_id in due:
                self._look_after(connection_id, now)
            if len(due) < BATCH:
                return

    def _look_after(self, connection_id: ConnectionId, now: datetime) -> None:
        with self.store.write() as tx:
            connection = tx.connections.by_id(connection_id)
            settings = connection.serving.settings if connection and connection.serving else None
            if connection is None or settings is None:
                return
            if isinstance(settings, OidcSettings):
                next_step = self.secret_notices.tell(tx, connection, settings, now=now)
            else:
                next_step = self.notices.tell(tx, connection, settings, now=now)
            due_at = min(next_step, now + spread(timedelta(days=1), self.random.token(2)))
            # In this order, as where keys are adopted: two servers must not wait for each other's rows.
            tx.upkeep.plan(connection_id, organization_id=connection.organization_id, due_at=due_at)
            if isinstance(settings, SamlSettings):
                pin(tx, connection, settings, now=now)


def pin(tx: Transaction, connection: Connection, settings: SamlSettings, *, now: datetime) -> None:
    """Make the metadata URL of these settings the connection's source of keys; without one it has none."""
    scope = {"organization_id": connection.organization_id}
    if settings.metadata_url:
        tx.metadata_sources.pin(MetadataSource.new(connection.id, url=settings.metadata_url, now=now, **scope))
    else:
        tx.metadata_sources.unpin(connection.id, **scope)
