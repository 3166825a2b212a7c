"""The page "Set Up OneLogin SSO" of the brief, step by step in its order, as admin and as user."""

from tests.journeys.steps import answer, begin, complete, create_onelogin_app, sign_in_with_sso
from tests.journeys.world import ONELOGIN, PASSWORD, PRODUCT, World

DANA, MARCUS = "dana.whitfield@acme.example", "marcus.oyelaran@acme.example"


def test_the_page_can_be_followed_from_its_first_step_to_its_last(world: World) -> None:
    """Enable SSO, add the app, configure it, map attributes, copy, complete, test, assign, sign in both ways."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "OneLogin")
    page = admin.url
    assert admin.title == "Set Up OneLogin SSO for Ringline"
    acs_url, entity_id = admin.value_of("ACS URL"), admin.value_of("Entity ID")
    validator = admin.value_of("ACS URL Validator")
    assert validator == acs_url.replace(".", r"\.").replace("/", r"\/")
    copied = create_onelogin_app(admin, acs_url=acs_url, entity_id=entity_id, validator=validator)
    complete(admin, page, copied, role="admin")

    admin.press("Test Connection").press("Sign in", email=DANA, password=PASSWORD)
    assert admin.url.startswith(ONELOGIN)
    app = next(app for name, app in world.onelogin.saml_apps() if name == "Ringline")
    for email in (DANA, MARCUS):
        user = world.onelogin.add_user(email, first_name="", last_name="", password="")
        world.onelogin.assign(app, user)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text

    by_button = sign_in_with_sso(world.walker(), MARCUS)
    answer(by_button, MARCUS)
    assert by_button.title == "You are signed in as Marcus Oyelaran"
    assert "RoleAdmin" in by_button.text.replace(" ", "")

    by_tile = world.walker().open(f"{ONELOGIN}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    by_tile.open(f"{ONELOGIN}/portal").follow("RiRingline").press("Continue to Ringline").press("Continue to Ringline")
    by_tile.press("Continue as Marcus Oyelaran")
    assert by_tile.url == f"{PRODUCT}/"
    assert by_tile.title == "You are signed in as Marcus Oyelaran"
