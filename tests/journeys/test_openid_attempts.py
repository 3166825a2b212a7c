"""Sign-ins over OpenID Connect as their admin reads them: the list, one attempt, and the person's page."""

from dataclasses import replace

import pytest

from ostiary.domain.connection import urls
from ostiary.simulator import OidcFault
from tests.journeys.openid import Office, open_office
from tests.journeys.steps import DANA, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, PASSWORD, PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"


def enabled(world: World, vendor: str) -> Office:
    """Acme with a passed test at this provider, to which Marcus is assigned too."""
    office = open_office(world, vendor)
    assert "Test Connection passed" in office.test().text
    person = office.simulator.add_user(MARCUS, first_name="", last_name="", password=PASSWORD)
    office.simulator.oidc.assign(office.app, person)
    return office


def signing_in(office: Office, email: str) -> Walker:
    """Somebody's sign-in with the company's address, as far as it goes."""
    return office.at_the_provider(sign_in_with_sso(office.world.walker(), email), email=email)


def test_the_person_reads_a_reference_and_the_admin_the_whole_story(world: World) -> None:
    office = enabled(world, "keycloak")
    with office.fault(OidcFault.WRONG_AUDIENCE):
        user = signing_in(office, MARCUS)
    assert user.status == 403
    assert user.title == "Your company's sign-in is not set up completely yet"
    assert "another-application" not in user.text
    assert "audience" not in user.text.lower()
    reference = user.document.xpath("//dd/text()")[0]
    admin = office.admin.open(f"{PRODUCT}/settings/attempts")
    row = next(row for row in admin.document.xpath("//tbody/tr") if reference in row.text_content())
    told = " ".join(row.text_content().split())
    assert "Refused" in told
    assert "Keycloak" in told
    assert "The token was made for another application." in told
    admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "oidc.audience_mismatch" in admin.text
    difference = " ".join(admin.document.xpath("//dl[contains(@class, 'difference')]")[0].text_content().split())
    assert difference == (
        f"Expected Client ID saved here {office.app.client_id} Received aud of the ID token another-application"
    )
    steps = [
        " ".join(step.text_content().split()) for step in admin.document.xpath("//section[@aria-labelledby='fix']//li")
    ]
    assert steps[-1] == f"Ask {MARCUS} to sign in once more."
    assert any("Client ID" in step for step in steps)
    assert "“Your company's sign-in is not set up completely yet. Your IT team can change that." in admin.text


def test_the_timeline_tells_every_call_of_a_sign_in(world: World) -> None:
    office = enabled(world, "okta")
    arrived = signing_in(office, MARCUS)
    assert arrived.url == f"{PRODUCT}/"
    reference = office.admin.open(f"{PRODUCT}/settings/attempts?q={MARCUS}").document.xpath("//tbody//code/text()")[0]
    office.admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    lines = [
        " ".join(line.text_content().split()) for line in office.admin.document.xpath("//ol[@class='timeline']//b")
    ]
    assert lines == [
        "Handed the request to Okta",
        "Sent to Okta",
        "Came back from Okta",
        "Asked Okta for the tokens",
        "Asked Okta for the rest of the claims (UserInfo)",
        "All checks passed",
        "Person read",
        "Signed in as Marcus Oyelaran",
    ]


def test_what_came_is_shown_without_a_code_a_token_or_a_signature(world: World) -> None:
    office = enabled(world, "okta")
    with office.fault(OidcFault.OTHER_PERSON):
        user = signing_in(office, MARCUS)
    assert "?" not in user.url
    (answered,) = [url for url in user.passed if "/oauth2/idpresponse/" in url]
    code = answered.partition("code=")[2].partition("&")[0]
    assert code
    reference = user.document.xpath("//dd/text()")[0]
    shown = office.admin.open(f"{PRODUCT}/settings/attempts/{reference}").document.xpath("//pre")[0].text_content()
    assert '"code": "(not kept)"' in shown
    assert '"state": "(not kept)"' in shown
    assert f'"aud": "{office.app.client_id}"' in shown
    assert '"userinfo_not_used"' in shown
    for secret in (code, office.app.client_secret, "access_token", "eyJ"):
        assert secret not in shown
    assert "Codes, tokens and signatures are never kept." in office.admin.text


def test_a_click_on_the_tile_is_told_where_it_began(world: World) -> None:
    office = enabled(world, "okta")
    start = urls(PRODUCT, office.connection_id).initiate_url
    office.simulator.oidc.change_app(office.app, lambda one: replace(one, initiate_login_uri=start))
    user = world.walker().open(f"{OKTA}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    user.open(f"{OKTA}/app/UserHome").follow("RiRingline")
    assert user.url.startswith(f"{PRODUCT}/login/continue"), user.url
    admin = office.admin.open(f"{PRODUCT}/settings/attempts?q={MARCUS}")
    reference = admin.document.xpath("//tbody//code/text()")[0]
    admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "Tile in Okta" in admin.text
    assert "Clicked the Ringline tile in Okta Okta asked Ringline to begin a sign-in." in _spaced(admin)


@pytest.mark.parametrize("vendor", ["okta", "entra"])
def test_an_owner_takes_the_tested_identity_and_signs_in_with_it_from_then_on(world: World, vendor: str) -> None:
    """Who the person is, the key of the identity says: at Entra ID tid and oid, and not the address (decision 24)."""
    office = open_office(world, vendor)
    report = office.test()
    assert "existing, to be proven" in report.text
    refused = report.press("Use this identity for my account", password="another password")
    assert refused.status == 422
    done = report.press("Use this identity for my account", password=PASSWORD)
    assert "Linked." in done.text
    assert "Dana Whitfield, known Tied to" in _spaced(done)
    assert "to be proven" not in done.text
    arrived = signing_in(office, DANA)
    assert (arrived.status, arrived.url) == (200, f"{PRODUCT}/")
    assert "Dana Whitfield" in arrived.text
    again = office.test()
    assert "Dana Whitfield, known" in again.text
    assert "Use this identity for my account" not in again.text


def test_a_provider_that_refuses_the_person_is_quoted_to_the_admin_alone(world: World) -> None:
    office = enabled(world, "okta")
    with office.fault(OidcFault.NOT_ASSIGNED):
        user = signing_in(office, MARCUS)
    assert "assigned" not in user.text
    assert user.title == "You have not been given access yet"
    reference = user.document.xpath("//dd/text()")[0]
    admin = office.admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert admin.title == "Okta has signed nobody in: User is not assigned to the client application."
    assert "Assignments → Assign → Assign to People" in admin.text
    assert f"Select {MARCUS}, click Assign" in admin.text


@pytest.mark.parametrize("vendor", ["keycloak", "entra"])
def test_whoever_presses_cancel_at_the_provider_is_offered_another_try_first(world: World, vendor: str) -> None:
    office = enabled(world, vendor)
    with office.fault(OidcFault.CONSENT_DECLINED):
        user = signing_in(office, MARCUS)
    assert user.title == "You turned back at your company's sign-in"
    buttons = [" ".join(each.text_content().split()) for each in user.document.xpath("//div[@class='buttons']/a")]
    assert buttons == ["Try again", "Email it to your IT team"]
    reference = user.document.xpath("//dd/text()")[0]
    assert (
        "“You turned back at your company's sign-in."
        in office.admin.open(f"{PRODUCT}/settings/attempts/{reference}").text
    )


def test_what_is_never_given_out_again_is_what_a_connection_of_openid_connect_has(world: World) -> None:
    office = open_office(world, "okta")
    page = office.admin.open(f"{office.page}/delete")
    assert "The Redirect URI is never given out again." in page.text
    assert "ACS URL" not in page.text


def _spaced(walker: Walker) -> str:
    return " ".join(" ".join(part.split()) for part in walker.document.xpath("//main//text()") if part.strip())


def test_silence_ends_by_the_job_and_is_found_by_the_persons_address(world: World) -> None:
    """OneLogin shows a page of its own to somebody who is not assigned, and tells nobody else."""
    office = enabled(world, "onelogin")
    with office.fault(OidcFault.NOT_ASSIGNED):
        user = signing_in(office, MARCUS)
    assert "You do not have access to this application" in user.text
    world.pass_time(minutes=16)
    world.services.housekeeping.expire_attempts(world.clock.now())
    admin = office.admin.open(f"{PRODUCT}/settings/attempts?q={MARCUS}")
    assert "No answer" in admin.text
    admin.follow(MARCUS)
    assert "login.no_answer" in admin.text
    assert admin.title == f"OneLogin has not answered. Most likely {MARCUS} is not assigned to Ringline yet."
    shown = [
        " ".join(row.text_content().split())
        for row in admin.document.xpath("//section[@aria-labelledby='otherwise']//li")
    ]
    assert any("redirect_uri did not match" in row and f"{PRODUCT}/oauth2/idpresponse/" in row for row in shown)
    assert "Nothing has come back" in admin.text
    assert not any(word in admin.text for word in ("ACS", "SSO URL", "NameID"))
