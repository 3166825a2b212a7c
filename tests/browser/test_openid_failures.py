"""What goes wrong at a provider of OpenID Connect, switched on at its console, and read by an admin and a person.

What each page says word for word is tested by the journeys; here somebody sees it, finds it and mends it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import create_engine, delete, update

from ostiary.domain.openid.settings import SubjectClaim, UserinfoUse
from ostiary.simulator import OidcFault, ProviderFault
from ostiary.storage.schema import attempts, provider_documents
from tests.browser.steps import (
    DANA,
    MARCUS,
    fill,
    follow,
    has_followed,
    heading,
    press,
    press_test_connection,
    reference_on,
)
from tests.browser.street import AT_PROVIDERS, CLOCK, PASSWORD, Street, a_street

Screenshot = Callable[[Page, str], Path]
Axe = Callable[[Page], list[str]]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Acme with Okta, Entra ID and Keycloak, for the tests of this file."""
    with a_street(tmp_path_factory.mktemp("street"), providers=("okta", "entra", "keycloak")) as made:
        tenant = made.providers["entra"].app.issuer.split("/")[3]
        made.settings_of("entra", subject_claim=SubjectClaim.OID, userinfo_use=UserinfoUse.NEVER, tenants=(tenant,))
        yield made


@pytest.fixture(scope="module")
def admin(street: Street, new_module_context: Callable[..., BrowserContext]) -> Page:
    """Dana, signed in with her password, and known to every provider from then on."""
    page = new_module_context().new_page()
    page.goto(f"{street.url}/login")
    fill(page, "Email", DANA)
    fill(page, "Password", PASSWORD)
    press(page, "Sign in")
    heading(page, re.compile("Dana Whitfield"))
    return page


@contextmanager
def fault(street: Street, at: str, which: OidcFault | ProviderFault, *, console: Page) -> Iterator[None]:
    """Something is wrong at this provider for a while: switched on its console's page of faults."""
    base = street.providers[at].simulator.base_url
    of = street.providers[at].name + " itself" if isinstance(which, ProviderFault) else "Ringline"
    for _ in _twice(console, f"{base}/faults", f"{which.label} for {of}"):
        yield


def _twice(console: Page, url: str, label: str) -> Iterator[None]:
    _switch(console, url, label)
    try:
        yield
    finally:
        _switch(console, url, label)


def _switch(console: Page, url: str, label: str) -> None:
    console.goto(url)
    if console.get_by_role("button", name="Log in").count():
        press(console, "Log in")
    switch = console.get_by_role("switch", name=label, exact=True)
    was_on = switch.get_attribute("aria-checked")
    switch.click()
    expect(switch).not_to_have_attribute("aria-checked", was_on or "")


def report_of(street: Street, admin: Page, at: str) -> Page:
    """Test Connection at this provider; the tab that has the report."""
    second = begun(street, admin, at)
    second.wait_for_url(re.compile(re.escape(street.url)))
    second.close()
    expect(admin.get_by_text(re.compile("^Test Connection (failed|passed)"))).to_be_visible()
    return admin


def begun(street: Street, admin: Page, at: str) -> Page:
    """The second tab, in which Dana has signed in at the provider where it asked for it."""
    admin.goto(f"{street.url}/settings/security/connections/{street.providers[at].connection_id}")
    second = press_test_connection(admin)
    second.wait_for_load_state()
    if second.get_by_label("Password").count() and not second.url.startswith(street.url):
        fill(second, "Email", DANA)
        fill(second, "Password", AT_PROVIDERS)
        press(second, "Sign in")
        second.wait_for_load_state()
    if second.get_by_role("button", name="Accept").count():
        press(second, "Accept")
        second.wait_for_load_state()
    return second


def looked_at(page: Page, what: str, *, screenshot: Screenshot, axe: Axe) -> None:
    """Pictures of this page, wide and narrow, light and dark; nothing of it is out of reach."""
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, what)
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, f"{what}-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    screenshot(page, f"{what}-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 860})
    assert faults == []


def forget_providers(street: Street) -> None:
    """What is kept of the providers is too old."""
    engine = create_engine(street.services.settings.store_url)
    with engine.begin() as connection:
        connection.execute(delete(provider_documents))
    engine.dispose()


def half_a_minute_later(street: Street) -> None:
    """Every sign-in under way began that much earlier."""
    engine = create_engine(street.services.settings.store_url)
    with engine.begin() as connection:
        waiting = update(attempts).where(attempts.c.outcome == "waiting")
        connection.execute(waiting.values(started_at=CLOCK.now() - timedelta(seconds=30)))
    engine.dispose()


def test_a_passed_test_tells_what_came_and_offers_the_identity(
    street: Street, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = report_of(street, admin, "okta")
    heading(page, "Okta and Ringline understand each other.")
    claims = page.get_by_role("region", name="What Okta sent")
    expect(claims.get_by_role("row").filter(has_text="given_name")).to_contain_text("UserInfo")
    expect(page.get_by_text("existing, to be proven")).to_be_visible()
    expect(page.get_by_text("Asked Okta for the rest of the claims (UserInfo)")).to_be_visible()
    looked_at(page, "openid-test-passed", screenshot=screenshot, axe=axe)
    fill(page, "Your Ringline password", PASSWORD)
    press(page, "Use this identity for my account")
    expect(page.get_by_text("Linked.", exact=True)).to_be_visible()


def test_a_token_for_another_application(
    street: Street, admin: Page, page: Page, screenshot: Screenshot, axe: Axe
) -> None:
    with fault(street, "okta", OidcFault.WRONG_AUDIENCE, console=page):
        report = report_of(street, admin, "okta")
        heading(report, "The token was made for another application.")
        expect(report.get_by_text("oidc.audience_mismatch")).to_be_visible()
        difference = report.locator(".difference")
        expect(difference).to_contain_text(street.providers["okta"].app.client_id)
        expect(difference).to_contain_text("another-application")
        expect(report.get_by_role("heading", name="Fix it in the Single Sign-On settings")).to_be_visible()
        looked_at(report, "openid-test-failed-audience", screenshot=screenshot, axe=axe)
    second = press_test_connection(report)  # mended: the same button on the report
    heading(second, "Okta and Ringline understand each other.")
    second.close()
    has_followed(report)


def test_a_secret_that_the_provider_does_not_take(
    street: Street, admin: Page, page: Page, screenshot: Screenshot, axe: Axe
) -> None:
    with fault(street, "entra", OidcFault.SECRET_WRONG, console=page):
        report = report_of(street, admin, "entra")
        heading(report, "Microsoft Entra ID has signed nobody in: AADSTS7000215.")
        fix = report.get_by_role("region", name=re.compile("Fix it"))
        expect(fix.get_by_text("Certificates & secrets → Client secrets → New client secret")).to_be_visible()
        looked_at(report, "openid-test-failed-secret", screenshot=screenshot, axe=axe)


def test_an_issuer_that_ends_with_a_slash(street: Street, admin: Page, page: Page, screenshot: Screenshot) -> None:
    with fault(street, "keycloak", ProviderFault.SLASH_ISSUER, console=page):
        forget_providers(street)
        report = report_of(street, admin, "keycloak")
        heading(report, "Keycloak's issuer ends with a slash. The Discovery URL of this connection does not.")
        expect(report.locator("mark")).to_have_text("/")
        expect(report.get_by_text("1 character too many: a slash at the end")).to_be_visible()
        screenshot(report, "openid-test-failed-slash")


def test_a_provider_that_is_out_of_order(
    street: Street, admin: Page, page: Page, screenshot: Screenshot, axe: Axe
) -> None:
    with fault(street, "keycloak", ProviderFault.DISCOVERY_DOWN, console=page):
        forget_providers(street)
        report = report_of(street, admin, "keycloak")
        heading(report, "Keycloak is out of order at the moment: it answered with the status 503.")
        expect(report.get_by_text(re.compile("Not run: needs")).first).to_be_visible()
        looked_at(report, "openid-test-failed-out-of-order", screenshot=screenshot, axe=axe)


def test_a_provider_that_shows_its_own_page_is_silent(
    street: Street, admin: Page, page: Page, screenshot: Screenshot, axe: Axe
) -> None:
    """Entra ID tells us nothing of a Redirect URI that it does not know: the report names it after the assignment."""
    with fault(street, "entra", OidcFault.REDIRECT_URI_UNKNOWN, console=page):
        second = begun(street, admin, "entra")
        expect(second.get_by_text(re.compile("AADSTS50011"))).to_be_visible()
        second.close()
        half_a_minute_later(street)
        heading(admin, re.compile("Microsoft Entra ID has not answered."))
        rows = admin.get_by_role("region", name="What its page may say").get_by_role("listitem")
        expect(rows.filter(has_text="AADSTS50011")).to_contain_text("Authentication → Web → Redirect URIs")
        expect(rows.filter(has_text="AADSTS50105")).to_contain_text("Users and groups")
        looked_at(admin, "openid-test-silent", screenshot=screenshot, axe=axe)


def test_the_reference_leads_from_the_persons_page_to_the_whole_story(
    street: Street, admin: Page, new_context: Callable[..., BrowserContext], screenshot: Screenshot, axe: Axe
) -> None:
    person, console = new_context().new_page(), new_context().new_page()
    street.offer("keycloak")
    with fault(street, "keycloak", OidcFault.WRONG_AUDIENCE, console=console):
        person.goto(f"{street.url}/login")
        follow(person, "Sign in with SSO")
        fill(person, "Company email", MARCUS)
        press(person, "Sign in with SSO")
        fill(person, "Email", MARCUS)
        fill(person, "Password", AT_PROVIDERS)
        press(person, "Sign in")
        heading(person, "Your company's sign-in is not set up completely yet")
    assert "another-application" not in person.content()
    # The spent code and state are gone from the address bar: nobody mails them along with the reference.
    assert re.fullmatch(f"{re.escape(street.url)}/login/refused/[a-z0-9]+", person.url)
    looked_at(person, "openid-persons-page", screenshot=screenshot, axe=axe)
    reference = reference_on(person)
    admin.goto(f"{street.url}/settings/attempts")
    looked_at(admin, "openid-attempts", screenshot=screenshot, axe=axe)
    admin.get_by_role("searchbox").fill(reference)
    press(admin, "Show")
    assert admin.url == f"{street.url}/settings/attempts/{reference}"
    heading(admin, "The token was made for another application.")
    expect(admin.get_by_role("heading", name="What the person saw")).to_be_visible()
    admin.get_by_text(re.compile(r"^Show [\d,]+ characters")).click()
    expect(admin.locator("pre")).to_contain_text('"aud": "another-application"')
    expect(admin.locator("pre")).to_contain_text('"code": "(not kept)"')
    looked_at(admin, "openid-one-attempt", screenshot=screenshot, axe=axe)


def test_a_tab_that_waits_says_that_its_session_has_ended_and_asks_no_more(
    street: Street, new_module_context: Callable[..., BrowserContext]
) -> None:
    page = new_module_context().new_page()
    page.goto(f"{street.url}/login")
    fill(page, "Email", DANA)
    fill(page, "Password", PASSWORD)
    press(page, "Sign in")
    heading(page, re.compile("Dana Whitfield"))
    page.goto(f"{street.url}/settings/security/connections/{street.providers['keycloak'].connection_id}")
    press_test_connection(page)
    heading(page, "Finish signing in to Keycloak in the other tab.")
    page.context.clear_cookies()
    expect(page.get_by_text("You are signed out.", exact=True)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(4_000)
    assert asked == []
    follow(page, "Sign in again")
    heading(page, re.compile("Sign in"))
