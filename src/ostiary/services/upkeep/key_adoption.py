"""Takes keys over from a pinned source: a new revision that inherits its test, an audit event, a mail."""

from dataclasses import dataclass, replace
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection import Connection, Revision, SamlSettings
from ostiary.domain.upkeep.metadata_source import GRACE, Judgement, MetadataSource, adopted, judge
from ostiary.kernel.ids import AccountId
from ostiary.services.audit_trail import SERVER, AuditTrail
from ostiary.services.saml.parties import policy_of
from ostiary.services.upkeep.letters import Letters
from ostiary.storage import Transaction

_NOBODY = AccountId("")
"""Who has saved a revision that came by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document that was read from a connection's source, and what it is held against."""

    connection: Connection
    serving: Revision
    source: MetadataSource
    metadata: saml.IdpMetadata


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdoption:
    """Takes keys over."""

    audit: AuditTrail
    letters: Letters

    def judge(self, tx: Transaction, reading: Reading, settings: SamlSettings, *, now: datetime) -> Judgement:
        """What the document changes in these settings. Raises: what `metadata_source.judge` refuses."""
        source = reading.source
        in_use: frozenset[str] = frozenset()
        if source.departing:
            in_use = tx.metadata_sources.signers(
                source.connection_id, organization_id=source.organization_id, since=now - GRACE
            )
        return judge(
            reading.metadata,
            settings=settings,
            departing=source.departing,
            in_use=in_use,
            minimum_rsa_bits=policy_of(settings.allowances, accept_unsolicited=False).minimum_rsa_bits,
            now=now,
        )

    def adopt(self, tx: Transaction, reading: Reading, judgement: Judgement, *, now: datetime) -> int:
        """Make the judgement's keys those of the serving revision, and of a newer one that waits for its test.

        Returns the number of the revision that serves from now on. It inherits its test: only keys differ.
        """
        connection, serving = reading.connection, reading.serving
        latest = connection.latest or serving
        scope = {"organization_id": connection.organization_id}
        number = latest.number + 1
        settings = adopted(serving.saml, judgement)
        tx.connections.save_revision(
            replace(serving, number=number, settings=settings, saved_at=now, saved_by=_NOBODY), **scope
        )
        if latest.number != serving.number:
            # Above the refreshed one, so that it can still take its place after its test.
            follower = replace(latest, number=number + 1, settings=self._waiting(tx, reading, latest.saml, now))
            tx.connections.save_revision(follower, **scope)
        self._tell(tx, reading, judgement, number=number, now=now)
        return number

    def _waiting(self, tx: Transaction, reading: Reading, settings: SamlSettings, now: datetime) -> SamlSettings:
        is_same_source = settings.metadata_url == reading.source.url
        if not is_same_source or settings.idp_entity_id != reading.metadata.entity_id:
            return settings
        return adopted(settings, self.judge(tx, reading, settings, now=now))

    def _tell(self, tx: Transaction, reading: Reading, judgement: Judgement, *, number: int, now: datetime) -> None:
        connection = reading.connection
        self.audit.write(
            tx,
            "connection.keys_refreshed",
            organization_id=connection.organization_id,
            actor=SERVER,
            subject=connection.id,
            facts={
                "source": reading.source.url,
                "came": tuple(each.fingerprint for each in judgement.came),
                "went": tuple(each.fingerprint for each in judgement.went),
                "revision": str(number),
            },
            now=now,
        )
        if judgement.came:
            self.letters.key_came(tx, connection, judgement.came, source=reading.source.url, now=now)
