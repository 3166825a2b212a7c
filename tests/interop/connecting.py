"""What an admin and a person of Acme do with a real identity provider, page by page."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urljoin

import pytest

from scripts import machine
from tests.journeys.steps import begin, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

PASSED = "Test Connection passed"
_MESSAGE = "//form[.//input[@name='SAMLRequest' or @name='SAMLResponse' or @name='state']]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom the peers know."""

    user: str
    password: str
    email: str
    name: str

    @property
    def signed_in(self) -> str:
        """What the product says once they are."""
        return f"You are signed in as {self.name}"


ALICE = Person(user="alice", password="alicepass", email="alice@acme.example", name="Alice Liddell")
BOB = Person(user="bob", password="bobpass", email="bob@acme.example", name="Bob Builder")

SignIn = Callable[[Walker, Person], Walker]
"""What this person does at the peer, from its sign-in page until the browser is back at the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerConnection:
    """Acme's connection to a peer, whatever they speak with each other, and its admin's browser."""

    world: World
    admin: Walker
    page: str
    sign_in: SignIn

    def test(self, person: Person = ALICE) -> str:
        """Run Test Connection with this person. Returns the text of its report."""
        self.sign_in(self.begin_test(), person)
        return self.admin.text

    def begin_test(self) -> Walker:
        """Press Test Connection: the admin's browser has left for the peer."""
        self.at_present()
        return self.admin.open(self.page).press("Test Connection")

    def passes(self) -> str:
        """The text of the report of a test that passed: from now on people may sign in."""
        report = self.test()
        assert PASSED in report, report
        return report

    def begin(self, person: Person = BOB) -> Walker:
        """This person in a new browser, from our sign-in page as far as the peer."""
        self.at_present()
        return sign_in_with_sso(self.world.walker(), person.email)

    def comes_in(self, person: Person = BOB) -> Walker:
        """This person in a new browser, signed in."""
        user = self.sign_in(self.begin(person), person)
        assert user.title == person.signed_in, user.text
        return user

    def newest_attempt(self) -> str:
        """What the admin reads about the newest attempt."""
        admin = self.world.signed_in().open(f"{PRODUCT}/settings/attempts")
        found = [link for link in admin.document.xpath("//a/@href") if re.match(r"/settings/attempts/[^?]", link)]
        return admin.open(found[0]).text

    def at_present(self) -> None:
        """Set the clock of the world: peers have no other than the real one. It never goes back."""
        self.world.clock.at = max(self.world.clock.at, datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(PeerConnection):
    """A connection that speaks SAML."""

    acs_url: str
    entity_id: str
    slo_url: str

    def save(self, **values: str) -> None:
        """Change what is named, leave the rest, and save. The newest settings serve after their test."""
        self.at_present()
        self.admin.open(self.page).press("Save Configuration", files=None, **values)
        assert "Saved." in self.admin.text, self.admin.text

    def save_file(self, metadata: bytes) -> None:
        """Upload the peer's metadata, and save."""
        self.at_present()
        files = {"metadata_file": ("metadata.xml", metadata)}
        self.admin.open(self.page).press("Save Configuration", files=files)
        assert "Saved." in self.admin.text, self.admin.text

    def metadata(self) -> str:
        """Our metadata for this connection, as the peer's admin downloads it."""
        return self.admin.walk_aside(self.entity_id)


def connect(world: World, sign_in: SignIn, **values: str) -> Connected:
    """A connection of Acme, saved with these values and not tested."""
    connected = drafted(world, sign_in)
    connected.save(**values)
    return connected


def drafted(
    world: World, sign_in: SignIn, *, provider: str = "Another provider", domain: str = "acme.example"
) -> Connected:
    """The same, before anything was saved."""
    admin = world.signed_in()
    world.verify_domain(admin, domain)
    begin(admin, provider)
    return Connected(
        world=world,
        admin=admin,
        page=admin.url,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        slo_url=admin.value_of("Single Logout URL"),
        sign_in=sign_in,
    )


def require(need: machine.Need) -> None:
    """Skip what asks for a peer that is not here, and say how to get it; in CI a skipped test has failed."""
    if not need.is_there():
        pytest.skip(f"{need.name} is not here: {machine.advice((need,))}")


def is_signed_in(walker: Walker, person: Person = BOB) -> bool:
    """Whether this person's browser is signed in to the product, looked at in another tab."""
    return walker.twin().open(f"{PRODUCT}/").title == person.signed_in


def go_on(walker: Walker) -> Walker:
    """Pass every page that passes itself where there is JavaScript: a form or link of ours, or a form of theirs."""
    for _ in range(8):
        link = walker.document.xpath("//a[@data-leaving]/@href")
        if link:
            walker.open(link[0])
        elif walker.document.xpath(_MESSAGE):
            submit(walker, _MESSAGE)
        else:
            return walker
    raise AssertionError(f"The way does not end: {walker.url}")


def made_passive(connected: Connected) -> Walker:
    """Test Connection with the request, which travels in a form and is not signed, turned into a passive one."""
    leaving = connected.begin_test()
    [request] = leaving.document.xpath("//input[@name='SAMLRequest']/@value")
    passive = b64decode(request).replace(b"<samlp:AuthnRequest ", b'<samlp:AuthnRequest IsPassive="true" ', 1)
    assert passive != b64decode(request)
    return go_on(submit(leaving, "//form[@data-leaving]", SAMLRequest=b64encode(passive).decode()))


def submit(walker: Walker, form: str, **values: str) -> Walker:
    """Send the first form at this XPath as its script would, or its one button; some forms have none."""
    [found, *_] = walker.document.xpath(form)
    fields = {each.get("name"): each.get("value") or "" for each in found.xpath(".//input[@name]")}
    body = urlencode(fields | values).encode()
    return walker.post(urljoin(walker.url, found.get("action") or ""), body)
