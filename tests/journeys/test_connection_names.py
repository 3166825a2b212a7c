"""Two connections of one provider can be told apart: by number at first, then by the names that admins give them."""

from dataclasses import replace

from tests.journeys.openid import open_office
from tests.journeys.steps import begin, okta_enabled, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, World

SSO = f"{PRODUCT}/settings/security/single-sign-on"
MARCUS = "marcus.oyelaran@acme.example"


def names(walker_text: str, *wanted: str) -> list[str]:
    """Those of these names that the page has."""
    return [name for name in wanted if name in walker_text]


def turn_on_as_the_first(world: World) -> None:
    """The second connection is tested and on too."""
    with world.store.write() as tx:
        first, second = tx.connections.of(world.acme.id)
        assert first.serving is not None
        tx.connections.save_revision(replace(first.serving, connection_id=second.id), organization_id=world.acme.id)
        tx.connections.set_enabled(second.id, organization_id=world.acme.id, at=world.clock.now())


def test_a_second_connection_of_a_provider_is_numbered_and_can_be_named(world: World) -> None:
    admin, _, _ = okta_enabled(world)
    begin(admin, "Okta")
    page = admin.url
    assert names(admin.open(SSO).text, "Okta 2") == ["Okta 2"]
    admin.open(page).follow("Name this connection")
    assert admin.title == "What is this connection called?"
    admin.press("Save the name", name="okta")
    assert admin.status == 422
    assert "Another connection is called okta." in admin.text
    admin.press("Save the name", name="Okta of the warehouse")
    assert "Named. People read the name where they choose how to sign in." in admin.text
    assert names(admin.text, "Okta 2", "Okta of the warehouse") == ["Okta of the warehouse"]
    admin.open(f"{PRODUCT}/settings/attempts")
    options = admin.document.xpath("//select[@name='connection']/option/text()")
    assert options == ["All connections", "Okta", "Okta of the warehouse"]
    admin.open(page).follow("Name this connection").press("Save the name", name="")
    assert names(admin.text, "Okta 2", "Okta of the warehouse") == ["Okta 2"]


def test_the_name_stands_where_people_choose_and_where_they_are(world: World) -> None:
    admin, _, _ = okta_enabled(world)
    begin(admin, "OneLogin")
    page = admin.url
    turn_on_as_the_first(world)
    admin.open(page).follow("Name this connection").press("Save the name", name="OneLogin for guests")
    user = sign_in_with_sso(world.walker(), MARCUS)
    assert user.title == "Choose which SSO to log in with"
    assert user.document.xpath("//button[@name='connection']//b/text()") == ["Okta", "OneLogin for guests"]
    with world.store.read() as tx:
        events = tx.audit.page(organization_id=world.acme.id, limit=50)
    renamed = [event for event in events if event.action == "connection.renamed"]
    assert [(event.facts["before"], event.facts["name"]) for event in renamed] == [("OneLogin", "OneLogin for guests")]
    admin.open(page).follow("Delete this connection")
    assert admin.title == "Delete OneLogin for guests?"


def test_the_name_stands_on_the_report_of_a_test_and_on_the_sign_ins(world: World) -> None:
    office = open_office(world, "okta")
    office.admin.open(office.page).follow("Name this connection").press("Save the name", name="Okta of the warehouse")
    report = office.test()
    assert "Okta of the warehouse is enabled: people can sign in with it now." in report.text
    assert "Okta of the warehouse" in report.document.xpath("//nav[@aria-label='Path']//a/text()")
    assert report.title == "Okta of the warehouse and Ringline understand each other."
    done = report.press("Use this identity for my account", password=PASSWORD)
    assert "Tied to Okta of the warehouse after this test" in " ".join(done.text.split())
    office.admin.open(f"{PRODUCT}/settings/attempts")
    assert "Okta of the warehouse" in office.admin.text


def test_what_was_begun_and_never_saved_is_thrown_away_with_one_press(world: World) -> None:
    admin = world.signed_in()
    begin(admin, "Okta")
    page = admin.url
    begin(admin, "Okta")
    assert admin.url == page, "clicking a provider twice opens the same set-up"
    admin.open(SSO)
    assert "Begun. Next: copy SSO URL, Issuer and certificate from Okta" in admin.text
    admin.press("Remove")
    assert "Removed. The set-up that was begun is gone." in admin.text
    assert admin.open(page).status == 404


def test_a_connection_that_was_saved_is_not_thrown_away_without_a_question(world: World) -> None:
    admin, page, _ = okta_enabled(world)
    admin.open(page).post(f"{page}/discard", b"")
    assert admin.title == "Delete Okta?"
    assert world.services.connections.overview(world.acme).connections
