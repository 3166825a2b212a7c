"""The settings of single sign-on: draft, save, enable, turn off, delete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ostiary import saml
from ostiary.domain import checkup
from ostiary.domain.checkup import Correction, FieldProblem
from ostiary.domain.connection import Connection, ConnectionUrls, Protocol, SamlSettings, urls
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.enforcement.policy import SignInPolicy, enforced_among, policy_of
from ostiary.domain.errors import ConnectionUnknown, NotTested
from ostiary.domain.naming import free_name
from ostiary.domain.openid import checkup as openid_checkup
from ostiary.domain.openid.settings import ClientSecret, OidcSettings
from ostiary.domain.organization import Organization, require_sso
from ostiary.guides import Guide, called, default_name, guide
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Fact, Finding
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.connection_form import ConnectionForm, SaveSaml, tidy
from ostiary.services.connection_form.openid import NewSecret, OpenIdForm, ReadOpenId, SaveOpenId
from ostiary.services.connection_form.openid import tidy as tidy_openid
from ostiary.services.connection_form.revisions import Revisions
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.enforcement.ways_in import let_go
from ostiary.services.saml.offer import Offer
from ostiary.storage import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The connection with its new revision, and what is worth telling."""

    connection: Connection
    corrections: tuple[Correction, ...]
    findings: tuple[Finding, ...]
    is_new_revision: bool = True
    """False where nothing but a client secret was new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSaved:
    """Nothing was changed: these values need a change."""

    problems: tuple[FieldProblem, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A connection with all that its page shows."""

    connection: Connection
    urls: ConnectionUrls
    guide: Guide
    certificates: tuple[saml.Certificate, ...]
    findings: tuple[Finding, ...]
    secrets: tuple[ClientSecret, ...] = ()
    """Of an OpenID Connect connection, the newest first, without the secrets themselves."""

    @property
    def name(self) -> str:
        """What it is called: as its admins have named it, else as its provider is."""
        return called(self.connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the Single Sign-On page shows."""

    organization: Organization
    domains: tuple[EmailDomain, ...]
    connections: tuple[ConnectionView, ...]
    includes_sso: bool
    policy: SignInPolicy
    sign_in_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Everything an admin does with connections, but for testing them."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    form: ConnectionForm
    openid_form: OpenIdForm
    revisions: Revisions
    offer: Offer
    public_url: str

    def overview(self, organization: Organization) -> Overview:
        """All that the Single Sign-On page shows, read at one moment."""
        now = self.clock.now()
        with self.store.read() as tx:
            domains = tuple(tx.domains.of(organization.id))
            connections = tuple(tx.connections.of(organization.id))
            secrets = tx.client_secrets.of_organization(organization.id)
        return Overview(
            organization=organization,
            domains=domains,
            connections=tuple(self._view(each, secrets=_own(each, secrets), now=now) for each in connections),
            includes_sso=organization.includes_sso(now),
            policy=policy_of(organization, enforced_among(connections), now),
            sign_in_link=f"{self.public_url}/o/{organization.slug}",
        )

    def view(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> ConnectionView:
        """A connection of this organization. Raises: `ConnectionUnknown`."""
        connection = self._of(connection_id, organization_id)
        return self._view(connection, secrets=self._secrets(connection), now=self.clock.now())

    def draft(
        self, provider: str, *, organization: Organization, actor: Actor, protocol: Protocol = Protocol.SAML
    ) -> ConnectionView:
        """A new connection with its URLs, or the one of this provider and protocol that has never been saved.

        Raises: `PlanWithoutSso`, `ConnectionUnknown` for a provider that we have no guide for.
        """
        now = self.clock.now()
        require_sso(organization, now)
        if guide(provider, protocol=protocol) is None:
            raise ConnectionUnknown
        connection_id = ids.connection_id(self.random)
        connection = Connection(
            id=connection_id,
            organization_id=organization.id,
            protocol=protocol,
            provider=provider,
            entity_id=urls(self.public_url, connection_id).metadata_url,
            created_at=now,
            enabled_at=None,
            was_ever_on=False,
            access_confirmed_at=None,
            access_confirmed_by=None,
            latest=None,
            serving=None,
        )
        with self.store.write() as tx:
            tx.organizations.hold(organization.id)  # two who begin at once get one and the same, and one name
            every = tx.connections.of(organization.id)
            begun = [one for one in every if (one.provider, one.protocol) == (provider, protocol) and not one.latest]
            if not begun:
                own = default_name(provider, protocol)
                free = free_name(own, taken=[called(each) for each in every])
                connection = replace(connection, name="" if free == own else free)
                tx.connections.insert(connection)
                facts = {"provider": provider, "protocol": protocol.value}
                self._audit_write(tx, "connection.drafted", connection, actor=actor, now=now, facts=facts)
        return self._view(begun[0] if begun else connection, secrets=(), now=now)

    def confirm_access(self, connection_id: ConnectionId, *, organization_id: OrganizationId, actor: Actor) -> None:
        """Note that this admin has admin access at the provider. Raises: `ConnectionUnknown`."""
        connection = self._of(connection_id, organization_id)
        now = self.clock.now()
        with self.store.write() as tx:
            tx.connections.confirm_access(connection.id, organization_id=organization_id, at=now, by=actor.account_id)
            self._audit_write(tx, "connection.access_confirmed", connection, actor=actor, now=now)

    def save(
        self, connection_id: ConnectionId, form: SaveSaml | SaveOpenId, *, organization: Organization, actor: Actor
    ) -> Saved | NotSaved:
        """A new, untested revision. The last tested one goes on serving logins (decision 25).

        Raises: `ConnectionUnknown`, also where the form is that of the other protocol; `PlanWithoutSso`.
        """
        now = self.clock.now()
        require_sso(organization, now)
        connection = self._of(connection_id, organization.id)
        read = self._read(form, connection, now)
        if isinstance(read, NotSaved):
            return read
        settings, secret, corrections = read
        with self.store.write() as tx:
            saved = self.revisions.keep(tx, connection, settings, secret=secret, actor=actor, now=now)
        before = connection.latest.number if connection.latest else 0
        return Saved(
            connection=saved,
            corrections=corrections,
            findings=self._view(saved, secrets=self._secrets(saved), now=now).findings,
            is_new_revision=saved.latest is not None and saved.latest.number > before,
        )

    def _read(
        self, form: SaveSaml | SaveOpenId, connection: Connection, now: datetime
    ) -> tuple[SamlSettings | OidcSettings, NewSecret | None, tuple[Correction, ...]] | NotSaved:
        if isinstance(form, SaveOpenId) is not (connection.protocol is Protocol.OIDC):
            raise ConnectionUnknown
        if isinstance(form, SaveSaml):
            form, corrections = tidy(form)
            settings = self.form.read(form, connection=connection, now=now)
            if isinstance(settings, SamlSettings):
                return settings, None, corrections
            return NotSaved(problems=settings, corrections=corrections)
        form, corrections = tidy_openid(form)
        read = self.openid_form.read(form, connection=connection, secrets=self._secrets(connection), now=now)
        if isinstance(read, ReadOpenId):
            return read.settings, read.secret, (*corrections, *read.corrections)
        return NotSaved(problems=read, corrections=corrections)

    def enable(self, connection_id: ConnectionId, *, organization: Organization, actor: Actor) -> None:
        """Turn it on: people may sign in with it. Raises: `NotTested`, `PlanWithoutSso`, `ConnectionUnknown`."""
        now = self.clock.now()
        require_sso(organization, now)
        connection = self._of(connection_id, organization.id)
        if connection.serving is None:
            raise NotTested
        if connection.is_enabled:
            return
        with self.store.write() as tx:
            tx.connections.set_enabled(connection.id, organization_id=organization.id, at=now)
            self._audit_write(tx, "connection.enabled", connection, actor=actor, now=now)

    def turn_off(
        self,
        connection_id: ConnectionId,
        *,
        organization_id: OrganizationId,
        actor: Actor,
        is_confirmed: bool = False,
    ) -> None:
        """Turn it off: nobody signs in with it any more. Sessions that began with it go on.

        Raises: `ConnectionUnknown`; of an enforced one `EnforcedStill` until it was confirmed, and `LastWayIn`.
        """
        connection = self._of(connection_id, organization_id)
        if connection.enabled_at is None:
            return
        now = self.clock.now()
        with self.store.write() as tx:
            self._let_go(tx, connection, actor=actor, is_confirmed=is_confirmed, now=now)
            tx.connections.set_enabled(connection.id, organization_id=organization_id, at=None)
            self._audit_write(tx, "connection.turned_off", connection, actor=actor, now=now)

    def delete(
        self,
        connection_id: ConnectionId,
        *,
        organization_id: OrganizationId,
        actor: Actor,
        is_confirmed: bool = False,
    ) -> None:
        """Delete it with its revisions and links.

        Raises: `ConnectionUnknown`; of an enforced one `EnforcedStill` until it was confirmed, and `LastWayIn`.
        """
        connection = self._of(connection_id, organization_id)
        now = self.clock.now()
        with self.store.write() as tx:
            self._let_go(tx, connection, actor=actor, is_confirmed=is_confirmed, now=now)
            tx.connections.delete(connection.id, organization_id=organization_id)
            self._audit_write(
                tx, "connection.deleted", connection, actor=actor, now=now, facts={"provider": connection.provider}
            )

    def _let_go(
        self, tx: Transaction, connection: Connection, *, actor: Actor, is_confirmed: bool, now: datetime
    ) -> None:
        """It may be turned off or deleted now. Raises: `EnforcedStill`, `LastWayIn`."""
        letters = EnforcementLetters(
            random=self.random, public_url=self.public_url, product_name=self.offer.product_name
        )
        let_go(tx, connection, audit=self.audit, letters=letters, actor=actor, is_confirmed=is_confirmed, now=now)

    def sp_metadata(self, connection_id: ConnectionId) -> bytes:
        """Our SAML metadata of this connection, for its identity provider. Raises: `ConnectionUnknown`."""
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        if connection is None:
            raise ConnectionUnknown
        return self.offer.metadata(connection, self.clock.now())

    def _of(self, connection_id: ConnectionId, organization_id: OrganizationId) -> Connection:
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        # Another organization's connection is as unknown as one that never was.
        if connection is None or connection.organization_id != organization_id:
            raise ConnectionUnknown
        return connection

    def _view(self, connection: Connection, *, secrets: tuple[ClientSecret, ...], now: datetime) -> ConnectionView:
        of_provider = guide(connection.provider, protocol=connection.protocol)
        if of_provider is None:
            raise ConnectionUnknown
        certificates: tuple[saml.Certificate, ...] = ()
        if connection.saml_latest is not None:
            certificates = tuple(saml.certificate_from_stored(text) for text in connection.saml_latest.certificates)
        return ConnectionView(
            connection=connection,
            urls=urls(self.public_url, connection.id),
            guide=of_provider,
            certificates=certificates,
            findings=(
                *checkup.certificate_findings(certificates, now),
                *checkup.allowance_findings(*_saved(connection)),
                *openid_checkup.findings(connection, secrets, now),
            ),
            secrets=secrets,
        )

    def _secrets(self, connection: Connection) -> tuple[ClientSecret, ...]:
        if connection.protocol is not Protocol.OIDC:
            return ()
        with self.store.read() as tx:
            saved = tx.client_secrets.of(connection.id, organization_id=connection.organization_id)
        return _own(connection, saved)

    def _audit_write(
        self,
        tx: Transaction,
        action: str,
        connection: Connection,
        *,
        actor: Actor,
        now: datetime,
        facts: Mapping[str, Fact] | None = None,
    ) -> None:
        self.audit.write(
            tx,
            action,
            organization_id=connection.organization_id,
            actor=actor,
            subject=connection.id,
            facts={"name": called(connection), **(facts or {})},
            now=now,
        )


def _own(connection: Connection, secrets: Sequence[ClientSecret]) -> tuple[ClientSecret, ...]:
    """Its own among these. One whose issuer an older version did not note is of the issuer that is saved."""
    issuer = connection.latest.oidc.issuer if connection.protocol is Protocol.OIDC and connection.latest else ""
    own = (each for each in secrets if each.connection_id == connection.id)
    return tuple(each if each.issuer else replace(each, issuer=issuer) for each in own)


def _saved(connection: Connection) -> tuple[SamlSettings, ...]:
    return tuple(each for each in (connection.saml_latest, connection.saml_serving) if each is not None)
