"""Everybody can use it: by keyboard alone, on a phone, at 200 % zoom, without script, in the dark, by screen reader."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.office import Office
from tests.browser.scenes import AROUND, PRODUCT, Scene
from tests.browser.steps import DANA, NORA, heading, press

PHONE: ViewportSize = {"width": 360, "height": 740}
ZOOMED: ViewportSize = {"width": 640, "height": 430}
"""A window of 1280 by 860 at 200 %."""
DESKTOP: ViewportSize = {"width": 1280, "height": 860}

WHAT_STANDS_OUT = """() => {
  const found = [], page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) found.push(`the page is ${page.scrollWidth} wide in a window of ${innerWidth}`);
  for (const each of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(each);
    const isField = ['INPUT', 'TEXTAREA', 'SELECT'].includes(each.tagName);
    if (isField || each.clientWidth <= 1 || each.scrollWidth <= each.clientWidth + 1) continue;
    const name = `${each.tagName.toLowerCase()}.${each.className.baseVal ?? each.className}`;
    if (['hidden', 'clip'].includes(style.overflowX)) found.push(`cut off inside: ${name}`);
    if (['auto', 'scroll'].includes(style.overflowX) && !each.matches('.tabs')) found.push(`scrolls: ${name}`);
  }
  return found;
}"""
"""What is wider than its place: the page, or something that cuts off or scrolls. Only tabs may scroll sideways."""


@pytest.fixture(scope="module")
def outside(office: Office, new_module_context) -> Page:
    """A tab of somebody who is not signed in."""
    return new_module_context().new_page()


@pytest.fixture(scope="module")
def inside(office: Office) -> Page:
    """A tab of Dana, who is signed in at the product and at both consoles."""
    return office.admin.context.new_page()


@pytest.mark.parametrize("scene", [*PRODUCT, *AROUND], ids=lambda scene: scene.name)
def test_a_page_is_within_reach(
    office: Office, outside: Page, inside: Page, screenshot, axe: Callable[[Page], list[str]], scene: Scene
) -> None:
    """No serious accessibility fault in light and dark, no sideways scrolling on a phone nor at 200 % zoom."""
    page = inside if scene.signed_in else outside
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    scene.go(page, office)
    faults = [f"light: {fault}" for fault in axe(page)]
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    if scene in PRODUCT:
        screenshot(page, f"dark-{scene.name}")
    for name, size in (("phone", PHONE), ("zoom", ZOOMED)):
        page.set_viewport_size(size)
        faults += [f"{name}: {fault}" for fault in page.evaluate(WHAT_STANDS_OUT)]
        if name == "phone":
            page.emulate_media(color_scheme="light")
            faults += [f"{name}: {fault}" for fault in axe(page)]
            screenshot(page, f"phone-{scene.name}")
    page.unroute_all()
    assert faults == []


def test_the_settings_of_a_new_organization_are_within_reach(demo, page: Page, screenshot, axe) -> None:
    """Single sign-on, domains and attempts while they are empty."""
    steps.sign_in(page, demo)
    for path in ("/settings/security/single-sign-on", "/settings/security/domains", "/settings/attempts"):
        page.set_viewport_size(DESKTOP)
        page.goto(demo.url + path)
        faults = axe(page)
        page.set_viewport_size(PHONE)
        faults += axe(page) + page.evaluate(WHAT_STANDS_OUT)
        screenshot(page, f"phone-empty-{path.rpartition('/')[2]}")
        assert faults == [], path


def test_sign_in_by_keyboard_alone(demo, page: Page, screenshot) -> None:
    """Tab, Enter and letters; what has the focus is always seen."""
    page.goto(f"{demo.url}/login")
    _tab_to(page, "Sign in with SSO")
    page.keyboard.press("Enter")
    heading(page, "Sign in to Ringline")
    expect(page.get_by_label("Company email")).to_be_focused()
    page.keyboard.type(NORA)
    _tab_to(page, "Sign in with SSO")
    screenshot(page, "focus-is-seen")
    page.keyboard.press("Enter")
    heading(page, "Sign in to Okta")
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(NORA)
    page.keyboard.press("Tab")
    page.keyboard.type("okta-demo")
    page.keyboard.press("Enter")
    heading(page, "You are signed in as Nora Feld")


def test_the_settings_by_keyboard_alone(demo, page: Page) -> None:
    """The skip link comes first and works; a step of the guide opens; a switch and a menu answer to the keyboard."""
    steps.sign_in(page, demo, NORA)
    page.goto(f"{demo.url}/settings/security/single-sign-on")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "Enable Okta")
    expect(page.get_by_role("switch", name="Enable Okta")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name="Enable Okta")).to_have_attribute("aria-checked", "false")
    _tab_to(page, "Enable Okta")
    page.keyboard.press("Enter")
    expect(page.get_by_role("switch", name="Enable Okta")).to_have_attribute("aria-checked", "true")
    _tab_to(page, "Open")
    page.keyboard.press("Enter")
    heading(page, "Set Up Okta SSO for Ringline")
    step = page.locator("summary", has_text="Step 3")
    _tab_to(page, step.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_text("Under SAML Signing Certificates, click")).to_be_visible()

    page.set_viewport_size(PHONE)
    page.goto(f"{demo.url}/")
    expect(page.get_by_role("link", name="Login attempts")).to_be_hidden()
    _tab_to(page, "Menu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "true")
    _tab_to(page, "Login attempts")
    page.keyboard.press("Enter")
    heading(page, "Login attempts")


def test_a_button_that_is_not_ready_says_why(demo, page: Page) -> None:
    """Test Connection before the first save can be reached, and does nothing but tell its reason."""
    steps.sign_in(page, demo)
    steps.begin(page, "Okta")
    button = page.get_by_role("button", name="Test Connection")
    button.focus()
    page.keyboard.press("Enter")
    assert len(page.context.pages) == 1
    expect(page.locator("[data-live]")).to_have_text("Save first. It turns nothing on.")
    heading(page, "Set Up Okta SSO for Ringline")


def test_a_failed_save_takes_the_focus_to_the_list_of_fields(demo, page: Page) -> None:
    """Each line of it leads to its field."""
    steps.sign_in(page, demo)
    steps.begin(page, "OneLogin")
    press(page, "Save Configuration")
    alert = page.get_by_role("alert").filter(has_text="Not saved")
    expect(alert).to_be_focused()
    alert.get_by_role("link", name="Issuer / Entity ID").click()
    assert page.url.endswith("#idp_entity_id")
    assert page.title().startswith("Error: ")


def test_sign_in_without_script(demo, new_context, screenshot) -> None:
    """The whole way: the simulator's page has a button for those without script."""
    page = new_context(java_script_enabled=False).new_page()
    steps.sign_in_with_sso(page, demo, NORA)
    steps.answer(page, "Okta", NORA)
    heading(page, "Signing in to Ringline (Globex)")
    screenshot(page, "without-script-okta-shows-a-button")
    press(page, "Continue to Ringline (Globex)")
    heading(page, "You are signed in as Nora Feld")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    heading(page, "Sign in to Ringline")


def test_a_connection_is_set_up_and_tested_without_script(demo, new_context, screenshot) -> None:
    """Domain, guide, form, Test Connection in its second tab, the report in both; and the menu of a phone is open."""
    context = new_context(java_script_enabled=False)
    admin, other = context.new_page(), context.new_page()
    steps.sign_in(admin, demo)
    steps.set_record(other, demo, steps.add_domain(admin))
    press(admin, "Check again")
    expect(admin.get_by_text("Verified", exact=True)).to_be_visible()
    admin.goto(demo.url)
    given, _ = steps.set_up(admin, other, demo, "Okta", people=(DANA,))
    screenshot(admin, "without-script-connection")
    second = steps.press_test_connection(admin)
    steps.answer(second, "Okta", DANA)
    heading(second, "Signing in to Ringline")

    admin.goto(f"{given.page}/test/latest")
    heading(admin, "Finish signing in to Okta in the other tab.")
    press(second, "Continue to Ringline")
    heading(second, "Okta and Ringline understand each other.")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Okta and Ringline understand each other.")
    screenshot(admin, "without-script-test-passed")

    admin.set_viewport_size(PHONE)
    expect(admin.get_by_role("link", name="Login attempts")).to_be_visible()
    expect(admin.get_by_role("button", name="Menu")).to_be_hidden()


def _tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until what goes by this name has the focus. Each stop on the way has to be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const at = document.activeElement, style = getComputedStyle(at);
              return {says: (at.getAttribute('aria-label') || at.innerText || '').trim(), tag: at.tagName,
                      outline: style.outlineStyle, width: parseFloat(style.outlineWidth)};
            }"""
        )
        if stop["tag"] == "BODY":  # the end of the page: the browser's own bar comes next
            continue
        assert stop["outline"] != "none", f"the focus is not seen: {stop}"
        assert stop["width"] >= 1, f"the focus is not seen: {stop}"
        if stop["says"] == name.strip():
            return
    raise AssertionError(f"{name!r} can't be reached by Tab at {page.url}")
