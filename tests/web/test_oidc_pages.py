"""OpenID Connect at the door: a whole sign-in by HTTP, and what its addresses answer to others."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ostiary.domain.errors import AttemptExpired, AttemptUsed
from ostiary.oidc.errors import StateMismatch
from ostiary.oidc.keys import read_key_set
from ostiary.oidc.relying_party import ResponseMode
from ostiary.services.refusal_record import UNMATCHED_PER_HOUR
from ostiary.web import build_app
from ostiary.web.problem_pages import words_of
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
    page = _shown_apart(browser, browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}"))
    assert page.status_code == 403
    assert ground.attempts()[0].reference in page.text
    assert "nonce" not in page.text.lower()


@pytest.mark.parametrize("mode", [ResponseMode.QUERY, ResponseMode.FORM_POST])
def test_what_the_provider_has_sent_stays_in_no_address(
    ground: Ground, browser: TestClient, mode: ResponseMode
) -> None:
    ground.set_up(response_mode=mode)
    ground.provider.claims = {**JANE, "nonce": "another"}
    answered = dict(ground.provider.approve(at_the_provider(browser)))
    path = f"/oauth2/idpresponse/{ground.connection_id}"
    for _ in range(2):  # the second time it is a copy: the page says how the first one ended
        if mode is ResponseMode.QUERY:
            arrived = browser.get(f"{path}?{urlencode(answered)}")
        else:
            arrived = browser.post(path, data=answered, headers=SITE)
        assert not any(value in arrived.headers["location"] for value in answered.values())
        page = _shown_apart(browser, arrived)
        assert page.status_code == 403
        assert ground.attempts()[0].reference in page.text
        assert page.headers["cache-control"] == "no-store"


def test_the_page_says_to_others_no_more_than_to_the_person(ground: Ground, browser: TestClient) -> None:
    ground.provider.claims = {**JANE, "nonce": "another"}
    answered = dict(ground.provider.approve(at_the_provider(browser)))
    arrived = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    attempt, stranger = ground.attempts()[0], TestClient(build_app(ground.services), base_url=PRODUCT)
    person, other = (each.get(arrived.headers["location"]) for each in (browser, stranger))
    assert other.text == person.text
    assert not any(word in other.text for word in ("jane@", attempt.code or "", *answered.values()))
    # Nobody finds it by what people read out to each other.
    for guessed in (attempt.reference, attempt.reference.lower(), "nobodys", attempt.id[:-1], f"{attempt.id}%00"):
        assert stranger.get(f"/login/refused/{guessed}").status_code == 404


def test_a_copy_of_an_answer_that_was_taken_is_told_so_on_the_page(ground: Ground, browser: TestClient) -> None:
    answered = urlencode(ground.provider.approve(at_the_provider(browser)))
    path = f"/oauth2/idpresponse/{ground.connection_id}?{answered}"
    assert browser.get(path).headers["location"] == "/"
    page = _shown_apart(browser, browser.get(path))
    assert page.status_code == words_of(AttemptUsed.code).status
    assert words_of(AttemptUsed.code).title in page.text


def test_an_answer_that_comes_after_the_attempt_has_ended_is_told_to_be_late(
    ground: Ground, browser: TestClient
) -> None:
    answered = urlencode(ground.provider.approve(at_the_provider(browser)))
    ground.clock.at += timedelta(minutes=16)
    ground.services.housekeeping.expire_attempts(ground.clock.now())
    page = _shown_apart(browser, browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{answered}"))
    assert words_of(AttemptExpired.code).title in page.text
    assert page.status_code == words_of(AttemptExpired.code).status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_answers_of_nobody_leave_the_address_too_however_many_come(
    ground: Ground, browser: TestClient, method: str
) -> None:
    path = f"/oauth2/idpresponse/{ground.connection_id}"
    for number in range(UNMATCHED_PER_HOUR + 2):
        if method == "GET":
            arrived = browser.get(f"{path}?code=a-code&state=nothing-of-ours-{number}")
        else:
            arrived = browser.post(path, data={"code": "a-code", "state": "nothing of ours"}, headers=SITE)
        assert arrived.status_code == 303
        assert "a-code" not in arrived.headers["location"]
    assert arrived.headers["location"] == path
    page = browser.get(path)
    assert page.status_code == words_of(StateMismatch.code).status
    assert words_of(StateMismatch.code).title in page.text


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
    page = _shown_apart(browser, browser.get(first.headers["location"]))
    assert page.status_code >= 400
    assert ground.attempts()[0].code == "outbound.unreachable"
    assert ground.attempts()[0].reference in page.text


def test_another_browser_can_not_go_on_with_an_attempt(ground: Ground, browser: TestClient) -> None:
    first = browser.post("/login/sso", data={"email": "jane@acme.example"}, headers={"origin": PRODUCT})
    stranger = TestClient(build_app(ground.services), base_url=PRODUCT, follow_redirects=False)
    page = _shown_apart(stranger, stranger.get(first.headers["location"]))
    assert page.status_code == 403


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


def _shown_apart(browser: TestClient, arrived: Response) -> Response:
    """The page that a refused answer leads to, at an address of its own."""
    assert arrived.status_code == 303
    assert re.fullmatch(r"/login/refused/[a-z0-9]+", arrived.headers["location"])
    return browser.get(arrived.headers["location"])
