"""An owner who signs in with SSO only gets break-glass access: a fresh sign-in stands in for the password."""

from dataclasses import dataclass

import pytest

from ostiary.domain.account import Account, Role
from ostiary.simulator import Fault
from tests.journeys.steps import answer, okta_enabled, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import PASSWORD, PRODUCT, World
from tests.services.break_glass.authenticator import Authenticator

DANA = "dana.whitfield@acme.example"
MARCUS = "marcus.oyelaran@acme.example"
PAGE = f"{PRODUCT}/settings/security/break-glass"
CODES = f"{PAGE}/own/codes"
PASSKEYS = f"{PAGE}/own/passkeys/new"
CHOSEN = "a sentence of my own"
FIRST = "Sign in once more first"


@dataclass
class Enforced:
    """Acme, where Okta is enforced and Marcus, an owner whom Okta has made known, was named."""

    world: World
    marcus: Account
    walker: Walker
    """His browser, signed in just now."""

    def codes(self) -> list[str]:
        """The codes that his page shows."""
        return [str(code) for code in self.walker.document.xpath("//ol[@class='codes']//code/text()")]

    def at_the_door(self, code: str, password: str) -> Walker:
        """Somebody at the door with his address."""
        door = self.world.walker().open(f"{PRODUCT}/login/break-glass")
        return door.press("Sign in with a recovery code", email=MARCUS, password=password, code=code)

    def stored(self) -> Account:
        """His account as it is stored now."""
        with self.world.store.read() as tx:
            found = tx.accounts.by_id(self.marcus.id, organization_id=self.marcus.organization_id)
        assert found is not None
        return found


@pytest.fixture
def enforced(world: World) -> Enforced:
    """Okta is enforced."""
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    walker = sign_in_with_sso(world.walker(), MARCUS)
    answer(walker, MARCUS)
    scope = {"organization_id": world.acme.id}
    with world.store.write() as tx:
        marcus = tx.accounts.by_email(MARCUS, **scope)
        assert marcus is not None
        tx.accounts.set_role(marcus.id, role=Role.OWNER, **scope)
    admin.open(PAGE).press("Name this owner", account=marcus.id)
    admin.open(f"{page}/enforce").press("Enforce Okta", how="now")
    return Enforced(world=world, marcus=marcus, walker=walker)


def test_codes_are_made_after_a_fresh_sign_in_and_used_with_the_password_that_was_chosen(enforced: Enforced) -> None:
    world, walker = enforced.world, enforced.walker
    world.pass_time(minutes=11)
    assert "You have no password here." in walker.open(f"{PAGE}/own").text
    walker.follow("Make recovery codes")
    assert (walker.title, walker.status) == (FIRST, 200)
    walker.press("Sign in with Okta")
    assert walker.title.startswith("Sign in to"), "Okta asks anew, although it knows who this is"
    answer(walker, MARCUS)
    assert walker.url == CODES
    walker.press("Make ten codes", new_password="too short")
    assert walker.status == 400
    assert "At least 12 characters" in walker.text
    walker.press("Make ten codes", new_password=CHOSEN)
    codes = enforced.codes()
    assert len(codes) == 10
    told = [mail for mail in world.mails() if "one was chosen with them, after a sign-in with SSO" in mail.text]
    assert {DANA, MARCUS} <= {mail.to for mail in told}

    assert enforced.at_the_door(codes[0], "another password").status == 403
    door = enforced.at_the_door(codes[0], CHOSEN)
    assert "You came in by break-glass access." in door.text
    # The password opens no other door while SSO is enforced.
    login = world.walker().open(f"{PRODUCT}/login").press("Sign in", email=MARCUS, password=CHOSEN)
    assert login.status == 403
    # From now on it is asked for like anybody's.
    walker.open(CODES).press("Make ten codes", password="not the password")
    assert walker.status == 403
    assert walker.press("Make ten codes", password=CHOSEN).title == "Your recovery codes"


def test_a_passkey_needs_no_password_at_all(enforced: Enforced) -> None:
    walker = enforced.walker
    enforced.world.pass_time(minutes=11)
    walker.open(PASSKEYS)
    assert walker.title == FIRST
    answer(walker.press("Sign in with Okta"), MARCUS)
    assert walker.url == PASSKEYS
    walker.press("Continue", name="Key in the safe")
    device = Authenticator(origin=PRODUCT)
    (options,) = walker.document.xpath("//form[@data-passkey]/@data-options")
    walker.press("Make the passkey", answer=device.make(str(options)))
    assert "Key in the safe" in walker.text
    assert enforced.stored().password_hash is None
    door = enforced.world.walker().open(f"{PRODUCT}/login/break-glass")
    (options,) = door.document.xpath("//form[@data-passkey]/@data-options")
    door.press("Use a passkey", answer=device.sign(str(options)))
    assert "You came in by break-glass access." in door.text
    # Past Okta nothing new is made: the door's session is no sign-in with SSO.
    door.open(CODES)
    assert door.title == FIRST
    assert enforced.world.okta.base_url in door.press("Sign in with SSO").url


def test_who_has_just_signed_in_is_not_asked_again_and_who_waits_too_long_is(enforced: Enforced) -> None:
    world, walker = enforced.world, enforced.walker
    assert walker.open(CODES).title == "Make recovery codes?"
    world.pass_time(minutes=11)
    walker.press("Make ten codes", new_password=CHOSEN)
    assert (walker.title, walker.status) == (FIRST, 403)
    assert enforced.stored().password_hash is None
    walker.open(f"{PAGE}/own")
    assert "None made yet" in walker.text


def test_a_provider_that_asks_for_nothing_makes_nothing_fresh(enforced: Enforced) -> None:
    """Whoever finds the browser open is known to the provider, too: what counts is when the person last proved it."""
    world, walker = enforced.world, enforced.walker
    app = next(app for name, app in world.okta.saml_apps() if name == "Ringline")
    world.okta.set_fault(app, Fault.FORCE_AUTHN_IGNORED)
    world.pass_time(minutes=11)
    answer(walker.open(CODES).press("Sign in with Okta"), MARCUS)
    assert walker.url == CODES
    assert walker.title == FIRST
    assert "sign out at Okta first" in walker.text


def test_who_has_a_password_is_asked_for_it_however_fresh_the_sign_in_is(enforced: Enforced) -> None:
    world, walker = enforced.world, enforced.walker
    hashed = world.services.passwords.hash(PASSWORD)
    with world.store.write() as tx:
        tx.accounts.set_password(enforced.marcus.id, password_hash=hashed, organization_id=world.acme.id)
    walker.open(CODES)
    assert walker.field("Your password") == ""
    walker.post(CODES, b"new_password=a+password+of+mine")
    assert walker.status == 400
    assert enforced.stored().password_hash == hashed
