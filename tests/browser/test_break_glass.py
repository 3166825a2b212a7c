"""Break-glass access in a real browser: codes, a passkey of Chromium's own virtual authenticator, and within reach."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, Page, ViewportSize, expect

from ostiary.demo.people import PRODUCT_PASSWORD
from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, fill, follow, heading, press

PHONE: ViewportSize = {"width": 390, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"
SETTINGS = "/settings/security/break-glass"
DOOR = "/login/break-glass"


def test_an_owner_proves_recovery_codes(
    demo: RunningDemo, new_context: Callable[..., BrowserContext], screenshot, axe: Callable[[Page], list[str]]
) -> None:
    """Named, ten codes shown and kept as a file, used at the door, and proven."""
    admin = new_context(accept_downloads=True).new_page()
    steps.sign_in(admin, demo)
    follow(admin, "Security")
    admin.get_by_role("navigation", name="Security").get_by_role("link", name="Break-glass access").click()
    heading(admin, "Break-glass access")
    faults = _within_reach(admin, "break-glass-empty", screenshot, axe)
    press(admin, "Name this owner")
    heading(admin, "Your break-glass access")
    faults += _within_reach(admin, "break-glass-own-empty", screenshot, axe)
    follow(admin, "Make recovery codes")
    faults += _within_reach(admin, "break-glass-make-codes", screenshot, axe)
    fill(admin, "Your password", PRODUCT_PASSWORD)
    press(admin, "Make ten codes")
    heading(admin, "Your recovery codes")
    codes = admin.locator(".codes code").all_inner_texts()
    at = [box for box in (each.bounding_box() for each in admin.locator(".codes code").all()) if box]
    assert [round(box["x"]) for box in at] == [round(at[0]["x"])] * 5 + [round(at[5]["x"])] * 5, "two columns of five"
    assert at[0]["x"] < at[5]["x"]
    assert round(at[0]["y"]) == round(at[5]["y"])
    assert len(set(codes)) == 10
    with admin.expect_download() as download:
        follow(admin, "Download as text")
    assert download.value.suggested_filename.endswith("-recovery-codes.txt")
    kept = Path(download.value.path()).read_text(encoding="utf-8")
    assert [code for code in codes if code not in kept] == []
    expect(admin.get_by_role("button", name="Print")).to_be_visible()
    faults += _within_reach(admin, "break-glass-codes", screenshot, axe)

    outside = new_context().new_page()
    outside.goto(f"{demo.url}/login")
    follow(outside, "Break-glass access")
    heading(outside, "Break-glass access")
    faults += _within_reach(outside, "break-glass-door", screenshot, axe)
    _use(outside, "AAAAA-AAAAA-AAAAA-AAAAA")
    expect(outside.get_by_role("alert")).to_contain_text("These do not fit together.")
    assert outside.title().startswith("Error: ")
    faults += _within_reach(outside, "break-glass-door-refused", screenshot, axe)
    _use(outside, codes[0].lower())
    heading(outside, "You are signed in as Dana Whitfield")
    expect(outside.get_by_text("You came in by break-glass access.")).to_be_visible()
    faults += _within_reach(outside, "break-glass-banner", screenshot, axe)

    admin.goto(f"{demo.url}{SETTINGS}")
    expect(admin.get_by_role("cell", name="Proven By a recovery code")).to_be_visible()
    expect(admin.get_by_text("9 left")).to_be_visible()
    faults += _within_reach(admin, "break-glass-proven", screenshot, axe)
    admin.get_by_role("link", name="Take away from Dana Whitfield").click()
    faults += _within_reach(admin, "break-glass-take-away", screenshot, axe)
    assert faults == []


def test_codes_that_are_shown_once_outlive_a_change_of_colours(
    demo: RunningDemo, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context().new_page()
    steps.sign_in(page, demo)
    _named(page, demo)
    page.get_by_role("link", name=re.compile("^Make (new|recovery) codes$")).click()
    fill(page, "Your password", PRODUCT_PASSWORD)
    press(page, "Make ten codes")
    heading(page, "Your recovery codes")
    codes = page.locator(".codes code").all_inner_texts()
    for chosen, background in (
        ("Dark", "rgb(19, 20, 22)"),
        ("Light", "rgb(253, 253, 252)"),
        ("Dark", "rgb(19, 20, 22)"),
    ):
        with page.expect_response("**/theme"):
            press(page, chosen)
        expect(page.get_by_role("button", name=chosen, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(page.locator("body")).to_have_css("background-color", background)
        heading(page, "Your recovery codes")
        assert page.locator(".codes code").all_inner_texts() == codes
    follow(page, "I have kept them")
    heading(page, "Your break-glass access")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    press(page, "Auto")
    expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile(""))


def test_a_passkey_is_made_used_and_removed(
    demo: RunningDemo, new_context: Callable[..., BrowserContext], screenshot, axe: Callable[[Page], list[str]]
) -> None:
    """By Chromium's virtual authenticator: the real ceremony of the browser, with the script of our page."""
    page = new_context().new_page()
    device, authenticator = _authenticator(page)
    steps.sign_in(page, demo)
    _named(page, demo)
    follow(page, "Add a passkey")
    heading(page, "Add a passkey?")
    fill(page, "Name of the device", "Key in the safe")
    fill(page, "Your password", "not the password")
    press(page, "Continue")
    expect(page.get_by_label("Your password")).to_have_attribute("aria-invalid", "true")
    faults = _within_reach(page, "break-glass-passkey-password", screenshot, axe)
    fill(page, "Your password", PRODUCT_PASSWORD)
    press(page, "Continue")
    heading(page, "Let this browser make the passkey")
    faults += _within_reach(page, "break-glass-passkey", screenshot, axe)
    press(page, "Make the passkey")
    heading(page, "Your break-glass access")
    expect(page.get_by_text("Key in the safe", exact=False)).to_be_visible()
    (credential,) = device.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert credential["isResidentCredential"]
    assert credential["rpId"] == "localhost"
    faults += _within_reach(page, "break-glass-own", screenshot, axe)

    page.goto(f"{demo.url}/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto(f"{demo.url}{DOOR}")
    press(page, "Use a passkey")
    heading(page, "You are signed in as Dana Whitfield")
    expect(page.get_by_text("You came in by break-glass access.")).to_be_visible()
    page.goto(f"{demo.url}{SETTINGS}")
    expect(page.get_by_text("By a passkey")).to_be_visible()

    page.goto(f"{demo.url}{SETTINGS}/own")
    page.get_by_role("link", name="Remove Key in the safe").click()
    press(page, "Remove this passkey")
    page.goto(f"{demo.url}{DOOR}")
    press(page, "Use a passkey")
    expect(page.get_by_role("alert")).to_contain_text("This passkey opens nothing here.")
    assert faults == []


def test_a_passkey_that_is_not_used_is_told_and_nothing_is_sent(
    demo: RunningDemo, new_context: Callable[..., BrowserContext], screenshot
) -> None:
    """The person cancels, or the device verifies nobody: the page says so and stays."""
    page = new_context().new_page()
    device, authenticator = _authenticator(page)
    steps.sign_in(page, demo)
    _named(page, demo)
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    follow(page, "Add a passkey")
    fill(page, "Your password", PRODUCT_PASSWORD)
    press(page, "Continue")
    press(page, "Make the passkey")
    expect(page.locator("[data-passkey-note]")).to_be_visible()
    expect(page.locator("[data-live]")).to_contain_text("No passkey was made.")
    heading(page, "Let this browser make the passkey")
    screenshot(page, "break-glass-passkey-not-made")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    press(page, "Make the passkey")
    heading(page, "Your break-glass access")


def test_without_script_the_codes_work_and_no_passkey_is_offered(
    demo: RunningDemo, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    steps.sign_in(page, demo)
    _named(page, demo)
    page.get_by_role("link", name=re.compile("^Make (new|recovery) codes$")).click()
    fill(page, "Your password", PRODUCT_PASSWORD)
    press(page, "Make ten codes")
    code = page.locator(".codes code").first.inner_text()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("button", name="Dark", exact=True)).to_be_hidden()
    follow(page, "I have kept them")
    follow(page, "Add a passkey")
    fill(page, "Your password", PRODUCT_PASSWORD)
    press(page, "Continue")
    expect(page.get_by_text("scripts are off here")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
    page.goto(f"{demo.url}{DOOR}")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    _use(page, code)
    heading(page, "You are signed in as Dana Whitfield")


def test_the_door_opens_by_keyboard_alone(demo: RunningDemo, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    steps.sign_in(page, demo)
    _named(page, demo)
    page.get_by_role("link", name=re.compile("^Make (new|recovery) codes$")).click()
    expect(page.get_by_label("Your password")).to_be_focused()
    page.keyboard.type(PRODUCT_PASSWORD)
    page.keyboard.press("Enter")
    code = page.locator(".codes code").first.inner_text()
    page.goto(f"{demo.url}{DOOR}")
    expect(page.get_by_label("Email")).to_be_focused()
    for text in (DANA, PRODUCT_PASSWORD, code):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in with a recovery code")).to_be_focused()
    page.keyboard.press("Enter")
    heading(page, "You are signed in as Dana Whitfield")


def _use(page: Page, code: str) -> None:
    fill(page, "Email", DANA)
    fill(page, "Password", PRODUCT_PASSWORD)
    fill(page, "Recovery code", code)
    press(page, "Sign in with a recovery code")


def _named(page: Page, demo: RunningDemo) -> None:
    """Dana is named, now or by a test before, and sees her own page."""
    page.goto(f"{demo.url}{SETTINGS}")
    if page.get_by_role("link", name="Open", exact=True).count():
        follow(page, "Open")
    else:
        press(page, "Name this owner")
    heading(page, "Your break-glass access")


def _authenticator(page: Page) -> tuple[CDPSession, str]:
    """A device of Chromium's own that holds passkeys and verifies its person."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return device, str(made["authenticatorId"])


def _within_reach(page: Page, name: str, screenshot, axe: Callable[[Page], list[str]]) -> list[str]:
    """Pictures at both sizes and in both themes; no serious fault, and no sideways scrolling on a phone."""
    faults = [f"{name}: {fault}" for fault in axe(page)]
    screenshot(page, name)
    page.emulate_media(color_scheme="dark")
    faults += [f"{name}, dark: {fault}" for fault in axe(page)]
    screenshot(page, f"dark-{name}")
    page.set_viewport_size(PHONE)
    screenshot(page, f"phone-dark-{name}")
    page.emulate_media(color_scheme="light")
    faults += [f"{name}, phone: {fault}" for fault in axe(page)]
    screenshot(page, f"phone-{name}")
    wider = page.evaluate(SIDEWAYS)
    page.set_viewport_size(DESKTOP)
    return [*faults, *([f"{name}: {wider} px wider than a phone"] if wider > 0 else [])]
