"""Acme with an OpenID Connect connection that is tested and on, and its provider on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ostiary.config import Settings
from ostiary.domain.account import Account, Role
from ostiary.domain.attempt import LoginAttempt, Origin
from ostiary.domain.connection import Connection, Protocol, Revision
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.openid.settings import ClientSecret, OidcSettings
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel import ids
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.randomness import SystemRandom
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.oidc.relying_party import ResponseMode
from ostiary.outbound import GuardedFetch, Limits, Resolver
from ostiary.services import Services
from ostiary.services.client import Client
from ostiary.services.complete_login import SignedIn
from ostiary.services.oidc.story import Answer
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.request import Departure, LeaveFor, Redirect
from ostiary.storage import Store, open_store
from ostiary.storage.vault import memory_vault
from ostiary.wiring import Outside, assemble
from tests.services.oidc.provider import CLIENT_ID, Provider, a_provider
from tests.storage.ready_made import lay_schema

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
RANDOM = SystemRandom()
PRODUCT = "https://sso.ringline.example"


@dataclass
class Ground:
    """Everything that a sign-in touches."""

    store: Store
    services: Services
    clock: FixedClock
    provider: Provider
    organization: Organization
    owner: Account
    connection_id: Any
    browser: Client

    @property
    def scope(self) -> dict[str, Any]:
        """Whose rows are meant."""
        return {"organization_id": self.organization.id}

    @property
    def connection(self) -> Connection:
        """The connection as it is stored now."""
        with self.store.read() as tx:
            found = tx.connections.by_id(self.connection_id)
        assert found is not None
        return found

    def set_up(self, **changes: Any) -> None:
        """Other settings, which serve at once."""
        serving = self.connection.serving
        assert serving is not None
        settings = replace(serving.oidc, **changes)
        with self.store.write() as tx:
            tx.connections.save_revision(
                replace(serving, number=serving.number + 1, settings=settings), organization_id=self.organization.id
            )

    def add_account(self, email: str, *, role: Role = Role.MEMBER, is_active: bool = True) -> Account:
        """An account of Acme."""
        account = Account(
            id=ids.account_id(RANDOM),
            organization_id=self.organization.id,
            email=EmailAddress.parse(email),
            first_name="Dana",
            last_name="Whitfield",
            role=role,
            password_hash=None,
            is_active=is_active,
            created_at=NOW,
        )
        with self.store.write() as tx:
            tx.accounts.insert(account)
        return account

    def leave(self, *, browser: Client | None = None, connection_id: Any = None, **wishes: Any) -> str:
        """Where the provider's sign-in page is, for a browser that begins on our page."""
        browser = browser or self.browser
        connection_id = connection_id or self.connection_id
        departure = Departure(origin=Origin.SIGN_IN_PAGE, **wishes)
        going = self.services.start_login.start(connection_id, departure=departure, client=browser)
        assert isinstance(going.way, Redirect)
        if going.way.url.startswith(PRODUCT):
            attempt_id = ids.AttemptId(parse_qs(urlsplit(going.way.url).query)["attempt"][0])
            then = self.services.oidc_login.leave(connection_id, attempt_id, client=browser)
            if isinstance(then, LoginRefused):
                raise then.refusal
            assert isinstance(then, LeaveFor)
            assert isinstance(then.way, Redirect)
            return then.way.url
        return going.way.url

    def answer(
        self,
        pairs: list[tuple[str, str]],
        *,
        mode: ResponseMode = ResponseMode.QUERY,
        browser: Client | None = None,
        connection_id: Any = None,
    ) -> Any:
        """What follows from an answer of the provider."""
        return self.services.oidc_login.finish(
            connection_id or self.connection_id,
            Answer(parameters=tuple(pairs), mode=mode),
            client=browser or self.browser,
        )

    def sign_in(self, **claims: Any) -> SignedIn:
        """A whole sign-in that succeeds."""
        finished = self.try_in(**claims)
        assert isinstance(finished, SignedIn), finished.refusal
        return finished

    def try_in(self, **claims: Any) -> Any:
        """A whole sign-in, however it ends; the provider says this of the person."""
        self.provider.claims |= claims
        return self.answer(self.provider.approve(self.leave()))

    def attempts(self) -> list[LoginAttempt]:
        """Every attempt, the newest first."""
        page = self.services.attempts.page(
            search="", outcome=None, connection_id=None, days=9, cursor=None, **self.scope
        )
        return list(page.attempts)

    def mails(self) -> list[str]:
        """The texts of the mails that wait; they leave."""
        with self.store.write() as tx:
            due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=self.clock.now())
            for each in due:
                tx.outbox.sent(each.mail.id)
        return [each.mail.text for each in due]


@dataclass
class Way:
    """The product's way out: loopback is allowed to providers of the test, and to nobody else, as on a server."""

    to_provider: GuardedFetch
    to_others: GuardedFetch
    providers: list[Provider]

    def __call__(self, request: HttpRequest, *, purpose: str) -> HttpResponse:
        """The answer, by the real transport."""
        is_provider = request.url.startswith(tuple(f"{each.issuer}/" for each in self.providers))
        return (self.to_provider if is_provider else self.to_others)(request, purpose=purpose)


def a_browser(**given: Any) -> Client:
    """A browser that has a login cookie."""
    return Client(**{"address": "203.0.113.7", "user_agent": "Browser/1", "login_key": ids.secret(RANDOM), **given})


@contextmanager
def a_ground(
    folder: Path, *, database_url: str = "", dns_server: str = "", google_client_id: str = "", **limits: Any
) -> Iterator[Ground]:
    """Acme, its provider, and a connection that is on. Secrets are all "s3cret"."""
    clock = FixedClock(NOW)
    settings = Settings.model_validate(
        {
            "public_url": PRODUCT,
            "product_name": "Ringline",
            "data_dir": folder / "data",
            "key_file": folder / "keys" / "sealing.key",
            "database_url": database_url,
            "allow_loopback": True,
            "google_client_id": google_client_id,
            "google_client_secret": "s3cret" if google_client_id else "",
        }
    )
    lay_schema(settings.store_url)
    store = open_store(settings.store_url, vault=memory_vault(RANDOM), is_demo=False)
    resolver = Resolver(server=dns_server or None)
    with a_provider(clock) as provider:
        out = Way(
            to_provider=GuardedFetch(clock=clock, resolver=resolver, allow_loopback_http=True, limits=Limits(**limits)),
            to_others=GuardedFetch(clock=clock, resolver=resolver, limits=Limits(**limits)),
            providers=[provider],
        )
        world = Outside(clock=clock, random=RANDOM, fetch=out, resolver=resolver, mailer=None)
        services = assemble(store, settings=settings, world=world)
        made = services.organizations.add("acme", name="Acme", owner_email="owner@acme.example", plan=Plan.BUSINESS)
        connection_id = add_connection(
            store,
            made.organization,
            made.owner,
            OidcSettings(issuer=provider.issuer, client_id=CLIENT_ID, creates_accounts=True),
        )
        verify_domain(store, made.organization, "acme.example")
        try:
            yield Ground(store, services, clock, provider, made.organization, made.owner, connection_id, a_browser())
        finally:
            store.close()


def add_connection(
    store: Store,
    organization: Organization,
    owner: Account,
    settings: OidcSettings,
    *,
    secret: str = "s3cret",
    is_tested: bool = True,
) -> Any:
    """A connection with these settings; on where it is tested."""
    connection = Connection(
        id=ids.connection_id(RANDOM),
        organization_id=organization.id,
        protocol=Protocol.OIDC,
        provider="okta",
        entity_id="",
        created_at=NOW,
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=None,
        serving=None,
    )
    revision = Revision(
        connection_id=connection.id,
        organization_id=organization.id,
        number=1,
        settings=settings,
        saved_at=NOW,
        saved_by=owner.id,
        tested_at=NOW if is_tested else None,
        tested_by=owner.id if is_tested else None,
    )
    with store.write() as tx:
        tx.connections.insert(connection)
        tx.connections.save_revision(revision, organization_id=organization.id)
        if is_tested:
            tx.connections.set_enabled(connection.id, organization_id=organization.id, at=NOW)
        if secret:
            tx.client_secrets.add(a_secret(connection.id, organization), value=secret)
    return connection.id


def a_secret(connection_id: Any, organization: Organization, *, at: datetime = NOW) -> ClientSecret:
    """A secret's row."""
    return ClientSecret(
        id=ids.key_id(RANDOM),
        organization_id=organization.id,
        connection_id=connection_id,
        created_at=at,
        created_by="Dana",
        expires_at=None,
    )


def verify_domain(store: Store, organization: Organization, name: str) -> None:
    """A domain that the organization has proven."""
    domain = EmailDomain(
        id=ids.domain_id(RANDOM),
        organization_id=organization.id,
        name=DomainName.parse(name),
        challenge="",
        created_at=NOW,
        verified_at=NOW,
        checked_at=NOW,
        found=(),
    )
    with store.write() as tx:
        tx.domains.insert(domain)
