"""An organization with two enabled connections, an owner, an admin and members, below the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ostiary.config import Settings
from ostiary.domain.account import Account, Role
from ostiary.domain.connection import Connection, SamlSettings
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.outbound import Resolver
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.client import Client
from ostiary.services.sessions import Proof, Visitor
from ostiary.storage import Store, open_store
from ostiary.storage.vault import memory_vault
from ostiary.wiring import Outside, assemble
from tests.storage.builders import (
    NOW,
    RANDOM,
    a_connection,
    a_domain,
    a_revision,
    an_account,
    an_identity,
    an_organization,
)
from tests.storage.ready_made import lay_schema

CLIENT = Client(address="203.0.113.24", user_agent="", login_key=None)
ISSUER = "http://www.okta.example/exk1"
MOVED = "http://www.okta.example/exk2"


def nobody_answers(request: HttpRequest, *, purpose: str) -> HttpResponse:
    """The network, where a test needs none."""
    raise AssertionError(f"{purpose}: {request.url}")


@dataclass
class Office:
    """Acme, whose people sign in by Okta and OneLogin; and what tests do there."""

    store: Store
    services: Services
    clock: FixedClock
    organization: Organization
    owner: Account
    admin: Account
    okta: ConnectionId
    onelogin: ConnectionId

    @property
    def scope(self) -> dict[str, Any]:
        """Whose rows are meant."""
        return {"organization_id": self.organization.id}

    @property
    def actor(self) -> Actor:
        """The admin, at work."""
        return Actor.of(self.admin, client_address="203.0.113.24")

    def connection(self, connection_id: ConnectionId) -> Connection:
        """A connection as it is stored now."""
        with self.store.read() as tx:
            found = tx.connections.by_id(connection_id)
        assert found is not None
        return found

    def hire(self, email: str, *, role: Role = Role.MEMBER, password_hash: str | None = None) -> Account:
        """One more person."""
        account = an_account(
            self.organization, email=EmailAddress.parse(email), role=role, password_hash=password_hash, first_name=email
        )
        with self.store.write() as tx:
            tx.accounts.insert(account)
        return account

    def link(self, account: Account, connection_id: ConnectionId, *, issuer: str = ISSUER, at: datetime = NOW) -> None:
        """This person has come by this connection then."""
        identity = an_identity(
            account,
            self.connection(connection_id),
            subject=f"{account.id}@{connection_id}",
            issuer=issuer,
            created_at=at,
            last_used_at=at,
        )
        with self.store.write() as tx:
            tx.identities.insert(identity)

    def sign_in_by_password(self, account: Account) -> Visitor:
        """A session that began with a password."""
        return self._session(account, None)

    def sign_in_by(self, connection_id: ConnectionId, account: Account) -> Visitor:
        """A session that began by this connection."""
        return self._session(account, self.connection(connection_id))

    def enforce(self, connection_id: ConnectionId, *, days: int | None = None) -> datetime:
        """The admin enforces it: now, or in so many days."""
        begins_on = None if days is None else (self.clock.now() + timedelta(days=days)).date()
        begun = self.services.enforcement.enforce(
            connection_id, organization=self.reloaded, begins_on=begins_on, actor=self.actor
        )
        return begun.begins_at

    def stop(self, connection_id: ConnectionId) -> bool:
        """The admin takes it back."""
        return self.services.enforcement.stop(connection_id, organization=self.reloaded, actor=self.actor)

    def another_revision(self, connection_id: ConnectionId, *, issuer: str = ISSUER, tested: bool = True) -> None:
        """Other settings are saved; with `tested` they serve from now on."""
        before = self.connection(connection_id)
        assert before.latest is not None
        now = self.clock.now()
        settings: SamlSettings = replace(before.latest.saml, idp_entity_id=issuer)
        revision = a_revision(
            before,
            by=self.owner,
            number=before.latest.number + 1,
            settings=settings,
            saved_at=now,
            tested_at=now if tested else None,
        )
        with self.store.write() as tx:
            tx.connections.save_revision(revision, **self.scope)

    @property
    def reloaded(self) -> Organization:
        """The organization as it is stored now."""
        with self.store.read() as tx:
            found = tx.organizations.by_id(self.organization.id)
        assert found is not None
        return found

    def mails(self) -> list[tuple[str, str]]:
        """Recipient and subject of every mail that waits, sorted; they leave."""
        with self.store.write() as tx:
            due = tx.outbox.claim(limit=10_000, lease=timedelta(days=1), now=self.clock.now())
            for each in due:
                tx.outbox.sent(each.mail.id)
        return sorted((each.mail.to, each.mail.subject) for each in due)

    def audited(self, action: str) -> list[dict[str, Any]]:
        """The facts of every audit event of this kind, the newest first."""
        with self.store.read() as tx:
            return [dict(event.facts) for event in tx.audit.page(**self.scope) if event.action == action]

    def _session(self, account: Account, connection: Connection | None) -> Visitor:
        now = self.clock.now()
        proof = Proof(
            connection=connection,
            issuer=ISSUER if connection else None,
            subject=account.id if connection else None,
            session_index=None,
            auth_time=now,
            acr=None,
            amr=("pwd",),
            not_on_or_after=None,
        )
        sessions = self.services.sessions
        with self.store.write() as tx:
            new = sessions.begin(tx, account, proof=proof, client=CLIENT, replaces=None, now=now)
        visitor = sessions.visitor(new.token)
        assert visitor is not None
        return visitor


@contextmanager
def an_office(folder: Path, *, database_url: str = "") -> Iterator[Office]:
    """Acme on the Business plan with a verified domain, both connections on; nobody has come by any yet."""
    clock = FixedClock(NOW)
    settings = Settings.model_validate(
        {
            "public_url": "https://sso.ringline.example",
            "product_name": "Ringline",
            "data_dir": folder / "data",
            "key_file": folder / "keys" / "sealing.key",
            "database_url": database_url,
        }
    )
    lay_schema(settings.store_url)
    store = open_store(settings.store_url, vault=memory_vault(RANDOM), is_demo=False)
    outside = Outside(clock=clock, random=RANDOM, fetch=nobody_answers, resolver=Resolver(server=None), mailer=None)
    services = assemble(store, settings=settings, world=outside)
    organization = an_organization(name="Acme", plan=Plan.BUSINESS)
    owner = an_account(organization, email=EmailAddress.parse("dana@acme.example"), role=Role.OWNER)
    admin = an_account(organization, email=EmailAddress.parse("marcus@acme.example"), role=Role.ADMIN)
    drafts = [a_connection(organization, provider=provider) for provider in ("okta", "onelogin")]
    with store.write() as tx:
        tx.organizations.insert(organization)
        for account in (owner, admin):
            tx.accounts.insert(account)
        domain = a_domain(organization, name=DomainName("acme.example"))
        tx.domains.insert(domain)
        tx.domains.mark_verified(domain.id, organization_id=organization.id, at=NOW)
        for draft in drafts:
            tx.connections.insert(draft)
            revision = a_revision(draft, by=owner, tested_at=NOW, tested_by=owner.id)
            tx.connections.save_revision(revision, organization_id=organization.id)
            tx.connections.set_enabled(draft.id, organization_id=organization.id, at=NOW)
    try:
        yield Office(store, services, clock, organization, owner, admin, drafts[0].id, drafts[1].id)
    finally:
        store.close()
