"""The page "Set Up OneLogin SSO" of the brief in a real browser: every numbered step in its order, admin and user."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import DANA, MARCUS, ONELOGIN_PARAMETERS, PRIYA, fill, follow, heading, press


@pytest.fixture(scope="module")
def admin(demo, module_context) -> Page:
    """Dana's first tab; the domain is verified."""
    page = module_context.new_page()
    steps.sign_in(page, demo)
    record = steps.add_domain(page)
    elsewhere = module_context.new_page()
    steps.set_record(elsewhere, demo, record)
    elsewhere.close()
    press(page, "Check again")
    expect(page.get_by_text("Verified", exact=True)).to_be_visible()
    page.goto(demo.url)
    return page


def test_every_step_in_the_order_of_the_page(demo, admin: Page, screenshot) -> None:
    """Steps 1 to 7; the test stands before the assignment, as in the brief."""
    # Step 1: Settings → Security → Single Sign-On, Enable SSO, SAML 2.0, copy the ACS URL and Entity ID.
    given = steps.begin(admin, "OneLogin")
    assert given.validator == given.acs_url.replace(".", r"\.").replace("/", r"\/")
    screenshot(admin, "onelogin-guide-and-form")

    # Steps 2 to 4: SAML Custom Connector (Advanced), Configuration, Parameters, in the console.
    console = admin.context.new_page()
    steps.console(console, demo, "OneLogin")
    app = steps.create_onelogin_app(console, given)
    for name, value in ONELOGIN_PARAMETERS:
        expect(console.get_by_role("row").filter(has=console.get_by_role("link", name=name))).to_contain_text(value)
    expect(console.get_by_role("cell", name="Yes")).to_have_count(3)
    screenshot(console, "onelogin-parameters")
    follow(console, "Configuration")
    expect(console.get_by_label("ACS URL Validator")).to_have_value(given.validator)
    screenshot(console, "onelogin-configuration")

    # Step 5: SAML 2.0 Endpoint (HTTP), Issuer URL, X.509 Certificate → View Details.
    copied = steps.copy_from_onelogin(console, app)
    screenshot(console, "onelogin-certificate")

    # Step 6: the three values, Default Role, Save Configuration, Test Connection.
    fill(admin, "SSO URL", copied.sso_url)
    fill(admin, "Issuer / Entity ID", copied.issuer)
    fill(admin, "Certificate", f"  {copied.certificate}\n\n")
    admin.get_by_label("Default Role").select_option("Admin")
    press(admin, "Save Configuration")
    expect(admin.get_by_text("Saved. Test it next: nothing is turned on until a test has passed.")).to_be_visible()
    second = steps.press_test_connection(admin)
    steps.answer(second, "OneLogin", DANA)
    heading(second, "You do not have access to this application")
    screenshot(second, "onelogin-refuses-who-has-no-access")
    second.close()
    heading(admin, "Finish signing in to OneLogin in the other tab.")
    follow(admin, "Stop waiting")

    # Step 7: the Users tab, or the Access tab for roles. Then the test passes.
    steps.assign_in_onelogin(console, app, DANA)
    screenshot(console, "onelogin-users-tab")
    follow(console, "Access")
    console.get_by_label("Acme Support").check()
    press(console, "Save")
    second = steps.press_test_connection(admin)
    heading(second, "OneLogin and Ringline understand each other.")
    heading(admin, "OneLogin and Ringline understand each other.")
    expect(admin.get_by_text("OneLogin is enabled: people can sign in with it now.")).to_be_visible()
    screenshot(admin, "onelogin-test-passed")

    # At the end the owner ties the tested identity to their own account.
    fill(admin, "Your Ringline password", "not this one")
    press(admin, "Use this identity for my account")
    expect(admin.get_by_label("Your Ringline password")).to_have_attribute("aria-invalid", "true")
    fill(admin, "Your Ringline password", "ringline-demo")
    press(admin, "Use this identity for my account")
    expect(admin.get_by_text("You can sign in with OneLogin yourself now.")).to_be_visible()


def test_the_owner_signs_in_with_sso(demo, page: Page) -> None:
    """From JustCall: Sign in with SSO, the email, OneLogin."""
    steps.sign_in_with_sso(page, demo, DANA)
    steps.answer(page, "OneLogin", DANA)
    heading(page, "You are signed in as Dana Whitfield")
    expect(page.get_by_text("OneLogin vouched for you.")).to_be_visible()


def test_a_new_person_gets_the_default_role(demo, page: Page) -> None:
    """Priya has access by her role, and no account yet."""
    steps.sign_in_with_sso(page, demo, PRIYA)
    steps.answer(page, "OneLogin", PRIYA)
    heading(page, "You are signed in as Priya Raman")
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text="Role")).to_contain_text("Admin")


def test_a_member_signs_in_by_the_tile(demo, page: Page, screenshot) -> None:
    """From OneLogin: the Ringline tile in the portal."""
    page.goto(f"{steps.provider_url(demo, 'OneLogin')}/")
    steps.answer(page, "OneLogin", MARCUS)
    heading(page, "OneLogin Portal")
    screenshot(page, "onelogin-portal-with-the-tile")
    page.get_by_role("link", name="Ringline").click()
    heading(page, "Continue as Marcus Oyelaran?")
    press(page, "Continue as Marcus Oyelaran")
    heading(page, "You are signed in as Marcus Oyelaran")
    assert page.url == f"{demo.url}/"
