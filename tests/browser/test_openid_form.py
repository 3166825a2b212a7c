"""The form of an OpenID Connect connection: filled in from a console, by keyboard, in both themes, on a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import fill, follow, heading, press, shown

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
OKTA, ENTRA = 2, 7
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

COLOURS = "(button) => [getComputedStyle(button).color, getComputedStyle(button).backgroundColor]"

Screenshot = Callable[[Page, str], Path]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def admin(demo: RunningDemo, page: Page) -> Page:
    """Dana, signed in."""
    steps.sign_in(page, demo)
    return page


def begin(page: Page, demo: RunningDemo, provider: str) -> str:
    """Enable SSO, OpenID Connect, the provider. Returns the address of the connection."""
    page.goto(f"{demo.url}/settings/security/single-sign-on/new?protocol=oidc")
    page.get_by_role("button", name=re.compile(f"^{provider}")).click()
    heading(page, re.compile("SSO for Ringline$"))
    return page.url.partition("?")[0]


def console(page: Page, demo: RunningDemo, number: int, *, new: str) -> None:
    """Log into the console of this simulator, and begin a new application."""
    page.goto(f"{demo.simulator_url(number)}/admin")
    press(page, "Log in")
    page.goto(f"{demo.simulator_url(number)}/admin/oidc/new")
    heading(page, new)


def told(page: Page, field: str) -> str:
    """The first sentence at a field that needs a change."""
    return page.locator(f"#{field}-error b").inner_text()


def looked_at(page: Page, name: str, *, screenshot: Screenshot, axe: Axe) -> list[str]:
    """The page in light, in dark and on a phone: pictures of it, and what is wrong with it."""
    faults = [f"light: {fault}" for fault in axe(page)]
    screenshot(page, name)
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe(page)]
    screenshot(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    faults += [f"phone: {fault}" for fault in axe(page)]
    screenshot(page, f"{name}-phone")
    if page.evaluate("document.scrollingElement.scrollWidth") > PHONE["width"]:
        faults.append("phone: the page scrolls sideways")
    page.set_viewport_size(DESKTOP)
    return faults


def test_okta_is_set_up_with_what_its_console_shows(
    demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = admin
    connection = begin(page, demo, "Okta")
    expect(page.get_by_text("OpenID Connect · not saved yet")).to_be_visible()
    assert looked_at(page, "openid-form-new", screenshot=screenshot, axe=axe) == []
    redirect_uri = shown(page, "Redirect URI")
    assert redirect_uri.startswith(f"{demo.url}/oauth2/idpresponse/c")
    page.get_by_role("button", name="Copy Redirect URI").first.click()
    expect(page.get_by_text("Copied").first).to_be_visible()

    console(page, demo, OKTA, new="New Web App Integration")
    fill(page, "App integration name", "Ringline")
    fill(page, "Sign-in redirect URIs", redirect_uri)
    press(page, "Save")
    app = page.url.rpartition("/")[0]
    client_id = page.locator("#shown-client_id").input_value()
    secret = page.locator("section[aria-labelledby=secrets] code").first.inner_text().strip()

    # The address of the configuration is pasted, as people do: the issuer in it is read, and that is told.
    page.goto(connection)
    page.get_by_label("Client ID", exact=True).focus()
    page.keyboard.type(f" {client_id}")
    page.keyboard.press("Tab")
    page.keyboard.type(secret)
    for _ in range(5):  # a date is several stops
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "discovery_url":
            break
    page.keyboard.type(f"{demo.simulator_url(OKTA)}/.well-known/openid-configuration")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Test it next: nothing is turned on until a test has passed.")).to_be_visible()
    expect(page.get_by_text(f"We read {demo.simulator_url(OKTA)}.")).to_be_visible()
    expect(page.get_by_label("Client ID", exact=True)).to_have_value(client_id)
    expect(page.get_by_label("Discovery URL", exact=True)).to_have_value(demo.simulator_url(OKTA))
    assert secret not in page.content()
    assert looked_at(page, "openid-form-saved", screenshot=screenshot, axe=axe) == []

    page.goto(f"{app}/assignments")
    page.get_by_label(f"Dana Whitfield ({steps.DANA})").check()
    press(page, "Save")
    page.goto(connection)
    tab = steps.press_test_connection(page)
    steps.answer(tab, "Okta", steps.DANA)
    expect(tab.get_by_text("Test passed").first).to_be_visible()
    steps.has_followed(page)
    # The provider has taken the secret, and the page says so.
    page.goto(connection)
    expect(page.locator("#secrets").get_by_text("not yet")).to_have_count(0)
    screenshot(page, "openid-form-tested")


def test_a_secret_is_changed_without_a_test(demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe) -> None:
    page = admin
    connection = begin(page, demo, "Okta")
    for label, value in (("Client ID", "rp-1"), ("Client Secret", "the-first-one")):
        fill(page, label, value)
    fill(page, "Discovery URL", demo.simulator_url(OKTA))
    press(page, "Save Configuration")
    expect(page.get_by_text("Saved secret", exact=True)).to_be_visible()
    fill(page, "New Client Secret", "the-second-one")
    fill(page, "Expires on", "2099-03-03")
    press(page, "Save Configuration")
    expect(page.get_by_role("button", name="Test it now")).to_be_visible()
    expect(page.get_by_text("revision 1, saved")).to_be_visible()
    expect(page.get_by_text("3 March 2099")).to_be_visible()
    assert looked_at(page, "openid-two-secrets", screenshot=screenshot, axe=axe) == []
    page.locator("#secrets").get_by_role("link").nth(1).click()
    heading(page, re.compile("Delete the secret of"))
    expect(page.get_by_text("Sign-ins use the other secret from then on.")).to_be_visible()
    assert looked_at(page, "openid-delete-secret", screenshot=screenshot, axe=axe) == []
    press(page, "Delete the secret")
    expect(page.get_by_text("Sign-ins use the secret that is left.")).to_be_visible()
    assert page.url.startswith(connection)
    expect(page.get_by_text("Saved secret", exact=True)).to_be_visible()


def test_a_test_with_edits_that_are_not_saved_asks_first_and_keeps_them(
    demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = admin
    begin(page, demo, "Okta")
    reason = page.locator("#test-reason")
    page.get_by_role("button", name="Test Connection").click(force=True)  # a press that it answers with its reason
    expect(reason).to_have_class(re.compile(r"\basked\b"))
    assert looked_at(page, "openid-form-not-ready", screenshot=screenshot, axe=axe) == []
    for label, value in (("Client ID", "rp-1"), ("Client Secret", "the-first-one")):
        fill(page, label, value)
    fill(page, "Discovery URL", demo.simulator_url(OKTA))
    press(page, "Save Configuration")
    expect(page.get_by_text("Saved secret", exact=True)).to_be_visible()
    asks = page.locator("[data-unsaved]")
    fill(page, "Client ID", "rp-2")
    at = page.url
    press(page, "Test it now")
    expect(asks).to_be_visible()
    expect(asks).to_be_focused()
    assert looked_at(page, "openid-form-not-saved", screenshot=screenshot, axe=axe) == []
    with page.context.expect_page() as opened:
        press(page, "Test what was saved")
    expect(opened.value).to_have_url(re.compile(f"/test/t|{re.escape(demo.simulator_url(OKTA))}"))
    page.wait_for_timeout(1000)
    assert page.url == at
    expect(page.get_by_label("Client ID", exact=True)).to_have_value("rp-2")
    # What could not be saved is not saved either; the colours are switched where it stands.
    fill(page, "Client ID", "")
    press(page, "Save Configuration")
    expect(page.get_by_text("Not saved: 1 value needs a change.")).to_be_visible()
    fill(page, "Expires on", "2099-03-03")
    press(page, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Expires on")).to_have_value("2099-03-03")
    press(page, "Test Connection")
    expect(asks).to_be_visible()
    assert len(page.context.pages) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_button_that_is_not_ready_stays_readable_under_the_pointer(demo: RunningDemo, admin: Page, scheme) -> None:
    """In every kind: the main one's own hover is a solid colour."""
    begin(admin, demo, "Okta")
    admin.emulate_media(color_scheme=scheme)
    button = admin.get_by_role("button", name="Test Connection")
    resting = button.evaluate(COLOURS)
    button.hover()
    for kind in ("", "main", "quiet", "danger", "danger main"):
        button.evaluate("(button, kind) => { button.className = `button ${kind}`; }", kind)
        assert button.evaluate(COLOURS) == resting, kind
    button.focus()
    assert button.evaluate(COLOURS) == resting


def test_microsoft_entra_id_leaves_no_placeholder_and_no_secret_id(
    demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = admin
    connection = begin(page, demo, "Microsoft Entra ID")
    redirect_uri = shown(page, "Redirect URI")
    console(page, demo, ENTRA, new="Register an application")
    fill(page, "Name", "Ringline")
    fill(page, "Redirect URI (optional)", redirect_uri)
    press(page, "Register")
    client_id = page.locator("#shown-client_id").input_value()
    document = page.locator("#shown-discovery_url").input_value()
    follow(page, "Certificates & secrets")
    fill(page, "Description", "Ringline")
    press(page, "New client secret")
    value, secret_id = (
        cell.strip() for cell in page.locator("section[aria-labelledby=secrets] code").all_inner_texts()
    )
    assert GUID.fullmatch(secret_id)

    page.goto(connection)
    fill(page, "Client ID", client_id)
    fill(page, "Client Secret", secret_id)
    fill(page, "Discovery URL", "https://login.microsoftonline.com/{tenant}/v2.0")
    press(page, "Save Configuration")
    callout = page.get_by_role("alert")
    expect(callout).to_be_focused()
    expect(callout).to_contain_text("Not saved: 2 values need a change.")
    assert told(page, "discovery_url") == "The Discovery URL still holds the placeholder {tenant}."
    assert told(page, "client_secret") == "This is the Secret ID, not the Value of the secret."
    assert looked_at(page, "openid-form-refused", screenshot=screenshot, axe=axe) == []
    # The links of the callout lead to the fields.
    callout.get_by_role("link", name="Discovery URL").click()
    expect(page.get_by_label("Discovery URL", exact=True)).to_be_in_viewport()

    fill(page, "Client Secret", value)
    fill(page, "Discovery URL", document)
    press(page, "Save Configuration")
    expect(page.get_by_text("revision 1, saved")).to_be_visible()
    expect(page.get_by_text(re.compile("not known, .* at the latest"))).to_be_visible()
    page.locator("#advanced > summary").click()
    # What Entra really does is filled in: sub differs for each application there.
    expect(page.get_by_label("Known by")).to_have_value("oid")
    expect(page.get_by_label("Make accounts for new SSO users")).not_to_be_checked()
    expect(page.get_by_label("Our provider is authoritative for our verified domains")).not_to_be_checked()
    assert looked_at(page, "openid-advanced", screenshot=screenshot, axe=axe) == []


def test_any_other_provider_may_be_down_and_nothing_typed_is_lost(
    demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = admin
    begin(page, demo, "Another provider")
    fill(page, "Client ID", "ringline")
    fill(page, "Client Secret", "never-shown-again")
    fill(page, "Discovery URL", "http://127.0.0.1:9")
    page.get_by_label("Method", exact=True).select_option("POST")
    page.locator("#advanced > summary").focus()
    page.keyboard.press("Enter")
    fill(page, "Scopes", "openid email staff")
    press(page, "Save Configuration")
    expect(page.get_by_label("Client ID", exact=True)).to_have_value("ringline")
    expect(page.get_by_label("Discovery URL", exact=True)).to_have_value("http://127.0.0.1:9")
    expect(page.get_by_label("Method", exact=True)).to_have_value("POST")
    expect(page.locator("#scopes")).to_have_value("openid email staff")
    expect(page.get_by_text("Paste it once more: it is not kept in the page.")).to_be_visible()
    expect(page.get_by_label("Client Secret", exact=True)).not_to_have_attribute("aria-invalid", "true")
    assert "never-shown-again" not in page.content()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    assert looked_at(page, "openid-form-unreachable", screenshot=screenshot, axe=axe) == []

    # With a key of our own no secret is needed, and the page says where the key is.
    fill(page, "Discovery URL", demo.simulator_url(OKTA))
    page.locator("#advanced > summary").click()
    page.get_by_label("Client authentication").select_option("private_key_jwt")
    keys = shown(page, "Our public keys (JWKS URI)")
    press(page, "Save Configuration")
    expect(page.get_by_text("revision 1, saved")).to_be_visible()
    assert page.request.get(keys).json()["keys"]
    page.goto(f"{page.url.partition('?')[0]}/keys")
    press(page, "Prepare the next key")
    heading(page, "Our keys for the identity provider")
    expect(page.get_by_text("It signs what proves us to the identity provider.")).to_be_visible()
    expect(page.get_by_text("It is published beside the current one, and signs nothing yet.")).to_be_visible()
    assert looked_at(page, "openid-keys", screenshot=screenshot, axe=axe) == []


def test_encrypted_id_tokens_are_asked_for_under_advanced_and_a_key_for_them_is_published(
    demo: RunningDemo, admin: Page, screenshot: Screenshot, axe: Axe
) -> None:
    page = admin
    begin(page, demo, "Another provider")
    fill(page, "Client ID", "ringline")
    fill(page, "Client Secret", "s3cret")
    fill(page, "Discovery URL", demo.simulator_url(OKTA))
    page.locator("#advanced > summary").click()
    page.get_by_label("ID tokens arrive encrypted").check()
    keys = shown(page, "Our public keys (JWKS URI)")
    assert looked_at(page, "openid-encryption", screenshot=screenshot, axe=axe) == []
    press(page, "Save Configuration")
    expect(page.get_by_text("revision 1, saved")).to_be_visible()
    uses = [key["use"] for key in page.request.get(keys).json()["keys"]]
    assert uses == ["sig", "enc", "enc"]
    page.goto(f"{page.url.partition('?')[0]}/keys")
    press(page, "Prepare the next key")
    press(page, "Switch to the next key")
    expect(page.get_by_text("What is still encrypted to it is opened.")).to_be_visible()
    assert looked_at(page, "openid-keys-of-encryption", screenshot=screenshot, axe=axe) == []
