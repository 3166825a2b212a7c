"""Signing out in a real browser: at the provider, and here. Messages cross sites by forms, with real cookies."""

import re
from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, MARCUS, Copied, Shown, fill, follow, heading, press

CERTIFICATE = re.compile(r"X509Certificate>([^<]+)<")


@pytest.fixture(scope="module")
def okta(demo: RunningDemo, new_module_context) -> tuple[Shown, Copied]:
    """Acme with Okta, where signing out of the one signs out of the other."""
    context = new_module_context()
    admin, console = context.new_page(), context.new_page()
    steps.sign_in(admin, demo)
    record = steps.add_domain(admin)
    steps.set_record(console, demo, record)
    press(admin, "Check again")
    expect(admin.get_by_text("Verified", exact=True)).to_be_visible()
    admin.goto(demo.url)
    given, copied = steps.set_up(admin, console, demo, "Okta", people=(DANA, MARCUS))
    slo_url = set_up_logout_in_okta(console, given, copied)
    admin.goto(given.page)
    admin.locator("#advanced > summary").click()
    assert steps.shown(admin, "Single Logout URL") == f"{given.entity_id}/slo"
    fill(admin, "Logout URL", slo_url)
    admin.get_by_label("How logout messages travel").select_option("post")
    press(admin, "Save Configuration")
    second = steps.press_test_connection(admin)
    steps.answer(second, "Okta", DANA)
    heading(second, "Okta and Ringline understand each other.")
    steps.has_followed(admin)
    return given, copied


def set_up_logout_in_okta(console: Page, given: Shown, copied: Copied) -> str:
    """General → SAML Settings → Edit → Show Advanced Settings. Returns: Okta's own Single Logout URL."""
    found = CERTIFICATE.search(console.request.get(given.entity_id).text())
    assert found is not None
    pem = x509.load_der_x509_certificate(b64decode(found[1])).public_bytes(Encoding.PEM).decode()
    console.goto(f"{copied.app}/edit/saml")
    console.get_by_text("Show Advanced Settings").click()
    console.get_by_label("Allow application to initiate Single Logout").check()
    fill(console, "Single Logout URL", f"{given.entity_id}/slo")
    fill(console, "SP Issuer", given.entity_id)
    fill(console, "Signature Certificate", pem)
    console.get_by_role("button", name="Next", exact=True).last.click()
    console.get_by_label("I'm an Okta customer adding an internal app").check()
    press(console, "Finish")
    follow(console, "Sign On")
    return console.get_by_label("Identity Provider Single Logout URL").input_value()


def test_signing_out_of_the_one_signs_out_of_the_other(
    demo: RunningDemo, okta: tuple[Shown, Copied], new_context, screenshot, axe
) -> None:
    page = new_context().new_page()

    # At the provider: its portal asks us, in a form of another site without our cookie.
    steps.sign_in_with_sso(page, demo, MARCUS)
    steps.answer(page, "Okta", MARCUS)
    heading(page, "You are signed in as Marcus Oyelaran")
    page.goto(steps.provider_url(demo, "Okta") + steps.PORTALS["Okta"])
    press(page, "Sign out")
    heading(page, "You are signed out of Okta")
    expect(page.get_by_text("Ringline: signed out")).to_be_visible()
    page.goto(f"{demo.url}/")
    heading(page, "Sign in to Ringline")

    # Here: our session ends first, then the provider's, and the page says both.
    steps.sign_in_with_sso(page, demo, MARCUS)
    steps.answer(page, "Okta", MARCUS)
    heading(page, "You are signed in as Marcus Oyelaran")
    page.locator("#content").get_by_role("button", name="Sign out").click()
    heading(page, "You are signed out")
    expect(page.get_by_text("Both sessions have ended.")).to_be_visible()
    screenshot(page, "signed-out-of-both")
    faults = [f"light: {fault}" for fault in axe(page)]
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, "signed-out-of-both-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "signed-out-of-both-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert faults == []
    page.goto(steps.provider_url(demo, "Okta") + steps.PORTALS["Okta"])
    heading(page, "Sign in to Okta")
    page.goto(f"{demo.url}/")
    heading(page, "Sign in to Ringline")


def test_without_script_every_message_has_a_button(
    demo: RunningDemo, okta: tuple[Shown, Copied], new_context, screenshot
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    steps.sign_in_with_sso(page, demo, MARCUS)
    steps.answer(page, "Okta", MARCUS)
    press(page, "Continue to Ringline")
    heading(page, "You are signed in as Marcus Oyelaran")
    page.locator("#content").get_by_role("button", name="Sign out").click()
    heading(page, "You are signed out of Ringline")
    screenshot(page, "signed-out-here-and-on-to-okta")
    press(page, "Continue to Okta")
    press(page, "Continue to Ringline")
    heading(page, "You are signed out")


def test_the_message_travels_in_the_address_too(
    demo: RunningDemo, okta: tuple[Shown, Copied], new_context, screenshot
) -> None:
    """Chromium stops a form of ours whose answer redirects to another site; signing out must not end there."""
    admin = new_context().new_page()
    steps.sign_in(admin, demo)
    admin.goto(okta[0].page)
    admin.locator("#advanced > summary").click()
    admin.get_by_label("How logout messages travel").select_option("redirect")
    press(admin, "Save Configuration")
    steps.answer(steps.press_test_connection(admin), "Okta", DANA)
    heading(admin, "Okta and Ringline understand each other.")

    page = new_context().new_page()
    steps.sign_in_with_sso(page, demo, MARCUS)
    steps.answer(page, "Okta", MARCUS)
    heading(page, "You are signed in as Marcus Oyelaran")
    page.locator("#content").get_by_role("button", name="Sign out").click()
    heading(page, "You are signed out")
    expect(page.get_by_text("Both sessions have ended.")).to_be_visible()
    page.goto(steps.provider_url(demo, "Okta") + steps.PORTALS["Okta"])
    heading(page, "Sign in to Okta")
