"""A product and simulated OpenID Connect providers for a browser, in this process: Acme is connected to all of them.

The product answers at localhost, the providers at 127.0.0.1, as in the demo; what a test needs of the store it asks.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import create_engine, delete

from ostiary.config import Settings
from ostiary.demo.people import ACME, Person
from ostiary.domain.account import Account, Role
from ostiary.domain.connection import Connection, Protocol, Revision, urls
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.openid.settings import ClientSecret, OidcSettings
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel import ids
from ostiary.kernel.clock import SystemClock
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.randomness import SystemRandom
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.services import Services
from ostiary.simulator import Simulator
from ostiary.simulator.oidc.apps import OidcApp
from ostiary.simulator.oidc.state import Client
from ostiary.storage import Store, open_store
from ostiary.storage.schema import identities, throttle
from ostiary.storage.vault import memory_vault
from ostiary.web import build_app
from ostiary.wiring import Outside, assemble, outside

PASSWORD = "a password of the product"
AT_PROVIDERS = "a password of the company"
NAMES = {"keycloak": "Keycloak", "okta": "Okta", "onelogin": "OneLogin"}
CLOCK, RANDOM = SystemClock(), SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One simulated provider, and Acme's connection to it."""

    simulator: Simulator
    app: OidcApp
    connection_id: ConnectionId

    @property
    def name(self) -> str:
        """As pages call it."""
        return self.simulator.name


@dataclass(frozen=True, kw_only=True)
class Street:
    """The product at its address, Acme, and its providers."""

    url: str
    services: Services
    store: Store
    acme: Organization
    people: Mapping[str, Account]
    """By first name. Priya has no account."""
    providers: Mapping[str, Provider]

    @property
    def scope(self) -> dict[str, Any]:
        """Whose rows are meant."""
        return {"organization_id": self.acme.id}

    def offer(self, *names: str) -> None:
        """Only these connections are on."""
        with self.store.write() as tx:
            for name, provider in self.providers.items():
                at = CLOCK.now() if name in names else None
                tx.connections.set_enabled(provider.connection_id, at=at, **self.scope)

    def describe(self, name: str, person: str, **claims: Any) -> None:
        """What this provider says of a person from now on."""
        simulator = self.providers[name].simulator
        one = next(each for each in ACME.people if each.first_name == person)
        user = simulator.add_user(one.email, first_name="", last_name="", password="")
        simulator.oidc.describe(user, **claims)

    def settings_of(self, name: str, **changes: Any) -> None:
        """Other settings of a connection, which serve at once."""
        with self.store.write() as tx:
            connection = tx.connections.by_id(self.providers[name].connection_id)
            assert connection is not None
            assert connection.serving is not None
            settings = replace(connection.serving.oidc, **changes)
            revision = replace(connection.serving, number=connection.serving.number + 1, settings=settings)
            tx.connections.save_revision(revision, **self.scope)

    def mails(self) -> list[str]:
        """The texts of the mails that wait; they leave."""
        with self.store.write() as tx:
            due = tx.outbox.claim(limit=100, lease=timedelta(days=1), now=CLOCK.now())
            for each in due:
                tx.outbox.sent(each.mail.id)
        return [each.mail.text for each in due]

    def forget(self) -> None:
        """Nobody is tied to an account by any connection, and nobody was counted."""
        engine = create_engine(self.services.settings.store_url)
        with engine.begin() as connection:
            connection.execute(delete(identities))
            connection.execute(delete(throttle))
        engine.dispose()


@contextmanager
def a_street(folder: Path, *, providers: Sequence[str] = tuple(NAMES), **brand: Any) -> Iterator[Street]:
    """Acme with a connection to each of these providers, all of them tested and on."""
    with ExitStack() as stack:
        door, *doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in (0, *providers)]
        settings = Settings.model_validate(
            {
                "public_url": f"http://localhost:{door.getsockname()[1]}",
                "product_name": "Ringline",
                "data_dir": folder / "data",
                "key_file": folder / "keys" / "sealing.key",
                "allow_loopback": True,
                **brand,
            }
        )
        store = open_store(settings.store_url, vault=memory_vault(RANDOM), is_demo=True)
        stack.callback(store.close)
        world: Outside = outside(settings)
        services = assemble(store, settings=settings, world=world)
        acme, people = _company(services, store)
        made = {}
        for name, its_door in zip(providers, doors, strict=True):
            address = f"http://127.0.0.1:{its_door.getsockname()[1]}"
            simulator = Simulator(profile=name, base_url=address, state_path=None, clock=CLOCK, random=RANDOM)
            stack.enter_context(_serving(simulator.app, its_door))
            made[name] = _connected(name, simulator, acme, people["Dana"], store=store, public_url=settings.public_url)
        stack.enter_context(_serving(build_app(services), door))
        yield Street(url=settings.public_url, services=services, store=store, acme=acme, people=people, providers=made)


def _company(services: Services, store: Store) -> tuple[Organization, Mapping[str, Account]]:
    made = services.organizations.add("acme", name="Acme", owner_email="first@acme.example", plan=Plan.BUSINESS)
    hashed = services.passwords.hash(PASSWORD)
    people = {one.first_name: _account(one, made.organization, hashed) for one in ACME.people if one.role}
    with store.write() as tx:
        for account in people.values():
            tx.accounts.insert(account)
        tx.domains.insert(
            EmailDomain(
                id=ids.domain_id(RANDOM),
                organization_id=made.organization.id,
                name=DomainName.parse("acme.example"),
                challenge="",
                created_at=CLOCK.now(),
                verified_at=CLOCK.now(),
                checked_at=CLOCK.now(),
                found=(),
            )
        )
    return made.organization, people


def _account(person: Person, organization: Organization, hashed: str) -> Account:
    return Account(
        id=ids.account_id(RANDOM),
        organization_id=organization.id,
        email=EmailAddress.parse(person.email),
        first_name=person.first_name,
        last_name=person.last_name,
        role=person.role or Role.MEMBER,
        password_hash=hashed,
        is_active=True,
        created_at=CLOCK.now(),
    )


def _connected(
    name: str, simulator: Simulator, acme: Organization, dana: Account, *, store: Store, public_url: str
) -> Provider:
    for person in ACME.people:
        simulator.add_user(
            person.email, first_name=person.first_name, last_name=person.last_name, password=AT_PROVIDERS
        )
    connection_id = ids.connection_id(RANDOM)
    own = urls(public_url, connection_id)

    def settings(client: Client) -> Client:
        return replace(
            client,
            everyone=True,
            initiate_login_uri=own.initiate_url,
            backchannel_logout_uri=own.backchannel_logout_url,
            post_logout_redirect_uris=(own.signed_out_url,),
        )

    app = simulator.oidc.add_app("Ringline", redirect_uri=own.redirect_uri, settings=settings)
    with store.write() as tx:
        tx.connections.insert(_connection(connection_id, name, acme))
        tx.connections.save_revision(
            Revision(
                connection_id=connection_id,
                organization_id=acme.id,
                number=1,
                settings=OidcSettings(issuer=app.issuer, client_id=app.client_id, creates_accounts=False),
                saved_at=CLOCK.now(),
                saved_by=dana.id,
                tested_at=CLOCK.now(),
                tested_by=dana.id,
            ),
            organization_id=acme.id,
        )
        tx.connections.set_enabled(connection_id, organization_id=acme.id, at=CLOCK.now())
        secret = ClientSecret(
            id=ids.key_id(RANDOM),
            organization_id=acme.id,
            connection_id=connection_id,
            created_at=CLOCK.now(),
            created_by="Dana",
            expires_at=None,
        )
        tx.client_secrets.add(secret, value=app.client_secret)
    return Provider(simulator=simulator, app=app, connection_id=connection_id)


def _connection(connection_id: ConnectionId, provider: str, acme: Organization) -> Connection:
    return Connection(
        id=connection_id,
        organization_id=acme.id,
        protocol=Protocol.OIDC,
        provider=provider,
        entity_id="",
        created_at=CLOCK.now(),
        enabled_at=None,
        was_ever_on=False,
        access_confirmed_at=None,
        access_confirmed_by=None,
        latest=None,
        serving=None,
    )


@contextmanager
def _serving(app: Callable[..., Any], door: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", access_log=False, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=10)
