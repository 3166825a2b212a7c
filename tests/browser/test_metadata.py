"""The panel Metadata: a provider changes its key, and people sign in again without an admin."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, fill, heading, press

MARCUS = "marcus.oyelaran@acme.example"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}


def test_a_change_of_keys_at_the_provider_heals_by_itself_and_is_shown(
    demo: RunningDemo, page: Page, new_context: Callable[..., BrowserContext], screenshot, axe
) -> None:
    """Set up by the metadata URL, tested, signed in; then a new certificate is activated in the console."""
    steps.sign_in(page, demo)
    record = steps.add_domain(page)
    console = new_context().new_page()
    steps.set_record(console, demo, record)
    press(page, "Check again")
    given = steps.begin(page, "Okta")
    steps.console(console, demo, "Okta")
    app = steps.create_okta_app(console, given)
    steps.assign_in_okta(console, app, DANA, MARCUS)
    console.goto(f"{app}/sign-on")
    source = console.get_by_label("Metadata URL").input_value()
    page.goto(given.page)
    page.get_by_text("Give the metadata and skip these three").click()
    fill(page, "Metadata URL", source)
    press(page, "Save Configuration")
    tested = steps.press_test_connection(page)
    steps.answer(tested, "Okta", DANA)
    heading(tested, "Okta and Ringline understand each other.")
    _sign_in(new_context().new_page(), demo)
    steps.has_followed(page)
    page.goto(given.page)
    press(page, "Check now")
    expect(page.locator("#metadata").get_by_text("Last checked")).to_be_visible()
    console.goto(f"{app}/sign-on")
    press(console, "Generate new certificate")
    console.locator("summary", has_text="Actions").last.click()
    press(console, "Activate")
    refused = new_context().new_page()
    steps.sign_in_with_sso(refused, demo, MARCUS)
    steps.answer(refused, "Okta", MARCUS)
    heading(refused, "Your company's sign-in may have a new key")
    screenshot(refused, "a-new-key-for-the-person")
    page.goto(given.page)
    panel = page.locator("#metadata")
    for _ in range(20):
        if panel.get_by_text("Key that came").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(panel.get_by_text("A new key waits for an owner.")).to_be_visible()
    _sign_in(new_context().new_page(), demo)
    # The address of an app at Okta bears its name: another name is another SSO URL.
    console.goto(f"{app}/edit/general")
    fill(console, "App name", "Ringline Calls")
    press(console, "Save")
    page.goto(given.page)
    press(page, "Check now")
    expect(panel.get_by_text("Okta publishes other values than those that are saved.")).to_be_visible()
    _look(page, screenshot, axe)


def _look(page: Page, screenshot, axe) -> None:
    faults = [f"light: {fault}" for fault in axe(page)]
    page.locator("#metadata").scroll_into_view_if_needed()
    screenshot(page, "metadata")
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, "metadata-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"phone: {fault}" for fault in axe(page)]
    screenshot(page, "metadata-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESKTOP)
    page.get_by_role("link", name="Single Sign-On").first.click()
    expect(page.get_by_text("Okta has a new key that waits for an owner")).to_be_visible()
    faults += [f"overview: {fault}" for fault in axe(page)]
    screenshot(page, "what-needs-attention")
    assert faults == []


def _sign_in(page: Page, demo: RunningDemo) -> None:
    steps.sign_in_with_sso(page, demo, MARCUS)
    steps.answer(page, "Okta", MARCUS)
    expect(page.get_by_text("signed in as Marcus")).to_be_visible()
