"""The doctor in a real browser: a recording of a sign-in that was refused, explained; and the page within reach."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from ostiary.demo.seed import GLOBEX_APP
from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import NORA, follow, heading, press

PHONE: ViewportSize = {"width": 390, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def recording(demo: RunningDemo, new_module_context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a browser's developer tools save: Nora's sign-in, while Okta's audience ends with a slash."""
    path = tmp_path_factory.mktemp("recording") / "sign-in.har"
    console = new_module_context().new_page()
    steps.console(console, demo, "Okta")
    steps.switch_fault(console, demo, "Okta", "Trailing slash on the audience", app=GLOBEX_APP)
    context = new_module_context(record_har_path=path)
    page = context.new_page()
    steps.sign_in_with_sso(page, demo, NORA)
    steps.answer(page, "Okta", NORA)
    heading(page, re.compile("Your company.s sign-in"))
    context.close()
    return path


def test_a_recording_of_a_refused_sign_in_is_explained(
    demo: RunningDemo, page: Page, recording: Path, screenshot, axe: Callable[[Page], list[str]]
) -> None:
    """From the overview to the doctor, the file chosen, and the same explanation as after a test."""
    steps.sign_in(page, demo, NORA)
    page.goto(f"{demo.url}/settings/security/single-sign-on")
    follow(page, "Ask the doctor")
    heading(page, "What is this, and what is wrong with it?")
    faults = axe(page)
    screenshot(page, "doctor")
    steps.upload(page, "Or choose a file", recording)
    press(page, "Look at it")
    heading(page, "Okta's Audience URI (SP Entity ID) ends with a slash. This connection's Entity ID does not.")
    assert page.title().startswith("Error: ")
    expect(page.get_by_text("2 messages were found")).to_be_visible()
    expect(page.get_by_text("A sign-in request (SAML AuthnRequest)").first).to_be_visible()
    expect(page.locator("mark").first).to_have_text("/")
    expect(page.get_by_role("heading", name="Fix it in Okta")).to_be_visible()
    expect(page.get_by_text("Recognised by its values")).to_be_visible()
    expect(page.get_by_text("A recording holds cookies")).to_be_visible()
    faults += axe(page)
    screenshot(page, "doctor-recording")
    page.emulate_media(color_scheme="dark")
    faults += axe(page)
    screenshot(page, "dark-doctor-recording")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += axe(page)
    screenshot(page, "phone-doctor-recording")
    assert page.evaluate(SIDEWAYS) == 0
    assert faults == []


def test_something_is_pasted_and_looked_at_by_keyboard_alone(demo: RunningDemo, page: Page, screenshot) -> None:
    """Tab to the field, paste, Tab to the button, Enter."""
    steps.sign_in(page, demo, NORA)
    page.goto(f"{demo.url}/settings/security/doctor")
    page.get_by_label("Paste it").focus()
    page.keyboard.insert_text("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Look at it")).to_be_focused()
    page.keyboard.press("Enter")
    heading(page, "This belongs to OpenID Connect, not to SAML: it is a JSON Web Token (JWT).")
    expect(page.get_by_role("link", name="Open Single Sign-On")).to_be_visible()
    expect(page.get_by_label("Paste it")).to_have_value("")
    page.set_viewport_size(DESKTOP)
    screenshot(page, "doctor-token")
