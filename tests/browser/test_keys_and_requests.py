"""Requests in a form, with and without script, and the page of our own keys: in both themes, on a phone."""

import re

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import IDRIS, NORA, follow, heading, press

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}


def test_a_request_goes_in_a_form_by_itself_or_by_its_button(
    demo: RunningDemo, page: Page, new_context, screenshot, axe
):
    """With script it goes at once and no CSP stops it; without, the button is there."""
    open_connection(page, demo)
    page.locator("#advanced > summary").click()
    page.get_by_label("How our requests travel").select_option(label="In a form (HTTP-POST)")
    page.get_by_label("Sign our requests").check()
    press(page, "Save Configuration")
    second = steps.press_test_connection(page)
    steps.answer(second, "Okta", NORA)
    second.get_by_text("Test Connection passed").wait_for()

    with_script = new_context().new_page()
    steps.sign_in_with_sso(with_script, demo, IDRIS)
    steps.answer(with_script, "Okta", IDRIS)
    heading(with_script, "You are signed in as Idris Kamau")

    without = new_context(java_script_enabled=False).new_page()
    steps.sign_in_with_sso(without, demo, IDRIS)
    heading(without, "On to 127.0.0.1")
    screenshot(without, "on-to-the-provider")
    press(without, "Go to 127.0.0.1")
    heading(without, re.compile("^Sign in to"))


def test_the_page_of_our_keys_reads_well_everywhere(demo: RunningDemo, page: Page, screenshot, axe):
    """A whole change of the key, looked at in each step."""
    open_connection(page, demo)
    follow(page, "Our keys for Okta")
    heading(page, "Our keys for Okta")
    faults = looked_at(page, "keys", screenshot, axe)
    press(page, "Prepare the next key")
    expect(page.get_by_text("Prepared.")).to_be_visible()
    faults += looked_at(page, "keys-next", screenshot, axe)
    press(page, "Switch to the next key")
    expect(page.get_by_text("Switched.")).to_be_visible()
    faults += looked_at(page, "keys-previous", screenshot, axe)
    follow(page, "Remove the previous key")
    heading(page, "Remove the previous key?")
    screenshot(page, "keys-remove")
    press(page, "Remove the previous key")
    expect(page.get_by_role("button", name="Prepare the next key")).to_be_visible()
    assert faults == []


def open_connection(page: Page, demo: RunningDemo) -> None:
    """Globex's Okta, as its admin opens it."""
    steps.sign_in(page, demo, NORA)
    follow(page, "Security")
    page.get_by_role("link", name=re.compile("^Okta|^Open|Okta$")).first.click()
    heading(page, "Set Up Okta SSO for Ringline")


def looked_at(page: Page, name: str, screenshot, axe) -> list[str]:
    """The faults of the page in light, dark and on a phone, after pictures of it were taken."""
    faults = [f"{name} light: {fault}" for fault in axe(page)]
    screenshot(page, name)
    page.emulate_media(color_scheme="dark")
    faults += [f"{name} dark: {fault}" for fault in axe(page)]
    screenshot(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"{name} phone: {fault}" for fault in axe(page)]
    screenshot(page, f"{name}-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
    return faults
