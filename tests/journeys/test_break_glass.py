"""Owners who get in while the identity provider is down: named, proven by use, told to everybody, without script."""

import re

from ostiary.domain.account import Role
from tests.journeys.steps import okta_enabled
from tests.journeys.walker import Walker
from tests.journeys.world import PASSWORD, PRODUCT, World
from tests.services.break_glass.authenticator import Authenticator

PRIYA = "priya.raman@acme.example"
PAGE = f"{PRODUCT}/settings/security/break-glass"
DOOR = f"{PRODUCT}/login/break-glass"


def test_an_owner_is_named_makes_codes_and_proves_them(world: World) -> None:
    """The whole way, from the empty page to a proven owner."""
    dana = world.signed_in().open(f"{PRODUCT}/settings").follow("Break-glass access")
    assert dana.title == "Break-glass access"
    assert "nobody at Acme can sign in." in dana.text
    dana.press("Name this owner", account=world.dana.id)
    assert dana.title == "Your break-glass access"
    assert "You are named." in dana.text
    assert "Nothing opens yet." in dana.text
    dana.follow("Make recovery codes").press("Make ten codes", password="not the password")
    assert dana.status == 403
    assert dana.title == "Make recovery codes?"
    assert "This is not your password." in dana.text
    assert "email address and the password" not in dana.text
    dana.press("Make ten codes", password=PASSWORD)
    assert dana.title == "Your recovery codes"
    codes = dana.document.xpath("//ol[@class='codes']//code/text()")
    assert len(set(codes)) == 10
    assert dana.response.headers["cache-control"] == "no-store"
    (download,) = dana.document.xpath("//a[@download]/@href")
    assert all(code in download for code in codes)

    door = world.walker().open(f"{PRODUCT}/login").follow("Break-glass access")
    assert door.title == "Break-glass access"
    door.press("Sign in with a recovery code", email=str(world.dana.email), password=PASSWORD, code=codes[0])
    assert door.title == "You are signed in as Dana Whitfield"
    assert "You came in by break-glass access." in door.text
    assert "A recovery code" in door.text
    dana.follow("I have kept them")
    assert "It is proven: you got in by a recovery code." in dana.text
    assert "9 left" in dana.text
    dana.follow("Break-glass access")
    assert "Dana Whitfield can still sign in." in dana.text
    assert all(code not in dana.open(page).response.text for code in codes for page in (PAGE, f"{PAGE}/own"))


def test_new_codes_say_which_ones_end(world: World) -> None:
    walker = _named(world)
    walker.open(f"{PAGE}/own/codes").press("Make ten codes", password=PASSWORD)
    walker.open(f"{PAGE}/own/codes")
    assert walker.title == "Make new recovery codes?"
    assert "The 10 that are left end at once." in walker.text


def test_a_passkey_is_added_used_and_removed(world: World) -> None:
    walker = _named(world).open(f"{PAGE}/own").follow("Add a passkey")
    walker.press("Continue", name="Key in the safe", password="not the password")
    assert walker.status == 403
    assert walker.field("Name of the device") == "Key in the safe"
    walker.press("Continue", password=PASSWORD)
    device = Authenticator(origin=PRODUCT)
    walker.press("Make the passkey", answer=device.make(_options(walker)))
    assert "Sign in once with it to prove it." in walker.text
    assert "Key in the safe" in walker.text

    door = world.walker().open(DOOR)
    door.press("Use a passkey", answer=device.sign(_options(door)))
    assert door.title == "You are signed in as Dana Whitfield"
    assert "You came in by break-glass access." in door.text
    assert "By a passkey" in walker.open(PAGE).text

    walker.open(f"{PAGE}/own").follow("Remove Key in the safe")
    assert walker.title == "Remove Key in the safe?"
    walker.press("Remove this passkey")
    assert "It opens nothing any more." in walker.text
    door = world.walker().open(DOOR)
    door.press("Use a passkey", answer=device.sign(_options(door)))
    assert door.status == 403
    assert "This passkey opens nothing here." in door.text


def test_an_answer_that_makes_no_passkey_is_told(world: World) -> None:
    walker = _named(world).open(f"{PAGE}/own/passkeys/new").press("Continue", name="", password=PASSWORD)
    walker.press("Make the passkey", answer="{}")
    assert walker.status == 422
    assert "The passkey was not added." in walker.text


def test_it_is_taken_away_after_a_question(world: World) -> None:
    priya = world.add_account(PRIYA, role=Role.OWNER)
    dana = world.signed_in().open(PAGE).press("Name this owner", account=priya.id)
    assert "Named." in dana.text
    assert "Priya Raman" in dana.text
    dana.follow("Take away from Priya Raman")
    assert dana.title == "Take break-glass access away from Priya Raman?"
    assert "Nobody else is proven" in dana.text
    dana.press("Take it away")
    assert "Taken away." in dana.text
    assert "nobody at Acme can sign in." in dana.text


def test_an_admin_sees_it_and_changes_nothing(world: World) -> None:
    world.add_account("marcus.oyelaran@acme.example", role=Role.ADMIN)
    marcus = world.signed_in("marcus.oyelaran@acme.example").open(PAGE)
    assert "Only owners name owners. You are admin here." in marcus.text
    marcus.post(PAGE, f"account={world.dana.id}".encode())
    assert marcus.status == 403
    assert marcus.open(f"{PAGE}/own").status == 404


def test_an_owner_gets_in_while_only_okta_counts_and_takes_it_back(world: World) -> None:
    """The day it is there for: Okta is enforced and answers nobody, passwords are refused, and the door opens."""
    admin, page, _ = okta_enabled(world)
    admin.open(f"{page}/enforce")
    assert "Nobody yet" in admin.text
    codes, door = _proven_by_code(world)
    admin.open(f"{page}/enforce")
    assert "break-glass access, proven" in admin.text
    admin.press("Enforce Okta", how="now")
    # The session of the password has ended; the one of the door goes on.
    assert admin.open(PAGE).url.startswith(f"{PRODUCT}/login")
    assert world.signed_in().title != "You are signed in as Dana Whitfield"
    assert door.open(PAGE).title == "Break-glass access"

    door = _through_the_door(world, codes[1])
    assert door.title == "You are signed in as Dana Whitfield"
    door.open(f"{PRODUCT}/o/acme")
    door.open(PAGE).follow("Take away from Dana Whitfield").press("Take it away")
    assert door.status == 409
    assert "Nobody who may change the settings of Acme would get in." in door.text
    door.open(f"{PAGE}/own/codes").press("Make ten codes", password=PASSWORD)
    assert door.status == 409
    assert "Nobody who may change the settings of Acme would get in." in door.text
    assert "8 left" in door.open(f"{PAGE}/own").text

    door.open(f"{page}/enforce").press("Stop enforcing Okta")
    assert world.signed_in().title == "You are signed in as Dana Whitfield"
    door.open(f"{PAGE}/own/codes").press("Make ten codes", password=PASSWORD)
    assert door.title == "Your recovery codes"


def test_the_session_of_the_door_ends_after_an_hour(world: World) -> None:
    codes, door = _proven_by_code(world)
    assert codes
    world.pass_time(minutes=59)
    assert door.open(PAGE).title == "Break-glass access"
    world.pass_time(minutes=1)
    assert door.open(PAGE).url.startswith(f"{PRODUCT}/login")


def test_the_door_says_the_same_to_everybody(world: World) -> None:
    """Byte for byte, but for what was typed and what is new in each page (decision 9)."""
    walker = _named(world)
    walker.open(f"{PAGE}/own/codes").press("Make ten codes", password=PASSWORD)
    (code, *_) = walker.document.xpath("//ol[@class='codes']//code/text()")
    world.add_account(PRIYA, role=Role.OWNER)
    tries = {
        "named, wrong code": (str(world.dana.email), PASSWORD, "AAAAA-AAAAA-AAAAA-AAAAA"),
        "named, wrong password": (str(world.dana.email), "not the password", code),
        "an owner who is not named": (PRIYA, PASSWORD, code),
        "nobody": ("nobody@acme.example", PASSWORD, code),
        "no address": ("nobody", PASSWORD, code),
    }
    pages = set()
    for email, password, typed in tries.values():
        door = world.walker().open(DOOR)
        door.press("Sign in with a recovery code", email=email, password=password, code=typed)
        assert door.status == 403
        text = door.response.text.replace(email, "")
        pages.add(re.sub(r'(name="challenge" value|data-options)="[^"]*"', "", text))
    assert len(pages) == 1


def _named(world: World) -> Walker:
    """Dana's browser, and Dana is named."""
    return world.signed_in().open(PAGE).press("Name this owner", account=world.dana.id)


def _options(walker: Walker) -> str:
    (options,) = walker.document.xpath("//form[@data-passkey]/@data-options")
    return str(options)


def _proven_by_code(world: World) -> tuple[list[str], Walker]:
    """Dana's codes, the first of which is used up, and the browser in which that was."""
    walker = _named(world).open(f"{PAGE}/own/codes").press("Make ten codes", password=PASSWORD)
    codes = [str(code) for code in walker.document.xpath("//ol[@class='codes']//code/text()")]
    return codes, _through_the_door(world, codes[0])


def _through_the_door(world: World, code: str) -> Walker:
    door = world.walker().open(DOOR)
    return door.press("Sign in with a recovery code", email=str(world.dana.email), password=PASSWORD, code=code)
