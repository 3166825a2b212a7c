"""OpenID Connect at the door: a whole sign-in by HTTP, and what its addresses answer to others."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from ostiary.oidc.keys import read_key_set
from ostiary.oidc.relying_party import ResponseMode
from ostiary.web import build_app
from tests.services.oidc.ground import PRODUCT, Ground, a_ground
from tests.services.oidc.test_logout import logout_token

JANE = {"email": "jane@acme.example", "email_verified": True}
SITE = {"origin": "https://idp.example", "sec-fetch-site": "cross-site"}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on."""
    with a_ground(tmp_path) as made:
        made.provider.claims = JANE
        yield made


@pytest.fixture
def browser(ground: Ground) -> TestClient:
    """Somebody's browser."""
    return TestClient(build_app(ground.services), base_url=PRODUCT, follow_redirects=False)


def at_the_provider(browser: TestClient) -> str:
    """Where a browser arrives that has typed its address on our page."""
    first = browser.post("/login/sso", data={"email": "jane@acme.example"}, headers={"origin": PRODUCT})
    assert first.status_code == 303, first.text
    location = first.headers["location"]
    return browser.get(location).headers["location"] if location.startswith(PRODUCT) else location


def test_an_address_leads_to_the_provider_and_back_to_a_session(ground: Ground, browser: TestClient) -> None:
    for _ in range(2):  # the first time the provider is asked what it is, the second time it is known
        url = at_the_provider(browser)
        assert url.startswith(f"{ground.provider.issuer}/authorize?")
        answered = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(ground.provider.approve(url))}")
        assert (answered.status_code, answered.headers["location"]) == (303, "/")
        assert "jane@acme.example" in browser.get("/").text


def test_an_answer_may_be_posted_from_the_providers_site(ground: Ground, browser: TestClient) -> None:
    ground.set_up(response_mode=ResponseMode.FORM_POST)
    answered = dict(ground.provider.approve(at_the_provider(browser)))
    arrived = browser.post(f"/oauth2/idpresponse/{ground.connection_id}", data=answered, headers=SITE)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/")


def test_a_refusal_is_a_page_with_a_reference_and_no_word_of_the_provider(ground: Ground, browser: TestClient) -> None:
    ground.provider.claims = {**JANE, "nonce": "another"}
    answered = ground.provider.approve(at_the_provider(browser))
    page = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    assert page.status_code == 403
    assert ground.attempts()[0].reference in page.text
    assert "nonce" not in page.text.lower()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_portal_begins_a_sign_in_and_the_person_is_asked_at_its_end(
    ground: Ground, browser: TestClient, method: str
) -> None:
    asked = {"iss": ground.provider.issuer, "login_hint": "jane@acme.example", "target_link_uri": f"{PRODUCT}/settings"}
    start = f"/oidc/{ground.connection_id}/start"
    if method == "GET":
        going = browser.get(f"{start}?{urlencode(asked)}")
    else:
        going = browser.post(start, data=asked, headers=SITE)
    assert going.status_code == 303, going.text
    assert dict(parse_qsl(urlsplit(going.headers["location"]).query))["login_hint"] == "jane@acme.example"
    answered = ground.provider.approve(going.headers["location"])
    arrived = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    assert arrived.headers["location"] == "/login/continue?return_to=/settings"


@pytest.mark.parametrize(
    "asked",
    [
        {"iss": "https://evil.example"},
        {},
        {"iss": "ISSUER", "target_link_uri": "https://evil.example/"},
        {"iss": "ISSUER", "target_link_uri": f"{PRODUCT}.evil.example/"},
    ],
)
def test_a_portal_leads_nobody_elsewhere(ground: Ground, browser: TestClient, asked: dict[str, str]) -> None:
    said = {name: value.replace("ISSUER", ground.provider.issuer) for name, value in asked.items()}
    page = browser.get(f"/oidc/{ground.connection_id}/start?{urlencode(said)}")
    assert 400 <= page.status_code < 500
    assert ground.attempts() == []


def test_a_provider_that_is_down_is_told_on_a_page(ground: Ground, browser: TestClient) -> None:
    ground.provider.issuer = "http://127.0.0.1:9"
    ground.set_up(issuer=ground.provider.issuer)
    first = browser.post("/login/sso", data={"email": "jane@acme.example"}, headers={"origin": PRODUCT})
    page = browser.get(first.headers["location"])
    assert page.status_code >= 400
    assert ground.attempts()[0].code == "outbound.unreachable"
    assert ground.attempts()[0].reference in page.text


def test_another_browser_can_not_go_on_with_an_attempt(ground: Ground, browser: TestClient) -> None:
    first = browser.post("/login/sso", data={"email": "jane@acme.example"}, headers={"origin": PRODUCT})
    stranger = TestClient(build_app(ground.services), base_url=PRODUCT, follow_redirects=False)
    page = stranger.get(first.headers["location"])
    assert page.status_code == 403
    assert "location" not in page.headers


def test_our_keys_are_published_and_only_their_public_halves(ground: Ground, browser: TestClient) -> None:
    answered = browser.get(f"/oidc/{ground.connection_id}/jwks.json")
    assert answered.status_code == 200
    found = read_key_set(answered.content)
    assert len(found.keys) == 1
    assert not found.publishes_private
    assert browser.get("/oidc/c00000000000/jwks.json").status_code == 404


def test_a_logout_token_is_answered_as_the_specification_says(ground: Ground, browser: TestClient) -> None:
    path = f"/oidc/{ground.connection_id}/backchannel-logout"
    session = ground.sign_in().session.token
    taken = browser.post(path, data={"logout_token": logout_token(ground)}, headers=SITE)
    assert (taken.status_code, taken.headers["cache-control"]) == (200, "no-store")
    assert ground.services.sessions.visitor(session) is None
    refused = browser.post(path, data={"logout_token": "x"}, headers=SITE)
    assert (refused.status_code, refused.headers["cache-control"]) == (400, "no-store")
    assert refused.json()["error"] == "invalid_request"
    assert browser.get(path).status_code == 405


def test_signing_out_goes_on_to_the_provider_and_comes_back(ground: Ground, browser: TestClient) -> None:
    ground.provider.described = {"end_session_endpoint": f"{ground.provider.issuer}/logout"}
    answered = ground.provider.approve(at_the_provider(browser))
    browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    page = browser.post("/logout", headers={"origin": PRODUCT})
    assert f"{ground.provider.issuer}/logout?" in page.text
    state = page.text.partition("state=")[2].partition("&")[0].partition('"')[0]
    back = browser.get(f"/oidc/{ground.connection_id}/signed-out?state={state}")
    assert back.headers["location"] == f"/logout/{state}"
    assert browser.get(f"/oidc/{ground.connection_id}/signed-out?state=x").status_code >= 400
