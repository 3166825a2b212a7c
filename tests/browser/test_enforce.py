"""Enforcing a connection in a real browser: who would be locked out, warned first, held at the door, taken back.

At Globex, whose people sign in with Okta already, and whose owner has come by it.
"""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from ostiary.demo.people import OKTA_PASSWORD
from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import IDRIS, NORA, fill, follow, heading, press

HANK = "hank.scorpio@globex.example"
PHONE: ViewportSize = {"width": 390, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
SIDEWAYS = "() => document.scrollingElement.scrollWidth - innerWidth"


def test_an_admin_warns_first_by_keyboard_and_takes_it_back_by_one_click(
    demo: RunningDemo, new_context: Callable[..., BrowserContext], screenshot, axe: Callable[[Page], list[str]]
) -> None:
    admin = new_context(accept_downloads=True).new_page()
    steps.sign_in(admin, demo, HANK)
    _to_the_page(admin)
    expect(admin.get_by_text("would be locked out", exact=True)).to_be_visible()
    expect(admin.get_by_text("You would be signed out too.")).to_be_visible()
    expect(admin.get_by_role("heading", name="No sign-in with Okta yet")).to_be_visible()
    expect(admin.get_by_role("region", name="Admins who keep a way in")).to_contain_text("Hank Scorpio, owner")
    faults = _within_reach(admin, "enforce-who-is-locked-out", screenshot, axe)
    with admin.expect_download() as download:
        follow(admin, "Download CSV")
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert {row[1] for row in rows[1:]} == {IDRIS, NORA}

    admin.get_by_role("radio", name="Warn first").focus()
    admin.keyboard.press("ArrowDown")
    expect(admin.get_by_role("radio", name="Everyone now")).to_be_checked()
    admin.keyboard.press("ArrowUp")
    expect(admin.get_by_role("radio", name="Warn first")).to_be_checked()
    admin.get_by_role("button", name="Enforce Okta").focus()
    admin.keyboard.press("Enter")
    expect(admin.get_by_text("Those concerned get a mail with what to do.")).to_be_visible()
    expect(admin.get_by_text(re.compile("^Enforced from"))).to_be_visible()
    faults += _within_reach(admin, "enforce-planned-on-the-list", screenshot, axe)
    admin.goto(f"{demo.url}/")
    expect(admin.get_by_text(re.compile("everyone at Globex signs in with Okta"))).to_be_visible()
    faults += _within_reach(admin, "enforce-planned-at-home", screenshot, axe)

    admin.goto(f"{demo.url}/settings/security/single-sign-on")
    switch = admin.get_by_role("switch", name="Enforce Okta")
    expect(switch).to_be_checked()
    switch.click()
    expect(admin.get_by_text("It stays enabled, as one way in among others.")).to_be_visible()
    assert faults == []


def test_everyone_now_holds_at_the_door_and_is_left_by_okta_alone(
    demo: RunningDemo, new_context: Callable[..., BrowserContext], screenshot, axe: Callable[[Page], list[str]]
) -> None:
    admin, colleague = new_context().new_page(), new_context().new_page()
    steps.sign_in(colleague, demo, IDRIS)
    steps.sign_in(admin, demo, HANK)
    _to_the_page(admin)
    admin.get_by_role("radio", name="Everyone now").check()
    press(admin, "Enforce Okta")
    # Her own session began with a password: it ends, with words, and she comes back by Okta.
    expect(admin.get_by_text("Your company signs in with single sign-on now.")).to_be_visible()
    faults = _within_reach(admin, "enforce-session-ended", screenshot, axe)
    fill(admin, "Company email", HANK)
    press(admin, "Sign in with SSO")
    heading(admin, "Sign in to Okta")
    fill(admin, "Email", HANK)
    fill(admin, "Password", OKTA_PASSWORD)
    press(admin, "Sign in")
    heading(admin, "Single Sign-On")

    colleague.reload()
    expect(colleague.get_by_text("Your company signs in with single sign-on now.")).to_be_visible()
    colleague.goto(f"{demo.url}/login")
    fill(colleague, "Email", IDRIS)
    fill(colleague, "Password", "ringline-demo")
    press(colleague, "Sign in")
    heading(colleague, "Your company signs in with single sign-on")
    faults += _within_reach(colleague, "enforce-password-refused", screenshot, axe)
    follow(colleague, "Sign in with SSO")
    heading(colleague, "Sign in to Okta")

    _to_the_page(admin, title="Okta is enforced for Globex", opens=demo.url + "/settings/security/single-sign-on")
    faults += _within_reach(admin, "enforce-in-force", screenshot, axe)
    follow(admin, "Keep it enforced")
    admin.get_by_role("switch", name="Enable Okta").click()
    heading(admin, "Turn Okta off?")
    expect(admin.get_by_text("That ends: people at Globex sign in with Ringline passwords again.")).to_be_visible()
    faults += _within_reach(admin, "enforce-turn-off", screenshot, axe)
    follow(admin, "Keep it on")
    assert faults == []


def test_without_script_it_is_taken_back(demo: RunningDemo, new_context: Callable[..., BrowserContext]) -> None:
    """The pages are plain forms."""
    admin = new_context(java_script_enabled=False).new_page()
    admin.goto(f"{demo.url}/o/globex")
    heading(admin, "Sign in to Okta")
    fill(admin, "Email", HANK)
    fill(admin, "Password", OKTA_PASSWORD)
    press(admin, "Sign in")
    admin.get_by_role("button", name=re.compile("^Continue to Ringline")).click()
    press(admin, "Continue as Hank Scorpio")
    heading(admin, "You are signed in as Hank Scorpio")
    _to_the_page(admin, title="Okta is enforced for Globex", opens=demo.url + "/settings/security/single-sign-on")
    press(admin, "Stop enforcing Okta")
    expect(admin.get_by_text("No longer enforced.")).to_be_visible()


def _to_the_page(admin: Page, *, title: str = "Enforce Okta for Globex?", opens: str = "") -> None:
    """Settings → Security → Single Sign-On, then the switch, or the address where it is on already."""
    if not opens:
        follow(admin, "Security")
        admin.get_by_label("Enforce Okta").click()
        expect(admin).to_have_url(re.compile("/enforce$"))
    else:
        admin.goto(opens)
        follow(admin, "Open")
        admin.goto(admin.url.partition("?")[0].partition("#")[0] + "/enforce")
    heading(admin, title)


def _within_reach(page: Page, name: str, screenshot, axe: Callable[[Page], list[str]]) -> list[str]:
    """Pictures in both sizes and colours, and everything that axe or a narrow window finds."""
    faults = []
    for size, scheme in ((DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        where = f"{name}-{size['width']}-{scheme}"
        screenshot(page, where)
        faults += [f"{where}: {fault}" for fault in axe(page)]
    page.set_viewport_size({"width": 360, "height": 800})
    if page.evaluate(SIDEWAYS) > 0:
        faults.append(f"{name}: scrolls sideways at 360 px")
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    return faults
