"""What an admin sees of a connection's metadata source, and does with it: check now, accept a change, put it aside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ostiary import saml
from ostiary.domain import checkup
from ostiary.domain.connection import Connection, SamlSettings, urls
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.upkeep.metadata_source import MetadataSource, accepted
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.upkeep.daily_round import pin
from ostiary.services.upkeep.metadata_refresh import LEASE, MetadataRefresh
from ostiary.storage import Store, Transaction

_PROPOSED = ("idp_entity_id", "sso_url", "sso_binding", "slo_url")


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that the document says differently."""

    field: str
    saved: str
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A connection's metadata source as its page shows it."""

    url: str
    """Empty where no settings of the connection name one."""
    waits_for_test: bool
    """Whether only settings name it that have not passed their test yet."""
    source: MetadataSource | None
    """None before the first look."""
    differences: tuple[Difference, ...]
    """What the document proposes, unless an admin has put it aside."""
    unconfirmed: tuple[str, ...]
    """Fingerprints of keys that came by themselves and wait for an owner's test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataReview:
    """Shows metadata sources to admins, and does what they ask for."""

    store: Store
    clock: Clock
    audit: AuditTrail
    refresh: MetadataRefresh
    public_url: str

    def view(self, connection: Connection) -> SourceView:
        """The source of this connection, as it stands now."""
        with self.store.read() as tx:
            source = tx.metadata_sources.of(connection.id, organization_id=connection.organization_id)
        return _seen(connection, source)

    def views(self, connections: Sequence[Connection], *, organization_id: OrganizationId) -> tuple[SourceView, ...]:
        """The sources of these connections of one organization, in the same order, with one question."""
        with self.store.read() as tx:
            sources = {source.connection_id: source for source in tx.metadata_sources.every_of(organization_id)}
        return tuple(_seen(connection, sources.get(connection.id)) for connection in connections)

    def check_now(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> bool:
        """Ask the source now: OUT. False where there is none, or another one asks it at this moment.

        What came of it stands in the source. Raises: `ConnectionUnknown`.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            connection = _connection(tx, connection_id, organization_id)
            settings = connection.saml_serving
            if settings is None or not settings.metadata_url:
                return False
            pin(tx, connection, settings, now=now)
            claimed = tx.metadata_sources.claim_one(
                connection_id, organization_id=organization_id, lease=LEASE, now=now
            )
            if claimed is None:
                return False
            self._write(tx, "connection.metadata_checked", connection, actor=actor, now=now)
        self.refresh.refresh(claimed)
        return True

    def accept(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> bool:
        """Make what is proposed a new, untested revision; the tested one goes on serving. False if nothing is proposed.

        Raises: `ConnectionUnknown`, and what `checkup` refuses of the proposed values.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            connection = _connection(tx, connection_id, organization_id)
            source = tx.metadata_sources.of(connection_id, organization_id=organization_id)
            latest = connection.latest
            if latest is None or source is None or not source.proposal:
                return False
            settings = self._checked(accepted(latest.saml, source.proposal), connection)
            revision = replace(
                latest,
                number=latest.number + 1,
                settings=settings,
                saved_at=now,
                saved_by=actor.account_id or AccountId(""),
                tested_at=None,
                tested_by=None,
            )
            tx.connections.save_revision(revision, organization_id=organization_id)
            tx.metadata_sources.put_aside(connection_id, organization_id=organization_id)
            self._write(tx, "connection.saved", connection, actor=actor, now=now, revision=str(revision.number))
        return True

    def put_aside(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Keep what is saved, and show this proposal no more; another one is shown again.

        Raises: `ConnectionUnknown`.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            connection = _connection(tx, connection_id, organization_id)
            if tx.metadata_sources.put_aside(connection_id, organization_id=organization_id):
                self._write(tx, "connection.proposal_put_aside", connection, actor=actor, now=now)

    def _checked(self, settings: SamlSettings, connection: Connection) -> SamlSettings:
        # The document's author is no admin of ours: what they write passes the same gate as what an admin types.
        own = urls(self.public_url, connection.id)
        sso_url = checkup.read_sso_url(settings.sso_url, issuer=settings.idp_entity_id, own=own)
        checkup.read_issuer(settings.idp_entity_id, sso_url=sso_url, own=own)
        slo_url = settings.slo_url and checkup.read_logout_url(settings.slo_url, field="slo_url", own=own)
        return replace(settings, sso_url=sso_url, slo_url=slo_url)

    def _write(
        self, tx: Transaction, action: str, connection: Connection, *, actor: Actor, now: datetime, **facts: str
    ) -> None:
        self.audit.write(
            tx,
            action,
            organization_id=connection.organization_id,
            actor=actor,
            subject=connection.id,
            facts=facts,
            now=now,
        )


def _seen(connection: Connection, source: MetadataSource | None) -> SourceView:
    serving, latest = connection.saml_serving, connection.saml_latest
    in_force = serving.metadata_url if serving else ""
    is_current = source is not None and source.url == in_force
    waiting = [saml.certificate_from_stored(text).fingerprint for text in (serving.unconfirmed if serving else ())]
    # No test can confirm a key with which the provider no longer signs.
    gone = source.departing if source and is_current else {}
    return SourceView(
        url=in_force or (latest.metadata_url if latest else ""),
        waits_for_test=not in_force,
        source=source if is_current else None,
        differences=_differences(source, serving) if source and serving and is_current else (),
        unconfirmed=tuple(fingerprint for fingerprint in waiting if fingerprint not in gone),
    )


def _connection(tx: Transaction, connection_id: ConnectionId, organization_id: OrganizationId) -> Connection:
    # Held: of two who accept at once the second finds nothing proposed any more.
    connection = tx.connections.hold(connection_id, organization_id=organization_id)
    if connection is None:
        raise ConnectionUnknown
    return connection


def _differences(source: MetadataSource, settings: SamlSettings) -> tuple[Difference, ...]:
    if source.is_put_aside:
        return ()
    found = (
        Difference(name, str(getattr(settings, name)), str(source.proposal[name]))
        for name in _PROPOSED
        if name in source.proposal
    )
    return tuple(each for each in found if each.saved != each.published)
