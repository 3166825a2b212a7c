"""The page "Set Up Okta SSO" of the brief in a real browser: every numbered step in its order, as admin and as user."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import DANA, LENA, MARCUS, PRIYA, fill, follow, heading, press

PASTE = "Control+V"


@pytest.fixture(scope="module")
def logo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of one pixel."""
    picture = tmp_path_factory.mktemp("logo") / "ringline.png"
    picture.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c489"
            "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
        )
    )
    return picture


def test_every_step_in_the_order_of_the_page(demo, new_context, screenshot, logo: Path, tmp_path: Path) -> None:
    """Prerequisites, steps 1 to 5, both ways to sign in; the test stands before the assignment, as in the brief."""
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    admin = context.new_page()
    steps.sign_in(admin, demo)

    # Prerequisites: the plan is there, the domain is not.
    follow(admin, "Security")
    screenshot(admin, "single-sign-on-of-a-new-organization")
    expect(admin.get_by_text("1 of 3")).to_be_visible()
    _verify_the_domain(admin, demo, screenshot)

    # Step 1: Settings → Security → Single Sign-On, Enable SSO, SAML 2.0, copy the ACS URL and Entity ID.
    admin.goto(demo.url)
    _enable_sso(admin, screenshot)
    page = admin.url
    admin.get_by_label("I have admin access at Okta (Super Admin or Application Admin)").check()
    press(admin, "Confirm")
    expect(admin.get_by_text("Confirmed")).to_be_visible()

    # Step 2: a SAML App Integration in Okta, in a tab of its own; both values are carried by the clipboard.
    okta = context.new_page()
    _create_the_app(okta, admin, demo, screenshot, logo)

    # Step 3: copy Okta's details, and download its certificate.
    certificate = _copy_the_details(okta, admin, screenshot, tmp_path)

    # Step 4: upload, Default Role, Save Configuration, Test Connection.
    steps.upload(admin, "Upload a file", certificate)
    admin.get_by_label("Default Role").select_option("Member")
    screenshot(admin, "connection-form-filled-in")
    press(admin, "Save Configuration")
    expect(admin.get_by_text("Saved. Test it next: nothing is turned on until a test has passed.")).to_be_visible()
    expect(admin.get_by_text("Untested")).to_be_visible()
    screenshot(admin, "connection-saved-and-untested")
    second = steps.press_test_connection(admin)
    heading(admin, "Finish signing in to Okta in the other tab.")
    screenshot(admin, "test-waits-for-okta")
    steps.answer(second, "Okta", DANA)
    heading(second, "403 App Not Assigned")
    screenshot(second, "okta-refuses-who-is-not-assigned")
    second.close()

    # Okta tells us nothing, and after 20 seconds the first tab says so by itself.
    silence = re.compile("Okta has not answered. Most likely you are not assigned to Ringline yet")
    expect(admin.get_by_role("heading", level=1)).to_have_text(silence, timeout=60_000)
    expect(admin.get_by_text("Assignments → Assign → Assign to People").first).to_be_visible()
    screenshot(admin, "test-okta-has-not-answered")

    # Step 5: assign the admin, then Test again; a group brings the others.
    _assign(okta, screenshot)
    second = steps.press_test_connection(admin)
    heading(second, "Okta and Ringline understand each other.")
    heading(admin, "Okta and Ringline understand each other.")
    expect(admin.get_by_text("Okta is enabled: people can sign in with it now.")).to_be_visible()
    expect(admin.get_by_text("21 passed")).to_be_visible()
    screenshot(admin, "test-passed")
    second.close()
    _tie_the_identity_to_the_owner(admin, screenshot)
    admin.goto(page)
    expect(admin.get_by_text("Enabled", exact=True)).to_be_visible()
    admin.get_by_role("navigation", name="Places").get_by_role("link", name="Security").click()
    screenshot(admin, "single-sign-on-with-okta-enabled")
    expect(admin.get_by_role("switch", name="Enable Okta")).to_have_attribute("aria-checked", "true")


def test_the_owner_signs_in_with_sso(demo, page: Page, screenshot) -> None:
    """From JustCall: Sign in with SSO, the company email, Okta, signed in."""
    page.goto(demo.url)
    heading(page, "Sign in to Ringline")
    screenshot(page, "sign-in")
    follow(page, "Sign in with SSO")
    screenshot(page, "company-email")
    fill(page, "Company email", DANA)
    press(page, "Sign in with SSO")
    assert page.url.startswith(steps.provider_url(demo, "Okta"))
    screenshot(page, "simulated-okta-asks-for-a-password")
    steps.answer(page, "Okta", DANA)
    heading(page, "You are signed in as Dana Whitfield")
    expect(page.get_by_text("Owner", exact=True)).to_be_visible()
    expect(page.get_by_text("Okta vouched for you.")).to_be_visible()
    assert page.url == f"{demo.url}/"
    screenshot(page, "home-after-sign-in-with-sso")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_a_new_person_signs_in_by_the_button_and_gets_the_default_role(demo, page: Page) -> None:
    """Priya is in the group that was assigned, and has no account yet."""
    steps.sign_in_with_sso(page, demo, PRIYA)
    steps.answer(page, "Okta", PRIYA)
    heading(page, "You are signed in as Priya Raman")
    expect(page.get_by_role("listitem").filter(has_text="Role")).to_contain_text("Member")


def test_a_member_signs_in_by_the_tile(demo, page: Page, screenshot) -> None:
    """From Okta: the Ringline tile in the dashboard."""
    page.goto(f"{steps.provider_url(demo, 'Okta')}/")
    steps.answer(page, "Okta", MARCUS)
    heading(page, "My Apps")
    screenshot(page, "okta-dashboard-with-the-tile")
    page.get_by_role("link", name="Ringline").click()
    heading(page, "Continue as Marcus Oyelaran?")
    press(page, "Continue as Marcus Oyelaran")
    heading(page, "You are signed in as Marcus Oyelaran")
    assert page.url == f"{demo.url}/"


def test_whoever_is_unassigned_loses_access_by_button_and_by_tile(demo, new_context, screenshot) -> None:
    """If a user is unassigned, they immediately lose SSO access."""
    console = new_context().new_page()
    user = new_context().new_page()
    user.goto(f"{steps.provider_url(demo, 'Okta')}/")
    steps.answer(user, "Okta", MARCUS)
    user.get_by_role("link", name="Ringline").wait_for()
    steps.console(console, demo, "Okta")
    steps.applications(console)
    follow(console, "Ringline")
    follow(console, "Assignments")
    press(console, "Unassign Acme Support")
    expect(console.get_by_text("No groups are assigned.")).to_be_visible()

    # The tile that still stands on the page that was open, and then the button.
    user.get_by_role("link", name="Ringline").click()
    heading(user, "403 App Not Assigned")
    steps.sign_in_with_sso(user, demo, MARCUS)
    heading(user, "403 App Not Assigned")
    user.goto(f"{demo.url}/")
    heading(user, "Sign in to Ringline")


def _verify_the_domain(admin: Page, demo, screenshot) -> None:
    """Domains: the record is shown; nothing there, then the record on the demo's DNS page, then verified."""
    record = steps.add_domain(admin)
    assert record[0] == "_ostiary-challenge.acme.example"
    press(admin, "Check again")
    expect(admin.get_by_text("No TXT record of this name")).to_be_visible()
    screenshot(admin, "domain-not-verified-yet")
    provider = admin.context.new_page()
    steps.set_record(provider, demo, record)
    screenshot(provider, "dns-page-of-the-demo")
    provider.close()
    press(admin, "Check again")
    expect(admin.get_by_text("Verified", exact=True)).to_be_visible()
    screenshot(admin, "domain-verified")


def _enable_sso(admin: Page, screenshot) -> None:
    follow(admin, "Settings")
    follow(admin, "Security")
    admin.get_by_role("navigation", name="Security").get_by_role("link", name="Single Sign-On").click()
    expect(admin.get_by_role("navigation", name="Path")).to_contain_text("Security")
    admin.get_by_role("link", name="Enable SSO").click()
    screenshot(admin, "enable-sso-choose-saml")
    admin.get_by_role("link", name=re.compile("SAML 2.0")).click()
    screenshot(admin, "choose-the-identity-provider")
    admin.get_by_role("button", name=re.compile("^Okta")).click()
    heading(admin, "Set Up Okta SSO for Ringline")
    for title in (
        "Enable SSO in",
        "Create a SAML App",
        "Copy Okta",
        "Complete Configuration",
        "Assign Users and Groups",
    ):
        expect(admin.locator("summary", has_text=title)).to_be_visible()
    screenshot(admin, "okta-guide-and-form")


def _create_the_app(okta: Page, admin: Page, demo, screenshot, logo: Path) -> None:
    steps.console(okta, demo, "Okta")
    steps.applications(okta)
    follow(okta, "Create App Integration")
    okta.get_by_label("SAML 2.0", exact=True).check()
    press(okta, "Next")
    fill(okta, "App name", "Ringline")
    steps.upload(okta, "App logo (optional)", logo)
    press(okta, "Next")
    for ours, theirs in (("ACS URL", "Single sign-on URL"), ("Entity ID", "Audience URI (SP Entity ID)")):
        admin.bring_to_front()
        press(admin, f"Copy {ours}")
        expect(admin.get_by_role("button", name=f"Copy {ours}")).to_have_text("Copied")
        okta.bring_to_front()
        okta.get_by_label(theirs, exact=True).focus()
        okta.keyboard.press(PASTE)
        assert okta.get_by_label(theirs, exact=True).input_value() == steps.shown(admin, ours)
    okta.get_by_label("Name ID format").select_option("EmailAddress")
    okta.get_by_label("Application username").select_option("Okta username (email)")
    for place, (name, value) in enumerate(steps.OKTA_STATEMENTS, start=1):
        steps.attribute_statement(okta, place=place, name=name, value=value)
    screenshot(okta, "okta-configure-saml")
    press(okta, "Next")
    okta.get_by_label("I'm an Okta customer adding an internal app").check()
    press(okta, "Finish")


def _copy_the_details(okta: Page, admin: Page, screenshot, folder: Path) -> Path:
    follow(okta, "Sign On")
    okta.locator("summary", has_text="Actions").click()
    screenshot(okta, "okta-sign-on-tab")
    with okta.context.expect_page() as opened:
        follow(okta, "View IdP metadata")
    metadata = opened.value
    metadata.wait_for_load_state()
    metadata.close()
    for theirs, ours in (
        ("Identity Provider Single Sign-On URL", "SSO URL"),
        ("Identity Provider Issuer", "Issuer / Entity ID"),
    ):
        fill(admin, ours, okta.get_by_label(theirs).input_value())
    with okta.expect_download() as downloaded:
        follow(okta, "Download the X.509 Certificate")
    certificate = folder / downloaded.value.suggested_filename
    downloaded.value.save_as(certificate)
    return certificate


def _assign(okta: Page, screenshot) -> None:
    okta.bring_to_front()
    follow(okta, "Assignments")
    okta.locator("summary", has_text="Assign").click()
    screenshot(okta, "okta-assignments")
    follow(okta, "Assign to People")
    for email in (DANA, LENA):
        follow(okta, f"Assign {email}")
        press(okta, "Save and Go Back")
    follow(okta, "Done")
    okta.locator("summary", has_text="Assign").click()
    follow(okta, "Assign to Groups")
    follow(okta, "Assign Acme Support")
    press(okta, "Save and Go Back")
    follow(okta, "Done")
    expect(okta.get_by_role("button", name="Unassign Acme Support")).to_be_visible()


def _tie_the_identity_to_the_owner(admin: Page, screenshot) -> None:
    """At the end the owner ties the tested identity to their own account."""
    fill(admin, "Your Ringline password", "ringline-demo")
    press(admin, "Use this identity for my account")
    expect(admin.get_by_text("You can sign in with Okta yourself now.")).to_be_visible()
    screenshot(admin, "identity-is-linked")
