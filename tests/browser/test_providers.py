"""Choosing a provider, and the guide of one, in both themes and on a phone."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.started import RunningDemo

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
TALL: ViewportSize = {"width": 1280, "height": 1400}


@pytest.fixture
def picker(demo: RunningDemo, page: Page) -> Page:
    """The page on which an admin chooses a provider."""
    steps.sign_in(page, demo)
    page.goto(f"{demo.url}/settings/security/single-sign-on/new?protocol=saml")
    return page


def test_every_provider_is_in_reach_of_the_keyboard_and_fits_a_phone(picker: Page, screenshot, axe) -> None:
    page = picker
    page.set_viewport_size(TALL)
    first = page.get_by_role("button", name="Okta")
    first.focus()
    for _ in range(8):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Another provider")).to_be_focused()
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, "providers")
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, "providers-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"phone: {fault}" for fault in axe(page)]
    screenshot(page, "providers-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
    assert faults == []


def test_the_guide_of_microsoft_entra_id_stands_beside_its_form(picker: Page, screenshot, axe) -> None:
    """Its claim names are long web addresses: nothing may break out of its place."""
    page = picker
    page.get_by_role("button", name="Microsoft Entra ID").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Set Up Microsoft Entra ID SSO for Ringline")
    for summary in page.locator("details.step > summary, ol details > summary").all():
        if not summary.evaluate("each => each.parentElement.open"):
            summary.click()
    assert axe(page) == []
    screenshot(page, "entra")
    page.set_viewport_size(PHONE)
    screenshot(page, "entra-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
