"""What a person meets who signs in by OpenID Connect: the choice, the proof of an account, the way out, a tile."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ostiary.domain.attempt import Outcome
from tests.browser.steps import DANA, LENA, MARCUS, PRIYA, fill, follow, heading, press, reference_on
from tests.browser.street import AT_PROVIDERS, NAMES, PASSWORD, Street, a_street

Screenshot = Callable[[Page, str], Path]
PROOF = "Show once that this account is yours"


@pytest.fixture(scope="module")
def own_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Acme with Keycloak, Okta and OneLogin, for the tests of this file."""
    with a_street(tmp_path_factory.mktemp("street")) as made:
        yield made


@pytest.fixture
def street(own_street: Street) -> Street:
    """The same with nobody tied to an account, and only Keycloak on."""
    own_street.forget()
    own_street.mails()
    own_street.offer("keycloak")
    own_street.settings_of("keycloak", creates_accounts=False)
    own_street.describe("keycloak", "Marcus", email_verified=False)
    return own_street


def begin(page: Page, street: Street, email: str) -> None:
    """From the sign-in page, by the company email."""
    page.goto(f"{street.url}/login")
    follow(page, "Sign in with SSO")
    fill(page, "Company email", email)
    press(page, "Sign in with SSO")


def answer(page: Page, name: str, email: str) -> None:
    """Sign in at a provider."""
    heading(page, re.compile(f"Sign in to {NAMES[name]}"))
    fill(page, "Email", email)
    fill(page, "Password", AT_PROVIDERS)
    press(page, "Sign in")


def to_the_proof(page: Page, street: Street) -> None:
    """Marcus comes by Keycloak, which has not verified his address."""
    begin(page, street, MARCUS)
    answer(page, "keycloak", MARCUS)
    heading(page, PROOF)


def looked_at(page: Page, what: str, *, screenshot: Screenshot, axe: Callable[[Page], list[str]]) -> None:
    """Pictures of this page, wide and narrow, light and dark; nothing of it is out of reach."""
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, what)
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, f"{what}-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, f"{what}-phone-dark")
    page.emulate_media(color_scheme="light")
    screenshot(page, f"{what}-phone")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 860})
    assert faults == []


# --- the proof of an account --------------------------------------------------


def test_a_mailed_code_proves_the_account_and_is_asked_for_once(
    street: Street, page: Page, new_context: Callable[..., BrowserContext], screenshot: Screenshot, axe
) -> None:
    to_the_proof(page, street)
    looked_at(page, "proof-of-an-account", screenshot=screenshot, axe=axe)
    press(page, "Mail me a code")
    heading(page, "Look into your mail")
    code = street.mails()[-1].split()[0]
    fill(page, "Code", "000000" if code != "000000" else "111111")
    press(page, "Continue")
    expect(page.get_by_text("You have 4 tries left.")).to_be_visible()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    looked_at(page, "proof-by-code-wrong", screenshot=screenshot, axe=axe)
    fill(page, "Code", f"{code[:3]} {code[3:]}")
    page.keyboard.press("Enter")
    heading(page, "You are signed in as Marcus Oyelaran")

    again = new_context().new_page()
    begin(again, street, MARCUS)
    answer(again, "keycloak", MARCUS)
    heading(again, "You are signed in as Marcus Oyelaran")


def test_the_password_proves_it_too_without_script(
    street: Street, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    to_the_proof(page, street)
    follow(page, "Use your password")
    fill(page, "Your password at Ringline", "another password")
    press(page, "Continue")
    expect(page.get_by_text("This is not the account's password.")).to_be_visible()
    screenshot(page, "proof-by-password-wrong")
    fill(page, "Your password at Ringline", PASSWORD)
    press(page, "Continue")
    heading(page, "You are signed in as Marcus Oyelaran")


def test_five_wrong_codes_leave_the_password(
    street: Street, page: Page, screenshot: Screenshot, axe: Callable[[Page], list[str]]
) -> None:
    to_the_proof(page, street)
    press(page, "Mail me a code")
    code = street.mails()[-1].split()[0]
    for _ in range(5):
        fill(page, "Code", "000000" if code != "000000" else "111111")
        press(page, "Continue")
    expect(page.get_by_text("No code counts any more.")).to_be_visible()
    looked_at(page, "proof-codes-used-up", screenshot=screenshot, axe=axe)
    fill(page, "Your password at Ringline", PASSWORD)
    press(page, "Continue")
    heading(page, "You are signed in as Marcus Oyelaran")


def test_the_link_of_the_page_is_worth_nothing_in_another_browser(
    street: Street, page: Page, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    to_the_proof(page, street)
    other = new_context().new_page()
    other.goto(page.url)
    heading(other, "This sign-in is over")
    expect(other.get_by_text(MARCUS)).to_have_count(0)
    screenshot(other, "proof-in-another-browser")


def test_the_admin_reads_how_the_account_was_proven(
    street: Street, page: Page, new_context: Callable[..., BrowserContext], screenshot: Screenshot
) -> None:
    to_the_proof(page, street)
    press(page, "Mail me a code")
    heading(page, "Look into your mail")
    code = street.mails()[-1].split()[0]
    fill(page, "Code", "000000" if code != "000000" else "111111")
    press(page, "Continue")
    fill(page, "Code", code)
    press(page, "Continue")
    heading(page, "You are signed in as Marcus Oyelaran")
    admin = new_context().new_page()
    admin.goto(f"{street.url}/login")
    fill(admin, "Email", LENA)
    fill(admin, "Password", PASSWORD)
    press(admin, "Sign in")
    admin.goto(f"{street.url}/settings/attempts")
    admin.get_by_role("link", name=re.compile("Marcus")).first.click()
    for line in ("Asked for proof of the account", "A code was mailed", "A wrong code was typed"):
        expect(admin.get_by_text(line, exact=True)).to_be_visible()
    expect(admin.get_by_text("The account was proven by a mailed code")).to_be_visible()
    screenshot(admin, "attempt-with-a-proof")


# --- which one ------------------------------------------------------------------


def test_several_providers_are_chosen_from_by_keyboard_and_the_choice_is_remembered(
    street: Street, page: Page, screenshot: Screenshot, axe: Callable[[Page], list[str]]
) -> None:
    street.offer("keycloak", "okta", "onelogin")
    begin(page, street, LENA)
    heading(page, "Choose which SSO to log in with")
    expect(page.get_by_text(LENA)).to_be_visible()
    looked_at(page, "choose-which-sso", screenshot=screenshot, axe=axe)
    choice = page.get_by_role("button", name=re.compile("OneLogin"))
    choice.focus()
    page.keyboard.press("Enter")
    heading(page, re.compile("Sign in to OneLogin"))
    begin(page, street, LENA)
    expect(page.get_by_role("button", name=re.compile("OneLogin"))).to_contain_text("You used this last time")
    screenshot(page, "choose-which-sso-remembered")
    page.goto(f"{street.url}/o/acme")
    heading(page, "Choose which SSO to log in with")
    page.get_by_role("button", name=re.compile("Okta")).click()
    heading(page, re.compile("Sign in to Okta"))


# --- nobody ---------------------------------------------------------------------


def test_who_has_no_account_reads_what_to_do_and_the_admin_what_is_missing(
    street: Street,
    page: Page,
    new_context: Callable[..., BrowserContext],
    screenshot: Screenshot,
    axe: Callable[[Page], list[str]],
) -> None:
    begin(page, street, PRIYA)
    answer(page, "keycloak", PRIYA)
    heading(page, "You have no account here yet")
    looked_at(page, "no-account", screenshot=screenshot, axe=axe)
    reference = reference_on(page)
    admin = new_context().new_page()
    admin.goto(f"{street.url}/login")
    fill(admin, "Email", LENA)
    fill(admin, "Password", PASSWORD)
    press(admin, "Sign in")
    admin.goto(f"{street.url}/settings/attempts/{reference}")
    expect(admin.get_by_text("login.no_account")).to_be_visible()
    expect(admin.get_by_text("Make an account at Acme with exactly this address:")).to_be_visible()
    expect(admin.get_by_text("Make accounts for new SSO users")).to_be_visible()
    screenshot(admin, "attempt-without-an-account")


# --- the way out ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["keycloak", "okta"])
def test_signing_out_ends_at_the_provider_and_comes_back(
    street: Street, page: Page, screenshot: Screenshot, name: str
) -> None:
    street.offer(name)
    begin(page, street, LENA)
    answer(page, name, LENA)
    heading(page, "You are signed in as Lena Brandt")
    page.locator("#content").get_by_role("button", name="Sign out").click()
    heading(page, "You are signed out")
    expect(page.get_by_text("Both sessions have ended.")).to_be_visible()
    assert urlsplit(page.url).path.startswith("/logout/")
    screenshot(page, f"signed-out-of-{name}")
    page.goto(f"{street.url}/")
    heading(page, "Sign in to Ringline")
    begin(page, street, LENA)
    heading(page, re.compile(f"Sign in to {NAMES[name]}"))  # there too: nobody goes through without a password


def test_signing_out_works_without_script(street: Street, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    begin(page, street, LENA)
    answer(page, "keycloak", LENA)
    page.locator("#content").get_by_role("button", name="Sign out").click()
    heading(page, "You are signed out of Ringline")
    follow(page, "Continue to Keycloak")
    heading(page, "You are signed out")


def test_a_sign_out_at_the_provider_ends_the_session_at_once(
    street: Street, page: Page, new_context: Callable[..., BrowserContext]
) -> None:
    begin(page, street, LENA)
    answer(page, "keycloak", LENA)
    heading(page, "You are signed in as Lena Brandt")
    simulator = street.providers["keycloak"].simulator
    lena = simulator.add_user(LENA, first_name="", last_name="", password="")
    assert [result for _, result in simulator.oidc.sign_out(lena)] == ["signed out"]
    page.reload()
    heading(page, "Sign in to Ringline")


# --- the tile -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["okta", "onelogin"])
def test_a_tile_signs_in_after_one_question(street: Street, page: Page, screenshot: Screenshot, name: str) -> None:
    street.offer(name)
    simulator = street.providers[name].simulator
    page.goto(f"{simulator.base_url}/")
    answer(page, name, LENA)
    page.get_by_role("link", name="Ringline").click()
    if name == "onelogin":  # it says of no address that it is verified
        heading(page, PROOF)
        press(page, "Mail me a code")
        heading(page, "Look into your mail")
        fill(page, "Code", street.mails()[-1].split()[0])
        press(page, "Continue")
    heading(page, "Continue as Lena Brandt?")
    screenshot(page, f"tile-of-{name}")
    press(page, "Continue as Lena Brandt")
    heading(page, "You are signed in as Lena Brandt")
    page.goto(f"{simulator.base_url}/")
    page.get_by_role("link", name="Ringline").click()
    heading(page, "You are signed in as Lena Brandt")  # asked once for each account in this browser


def test_a_tile_of_another_account_replaces_nobodys_session(street: Street, page: Page, screenshot: Screenshot) -> None:
    """Login CSRF: whoever leads the browser to a tile's address, the person is asked before anything is taken up."""
    street.offer("okta")
    page.goto(f"{street.url}/login")
    fill(page, "Email", DANA)
    fill(page, "Password", PASSWORD)
    press(page, "Sign in")
    simulator = street.providers["okta"].simulator
    page.goto(f"{simulator.base_url}/")
    answer(page, "okta", LENA)
    page.get_by_role("link", name="Ringline").click()
    heading(page, "Continue as Lena Brandt?")
    expect(page.get_by_text("You are signed in as Dana Whitfield")).to_be_visible()
    screenshot(page, "tile-while-somebody-else-is-signed-in")
    press(page, "Stay signed in as Dana Whitfield")
    heading(page, "You are signed in as Dana Whitfield")
    with street.store.read() as tx:
        connection_id = street.providers["okta"].connection_id
        latest = tx.attempts.latest_success(connection_id, **street.scope)
    assert latest is not None
    assert latest.outcome is Outcome.SIGNED_IN


# --- another product --------------------------------------------------------------


def test_the_brand_names_the_button_and_the_product_everywhere(
    tmp_path: Path, page: Page, screenshot: Screenshot, axe: Callable[[Page], list[str]]
) -> None:
    brand = {"product_name": "CloudTalk", "sign_in_label": "Log in with SSO", "accent_colour": "#82295c"}
    with a_street(tmp_path, providers=("keycloak",), **brand) as street:
        page.goto(f"{street.url}/login")
        heading(page, "Sign in to CloudTalk")
        follow(page, "Log in with SSO")
        expect(page).to_have_title("Log in with SSO · CloudTalk")
        expect(page.get_by_text("Enter your CloudTalk email.")).to_be_visible()
        looked_at(page, "cloudtalk-sign-in", screenshot=screenshot, axe=axe)
        fill(page, "Company email", LENA)
        press(page, "Log in with SSO")
        answer(page, "keycloak", LENA)
        heading(page, "You are signed in as Lena Brandt")
        page.goto(f"{street.url}/settings/security/connections/{street.providers['keycloak'].connection_id}")
        expect(page.get_by_text("Log in with SSO").first).to_be_attached()
        assert "Sign in with SSO" not in page.content()
        screenshot(page, "cloudtalk-guide")
