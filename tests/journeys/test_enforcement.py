"""Enforcing a connection, from the page that asks to the click that takes it back; and every door meanwhile."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest

from ostiary.domain.account import Role
from ostiary.domain.organization import Plan
from ostiary.kernel.clock import FixedClock
from tests.journeys.steps import (
    DANA,
    answer,
    begin,
    complete,
    create_onelogin_app,
    okta_enabled,
    sign_in_with_sso,
)
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, ONELOGIN, PASSWORD, PRODUCT, World

BREAK_GLASS = f"{PRODUCT}/settings/security/break-glass"
MARCUS, PRIYA, GUEST = "marcus.oyelaran@acme.example", "priya.raman@acme.example", "noor.elsayed@labs.example"
SSO = f"{PRODUCT}/settings/security/single-sign-on"
_BACK = "@aria-labelledby='back'"
_IS_BUTTON = "self::button or contains(concat(' ', @class, ' '), ' button ')"
TOLD_TO_USE_SSO = "Your company signs in with single sign-on"


def test_the_page_says_who_would_be_locked_out_and_why(world: World) -> None:
    admin, page = _proven(world)
    world.add_account(MARCUS, role=Role.MEMBER)
    world.add_account(GUEST, role=Role.MEMBER)
    world.signed_in("marcus.oyelaran@acme.example")
    admin.open(f"{page}/enforce")
    assert admin.title == "Enforce Okta for Acme?"
    assert "Everyone will have to sign in with Okta, in every Ringline app." in admin.text
    assert "Password only" in admin.text
    assert "Marcus Oyelaran" in admin.text
    assert "Address outside the verified domains" in admin.text
    assert "Verify labs.example" in admin.text
    # The operator's first owner has never come by Okta.
    assert "Owner, not tied to Okta yet" in admin.text
    assert "Dana Whitfield, owner signed in with Okta" in admin.text
    assert "You would be signed out too." in admin.text
    admin.open(f"{page}/enforce/people?reason=outside_domains")
    assert "Noor Elsayed" in admin.text
    assert "Marcus" not in admin.text
    admin.open(f"{page}/enforce/people.csv")
    assert admin.response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(admin.response.content.decode("utf-8-sig"))))
    assert rows[0] == ["Name", "Email", "Role", "Reason", "What to do"]
    assert {row[1]: row[3] for row in rows[1:]} == {
        "first@acme.example": "Owner, not tied to Okta yet",
        GUEST: "Address outside the verified domains",
        MARCUS: "Password only",
    }


def test_nothing_is_enforced_before_somebody_with_the_settings_has_come_that_way(world: World) -> None:
    admin, page, _ = okta_enabled(world)
    admin.open(f"{page}/enforce")
    assert "Nobody yet, so Okta can't be enforced" in admin.text
    assert "The last who could change this" in admin.text
    admin.post(f"{page}/enforce", b"how=now")
    assert admin.status == 409
    assert "Nobody who may change the settings of Acme would get in." in admin.text
    assert world.signed_in().title == "You are signed in as Dana Whitfield"


def test_people_are_warned_and_then_it_holds_at_every_door_until_it_is_taken_back(world: World) -> None:
    admin, page = _proven(world)
    world.add_account(MARCUS, role=Role.MEMBER)
    admin.open(f"{page}/enforce").press("Enforce Okta", how="warn")
    assert "Planned." in admin.text
    assert "Enabled Enforced from 10 March 2026" in " ".join(_state(admin.open(page)))
    admin.open(f"{page}/enforce")
    assert "passwords are accepted until then. Taken back, they stay accepted, and Okta stays enabled." in admin.text
    assert "accepted again" not in admin.text
    assert _buttons(admin) == ["Take the plan back", "Enforce it now", "Keep the plan"]

    # Until the day nothing changes, and everybody concerned has one mail.
    world.work()
    world.work()
    warned = [mail for mail in world.mails() if "you sign in with Okta" in mail.subject]
    assert [mail.to for mail in warned] == ["first@acme.example", MARCUS]
    assert "From 10 March 2026 people at Acme sign in to Ringline with Okta only." in warned[1].text
    assert f"{PRODUCT}/o/acme" in warned[1].text
    assert world.signed_in(MARCUS).title == "You are signed in as Marcus Oyelaran"

    world.clock.at = world.clock.at.replace(day=9, hour=23, minute=59)
    marcus = world.signed_in(MARCUS)
    assert marcus.title == "You are signed in as Marcus Oyelaran"
    world.pass_time(minutes=1)
    # A remembered session ends at its next request, with words.
    marcus.open(f"{PRODUCT}/")
    assert marcus.url.startswith(f"{PRODUCT}/login/sso")
    assert "Your company signs in with single sign-on now" in marcus.text
    # The password, right or not, of known and unknown people of the domain: one answer.
    pages = []
    for email, password in ((MARCUS, PASSWORD), (MARCUS, "not this one at all"), ("nobody@acme.example", "whatever")):
        walker = world.walker().open(f"{PRODUCT}/login").press("Sign in", email=email, password=password)
        assert (walker.status, walker.title) == (403, TOLD_TO_USE_SSO)
        pages.append(walker.response.content)
    assert pages[0] == pages[1] == pages[2]
    # No link for a new password leaves.
    walker = world.walker().open(f"{PRODUCT}/password/forgot").press("Send the link", email=MARCUS)
    assert (walker.status, walker.title) == (403, TOLD_TO_USE_SSO)
    assert [mail.to for mail in world.mails() if "password/set" in mail.text] == []
    # Okta is the way, and the settings are open to whoever came by it.
    owner = sign_in_with_sso(world.walker(), DANA)
    answer(owner)
    assert owner.title == "You are signed in as Dana Whitfield"
    owner.open(f"{page}/enforce")
    assert owner.title == "Okta is enforced for Acme"
    owner.press("Stop enforcing Okta")
    assert "No longer enforced." in owner.text
    assert world.signed_in(MARCUS).title == "You are signed in as Marcus Oyelaran"


def test_everyone_now_is_told_as_enforced_by_a_clock_that_moves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, page = _proven(world)
    owner = _owner_by_okta(world).open(f"{page}/enforce")

    def moving(clock: FixedClock) -> datetime:
        clock.at += timedelta(microseconds=1)
        return clock.at

    monkeypatch.setattr(FixedClock, "now", moving)
    owner.press("Enforce Okta", how="now")
    assert "Enforced. Only enforced connections sign in now." in owner.text
    assert "Planned." not in owner.text


def test_what_is_turned_off_is_to_be_enabled_first(world: World) -> None:
    admin, page = _proven(world)
    admin.post(f"{page}/switch", b"on=no")
    admin.open(f"{page}/enforce")
    assert "Okta is turned off. Turn it on first." in admin.text
    assert "locked out, and why" not in admin.text
    assert _figures(admin) == []


def test_a_person_with_two_ways_in_stands_once_and_break_glass_is_counted_apart(world: World) -> None:
    admin, page = _proven(world)
    door = _by_break_glass(world, _break_glass_codes(world, admin)[0])
    door.open(f"{page}/enforce")
    assert _figures(door) == ["1 can sign in with Okta", "1 would be locked out", "1 admin keeps a proven way in"]
    assert door.text.count("Dana Whitfield, owner") == 1
    assert "; break-glass access, proven" in door.text
    # Before anybody has come by OneLogin, break-glass alone lets her in there.
    door.open(f"{_with_onelogin(world)}/enforce")
    assert _figures(door)[0] == "0 can sign in with OneLogin, 1 more by break-glass access"
    _close(world, "first@acme.example")
    door.open(door.url)
    assert "Nobody. But 1 person gets in by break-glass access alone: OneLogin does not let them in yet." in door.text
    assert "Everyone at Acme has come in" not in door.text


def test_an_owner_whom_okta_does_not_know_yet_is_told_how_to_come_back_and_gets_there(world: World) -> None:
    admin, page, _ = okta_enabled(world)
    admin.open(f"{page}/enforce")
    assert "Without that you can't come back." in admin.text
    first, second = _break_glass_codes(world, admin)[:2]
    _by_break_glass(world, first)
    admin.open(f"{page}/enforce")
    told = "Okta does not let you in yet. First confirm who you are there: run Test Connection"
    assert told in admin.text
    assert "Without that you come back by break-glass access only." in admin.text
    assert "you come back with Okta" not in admin.text
    admin.press("Enforce Okta", how="now")

    owner = sign_in_with_sso(world.walker(), DANA)
    answer(owner)
    assert owner.title == "Your account needs one confirmation before it signs in this way"
    assert "Come in by break-glass access, or ask an admin who can sign in to stop enforcing." in owner.text
    assert "Sign in with your password" not in owner.text
    assert owner.follow("Break-glass access").url == f"{PRODUCT}/login/break-glass"
    by_password = world.signed_in()
    assert by_password.title == TOLD_TO_USE_SSO
    assert by_password.follow("Break-glass access").url == f"{PRODUCT}/login/break-glass"
    back = _by_break_glass(world, second)
    back.open(f"{PRODUCT}/settings/attempts?outcome=refused").follow(DANA)
    assert f"Sign in as {DANA} by break-glass access, at /login/break-glass" in back.text
    assert f"Sign in as {DANA} with the password." not in back.text
    assert "“Your account needs one confirmation before it signs in this way. Your password is not" in back.text
    back.open(f"{page}/enforce")
    assert _buttons(back) == ["Stop enforcing Okta", "Keep it enforced"]
    back.open(page).press("Test Connection")
    answer(back)
    assert "it is enforced, and passwords are refused" in back.text
    assert "beside the password" not in back.text
    back.open(f"{page}/enforce").press("Stop enforcing Okta")
    back.open(f"{PRODUCT}/settings/attempts?outcome=refused").follow(DANA)
    assert f"Sign in as {DANA} with the password." in back.text


def test_a_link_that_was_mailed_before_sets_no_password_and_works_again_after(world: World) -> None:
    _, page = _proven(world)
    world.add_account(MARCUS, role=Role.MEMBER)
    owner = _owner_by_okta(world)
    link = _reset_link(world, MARCUS)
    owner.open(f"{page}/enforce").press("Enforce Okta", how="now")
    walker = world.walker().open(link).press("Set the password", password="another long enough password")
    assert (walker.status, walker.title) == (403, TOLD_TO_USE_SSO)
    assert "this link sets none" in walker.text
    owner.open(f"{page}/enforce").press("Stop enforcing Okta")
    walker.open(link).press("Set the password", password="another long enough password")
    assert walker.title == "You are signed in as Marcus Oyelaran"


def test_a_merely_enabled_connection_is_refused_while_another_is_enforced(world: World) -> None:
    """From the sign-in page, from its tile, and by the choice of an older page."""
    admin, page = _proven(world)
    other_page = _with_onelogin(world)
    admin.open(f"{page}/enforce")
    assert "Passwords, password resets, invite links and OneLogin will be refused." in admin.text
    admin.press("Enforce Okta", how="now")
    assert "Your company signs in with single sign-on now" in admin.text

    person = sign_in_with_sso(world.walker(), MARCUS)
    assert person.url.startswith(OKTA)
    assert world.walker().open(f"{PRODUCT}/o/acme").url.startswith(OKTA)
    chosen = world.walker().open(f"{PRODUCT}/login/sso")
    chosen.post(f"{PRODUCT}/login/connection", f"connection={other_page.rpartition('/')[2]}&email={MARCUS}".encode())
    assert (chosen.status, chosen.title) == (403, "Your company has chosen another way to sign in")
    by_tile = world.walker().open(f"{ONELOGIN}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    by_tile.open(f"{ONELOGIN}/portal").follow("RiRingline").press("Continue to Ringline")
    assert (by_tile.status, by_tile.title) == (403, "Your company has chosen another way to sign in")
    # Its admin reads why, and may test it all the same.
    owner = _owner_by_okta(world)
    owner.open(f"{PRODUCT}/settings/attempts?outcome=refused").follow("Not known")
    assert "Acme enforces another connection, and this one is only enabled." in owner.text
    owner.open(other_page).press("Test Connection")
    answer(owner)
    assert "Test Connection passed" in owner.text
    assert "Refused as long as another connection is enforced" in owner.text
    assert "people can sign in with it now" not in owner.text


def test_what_is_enforced_is_turned_off_or_deleted_only_after_its_page_was_read(world: World) -> None:
    _, page = _proven(world)
    owner = _owner_by_okta(world)
    owner.open(f"{page}/enforce").press("Enforce Okta", how="now")
    assert "Enforced." in owner.text
    owner.post(f"{page}/switch", b"on=no")
    assert owner.title == "Turn Okta off?"
    assert "That ends: people at Acme sign in with Ringline passwords again." in owner.text
    owner.post(f"{page}/delete", b"")
    assert (owner.status, owner.title) == (409, "This connection is enforced")
    owner.open(f"{page}/delete")
    assert "That ends: people at Acme sign in with Ringline passwords again." in owner.text
    owner.open(f"{page}/turn-off").press("Turn Okta off")
    assert "Turned off." in owner.text
    assert world.signed_in().title == "You are signed in as Dana Whitfield"


def test_enforcement_ends_with_the_plan(world: World) -> None:
    """Decision 29: after the days of grace passwords are taken again."""
    _, page = _proven(world)
    _owner_by_okta(world).open(f"{page}/enforce").press("Enforce Okta", how="now")
    world.services.organizations.set_plan(world.acme.id, Plan.STARTER)
    refused = world.signed_in()
    assert refused.title == TOLD_TO_USE_SSO
    world.pass_time(days=15)
    assert world.signed_in().title == "You are signed in as Dana Whitfield"


def test_a_guest_is_told_only_after_the_right_password(world: World) -> None:
    """Outside the domains nothing tells who has an account."""
    _, page = _proven(world)
    world.add_account(GUEST, role=Role.MEMBER)
    _owner_by_okta(world).open(f"{page}/enforce").press("Enforce Okta", how="now")
    wrong = world.walker().open(f"{PRODUCT}/login").press("Sign in", email=GUEST, password="not this one at all")
    nobody = world.walker().open(f"{PRODUCT}/login").press("Sign in", email="x@labs.example", password="nor this one")
    assert wrong.response.text.replace(GUEST, "") == nobody.response.text.replace("x@labs.example", "")
    right = world.signed_in(GUEST)
    assert right.title == TOLD_TO_USE_SSO
    assert "/o/acme" in right.response.text
    world.walker().open(f"{PRODUCT}/password/forgot").press("Send the link", email=GUEST)
    (mail,) = [mail for mail in world.mails() if mail.to == GUEST]
    assert "there is no password to set" in mail.text
    assert "password/set" not in mail.text


def _state(walker: Walker) -> list[str]:
    return [str(part).strip() for part in walker.document.xpath("(//span[contains(@class, 'status')])[1]//text()")]


def _buttons(walker: Walker) -> list[str]:
    """What the section offers that takes the enforcement, or its plan, back."""
    return [str(each.text_content()).strip() for each in walker.document.xpath(f"//section[{_BACK}]//*[{_IS_BUTTON}]")]


def _figures(walker: Walker) -> list[str]:
    figures = walker.document.xpath("//dl[@class='figures']/div")
    return [" ".join(part.text_content() for part in figure) for figure in figures]


def _proven(world: World) -> tuple[Walker, str]:
    """Okta enabled, and the owner tied to an identity of it; still signed in with the password."""
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    admin.press("Use this identity for my account", password=PASSWORD)
    return admin, page


def _break_glass_codes(world: World, admin: Walker) -> list[str]:
    """The codes of the owner, who is named and makes them."""
    admin.open(BREAK_GLASS).press("Name this owner", account=world.dana.id)
    codes = admin.follow("Make recovery codes").press("Make ten codes", password=PASSWORD)
    return [str(code) for code in codes.document.xpath("//ol[@class='codes']//code/text()")]


def _by_break_glass(world: World, code: str) -> Walker:
    """The owner, in by this code: it proves the access."""
    door = world.walker().open(f"{PRODUCT}/login/break-glass")
    door.press("Sign in with a recovery code", email=DANA, password=PASSWORD, code=code)
    assert "You came in by break-glass access." in door.text
    return door


def _owner_by_okta(world: World) -> Walker:
    owner = sign_in_with_sso(world.walker(), DANA)
    answer(owner)
    assert owner.title == "You are signed in as Dana Whitfield"
    return owner


def _with_onelogin(world: World) -> str:
    """OneLogin enabled beside Okta, with Marcus. Returns its page."""
    admin = world.signed_in()
    begin(admin, "OneLogin")
    page = admin.url
    copied = create_onelogin_app(
        admin,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        validator=admin.value_of("ACS URL Validator"),
    )
    app = next(app for name, app in world.onelogin.saml_apps() if name == "Ringline")
    for email in (DANA, MARCUS):
        world.onelogin.assign(app, world.onelogin.add_user(email, first_name="", last_name="", password=""))
    complete(admin, page, copied)
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text, admin.text
    return page


def _close(world: World, email: str) -> None:
    scope = {"organization_id": world.acme.id}
    with world.store.write() as tx:
        account = tx.accounts.by_email(email, **scope)
        assert account is not None
        tx.accounts.deactivate(account.id, at=world.clock.at, **scope)


def _reset_link(world: World, email: str) -> str:
    world.walker().open(f"{PRODUCT}/password/forgot").press("Send the link", email=email)
    (mail,) = [mail for mail in world.mails() if mail.to == email]
    (link,) = re.findall(r"https://\S+", mail.text)
    return link
