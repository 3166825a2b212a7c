"""The page "Set Up Okta SSO" of the brief, step by step in its order, as admin and as user."""

from tests.journeys.steps import (
    DANA,
    answer,
    assign_in_okta,
    begin,
    complete,
    create_okta_app,
    okta_enabled,
    sign_in_with_sso,
)
from tests.journeys.world import OKTA, PASSWORD, PRODUCT, World

MARCUS, PRIYA = "marcus.oyelaran@acme.example", "priya.raman@acme.example"


def test_the_page_can_be_followed_from_its_first_step_to_its_last(world: World) -> None:
    """In the brief the test comes before the assignment of users: the walk survives that order."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "Okta")
    page = admin.url
    assert admin.title == "Set Up Okta SSO for Ringline"
    copied = create_okta_app(admin, acs_url=admin.value_of("ACS URL"), entity_id=admin.value_of("Entity ID"))
    complete(admin, page, copied)
    assert "Saved. Test it next: nothing is turned on until a test has passed." in admin.text
    assert "Untested" in admin.text

    # Test Connection, before anybody is assigned: Okta shows its own page and says nothing to us.
    admin.press("Test Connection").press("Sign in", email=DANA, password=PASSWORD)
    assert admin.url.startswith(OKTA)
    assert admin.status == 403
    first_tab = world.signed_in().open(f"{page}/test/latest")
    assert first_tab.title == "Finish signing in to Okta in the other tab."
    world.pass_time(seconds=24)
    first_tab.open(first_tab.url)
    assert first_tab.title == "Okta has not answered. Most likely you are not assigned to Ringline yet."
    assert "Assignments → Assign → Assign to People" in first_tab.text

    # Step 5, then Test again: it passes and turns the connection on, visibly.
    assign_in_okta(admin, copied.app, DANA)
    admin.open(first_tab.url).press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "Okta is enabled: people can sign in with it now." in admin.text
    assert "21 passed" in admin.text

    # At its end this very person, an owner, signs in with SSO.
    refused = sign_in_with_sso(world.walker(), DANA)
    answer(refused)
    assert refused.status == 403
    admin.press("Use this identity for my account", password=PASSWORD)
    assert "You can sign in with Okta yourself now." in admin.text
    owner = sign_in_with_sso(world.walker(), DANA)
    answer(owner)
    assert owner.title == "You are signed in as Dana Whitfield"
    assert "Owner" in owner.text


def test_a_member_is_linked_and_a_new_person_gets_the_default_role(world: World) -> None:
    """An account with the address is linked; without one it is made, with the Default Role."""
    from ostiary.domain.account import Role

    world.add_account(MARCUS, role=Role.ADMIN)
    okta_enabled(world, assigned=(DANA, MARCUS, PRIYA))
    marcus = sign_in_with_sso(world.walker(), MARCUS)
    answer(marcus, MARCUS)
    assert marcus.title == "You are signed in as Marcus Oyelaran"
    assert "RoleAdmin" in marcus.text.replace(" ", "")
    priya = sign_in_with_sso(world.walker(), PRIYA)
    answer(priya, PRIYA)
    assert priya.title == "You are signed in as Priya Raman"
    assert "RoleMember" in priya.text.replace(" ", "")
    again = sign_in_with_sso(world.walker(), PRIYA)
    answer(again, PRIYA)
    with world.store.read() as tx:
        accounts = tx.accounts.page(organization_id=world.acme.id)
    assert [str(account.email) for account in accounts].count(PRIYA) == 1


def test_the_tile_signs_in(world: World) -> None:
    """From Okta: the tile's answer is verified and turned into a sign-in of our own."""
    okta_enabled(world, assigned=(DANA, MARCUS))
    user = world.walker().open(f"{OKTA}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    user.open(f"{OKTA}/app/UserHome").follow("RiRingline").press("Continue to Ringline")
    assert user.url.startswith(OKTA), "the tile became a request of ours"
    user.press("Continue to Ringline")
    assert user.title == "Continue as Marcus Oyelaran?", "it did not begin on our page"
    user.press("Continue as Marcus Oyelaran")
    assert user.title == "You are signed in as Marcus Oyelaran"
    user.press("Sign out").open(f"{OKTA}/app/UserHome").follow("RiRingline").press("Continue to Ringline")
    user.press("Continue to Ringline")
    assert user.title == "You are signed in as Marcus Oyelaran", "asked once for each account"
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts").follow("Marcus Oyelaran")
    assert "Clicked the Ringline tile in Okta" in admin.text
    assert "Tile in Okta" in admin.text


def test_whoever_is_unassigned_loses_access_by_tile_and_by_button(world: World) -> None:
    """If a user is unassigned, they immediately lose SSO access."""
    _, _, copied = okta_enabled(world, assigned=(DANA, MARCUS))
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"
    assert "Ends at the latest" in user.text

    app = next(app for name, app in world.okta.saml_apps() if name == "Ringline")
    person = world.okta.add_user(MARCUS, first_name="", last_name="", password="")
    world.okta.unassign(app, person)
    by_button = sign_in_with_sso(world.walker(), MARCUS)
    by_button.press("Sign in", email=MARCUS, password=PASSWORD)
    assert by_button.status == 403
    assert by_button.url.startswith(OKTA)
    by_button.open(f"{OKTA}/app/UserHome")
    assert "No applications are assigned" in by_button.text
    by_tile = by_button.open(copied.sso_url)
    assert by_tile.status == 403

    # The page says when the session that began before ends; after that the door is shut.
    world.pass_time(hours=2, minutes=1)
    assert user.open(f"{PRODUCT}/").url.startswith(f"{PRODUCT}/login")
    world.services.housekeeping.expire_attempts(world.clock.now())
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts?q={MARCUS}&outcome=no_answer")
    assert "login.no_answer" not in admin.title
    assert "has not answered" in admin.text


def test_a_tile_is_refused_where_the_connection_says_so(world: World) -> None:
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    admin.open(page).press("Save Configuration", tile="refuse")
    admin.press("Test Connection")
    answer(admin)
    user = world.walker().open(f"{OKTA}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    user.open(f"{OKTA}/app/UserHome").follow("RiRingline").press("Continue to Ringline")
    assert user.status == 403
    reference = user.document.xpath("//dd/text()")[0]
    admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "login.tile_refused" in admin.text
    by_button = sign_in_with_sso(world.walker(), MARCUS)
    answer(by_button, MARCUS)
    assert by_button.title == "You are signed in as Marcus Oyelaran"


def test_a_tile_is_accepted_once_where_the_connection_says_so(world: World) -> None:
    """`accept`: the tile's answer signs in by itself; a second copy of it does not."""
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    admin.open(page).press("Save Configuration", tile="accept")
    admin.press("Test Connection")
    answer(admin)
    user = world.walker().open(f"{OKTA}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    user.open(f"{OKTA}/app/UserHome").follow("RiRingline")
    copy = user.twin()
    user.press("Continue to Ringline").press("Continue as Marcus Oyelaran")
    assert user.title == "You are signed in as Marcus Oyelaran"
    copy.press("Continue to Ringline")
    assert copy.status == 403
    reference = copy.document.xpath("//dd/text()")[0]
    admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "saml.response_replayed" in admin.text
