"""Local sign-in: for the first owner and for members without SSO."""

import re

from ostiary.domain.account import Role
from tests.journeys.steps import DANA, okta_enabled, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(world: World) -> None:
    """Byte for byte, but for what was typed (decision 9)."""
    pages = []
    for email in (DANA, "nobody.here99@acme.example"):
        walker = world.walker().open(f"{PRODUCT}/login").press("Sign in", email=email, password="not this one")
        assert walker.status in {400, 401, 403}
        pages.append(walker.response.text.replace(email, ""))
    assert pages[0] == pages[1]


def test_too_many_tries_are_told_to_wait(world: World) -> None:
    """Ten for an address in fifteen minutes; then even the right password waits."""
    walker = world.walker().open(f"{PRODUCT}/login")
    for _ in range(10):
        walker.press("Sign in", email=DANA, password="not this one")
    walker.press("Sign in", email=DANA, password=PASSWORD)
    assert walker.status == 429
    world.pass_time(minutes=16)
    walker.press("Sign in", email=DANA, password=PASSWORD)
    assert walker.title == "You are signed in as Dana Whitfield"


def test_a_password_is_reset_by_mail(world: World) -> None:
    """The link works once, ends all sessions, and the answer is the same for unknown people."""
    old = world.signed_in()
    walker = world.walker().open(f"{PRODUCT}/login").follow("Forgot your password?")
    walker.press("Send the link", email=DANA)
    said = walker.text.replace(DANA, "")
    unknown = world.walker().open(f"{PRODUCT}/password/forgot").press("Send the link", email="nobody@acme.example")
    assert unknown.text.replace("nobody@acme.example", "") == said
    (mail,) = world.mails()
    (link,) = re.findall(r"https://\S+", mail.text)
    walker.open(link).press("Set the password", password="short")
    assert walker.status in {400, 422}
    walker.open(link).press("Set the password", password="another long enough password")
    assert walker.title == "You are signed in as Dana Whitfield"
    assert old.open(f"{PRODUCT}/").url.startswith(f"{PRODUCT}/login")
    again = world.walker().open(link)
    again.press(
        "Set the password", password="a third long enough password"
    ) if "Set the password" in again.text else again
    assert again.status >= 400


def test_the_first_owner_sets_a_password_by_the_printed_link(world: World) -> None:
    """`ostiary organizations add` prints it."""
    made = world.services.organizations.add("initech", name="Initech", owner_email="bill@initech.example")
    walker = world.walker().open(made.owner_link).press("Set the password", password=PASSWORD)
    assert walker.title == "You are signed in as bill@initech.example"
    assert "Owner" in walker.text


def test_sso_answers_by_domain_and_never_by_person(world: World) -> None:
    """Known and unknown people of one domain are sent on alike; other domains get the password form."""
    okta_enabled(world)
    known = sign_in_with_sso(world.walker(), DANA)
    unknown = sign_in_with_sso(world.walker(), "nobody.at.all@acme.example")
    assert known.url.split("?")[0] == unknown.url.split("?")[0]
    other = sign_in_with_sso(world.walker(), "someone@elsewhere.example")
    assert other.url.startswith(PRODUCT)
    assert "Password" in other.text


def test_signing_out_ends_the_session_on_the_server(world: World) -> None:
    """The cookie alone does not bring it back."""
    world.add_account(MARCUS, role=Role.MEMBER)
    marcus = world.signed_in(MARCUS)
    kept = dict(marcus.cookies(PRODUCT))
    marcus.press("Sign out")
    assert "You are signed out." in marcus.text
    thief = world.walker().open(f"{PRODUCT}/login")
    for name, value in kept.items():
        thief.cookies(PRODUCT).set(name, value)
    assert thief.open(f"{PRODUCT}/").url.startswith(f"{PRODUCT}/login")
