"""An admin who pins a key of their own can't sign in as the owner: owners confirm their identity once more."""

import pytest

from ostiary.domain.account import Role
from ostiary.simulator import Fault
from tests.journeys.steps import DANA, answer, okta_enabled, sign_in_with_sso
from tests.journeys.world import OKTA, PASSWORD, World

LENA = "lena.brandt@acme.example"


@pytest.mark.parametrize("tester", [LENA, DANA])
def test_a_new_key_that_an_admin_tested_speaks_for_no_owner(world: World, tester: str) -> None:
    """The owner's own test of the same key keeps the link."""
    world.add_account(LENA, role=Role.ADMIN)
    world.okta.add_user(LENA, first_name="Lena", last_name="Brandt", password=PASSWORD)
    owner, page, copied = okta_enabled(world, assigned=(DANA, LENA))
    owner.press("Use this identity for my account", password=PASSWORD)

    app = next(app for name, app in world.okta.saml_apps() if name == "Ringline")
    world.okta.set_fault(app, Fault.OTHER_CERTIFICATE)
    owner.open(f"{copied.app}/sign-on")
    (active,) = owner.document.xpath("//tr[td='Active']//a[@download]/@href")
    certificate = owner.walk_aside(f"{OKTA}{active}")
    admin = world.signed_in(tester).open(page)
    admin.press("Save Configuration", certificate=certificate).press("Test Connection")
    answer(admin, tester)
    assert "Test Connection passed" in admin.text, admin.text

    dana = sign_in_with_sso(world.walker(), DANA)
    answer(dana)
    assert (dana.status == 200) is (tester == DANA), dana.text
