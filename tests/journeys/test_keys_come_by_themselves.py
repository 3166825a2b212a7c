"""A provider changes its key: people sign in again without an admin, owners after one confirmation."""

from dataclasses import replace

from ostiary.domain.account import Role
from tests.journeys.steps import DANA, answer, assign_in_okta, begin, create_okta_app, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, PASSWORD, World

MARCUS = "marcus.oyelaran@acme.example"
_OVERVIEW = "/settings/security/single-sign-on"


def test_people_sign_in_again_after_the_provider_has_changed_its_key(world: World) -> None:
    _admin, page, app = _okta_by_url(world)
    _sign_in(world, MARCUS, says="signed in as Marcus")
    _activate_a_new_key(world, app)
    first = sign_in_with_sso(world.walker(), MARCUS)
    answer(first, MARCUS)
    assert first.title == "Your company's sign-in may have a new key"
    assert "Sign in once more in a minute" in first.text
    world.work()
    _sign_in(world, MARCUS, says="signed in as Marcus")
    admin = world.signed_in().open(page)
    assert "Key that came" in admin.text
    assert "No longer published" in admin.text


def test_an_owner_signs_in_with_a_key_that_came_by_itself_after_confirming_it(world: World) -> None:
    admin, page, app = _okta_by_url(world)
    _link_owner(admin, page)
    _sign_in(world, DANA, says="signed in as Dana")
    _activate_a_new_key(world, app)
    world.pass_time(hours=25)
    world.work()
    owner = sign_in_with_sso(world.walker(), DANA)
    answer(owner)
    assert owner.status == 403
    assert owner.title == "Your company's sign-in has a new key that an owner has to confirm"
    world.add_account(MARCUS, role=Role.ADMIN)
    colleague = world.signed_in(MARCUS).open(page)
    colleague.press("Test Connection")
    answer(colleague, MARCUS)
    assert "Test Connection passed" in colleague.text
    admin = world.signed_in().open(page)
    assert "A new key waits for an owner." in admin.text
    assert "has a new key that waits for an owner" in world.signed_in().open(_OVERVIEW).text
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "A new key waits for an owner." not in admin.open(page).text
    _sign_in(world, DANA, says="signed in as Dana")


def test_a_dead_metadata_url_stops_no_sign_in_and_is_told_in_words(world: World) -> None:
    admin, page, _app = _okta_by_url(world)
    world.wire.cut.add(OKTA)
    admin.open(page).press("Check now")
    assert "Checked." in admin.text
    assert "The saved keys go on, and sign-ins with them." in admin.text
    world.pass_time(days=3)
    for _ in range(12):
        world.work()
        world.pass_time(hours=6)
    _sign_in(world, MARCUS, says="signed in as Marcus")
    assert "checks in a row came to nothing" in world.signed_in().open(_OVERVIEW).text


def test_what_else_the_metadata_says_is_compared_and_decided_by_an_admin(world: World) -> None:
    admin, page, app = _okta_by_url(world)
    _rename_app(world, app)
    admin.open(page).press("Check now")
    assert "Okta publishes other values than those that are saved." in admin.text
    assert "SSO URL" in admin.text
    overview = world.signed_in().open(_OVERVIEW)
    assert "Okta publishes other values than those that are saved" in overview.text
    admin.press("Keep the saved ones")
    assert "Kept." in admin.text
    assert "publishes other values" not in admin.text
    _rename_app(world, app, name="Ringline Two")
    admin.open(page).press("Check now").press("Take over the published values")
    assert "Newer settings wait for their test" in admin.text
    assert "ringlinetwo" in admin.field("SSO URL")
    _rename_app(world, app, name="Ringline")
    _sign_in(world, MARCUS, says="signed in as Marcus")


def _okta_by_url(world: World) -> tuple[Walker, str, str]:
    """Acme with Okta set up by its metadata URL, tested and on. Returns the admin, the page and the app's address."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "Okta")
    page = admin.url
    copied = create_okta_app(admin, acs_url=admin.value_of("ACS URL"), entity_id=admin.value_of("Entity ID"))
    for email in (DANA, MARCUS):
        assign_in_okta(admin, copied.app, email)
    admin.open(f"{copied.app}/sign-on")
    source = admin.field("Metadata URL")
    admin.open(page).press("Save Configuration", metadata_url=source, default_role="member")
    assert "Saved." in admin.text, admin.text
    assert "as soon as these settings have passed their test" in admin.text
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text, admin.text
    world.work()
    assert world.wire.asked[-1] == source
    return admin, page, copied.app


def _link_owner(admin: Walker, page: str) -> None:
    admin.open(page).press("Test Connection")
    answer(admin)
    admin.press("Use this identity for my account", password=PASSWORD)


def _activate_a_new_key(world: World, app: str) -> None:
    """Okta: Sign On → SAML Signing Certificates → Generate new certificate → Actions → Activate."""
    walker = world.walker().open(f"{OKTA}/admin")
    if "Log in" in walker.text:
        walker.press("Log in")
    walker.open(f"{app}/sign-on").press("Generate new certificate").press("Activate")


def _rename_app(world: World, app: str, name: str = "Ringline One") -> None:
    """The address of an app at Okta bears its name."""
    app_id = app.rpartition("/")[2]
    world.okta._idp.store.change(lambda state: state.with_app(replace(state.apps[app_id], name=name)))


def _sign_in(world: World, email: str, *, says: str) -> None:
    walker = sign_in_with_sso(world.walker(), email)
    answer(walker, email)
    assert says in walker.text, walker.text
