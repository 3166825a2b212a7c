"""Anybody can begin a sign-in, and each leaves a row for months: few of a flood do, and no office is shut out by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.domain.account import Account, Role
from ostiary.domain.attempt import Purpose
from ostiary.domain.connection import Connection
from ostiary.kernel import ids
from ostiary.kernel.values import EmailAddress
from ostiary.services.client import Client
from ostiary.services.starts import AT_ONE_ORGANIZATION, BY_EACH_PERSON, FROM_ONE_NETWORK, UNDER_A_FLOOD, may_start
from ostiary.web import build_app
from tests.journeys.world import World, a_world
from tests.security.attacker import Browser, connect, verify_domain
from tests.security.test_storage_floods import figure
from tests.web.rim import ask

HERE = Client(address="203.0.113.7", user_agent="")
ELSEWHERE = Client(address="198.51.100.9", user_agent="")


@pytest.fixture
def acme(world: World) -> Connection:
    verify_domain(world, world.acme, world.dana, "acme.example")
    return connect(world, world.acme, world.dana)


def begin(world: World, count: int, *, client: Client = HERE, purpose: Purpose = Purpose.LOGIN) -> int:
    """How many of so many may begin."""
    with world.store.write() as tx:
        return sum(
            may_start(tx, purpose, organization_id=world.acme.id, client=client, now=world.clock.now())
            for _ in range(count)
        )


def hire(world: World, count: int) -> None:
    """So many more people, none of whom has ever signed in."""
    with world.store.write() as tx:
        for _ in range(count):
            tx.accounts.insert(
                Account(
                    id=(account_id := ids.account_id(world.random)),
                    organization_id=world.acme.id,
                    email=EmailAddress.parse(f"{account_id}@acme.example"),
                    first_name="",
                    last_name="",
                    role=Role.MEMBER,
                    password_hash=None,
                    is_active=True,
                    created_at=world.clock.now(),
                )
            )


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.17.0.1", "10.4.0.9", "fd00::7"])
def test_behind_a_proxy_that_nobody_has_named_people_do_not_shut_each_other_out(
    world: World, acme: Connection, address: str
) -> None:
    """A proxy in another container, and no OSTIARY_TRUSTED_PROXIES: everybody has its address."""
    proxy = Client(address=address, user_agent="")
    assert begin(world, FROM_ONE_NETWORK * 3, client=proxy) == FROM_ONE_NETWORK * 3
    assert begin(world, AT_ONE_ORGANIZATION, client=proxy) < AT_ONE_ORGANIZATION - FROM_ONE_NETWORK


def test_a_flood_from_one_network_writes_no_more_rows_and_others_go_on(world: World, acme: Connection) -> None:
    begin(world, FROM_ONE_NETWORK - 1, client=Client(address="testclient", user_agent=""))
    browser = Browser(world)
    browser.leave(acme)
    before = figure(world, "SELECT count(*) FROM attempts")
    for way in (
        browser.post("/login/sso", email="lee@acme.example"),
        browser.post("/login/connection", connection=acme.id, email=""),
        browser.client.get("/o/acme"),
    ):
        assert way.status_code == 429
        assert "Too many sign-ins were begun from your network" in way.text
    assert figure(world, "SELECT count(*) FROM attempts") == before
    assert begin(world, 1, client=ELSEWHERE) == 1
    world.pass_time(minutes=15)
    assert browser.client.get("/o/acme").status_code == 303


def test_an_admin_may_test_meanwhile(world: World) -> None:
    begin(world, FROM_ONE_NETWORK + 1)
    assert begin(world, 5, purpose=Purpose.TEST) == 5


def test_a_company_behind_one_address_is_not_locked_out(world: World) -> None:
    """Everybody begins at nine, and some begin twice."""
    people = 1000
    hire(world, people)
    assert begin(world, 2 * people) == 2 * people
    assert begin(world, 5 * people) < 2 * people
    assert begin(world, 5 * people) == 0


def test_a_first_morning_makes_its_own_room(world: World) -> None:
    """Accounts are made as people come: each that was made lets others begin."""
    for _ in range(10):
        assert begin(world, 200) == 200
        hire(world, 200)


def test_a_flood_from_everywhere_leaves_every_network_what_its_people_need(world: World) -> None:
    hire(world, 200)
    for number in range(AT_ONE_ORGANIZATION // FROM_ONE_NETWORK):
        begin(world, FROM_ONE_NETWORK, client=Client(address=f"198.51.100.{number}", user_agent=""))
    with world.store.read() as tx:
        people = len(tx.accounts.page(organization_id=world.acme.id, limit=500))
    allowed = begin(world, 5000)
    assert allowed == people * BY_EACH_PERSON > UNDER_A_FLOOD


def test_an_ipv6_customer_counts_as_one(world: World) -> None:
    begin(world, FROM_ONE_NETWORK, client=Client(address="2001:db8:1:2::1", user_agent=""))
    assert begin(world, 1, client=Client(address="2001:db8:1:2:ffff::2", user_agent="")) == 0
    assert begin(world, 1, client=Client(address="2001:db8:1:3::1", user_agent="")) == 1


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[World]:
    """A world whose operator has named the proxy."""
    with a_world(tmp_path, trusted_proxies="10.0.0.0/8") as made:
        yield made


def test_behind_a_proxy_its_visitors_count_and_nobody_can_claim_another_address(behind_a_proxy: World) -> None:
    world = behind_a_proxy
    verify_domain(world, world.acme, world.dana, "acme.example")
    connect(world, world.acme, world.dana)
    begin(world, FROM_ONE_NETWORK)
    app = build_app(world.services)

    def status(socket: str, claimed: str) -> int:
        return ask(app, "GET", "/o/acme", headers=[("x-forwarded-for", claimed)], client=socket).status

    assert status("10.1.2.3", "203.0.113.7") == 429
    assert status("10.1.2.3", "198.51.100.9") == 303
    # Whoever writes the header themselves is counted as who they are.
    assert status("203.0.113.7", "198.51.100.9") == 429
    assert status("10.1.2.3", "198.51.100.9, 203.0.113.7") == 429
