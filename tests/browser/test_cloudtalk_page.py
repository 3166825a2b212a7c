"""The page "How to Use SSO" of the brief in a real browser, for each of its five providers: as admin, then as user.

The product is named as on that page, and its button says what the page says.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ostiary.demo import people
from tests.browser import steps
from tests.browser.started import RunningDemo, running_demo
from tests.browser.steps import DANA, LENA, fill, follow, heading, press, shown

Screenshot = Callable[[Page, str], Path]


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What the admin finds in the provider's interface."""

    client_id: str
    client_secret: str
    discovery_url: str


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider of the page: where it is simulated, and how its console is walked."""

    toggle: str
    name: str
    number: int
    password: str
    method: str
    set_up: Callable[[Page, str], Copied] | None
    """In its console, with the Redirect URI; None where nothing has to be put in."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """CloudTalk, with its simulated providers."""
    brand = {"OSTIARY_PRODUCT_NAME": "CloudTalk", "OSTIARY_SIGN_IN_LABEL": "Log in with SSO"}
    with running_demo(tmp_path_factory.mktemp("cloudtalk"), **brand) as started:
        yield started


@pytest.fixture(scope="module")
def admin(demo: RunningDemo, module_context) -> Page:
    """Dana, signed in, with a verified domain."""
    page = module_context.new_page()
    steps.sign_in(page, demo)
    record = steps.add_domain(page)
    console = module_context.new_page()
    steps.set_record(console, demo, record)
    console.close()
    press(page, "Check again")
    expect(page.get_by_text("Verified", exact=True)).to_be_visible()
    return page


def _okta(page: Page, redirect_uri: str) -> Copied:
    follow(page, "Create App Integration")
    page.get_by_label("OIDC - OpenID Connect").check()
    page.get_by_label("Web Application").check()
    press(page, "Next")
    fill(page, "App integration name", "CloudTalk")
    fill(page, "Sign-in redirect URIs", redirect_uri)
    page.get_by_label("Controlled access").select_option("Allow everyone in your organization to access")
    press(page, "Save")
    client_id, secret = _shown_there(page, "client_id"), _secrets(page)[0]
    follow(page, "Sign On")
    return Copied(client_id=client_id, client_secret=secret, discovery_url=_shown_there(page, "issuer"))


def _onelogin(page: Page, redirect_uri: str) -> Copied:
    follow(page, "Add App")
    fill(page, "Search for an application", "OpenId Connect")
    press(page, "Search")
    follow(page, "OpenId Connect (OIDC)")
    fill(page, "Display Name", "CloudTalk")
    press(page, "Save")
    follow(page, "Configuration")
    fill(page, "Redirect URIs", redirect_uri)
    press(page, "Save")
    page.get_by_role("link", name="Users").last.click()
    for email in (DANA, LENA):
        page.get_by_label(re.compile(re.escape(email))).check()
    press(page, "Save")
    follow(page, "SSO")
    return Copied(
        client_id=_shown_there(page, "client_id"),
        client_secret=_secrets(page)[0],
        discovery_url=_shown_there(page, "issuer"),
    )


def _entra(page: Page, redirect_uri: str) -> Copied:
    follow(page, "New registration")
    fill(page, "Name", "CloudTalk")
    fill(page, "Redirect URI (optional)", redirect_uri)
    press(page, "Register")
    client_id, document = _shown_there(page, "client_id"), _shown_there(page, "discovery_url")
    follow(page, "Certificates & secrets")
    fill(page, "Description", "CloudTalk")
    press(page, "New client secret")
    return Copied(client_id=client_id, client_secret=_secrets(page)[0], discovery_url=document)


def _keycloak(page: Page, redirect_uri: str) -> Copied:
    follow(page, "Create client")
    fill(page, "Client ID", "cloudtalk")
    press(page, "Next")
    page.get_by_label("Client authentication").check()
    press(page, "Next")
    fill(page, "Valid redirect URIs", redirect_uri)
    press(page, "Save")
    follow(page, "Advanced")
    issuer = _shown_there(page, "issuer")
    follow(page, "Credentials")
    return Copied(client_id="cloudtalk", client_secret=_secrets(page)[0], discovery_url=issuer)


def _shown_there(page: Page, field: str) -> str:
    return page.locator(f"#shown-{field}").input_value().strip()


def _secrets(page: Page) -> list[str]:
    return [each.strip() for each in page.locator("section[aria-labelledby=secrets] code").all_inner_texts()]


def _provider(name: str, number: int, set_up: Callable[[Page, str], Copied] | None, **given: str) -> Provider:
    password = getattr(people, f"{given.get('key', name.upper())}_PASSWORD")
    toggle = given.get("toggle", name)
    return Provider(
        toggle=toggle, name=name, number=number, password=password, method=given.get("method", "GET"), set_up=set_up
    )


PROVIDERS = (
    _provider("Google", 6, None),
    _provider("Okta", 2, _okta),
    _provider("OneLogin", 1, _onelogin, method="POST"),
    _provider("Microsoft Entra ID", 7, _entra, key="ENTRA", toggle="Microsoft Entra ID (Azure)"),
    _provider("Keycloak", 8, _keycloak),
)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.name.lower().replace(" ", "-"))
def test_the_page_can_be_followed(
    demo: RunningDemo, admin: Page, new_context, screenshot: Screenshot, provider: Provider
) -> None:
    """In its order: Account → Settings → Single Sign-on, the toggle, the four values, the Redirect URI, the login."""
    pictured = f"cloudtalk-{provider.name.lower().replace(' ', '-')}"
    _to_the_toggles(admin, demo)
    screenshot(admin, f"{pictured}-1-toggles")
    admin.get_by_role("switch", name=f"Enable {provider.toggle}", exact=True).click()
    heading(admin, f"Set Up {provider.toggle} SSO for CloudTalk")
    screenshot(admin, f"{pictured}-2-set-up")
    if provider.set_up is not None:
        _fill_in(admin, demo, provider, pictured, screenshot)
    second = steps.press_test_connection(admin)
    _at_provider(second, provider, DANA)
    heading(second, f"{provider.name} and CloudTalk understand each other.")
    screenshot(second, f"{pictured}-5-tested")
    second.close()
    steps.has_followed(admin)
    _to_the_toggles(admin, demo)
    on = admin.get_by_role("switch", name=f"Enable {provider.toggle}", exact=True)
    expect(on).to_have_attribute("aria-checked", "true")
    person = new_context().new_page()
    _log_in(person, demo, provider, pictured, screenshot)


def _to_the_toggles(page: Page, demo: RunningDemo) -> None:
    """From the left sidebar, click into Account -> Settings. By choosing the Single Sign-on header, …"""
    page.goto(demo.url)
    sidebar = page.get_by_role("navigation", name="Places")
    expect(sidebar.get_by_role("heading", name="Account")).to_be_visible()
    sidebar.get_by_role("link", name="Settings").click()
    page.get_by_role("heading", name="Single Sign-on").get_by_role("link").click()
    heading(page, "Single Sign-On")


def _fill_in(page: Page, demo: RunningDemo, provider: Provider, pictured: str, screenshot: Screenshot) -> None:
    """Client ID, Client Secret, Discovery URL, Method; and the Redirect URI into the provider's interface."""
    assert provider.set_up is not None
    console = page.context.new_page()
    console.goto(f"{demo.simulator_url(provider.number)}/admin")
    press(console, "Log in")
    console.goto(f"{demo.simulator_url(provider.number)}/admin/apps")
    copied = provider.set_up(console, shown(page, "Redirect URI"))
    screenshot(console, f"{pictured}-3-their-interface")
    console.close()
    fill(page, "Client ID", copied.client_id)
    fill(page, "Client Secret", copied.client_secret)
    fill(page, "Discovery URL", copied.discovery_url)
    page.get_by_label("Method", exact=True).select_option(provider.method)
    press(page, "Save Configuration")
    expect(page.get_by_text("Test it next: nothing is turned on until a test has passed.")).to_be_visible()
    screenshot(page, f"{pictured}-4-saved")


def _at_provider(page: Page, provider: Provider, email: str) -> None:
    """Another login screen, where the credentials for the third-party provider are entered; and its consent."""
    heading(page, f"Sign in to {provider.name}")
    fill(page, "Email", email)
    fill(page, "Password", provider.password)
    press(page, "Sign in")
    consent = page.get_by_role("button", name="Accept", exact=True)
    if consent.count():
        consent.click()


def _log_in(page: Page, demo: RunningDemo, provider: Provider, pictured: str, screenshot: Screenshot) -> None:
    """A button labeled Log in with SSO, the CloudTalk email, which available SSO; a match is found: logged in."""
    page.goto(f"{demo.url}/login")
    follow(page, "Log in with SSO")
    expect(page.get_by_text("CloudTalk email")).to_be_visible()
    screenshot(page, f"{pictured}-6-email")
    page.locator("input[name=email]").fill(LENA)
    press(page, "Log in with SSO")
    if page.get_by_role("heading", level=1).inner_text() == "Choose which SSO to log in with":
        screenshot(page, f"{pictured}-7-choose")
        page.get_by_role("button", name=re.compile(f"^{provider.name}")).click()
    _at_provider(page, provider, LENA)
    if page.get_by_role("heading", level=1).inner_text() == "Show once that this account is yours":
        # The provider does not say that the address is verified: the person shows once whose the account is.
        follow(page, "Use your password")
        fill(page, "Your password at CloudTalk", people.PRODUCT_PASSWORD)
        press(page, "Continue")
    heading(page, "You are signed in as Lena Brandt")
    screenshot(page, f"{pictured}-8-signed-in")
