"""The Single Sign-On page: both ways that the briefs lead to it, its one list of toggles, and Google by one press."""

import re

from playwright.sync_api import Page, ViewportSize, expect

from ostiary.demo.people import GOOGLE_PASSWORD
from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, fill, follow, heading, press

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
LISTED = (
    "Google",
    "Okta",
    "OneLogin",
    "Microsoft Entra ID (Azure)",
    "Keycloak",
    "Auth0",
    "JumpCloud",
    "PingOne",
    "AD FS",
)
PATH = "/settings/security/single-sign-on"


def _at_google(page: Page, email: str) -> None:
    """Sign in at the simulated Google, and let the product know who it is."""
    if page.get_by_label("Password").count():
        fill(page, "Email", email)
        fill(page, "Password", GOOGLE_PASSWORD)
        press(page, "Sign in")
    page.get_by_role("button", name=re.compile("^(Accept|Continue)")).click()


def _verify_acme(page: Page, demo: RunningDemo) -> None:
    record = steps.add_domain(page)
    console = page.context.new_page()
    steps.set_record(console, demo, record)
    console.close()
    press(page, "Check again")
    expect(page.get_by_text("Verified", exact=True)).to_be_visible()


def test_both_ways_lead_to_one_page(demo: RunningDemo, page: Page, screenshot) -> None:
    """Settings → Security → Single Sign-On, as one brief says it; Account → Settings → Single Sign-on, as the other."""
    steps.sign_in(page, demo)
    follow(page, "Security")
    heading(page, "Single Sign-On")
    expect(page.get_by_role("link", name="Single Sign-On")).to_have_attribute("aria-current", "page")
    page.goto(demo.url)
    sidebar = page.get_by_role("navigation", name="Places")
    expect(sidebar.get_by_role("heading", name="Account")).to_be_visible()
    sidebar.get_by_role("link", name="Settings").click()
    heading(page, "Settings")
    screenshot(page, "settings")
    page.get_by_role("heading", name="Single Sign-on").get_by_role("link").click()
    heading(page, "Single Sign-On")
    assert page.url == demo.url + PATH


def test_the_list_holds_every_provider_in_both_themes_and_on_a_phone(demo, page: Page, screenshot, axe) -> None:
    steps.sign_in(page, demo)
    page.goto(demo.url + PATH)
    for name in LISTED:
        enable = page.get_by_role("switch", name=f"Enable {name}", exact=True)
        expect(enable).to_have_attribute("aria-checked", "false")
        enforce = page.get_by_role("switch", name=f"Enforce {name}", exact=True)
        expect(enforce).to_have_attribute("aria-disabled", "true")
        expect(page.get_by_role("link", name=f"{name} guide", exact=True)).to_be_visible()
    expect(page.get_by_text("Toggling on an option requires users to have an account")).to_be_visible()
    expect(page.get_by_role("link", name="Ringline support")).to_have_attribute(
        "href", "mailto:support@ringline.example"
    )
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, "toggles")
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, "toggles-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"phone: {fault}" for fault in axe(page)]
    screenshot(page, "toggles-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    assert faults == []


def test_a_switch_begins_a_set_up_by_keyboard_and_what_was_begun_can_be_thrown_away(demo, page: Page, axe) -> None:
    steps.sign_in(page, demo)
    page.goto(demo.url + PATH)
    page.get_by_role("switch", name="Enable Keycloak", exact=True).focus()
    page.keyboard.press("Space")
    heading(page, "Set Up Keycloak SSO for Ringline")
    begun = page.url
    page.goto(demo.url + PATH)
    row = page.get_by_role("row").filter(has_text="Keycloak")
    expect(row).to_contain_text("Begun. Next: copy Client ID, Client Secret and Discovery URL from Keycloak")
    page.get_by_role("switch", name="Enable Keycloak", exact=True).press("Enter")
    assert page.url.rstrip("?") == begun
    page.goto(demo.url + PATH)
    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The set-up that was begun is gone.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Keycloak")).to_contain_text("Needs a passed test first")
    assert axe(page) == []


def test_a_guide_can_be_read_before_anything_is_made(demo, page: Page, screenshot, axe) -> None:
    steps.sign_in(page, demo)
    page.goto(demo.url + PATH)
    follow(page, "Okta guide")
    heading(page, "Set Up Okta SSO for Ringline")
    assert axe(page) == []
    screenshot(page, "guide-to-read")
    follow(page, "The same with SAML 2.0")
    press(page, "Begin the set-up")
    expect(page.get_by_label("ACS URL", exact=True).first).to_be_visible()


def test_a_provider_that_is_not_listed_leads_to_the_generic_set_up(demo, page: Page, screenshot, axe) -> None:
    steps.sign_in(page, demo)
    page.goto(demo.url + PATH)
    follow(page, "generic set-up")
    heading(page, "How should your identity provider speak with Ringline?")
    expect(page.get_by_role("link", name="contact Ringline support")).to_be_visible()
    assert axe(page) == []
    screenshot(page, "generic-set-up")
    page.get_by_role("button", name=re.compile("^OpenID Connect")).click()
    expect(page.get_by_text("OpenID Connect · not saved yet")).to_be_visible()


def test_google_takes_one_press_and_one_test(demo, page: Page, new_context, screenshot, axe) -> None:
    """The brief: Google is the only third party which does not require additional setup information."""
    steps.sign_in(page, demo)
    _verify_acme(page, demo)
    page.goto(demo.url + PATH)
    page.get_by_role("switch", name="Enable Google", exact=True).click()
    heading(page, "Set Up Google SSO for Ringline")
    expect(page.get_by_text("acme.example", exact=True)).to_be_visible()
    faults = axe(page)
    screenshot(page, "google")
    page.set_viewport_size(PHONE)
    faults += axe(page)
    screenshot(page, "google-phone")
    page.set_viewport_size(DESKTOP)
    assert faults == []
    second = steps.press_test_connection(page)
    _at_google(second, DANA)
    heading(second, "Google and Ringline understand each other.")
    screenshot(second, "google-test-passed")
    second.close()
    steps.has_followed(page)
    page.goto(demo.url + PATH)
    expect(page.get_by_role("switch", name="Enable Google", exact=True)).to_have_attribute("aria-checked", "true")
    screenshot(page, "google-enabled")
    person = new_context().new_page()
    steps.sign_in_with_sso(person, demo, steps.LENA)
    _at_google(person, steps.LENA)
    heading(person, "You are signed in as Lena Brandt")
