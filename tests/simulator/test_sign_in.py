"""What end users meet: the sign-in page, the portal, and the vendor's own refusals."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.simulator.browser import Browser
from tests.simulator.conftest import PASSWORD
from tests.simulator.service_provider import NOW, authn_request, posted_xml, redirect_query


def test_whoever_is_signed_in_already_sees_no_sign_in_page(browser, app, sign_in):
    browser.open("/")
    sign_in(browser)
    browser.open(app.sso_url, **redirect_query(authn_request()))
    assert browser.heading == "Signing in to Ringline"


def test_the_person_is_known_in_whatever_letter_case(browser, app, sign_in):
    browser.open("/")
    sign_in(browser, email="ANA@Acme.Example")
    assert browser.links() == ["Ringline"]


@pytest.mark.parametrize(("email", "password"), [("ana@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)])
def test_a_wrong_password_and_an_unknown_person_are_refused_alike(browser, app, sign_in, email, password):
    browser.open("/")
    sign_in(browser, email=email, password=password)
    assert browser.response.status_code == 403
    assert "do not belong together" in browser.text
    assert browser.value("Email") == email


@pytest.mark.parametrize("leads_away", ["https://thief.example/", "//thief.example/", "/\\thief.example/", ""])
def test_signing_in_never_leads_to_another_site(browser, app, sign_in, leads_away):
    browser.open("/login", next=leads_away)
    sign_in(browser)
    assert browser.response.url.host == "127.0.0.1"
    assert browser.links() == ["Ringline"]


def test_an_unassigned_user_is_refused_on_the_vendors_page_without_any_answer(browser, app, sign_in, vendor):
    browser.open(app.sso_url, **redirect_query(authn_request()))
    sign_in(browser, email="ben@acme.example")
    assert browser.response.status_code == 403
    assert browser.heading == (
        "403 App Not Assigned" if vendor == "okta" else "You do not have access to this application"
    )
    assert "SAMLResponse" not in browser.response.text


def test_whoever_is_unassigned_loses_tile_and_sign_in_at_once(simulator, browser, app, ana, sign_in):
    browser.open("/")
    sign_in(browser)
    simulator.unassign(app, ana)
    browser.open("/")
    assert browser.links() == []
    browser.open(app.sso_url, **redirect_query(authn_request()))
    assert browser.response.status_code == 403


def test_a_request_with_force_authn_asks_for_the_password_once_more(browser, app, clock, sign_in):
    browser.open("/")
    sign_in(browser)
    clock.at = NOW + timedelta(minutes=1)
    fresh = authn_request(issued="2026-11-21T10:00:59Z", more=' ForceAuthn="true"')
    browser.open(app.sso_url, **redirect_query(fresh))
    assert browser.heading.startswith("Sign in")
    sign_in(browser)
    assert b"AuthnInstant=" in posted_xml(browser.response.text)


def test_a_session_ends_after_twelve_hours(browser, app, clock, sign_in):
    browser.open("/")
    sign_in(browser)
    clock.at = NOW + timedelta(hours=12)
    browser.open("/")
    assert browser.heading.startswith("Sign in")


def test_signing_out_ends_the_session(browser, app, sign_in):
    browser.open("/")
    sign_in(browser)
    token = dict(browser.client.cookies)
    browser.press("Sign out")
    assert browser.heading.startswith("Sign in")
    browser.client.cookies.update(token)
    browser.open("/")
    assert browser.heading.startswith("Sign in")


def test_cookies_bear_the_name_and_the_port_of_their_simulator(browser, sign_in, vendor):
    browser.open("/")
    sign_in(browser)
    assert list(browser.client.cookies) == [f"simulated_{vendor}_9101_session"]


def test_one_simulators_session_signs_nobody_in_at_another(make, sign_in):
    okta, onelogin = Browser(make("okta")), Browser(make("onelogin", seed=2))
    okta.open("/")
    sign_in(okta)
    onelogin.client.cookies.update(okta.client.cookies)
    onelogin.open("/")
    assert onelogin.heading.startswith("Sign in")


def test_a_persons_session_does_not_open_the_console(browser, app, sign_in, vendor):
    browser.open("/")
    sign_in(browser)
    token = browser.client.cookies[f"simulated_{vendor}_9101_session"]
    browser.client.cookies[f"simulated_{vendor}_9101_admin"] = token
    browser.open("/admin")
    assert browser.path == "/admin/login"


def test_a_form_from_another_site_is_refused(simulator, app):
    client = TestClient(simulator.app, base_url=simulator.base_url)
    form = {"email": "ana@acme.example", "password": PASSWORD}
    answer = client.post("/login", data=form, headers={"Origin": "https://thief.example"})
    assert answer.status_code == 403
    assert not client.cookies


@pytest.mark.parametrize("path", ["/login", "/admin/login"])
def test_a_form_of_more_than_a_megabyte_is_refused(simulator, path):
    client = TestClient(simulator.app, base_url=simulator.base_url)
    answer = client.post(path, content=b"a" * 1_100_000)
    assert answer.status_code == 413


def test_a_form_that_is_no_form_is_refused_in_words(simulator):
    client = TestClient(simulator.app, base_url=simulator.base_url)
    headers = {"Content-Type": "multipart/form-data"}
    assert client.post("/login", content=b"\xff", headers=headers).status_code == 400
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=b"\xff\xfe", headers=headers).status_code == 400


def test_only_the_page_that_posts_away_may_post_away(browser, app, sign_in):
    browser.open(app.sso_url, **redirect_query(authn_request()))
    assert "form-action 'self'" in browser.response.headers["content-security-policy"]
    sign_in(browser)
    policy = browser.response.headers["content-security-policy"]
    assert "form-action" not in policy
    assert "unsafe" not in policy
    assert "<button" in browser.response.text


def test_every_page_says_that_it_is_a_simulator(browser, app, vendor):
    name = {"okta": "Okta", "onelogin": "OneLogin"}[vendor]
    for path in ("/login", "/admin/login"):
        browser.open(path)
        assert f"Simulated {name}, for trying Ostiary." in browser.text
