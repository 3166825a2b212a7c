"""A small world in one process: the product, two simulated identity providers, a DNS server, one embedded database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ostiary.config import Settings
from ostiary.demo.dns_server import DnsServer
from ostiary.domain.account import Account, Role
from ostiary.domain.mail import OutboxMail
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel import ids
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.randomness import SeededRandom
from ostiary.kernel.values import EmailAddress
from ostiary.outbound import GuardedFetch, Resolver
from ostiary.services import Services
from ostiary.simulator import Simulator
from ostiary.storage import Store, open_store
from ostiary.storage.vault import memory_vault
from ostiary.web import build_app
from ostiary.wiring import Outside, assemble
from tests.journeys.walker import Walker
from tests.journeys.wire import Wire
from tests.storage.ready_made import lay_schema

PRODUCT = "https://sso.ringline.example"
OKTA = "https://acme.okta.example"
ONELOGIN = "https://acme.onelogin.example"
PASSWORD = "a long enough password"
NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
PEOPLE = (
    ("dana.whitfield@acme.example", "Dana", "Whitfield"),
    ("marcus.oyelaran@acme.example", "Marcus", "Oyelaran"),
    ("priya.raman@acme.example", "Priya", "Raman"),
)


@dataclass
class World:
    """Everything that a journey touches."""

    store: Store
    services: Services
    clock: FixedClock
    random: SeededRandom
    dns: DnsServer
    wire: Wire
    okta: Simulator
    onelogin: Simulator
    acme: Organization
    dana: Account

    def walker(self) -> Walker:
        """The browser of one more person."""
        return Walker(apps={PRODUCT: build_app(self.services), **self.wire.apps})

    def signed_in(self, email: str = "dana.whitfield@acme.example") -> Walker:
        """A browser in which this person has signed in with the password."""
        walker = self.walker().open(f"{PRODUCT}/login")
        return walker.press("Sign in", email=email, password=PASSWORD)

    def work(self) -> None:
        """Let the background thread do what is due, twice: what one job plants, another picks up."""
        for _ in range(2):
            self.services.housekeeping.plant()
            self.services.housekeeping.run_due()
            self.pass_time(seconds=30)

    def pass_time(self, **spans: float) -> None:
        """Let this much time pass."""
        self.clock.at += timedelta(**spans)

    def add_account(self, email: str, *, role: Role, organization: Organization | None = None) -> Account:
        """An account with the password of this world."""
        address = EmailAddress.parse(email)
        name = address.local.replace(".", " ").title().split()
        account = Account(
            id=ids.account_id(self.random),
            organization_id=(organization or self.acme).id,
            email=address,
            first_name=name[0],
            last_name=" ".join(name[1:]),
            role=role,
            password_hash=_hash_of(self.services),
            is_active=True,
            created_at=self.clock.now(),
        )
        with self.store.write() as tx:
            tx.accounts.insert(account)
        return account

    def mails(self) -> list[OutboxMail]:
        """What waits in the outbox, by recipient."""
        with self.store.write() as tx:
            waiting = tx.outbox.claim(limit=10, lease=timedelta(seconds=1), now=self.clock.now())
        return sorted((due.mail for due in waiting), key=lambda mail: mail.to)

    def verify_domain(self, walker: Walker, domain: str = "acme.example") -> None:
        """What an admin does to verify a domain, page by page."""
        walker.open(f"{PRODUCT}/settings/security/domains").press("Add the domain", domain=domain)
        name, value = walker.value_of("The name of the record"), walker.value_of("The value of the record")
        self.dns.set_txt(name, [value])
        walker.press("Check again")


_HASHES: dict[str, str] = {}


def _hash_of(services: Services) -> str:
    """The hash of the password of this world. It takes 100 ms, on purpose, and is made once."""
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = services.passwords.hash(PASSWORD)
    return _HASHES[PASSWORD]


@contextmanager
def a_world(folder: Path, **settings: Any) -> Iterator[World]:
    """A world with the organization Acme on the Business plan, its owner Dana, and nothing configured."""
    clock, random = FixedClock(NOW), SeededRandom(7)
    dns = DnsServer(clock=clock)
    dns.start()
    chosen = Settings(
        public_url=PRODUCT,
        product_name="Ringline",
        data_dir=folder / "data",
        key_file=folder / "keys" / "sealing.key",
        allow_loopback=True,
        **settings,
    )
    lay_schema(chosen.store_url)
    store = open_store(chosen.store_url, vault=memory_vault(random), is_demo=False)
    resolver = Resolver(server=dns.server)
    wire = Wire(otherwise=GuardedFetch(clock=clock, resolver=resolver, allow_loopback_http=True))
    outside = Outside(
        clock=clock,
        random=random,
        fetch=wire,
        resolver=resolver,
        mailer=None,
    )
    services = assemble(store, settings=chosen, world=outside)
    try:
        yield _peopled(store, services, clock=clock, random=random, dns=dns, wire=wire)
    finally:
        store.close()
        dns.stop()


def _peopled(
    store: Store, services: Services, *, clock: FixedClock, random: SeededRandom, dns: DnsServer, wire: Wire
) -> World:
    made = services.organizations.add("acme", name="Acme", owner_email="first@acme.example", plan=Plan.BUSINESS)
    okta = Simulator(profile="okta", base_url=OKTA, state_path=None, clock=clock, random=random)
    onelogin = Simulator(profile="onelogin", base_url=ONELOGIN, state_path=None, clock=clock, random=random)
    for email, first, last in PEOPLE:
        for provider in (okta, onelogin):
            provider.add_user(email, first_name=first, last_name=last, password=PASSWORD, groups=("Everyone",))
    wire.apps.update({OKTA: okta.app, ONELOGIN: onelogin.app})
    world = World(
        store=store,
        services=services,
        clock=clock,
        random=random,
        dns=dns,
        wire=wire,
        okta=okta,
        onelogin=onelogin,
        acme=made.organization,
        dana=made.owner,
    )
    world.dana = world.add_account("dana.whitfield@acme.example", role=Role.OWNER)
    return world
