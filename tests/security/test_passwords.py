"""Guessing, locking out, spying by the clock, and old links."""

import re
import statistics
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ostiary.domain.errors import LinkExpired, PasswordRefused, TooManyAttempts
from ostiary.kernel.ids import fingerprint
from ostiary.services import passwords
from ostiary.services.client import Client
from ostiary.services.passwords import MAILS_PER_ADDRESS, TRIES_PER_ADDRESS, TRIES_PER_ADDRESS_IN_ALL, TRIES_PER_CLIENT
from ostiary.storage.schema import throttle
from tests.journeys.world import PASSWORD, PRODUCT, World
from tests.security.attacker import Browser

DANA = "dana.whitfield@acme.example"
NOBODY = "nobody.here@acme.example"
NEW = "another long enough password"
HOME = Client(address="198.51.100.7", user_agent="")
ATTACKER = Client(address="203.0.113.66", user_agent="")


def guess(world: World, *, client: Client, email: str = DANA, password: str = "wrong") -> None:
    with pytest.raises((PasswordRefused, TooManyAttempts)):
        world.services.passwords.sign_in(email, password, client=client, replaces=None)


def signs_in(world: World, *, client: Client, password: str = PASSWORD) -> bool:
    try:
        return bool(world.services.passwords.sign_in(DANA, password, client=client, replaces=None).token)
    except TooManyAttempts:
        return False


def links(world: World) -> list[str]:
    with world.store.write() as tx:
        due = tx.outbox.claim(limit=300, lease=timedelta(seconds=1), now=world.clock.now())
    return [secret for each in due for secret in re.findall(r"link=([0-9a-f]{64})", each.mail.text)]


def throttle_rows(world: World) -> int:
    with world.store.read() as tx:
        return int(tx.run.rows(select(func.count()).select_from(throttle))[0][0])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing: these tests count guesses."""
    monkeypatch.setattr(passwords, "_fits", lambda hashed, password: hashed is not None and password == PASSWORD)


@pytest.mark.usefixtures("quick")
def test_a_stranger_can_not_lock_the_owner_out(world: World) -> None:
    for _ in range(TRIES_PER_CLIENT + 20):
        guess(world, client=ATTACKER)
    assert not signs_in(world, client=ATTACKER)
    assert signs_in(world, client=HOME)


@pytest.mark.usefixtures("quick")
def test_guesses_from_many_networks_end_too(world: World) -> None:
    for number in range(TRIES_PER_ADDRESS_IN_ALL):
        guess(world, client=replace(ATTACKER, address=f"203.0.{number // 200}.{number % 200}"))
    assert not signs_in(world, client=ATTACKER)


@pytest.mark.usefixtures("quick")
def test_one_network_that_goes_on_guessing_shuts_the_owner_out_nowhere_else(world: World) -> None:
    """What was refused already counts against nobody but the guesser: one machine alone could use all tries up."""
    for _ in range(TRIES_PER_ADDRESS_IN_ALL + 5):
        guess(world, client=ATTACKER)
    assert signs_in(world, client=replace(ATTACKER, address="198.51.100.77"))


@pytest.mark.usefixtures("quick")
def test_a_network_without_tries_leaves_no_rows(world: World) -> None:
    for number in range(TRIES_PER_CLIENT):
        guess(world, client=ATTACKER, email=f"person{number}@acme.example")
    before = throttle_rows(world)
    for number in range(20):
        guess(world, client=ATTACKER, email=f"another{number}@acme.example")
        with pytest.raises(TooManyAttempts):
            world.services.passwords.request_reset(f"third{number}@acme.example", client=ATTACKER)
    assert throttle_rows(world) == before


@pytest.mark.usefixtures("quick")
def test_addresses_of_one_ipv6_customer_are_one_guesser(world: World) -> None:
    for number in range(TRIES_PER_ADDRESS):
        guess(world, client=replace(ATTACKER, address=f"2001:db8:1:2::{number:x}"))
    assert not signs_in(world, client=replace(ATTACKER, address="2001:db8:1:2:ffff::1"))
    assert signs_in(world, client=replace(ATTACKER, address="2001:db8:1:3::1"))


@pytest.mark.usefixtures("quick")
def test_one_network_can_not_try_one_password_on_everybody(world: World) -> None:
    for number in range(TRIES_PER_CLIENT):
        guess(world, client=ATTACKER, email=f"person{number}@acme.example")
    with pytest.raises(TooManyAttempts):
        world.services.passwords.sign_in("one.more@acme.example", "wrong", client=ATTACKER, replaces=None)


@pytest.mark.usefixtures("quick")
def test_the_throttle_tells_nothing_about_who_exists(world: World) -> None:
    heard: dict[str, list[str]] = {}
    for number, email in enumerate((DANA, NOBODY)):
        client = replace(ATTACKER, address=f"203.0.113.{number}")
        heard[email] = []
        for _ in range(TRIES_PER_ADDRESS + 2):
            with pytest.raises((PasswordRefused, TooManyAttempts)) as caught:
                world.services.passwords.sign_in(email, "wrong", client=client, replaces=None)
            heard[email].append(caught.value.code)
    assert heard[DANA] == heard[NOBODY]


def test_a_mailbox_is_not_flooded_with_links(world: World) -> None:
    for number in range(2 * MAILS_PER_ADDRESS):
        world.services.passwords.request_reset(DANA, client=replace(ATTACKER, address=f"203.0.113.{number}"))
    assert len(links(world)) == MAILS_PER_ADDRESS


def test_a_new_password_makes_every_other_link_useless(world: World) -> None:
    """A link in an older mail, or the one that `organizations add` printed, opened the account once more."""
    for _ in range(2):
        world.services.passwords.request_reset(DANA, client=HOME)
    first, second = links(world)
    world.services.passwords.set_by_link(second, NEW, client=HOME)
    with pytest.raises(LinkExpired):
        world.services.passwords.set_by_link(first, "the attacker's own password", client=ATTACKER)
    assert signs_in(world, client=HOME, password=NEW)


def test_the_printed_link_of_an_owner_ends_with_a_reset(world: World) -> None:
    made = world.services.organizations.add("initech", name="Initech", owner_email="bill@initech.example")
    world.services.passwords.request_reset("bill@initech.example", client=HOME)
    (reset,) = links(world)
    world.services.passwords.set_by_link(reset, NEW, client=HOME)
    with pytest.raises(LinkExpired):
        world.services.passwords.set_by_link(made.owner_link.partition("link=")[2], NEW, client=ATTACKER)


def test_a_made_up_link_costs_no_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash takes 64 MiB and 100 ms: nobody gets one for nothing."""
    monkeypatch.setattr(passwords.Passwords, "hash", lambda *_: pytest.fail("a hash was made"))
    with pytest.raises(LinkExpired):
        world.services.passwords.set_by_link("0" * 64, NEW, client=ATTACKER)


def test_a_link_is_stored_as_its_hash(world: World) -> None:
    world.services.passwords.request_reset(DANA, client=HOME)
    (link,) = links(world)
    with world.store.read() as tx:
        assert tx.links.peek(fingerprint(link), now=world.clock.now()) is not None
        assert tx.links.peek(link, now=world.clock.now()) is None


def test_a_deactivated_account_gets_no_link_and_its_old_one_ends(world: World) -> None:
    world.services.passwords.request_reset(DANA, client=HOME)
    (link,) = links(world)
    with world.store.write() as tx:
        tx.accounts.deactivate(world.dana.id, organization_id=world.acme.id, at=world.clock.now())
    with pytest.raises(LinkExpired):
        world.services.passwords.set_by_link(link, NEW, client=HOME)
    world.services.passwords.request_reset(DANA, client=HOME)
    assert len(links(world)) <= 1


@pytest.mark.slow
def test_the_clock_does_not_tell_who_exists(world: World) -> None:
    """Known, unknown, and known without a password: each takes one hash (decision 9)."""
    world.services.organizations.add("initech", name="Initech", owner_email="bill@initech.example")
    guess(world, client=HOME, email=NOBODY)  # the first one makes the hash that stands for nobody's
    medians = {}
    for person, email in enumerate((DANA, NOBODY, "bill@initech.example")):
        taken = []
        for number in range(7):
            client = replace(ATTACKER, address=f"203.0.{person}.{number}")
            began = time.thread_time()
            guess(world, client=client, email=email)
            taken.append(time.thread_time() - began)
        medians[email] = statistics.median(taken)
    assert max(medians.values()) < 1.5 * min(medians.values()), medians


@pytest.mark.usefixtures("quick")
def test_a_header_makes_nobody_somebody_else(world: World) -> None:
    """X-Forwarded-For is believed from the operator's proxies only (decision 35)."""
    browser = Browser(world)
    for number in range(TRIES_PER_ADDRESS + 1):
        claims = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        status = browser.client.post(
            "/login", data={"email": DANA, "password": "wrong"}, headers={"Origin": PRODUCT, **claims}
        ).status_code
    assert status == 429
