"""What the admin of an identity provider may say, and whose door it opens: their own organization's, and no other."""

import pytest

from ostiary.domain.account import Role
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Plan
from tests.journeys.world import World
from tests.security.attacker import (
    EMAIL_FORMAT,
    PERSISTENT,
    Browser,
    answer,
    code_of,
    connect,
    form,
    text_of,
    verify_domain,
)
from tests.vectors.message import attribute

OWNER = "dana.whitfield@acme.example"
MEMBER = "marcus.oyelaran@acme.example"
FILLER = "\u00ad" * 250
"""Soft hyphens: IDNA takes them out of a domain."""


@pytest.fixture
def acme(world: World) -> Connection:
    """Acme's connection, whose identity provider has fallen into the wrong hands."""
    verify_domain(world, world.acme, world.dana, "acme.example")
    world.add_account(MEMBER, role=Role.MEMBER)
    return connect(world, world.acme, world.dana)


@pytest.fixture
def mallory(world: World) -> Connection:
    """The connection of another organization, Mallory's, which has proven mallory.example."""
    made = world.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    )
    verify_domain(world, made.organization, made.owner, "mallory.example")
    return connect(world, made.organization, made.owner)


def say(world: World, connection: Connection, **said: str) -> tuple[Browser, str]:
    browser = Browser(world)
    left = browser.leave(connection)
    browser.bring(
        connection,
        form(answer(world, connection, request_id=left.request_id, **said)),
        relay_state=left.relay_state,
    )
    return browser, code_of(world, left)


def test_a_flawless_answer_signs_in(world: World, mallory: Connection) -> None:
    """So that the refusals below are for the reason that they name."""
    browser, code = say(world, mallory, email="new@mallory.example")
    assert (browser.is_signed_in, code) == (True, "")


@pytest.mark.parametrize(
    "email",
    [
        OWNER,
        MEMBER,
        "nobody@acme.example",
        "DANA.WHITFIELD@ACME.EXAMPLE",
        "x@sub.mallory.example",
        "x@evil-mallory.example",
        "x@mallory.example.evil.example",
        "x@example",
        "x@m\u0430llory.example",
    ],
)
def test_an_address_outside_its_own_domains_opens_nothing(world: World, mallory: Connection, email: str) -> None:
    browser, code = say(world, mallory, email=email)
    assert not browser.is_signed_in
    assert code in {"login.domain_not_verified", "login.email_not_an_address"}


@pytest.mark.parametrize(
    "email",
    [
        f"{OWNER}@mallory.example",
        f'"{OWNER}"@mallory.example',
        f"{OWNER},x@mallory.example",
        f"{OWNER} x@mallory.example",
        f"{OWNER}(x@mallory.example",
        f"<{OWNER}>x@mallory.example",
        f"x@mallory.example{FILLER}.evil.example",
        f"x@{FILLER}mallory.example",
        "x\u00a0y@mallory.example",
        "x\u202ey@mallory.example",
        "x@mallory.example.",
        "x@[127.0.0.1]",
        "@mallory.example",
        "x@",
        ".x@mallory.example",
        "x..y@mallory.example",
        "\u212aim@mallory.example",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(world: World, mallory: Connection, email: str) -> None:
    browser, code = say(world, mallory, email=text_of(email))
    assert not browser.is_signed_in
    assert code == "login.email_not_an_address"


def test_a_comment_in_an_address_does_not_end_it(world: World, acme: Connection) -> None:
    browser, code = say(world, acme, email=f"{MEMBER}<!-- -->.evil.example")
    assert not browser.is_signed_in
    assert code == "login.domain_not_verified"


def test_the_owner_is_not_linked_by_an_address(world: World, acme: Connection) -> None:
    for email in (OWNER, OWNER.upper(), OWNER.title()):
        browser, code = say(world, acme, email=email)
        assert not browser.is_signed_in
        assert code == "login.link_needs_confirmation"


def test_an_address_in_the_name_id_is_no_other_way_around(world: World, mallory: Connection) -> None:
    browser, code = say(
        world, mallory, attributes="<!-- -->", name_id=f'<saml2:NameID Format="{EMAIL_FORMAT}">{OWNER}</saml2:NameID>'
    )
    assert not browser.is_signed_in
    assert code == "login.domain_not_verified"


def test_the_subject_of_somebody_is_nobody_at_another_connection(world: World, acme: Connection) -> None:
    """Same identity provider, same key, same NameID: two organizations may use one identity provider (decision 1)."""
    member, _ = say(world, acme, email=MEMBER)
    assert "Marcus" in member.home
    made = world.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    )
    verify_domain(world, made.organization, made.owner, "mallory.example")
    twin = connect(world, made.organization, made.owner)
    browser, code = say(world, twin, email=MEMBER)
    assert (browser.is_signed_in, code) == (False, "login.domain_not_verified")
    browser, _ = say(world, twin, email="x@mallory.example")
    assert "Marcus" not in browser.home


@pytest.mark.parametrize("twin", ["\uff41cme.example", "acme\u3002example", "ac\u00adme.example", "acme.ex\u24d0mple"])
def test_a_person_who_writes_the_name_of_another_otherwise_is_another(
    world: World, acme: Connection, twin: str
) -> None:
    """Whoever may choose a name or address at the identity provider took over whom it is made equal to by mapping."""
    written = f'<saml2:NameID Format="{EMAIL_FORMAT}">{{}}</saml2:NameID>'
    marcus, _ = say(world, acme, email=MEMBER, name_id=written.format(MEMBER))
    assert "Marcus" in marcus.home
    alike = f"marcus.oyelaran@{twin}"
    for number, email in enumerate(("x@acme.example", alike)):
        browser, _ = say(world, acme, email=email, name_id=written.format(alike), assertion_id=f"_t{number}")
        assert "Marcus" not in browser.home


def test_a_recycled_address_is_not_a_known_person(world: World, acme: Connection) -> None:
    say(world, acme, email=MEMBER)
    other = f'<saml2:NameID Format="{PERSISTENT}">somebody-else</saml2:NameID>'
    browser, code = say(world, acme, email=MEMBER, name_id=other, assertion_id="_a2")
    assert (browser.is_signed_in, code) == (False, "login.linked_to_another")


def test_two_addresses_are_not_one_of_them(world: World, acme: Connection) -> None:
    for attributes in (
        attribute("email", MEMBER, "x@acme.example"),
        attribute("email", "x@acme.example") + attribute("email", MEMBER, form="basic"),
    ):
        browser, code = say(world, acme, attributes=attributes)
        assert (browser.is_signed_in, code) == (False, "saml.attribute_ambiguous")


def test_an_attribute_of_another_name_is_not_the_address(world: World, acme: Connection) -> None:
    """`Email`, a FriendlyName, and names that others use, are other attributes: never matched silently."""
    for attributes in (attribute("Email", MEMBER), attribute("EMAIL", MEMBER)):
        browser, code = say(world, acme, attributes=attributes)
        assert (browser.is_signed_in, code) == (False, "saml.attribute_missing")
    friendly = attribute("x", MEMBER).replace('Name="x"', 'Name="x" FriendlyName="email"')
    for attributes in (friendly, attribute("mail", MEMBER), attribute("urn:oid:0.9.2342.19200300.100.1.3", MEMBER)):
        browser, code = say(world, acme, attributes=attributes)
        assert (browser.is_signed_in, code) == (False, "saml.email_named_otherwise")


def test_a_transient_name_is_nobody(world: World, acme: Connection) -> None:
    transient = '<saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">_x</saml2:NameID>'
    browser, code = say(world, acme, email=MEMBER, name_id=transient)
    assert (browser.is_signed_in, code) == (False, "saml.subject_transient")


def test_a_deactivated_account_stays_outside_and_no_new_one_is_made_around_it(world: World, acme: Connection) -> None:
    say(world, acme, email=MEMBER)
    with world.store.write() as tx:
        account = tx.accounts.by_email(MEMBER, organization_id=world.acme.id)
        assert account is not None
        tx.accounts.deactivate(account.id, organization_id=world.acme.id, at=world.clock.now())
    other = f'<saml2:NameID Format="{PERSISTENT}">somebody-else</saml2:NameID>'
    for number, name_id in enumerate(("", other)):
        browser, code = say(world, acme, email=MEMBER, name_id=name_id, assertion_id=f"_b{number}")
        assert (browser.is_signed_in, code) == (False, "login.account_deactivated")


@pytest.mark.parametrize("trick", ["\u202e", "\u2066", "\u200e", "\u0085", "\u2028", "\ufeff", "\u00ad"])
def test_a_name_does_not_turn_the_page_around(world: World, mallory: Connection, trick: str) -> None:
    """A right-to-left override in a name reorders the reference and the address that stand beside it."""
    names = attribute("firstName", f"Ev{trick}e") + attribute("lastName", "M\u200dalone")
    browser, _ = say(world, mallory, attributes=attribute("email", "x@mallory.example") + names)
    assert browser.is_signed_in
    assert trick not in browser.home
    assert "M\u200dalone" in browser.home
