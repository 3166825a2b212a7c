"""The Advanced section of a connection: by keyboard, in light and dark, on a phone."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.office import Office
from tests.browser.started import RunningDemo
from tests.browser.steps import fill, press
from tests.services.connection_form.certificates import certificate, entity, federation

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}


@pytest.fixture
def form(demo: RunningDemo, page: Page) -> Page:
    """The page of a new Okta connection, filled in and not saved yet."""
    steps.sign_in(page, demo)
    steps.begin(page, "Okta")
    fill(page, "SSO URL", "https://acme.okta.example/app/exk1/sso/saml")
    fill(page, "Issuer / Entity ID", "http://www.okta.com/exk1")
    fill(page, "Certificate", certificate().decode())
    return page


def test_the_advanced_section_is_within_reach_and_says_what_a_switch_costs(form: Page, screenshot, axe) -> None:
    """Opened, ticked and saved without a pointer; then looked at in both themes and on a phone."""
    page = form
    page.locator("#advanced > summary").focus()
    page.keyboard.press("Enter")
    switch = page.get_by_label("SHA-1 signatures")
    expect(switch).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "allow_sha1":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Space")
    expect(switch).to_be_checked()
    expect(page.get_by_text("A signature with SHA-1 can be forged by whoever pays")).to_be_visible()
    press(page, "Save Configuration")
    expect(page.get_by_text("This connection accepts SHA-1 signatures.")).to_be_visible()
    expect(page.get_by_text("Puts up with 1 older thing")).to_be_visible()
    page.locator("#advanced > summary").click()
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, "advanced")
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, "advanced-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"phone: {fault}" for fault in axe(page)]
    screenshot(page, "advanced-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
    assert faults == []


def test_an_address_leads_to_one_switch(form: Page, screenshot) -> None:
    """The link of an explanation: the section is open, the switch has the focus, and nothing is ticked."""
    page = form
    page.goto(page.url + "?allow=allow_cbc#allow_cbc")
    switch = page.get_by_label("AES-CBC encryption")
    expect(switch).to_be_in_viewport()
    expect(switch).to_be_focused()
    expect(switch).not_to_be_checked()
    screenshot(page, "advanced-one-switch")


def test_a_refusal_ends_with_the_switch_and_its_risk(office: Office, screenshot, axe) -> None:
    """After the steps at the provider; the link leads to the switch, and looking changes nothing."""
    with office.fault("OneLogin", "SHA-1"):
        page = office.test("OneLogin")
        expect(page.get_by_text("saml.algorithm_refused")).to_be_visible()
        headings = page.get_by_role("heading", level=2).all_inner_texts()
        assert headings.index("Fix it in OneLogin") < headings.index("If OneLogin can't be changed")
        assert axe(page) == []
        screenshot(page, "test-failed-with-a-switch")
        steps.follow(page, "Look at the switch")
        expect(page.get_by_label("SHA-1 signatures")).to_be_focused()
        expect(page.get_by_label("SHA-1 signatures")).not_to_be_checked()


def test_of_several_identity_providers_one_is_chosen_on_the_page(form: Page, screenshot, axe) -> None:
    """A document of two, pasted where the certificate belongs; what was typed is not asked for twice."""
    page = form
    several = federation(entity("https://a.example/metadata"), entity("https://b.example/metadata"))
    fill(page, "Certificate", several)
    press(page, "Save Configuration")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    steps.follow(page, "Which identity provider")
    choice = page.get_by_label("Which identity provider")
    expect(choice).to_be_in_viewport()
    assert axe(page) == []
    screenshot(page, "metadata-of-several-providers")
    choice.select_option("https://b.example/metadata")
    press(page, "Save Configuration")
    expect(page.get_by_label("Issuer / Entity ID")).to_have_value("https://b.example/metadata")
    page.goto(page.url.partition("?")[0] + "?attribute_email=urn:oid:0.9.2342.19200300.100.1.3#attribute_email")
    expect(page.get_by_text("Filled in by the link.")).to_be_visible()
    screenshot(page, "a-name-taken-over")
