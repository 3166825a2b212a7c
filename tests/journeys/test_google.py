"""Google by the operator's client: a press, a test, and people of the verified domains sign in; nobody else does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.domain.account import Role
from ostiary.domain.connection import google_redirect_uri
from ostiary.domain.openid.settings import GOOGLE
from ostiary.simulator import Simulator, known_client
from tests.journeys.steps import DANA, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import PASSWORD, PRODUCT, World, a_world

SSO = f"{PRODUCT}/settings/security/single-sign-on"
MARCUS = "marcus.oyelaran@acme.example"
CLIENT = {"google_client_id": "ringline.apps.googleusercontent.com", "google_client_secret": "GOCSPX-agreed"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Acme, and a product whose operator has a client at Google."""
    with a_world(tmp_path, **CLIENT) as made:
        yield made


@pytest.fixture
def google(world: World) -> Simulator:
    """Google, which knows that client and its one redirect URI."""
    simulator = Simulator(
        profile="google", base_url=GOOGLE, state_path=None, clock=world.clock, random=world.random, calls=None
    )
    client_id, secret = CLIENT["google_client_id"], CLIENT["google_client_secret"]
    settings = known_client(client_id, secret=secret, now=world.clock.now())
    simulator.oidc.add_app("Ringline", redirect_uri=google_redirect_uri(PRODUCT), settings=settings)
    for email, first, last in ((DANA, "Dana", "Whitfield"), (MARCUS, "Marcus", "Oyelaran")):
        simulator.add_user(email, first_name=first, last_name=last, password=PASSWORD)
    world.wire.apps[GOOGLE] = simulator.app
    return simulator


def at_google(walker: Walker, email: str) -> Walker:
    """Sign in there where it asks, and let the product know who it is."""
    if walker.title.startswith("Sign in to"):
        walker.press("Sign in", email=email, password=PASSWORD)
    if walker.url.startswith(GOOGLE):
        walker.press("Accept" if "Permissions requested" in walker.text else "Continue")
    return walker


def google_enabled(world: World) -> Walker:
    """Acme with a verified domain and Google on. Returns: the admin at the report of the passed test."""
    admin = world.signed_in()
    world.verify_domain(admin)
    admin.open(SSO).press("Enable Google").press("Test Connection")
    return at_google(admin, DANA)


def test_one_press_a_test_and_people_sign_in(world: World, google: Simulator) -> None:
    """The brief: Google is the only third party which does not require additional setup information."""
    world.add_account(MARCUS, role=Role.MEMBER)
    admin = world.signed_in()
    world.verify_domain(admin)
    admin.open(SSO).press("Enable Google")
    assert admin.title == "Set Up Google SSO for Ringline"
    assert "People whose Google Workspace is that of this verified domain: acme.example" in admin.text
    assert "Private Google accounts are never let in: neither those of gmail.com" in admin.text
    assert "2 of 3" in world.signed_in().open(SSO).text
    assert not admin.document.xpath("//input[@name='client_id' or @name='client_secret' or @name='discovery_url']")
    assert "Untested" in admin.text
    admin.press("Test Connection")
    at_google(admin, DANA)
    assert "Test Connection passed" in admin.text, admin.text
    assert "Google is enabled: people can sign in with it now." in admin.text
    [switch] = admin.open(SSO).document.xpath("//button[@aria-label='Enable Google']")
    # A passed test shows the admin access: nobody is asked to confirm it.
    assert "3 of 3" in admin.text
    assert "Google admin access Shown by the test of " in " ".join(admin.text.split())
    assert "Add a connection" in admin.text
    assert "Enable SSO" not in admin.text
    assert switch.get("aria-checked") == "true"
    user = sign_in_with_sso(world.walker(), MARCUS)
    at_google(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"
    asked = [url for url in world.wire.asked if url.startswith(f"{GOOGLE}/token")]
    assert len(asked) == 2


def test_a_second_press_opens_the_same_connection(world: World, google: Simulator) -> None:
    admin = world.signed_in()
    first = admin.open(SSO).press("Enable Google").url.partition("?")[0]
    for path in ("provider=google", "protocol=oidc"):
        assert admin.open(f"{SSO}/new?{path}").press("GoGoogle…").url.partition("?")[0] == first


def test_without_a_verified_domain_nobody_is_let_in_and_the_page_says_so(world: World, google: Simulator) -> None:
    admin = world.signed_in()
    admin.open(SSO).press("Enable Google")
    assert "No domain is verified yet." in admin.text
    admin.press("Test Connection")
    at_google(admin, DANA)
    assert "oidc.tenant_mismatch" in admin.text
    assert admin.title == "No domain is verified yet, so nobody can sign in with Google."
    assert "Advanced" not in admin.text
    assert admin.document.xpath("//a[@href='/settings/security/domains'][contains(., 'Verify a domain')]")


@pytest.mark.parametrize(
    ("email", "claims", "code"),
    [
        ("eve@elsewhere.example", {}, "oidc.tenant_mismatch"),
        ("acme.person@gmail.com", {}, "oidc.tenant_mismatch"),
        ("mallory@acme.example", {"hd": None}, "oidc.tenant_mismatch"),
        ("mallory@acme.example", {"hd": "elsewhere.example"}, "oidc.tenant_mismatch"),
        ("mallory@acme.example", {"hd": "acme.example.elsewhere.example"}, "oidc.tenant_mismatch"),
        ("mallory@acme-labs.example", {"hd": "acme.example"}, "login.domain_not_verified"),
        ("nobody@acme.example", {}, "login.no_account"),
    ],
    ids=["a foreign Workspace", "gmail.com", "no hd", "foreign hd", "hd that ends otherwise", "domain", "no account"],
)
def test_who_is_no_person_of_a_verified_domain_is_refused(
    world: World, google: Simulator, email: str, claims: dict[str, str | None], code: str
) -> None:
    """`hd` is signed and checked; the address alone never lets anybody in."""
    google_enabled(world)
    person = google.add_user(email, first_name="Mallory", last_name="M", password=PASSWORD)
    google.oidc.describe(person, **claims)
    user = sign_in_with_sso(world.walker(), MARCUS)
    at_google(user, email)
    assert user.status == 403
    assert email not in user.text
    reference = user.document.xpath("//dd/text()")[0]
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts/{reference}")
    assert code in admin.text


def test_an_account_of_another_company_is_told_and_another_one_can_be_chosen(world: World, google: Simulator) -> None:
    world.add_account(MARCUS, role=Role.MEMBER)
    google_enabled(world)
    google.add_user("marcus@elsewhere.example", first_name="Marcus", last_name="O", password=PASSWORD)
    user = sign_in_with_sso(world.walker(), MARCUS)
    at_google(user, "marcus@elsewhere.example")
    assert user.title == "You signed in with an account of another company"
    assert "Use your work account" in user.text
    world.pass_time(minutes=1)
    user.follow("Try again")
    assert user.title.startswith("Sign in to"), "the account that is signed in there is not taken once more"
    at_google(user, MARCUS)
    assert user.title == "Continue as Marcus Oyelaran?"


def test_an_address_that_google_has_not_verified_is_not_enough(world: World, google: Simulator) -> None:
    world.add_account(MARCUS, role=Role.MEMBER)
    google_enabled(world)
    person = google.add_user(MARCUS, first_name="", last_name="", password="")
    google.oidc.describe(person, email_verified=False)
    user = sign_in_with_sso(world.walker(), MARCUS)
    at_google(user, MARCUS)
    assert user.title != "You are signed in as Marcus Oyelaran"
    assert user.url.startswith(PRODUCT)


def test_an_answer_that_belongs_to_no_sign_in_is_refused(world: World, google: Simulator) -> None:
    page = world.walker().open(f"{PRODUCT}/oauth2/idpresponse/google?code=c&state=nothing.of-ours")
    assert page.status == 403
    assert "This sign-in is over" in page.text


def test_new_people_get_accounts_where_the_admin_says_so(world: World, google: Simulator) -> None:
    admin = google_enabled(world)
    page = next(view for view in world.services.connections.overview(world.acme).connections).connection.id
    admin.open(f"{PRODUCT}/settings/security/connections/{page}").press(
        "Save Configuration", creates_accounts="yes", default_role="member"
    )
    assert "Sign-ins use the tested settings until this revision has passed its test." in admin.text
    at_google(admin.press("Test Connection"), DANA)
    user = sign_in_with_sso(world.walker(), MARCUS)
    at_google(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"


def test_without_a_client_of_the_operator_the_page_says_so_and_offers_ones_own(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        admin = world.signed_in().open(SSO)
        assert "Ringline has no Google client yet: its operator sets OSTIARY_GOOGLE_CLIENT_ID" in admin.text
        admin.press("Enable Google")
        assert "Ringline has no Google client yet." in admin.text
        admin.open(f"{SSO}/new?protocol=oidc").press("GoGoogle…")
        assert "Ringline has no Google client yet." in admin.text
        admin.press("GoGoogle, with a client of your own…")
        assert admin.title == "Set Up Google SSO for Ringline with a Client of Your Own"
        assert admin.field("Discovery URL") == "https://accounts.google.com"
        assert admin.value_of("Redirect URI").startswith(f"{PRODUCT}/oauth2/idpresponse/c")
        assert admin.document.xpath("//input[@name='client_id']")
