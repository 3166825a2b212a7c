"""Every row of the brief's two Troubleshooting tables, made to happen on a simulator's Faults page, and read.

What each page says word for word is tested by the journeys; here a person sees it, finds it and mends it.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.office import Office
from tests.browser.steps import LENA, MARCUS, Shown, fill, heading, press


@pytest.fixture(scope="module", autouse=True)
def turned_away(office: Office, new_module_context) -> dict[str, str]:
    """Lena, who is assigned nowhere, tries both providers; what each says. After 20 seconds it counts as silence."""
    said = {}
    for provider in ("Okta", "OneLogin"):
        user = new_module_context().new_page()
        steps.sign_in_with_sso(user, office.demo, LENA)
        user.get_by_role("button", name=re.compile(f"^{provider}")).click()
        steps.answer(user, provider, LENA)
        expect(user.get_by_label("Password")).to_have_count(0)
        said[provider] = user.get_by_role("heading", level=1).inner_text()
    return said


def test_invalid_saml_response(office: Office, screenshot) -> None:
    """Okta: "Verify the ACS URL and Entity ID match … Check for trailing slashes."."""
    with office.fault("Okta", "Trailing slash on the audience"):
        page = office.test("Okta")
        expect(page.get_by_text("Test Connection failed: Invalid SAML response")).to_be_visible()
        heading(page, "Okta's Audience URI (SP Entity ID) ends with a slash. This connection's Entity ID does not.")
        expect(page.locator("mark")).to_have_text("/")
        expect(page.get_by_text("1 character too many: a slash at the end")).to_be_visible()
        expect(page.get_by_role("heading", name="Fix it in Okta")).to_be_visible()
        expect(page.get_by_text("General → SAML Settings → Edit → Audience URI (SP Entity ID)")).to_be_visible()
        assert page.title().startswith("Error: ")
        screenshot(page, "test-failed-trailing-slash")
    second = steps.press_test_connection(page)  # mended: the same button on the report
    heading(second, "Okta and Ringline understand each other.")
    second.close()
    steps.has_followed(page)


def test_invalid_audience(office: Office, screenshot) -> None:
    """OneLogin: "Verify the Audience (EntityID) in OneLogin matches the Entity ID … exactly."."""
    with office.fault("OneLogin", "Wrong audience"):
        page = office.test("OneLogin")
        heading(page, re.compile(r"OneLogin's Audience \(EntityID\)"))
        expect(page.get_by_text("saml.audience_mismatch")).to_be_visible()
        expect(page.get_by_text("Configuration → Audience (EntityID)")).to_be_visible()
        screenshot(page, "test-failed-invalid-audience-at-onelogin")


@pytest.mark.parametrize("provider", ["Okta", "OneLogin"])
def test_attributes_missing(office: Office, screenshot, provider: str) -> None:
    """Okta: "Confirm attribute statement names …"; OneLogin: "Confirm … Include in SAML assertion checked."."""
    with office.fault(provider, "Attributes not included"):
        page = office.test(provider)
        expect(page.get_by_role("heading", name="Worth a look")).to_be_visible()
        where = "Attribute Statements" if provider == "Okta" else "Include in SAML assertion"
        expect(page.locator("section", has_text="Worth a look").get_by_text(where).first).to_be_visible()
        expect(page.get_by_text("0 attributes.")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="First and last name")).to_contain_text("Not received")
        screenshot(page, f"test-passed-without-attributes-of-{provider.lower()}")


def test_attributes_missing_where_nothing_stands_in_for_them(office: Office, screenshot) -> None:
    """Without an email as NameID the sign-in is refused, and a name in another letter case is pointed out."""
    app, console = office.connections["Okta"][1].app, office.console
    _edit_okta(console, app, name_id_format="Unspecified", email="Email")
    try:
        page = office.test("Okta")
        expect(page.get_by_text("saml.attribute_missing")).to_be_visible()
        expect(page.get_by_text(re.compile("letter case")).first).to_be_visible()
        screenshot(page, "test-failed-attribute-in-another-letter-case")
    finally:
        _edit_okta(console, app, name_id_format="EmailAddress", email="email")


@pytest.mark.parametrize(("provider", "where"), [("Okta", "SAML Signing Certificates"), ("OneLogin", "View Details")])
def test_certificate_error(office: Office, screenshot, provider: str, where: str) -> None:
    """Okta: "Re-download the active certificate"; OneLogin: "Re-copy the certificate". Done, and it passes."""
    given, copied = office.connections[provider]
    with office.fault(provider, "Other certificate"):
        page = office.test(provider)
        expect(page.get_by_text("saml.certificate_unknown")).to_be_visible()
        heading(page, re.compile("certificate"))
        expect(page.locator("section", has_text="Fix it in").get_by_text(where).first).to_be_visible()
        screenshot(page, f"test-failed-other-certificate-at-{provider.lower()}")

        again = (steps.copy_from_okta if provider == "Okta" else steps.copy_from_onelogin)(office.console, copied.app)
        assert again.certificate != copied.certificate
        _replace_certificate(page, given, again.certificate)
        second = steps.press_test_connection(page)
        heading(second, f"{provider} and Ringline understand each other.")
        second.close()
        steps.has_followed(page)
    _replace_certificate(office.admin, given, copied.certificate)
    office.test(provider)


def test_expired_certificate(office: Office, screenshot) -> None:
    """Saving one asks first; and when another key signs, the explanation says that it has expired."""
    given, copied = office.connections["Okta"]
    with office.fault("Okta", "Expired certificate"):
        office.console.goto(copied.app + "/sign-on")
        row = office.console.get_by_role("row").filter(has_text="(expired)")
        row.locator("summary").click()
        with office.console.expect_download() as downloaded:
            row.get_by_role("link", name="Download certificate").click()
        office.admin.goto(given.page)
        steps.upload(office.admin, "Upload a file", downloaded.value.path())
        press(office.admin, "Save Configuration")
        expect(office.admin.get_by_role("alert")).to_contain_text("Not saved")
        screenshot(office.admin, "expired-certificate-asks-for-confirmation")
        steps.upload(office.admin, "Upload a file", downloaded.value.path())
        office.admin.get_by_label("Save this expired certificate").check()
        press(office.admin, "Save Configuration")
        expect(office.admin.get_by_text("Saved.", exact=True)).to_be_visible()
        page = office.test("Okta")
        expect(page.get_by_text("saml.certificate_expired")).to_be_visible()
        heading(page, re.compile("expired"))
        screenshot(page, "test-failed-expired-certificate")
    _replace_certificate(office.admin, given, copied.certificate)
    office.test("Okta")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("Unsigned", "saml.signature_missing"),
        ("SHA-1", "saml.algorithm_refused"),
        ("Clock off by 7 minutes", "saml.response_expired"),
    ],
)
def test_the_other_faults(office: Office, screenshot, fault: str, code: str) -> None:
    """What the tables leave to support: each has its own explanation."""
    with office.fault("OneLogin", fault):
        page = office.test("OneLogin")
        expect(page.get_by_text(code)).to_be_visible()
        screenshot(page, f"test-failed-{code.replace('.', '-').replace('_', '-')}")


@pytest.mark.parametrize("provider", ["Okta", "OneLogin"])
def test_a_user_without_access_is_found_by_email(
    office: Office, turned_away: dict[str, str], screenshot, provider: str
) -> None:
    """Okta: "not assigned"; OneLogin: "User cannot access the app". The provider says it, and tells us nothing."""
    assert turned_away == {"Okta": "403 App Not Assigned", "OneLogin": "You do not have access to this application"}
    page = office.admin
    page.goto(f"{office.demo.url}/settings/attempts")
    page.get_by_role("searchbox").fill(LENA)
    page.get_by_label("Connection").select_option(provider)
    press(page, "Show")
    row = page.get_by_role("row").filter(has_text=LENA)
    expect(row).to_contain_text("Waiting")
    row.get_by_role("link").first.click()
    _wait_for_silence(page)
    heading(page, f"{provider} has not answered. Most likely {LENA} is not assigned to Ringline yet.")
    expect(page.get_by_text("login.no_answer")).to_be_visible()
    where = (
        "Assignments → Assign → Assign to People" if provider == "Okta" else "Applications → Applications → Ringline"
    )
    expect(page.get_by_role("region", name=f"Fix it in {provider}").get_by_text(where).first).to_be_visible()
    screenshot(page, f"attempt-without-an-answer-of-{provider.lower()}")


def test_the_reference_leads_from_the_users_page_to_the_whole_story(office: Office, new_context, screenshot) -> None:
    """The user reads a safe text and a reference; the admin finds everything by it, by email and in the list."""
    user = new_context().new_page()
    with office.fault("Okta", "Wrong audience"):
        steps.sign_in_with_sso(user, office.demo, MARCUS)
        user.get_by_role("button", name=re.compile("^Okta")).click()
        steps.answer(user, "Okta", MARCUS)
        heading(user, re.compile("Your company.s sign-in"))
    said = user.get_by_role("main").inner_text()
    assert "audience" not in said.lower()
    assert MARCUS not in said
    assert "saml." not in said
    assert user.title().startswith("Error: ")
    screenshot(user, "what-the-user-reads")
    reference = steps.reference_on(user)
    assert steps.REFERENCE.fullmatch(reference)

    page = office.admin
    page.goto(f"{office.demo.url}/settings/attempts")
    screenshot(page, "login-attempts")
    page.get_by_role("searchbox").fill(reference)
    press(page, "Show")
    assert page.url == f"{office.demo.url}/settings/attempts/{reference}"
    expect(page.get_by_text("saml.audience_mismatch")).to_be_visible()
    expect(page.get_by_role("heading", name="What the person saw")).to_be_visible()
    screenshot(page, "one-attempt-explained")
    for search in (MARCUS, ""):
        page.goto(f"{office.demo.url}/settings/attempts?q={search}")
        expect(page.get_by_role("row").filter(has_text=reference)).to_contain_text("Refused")


def _edit_okta(console: Page, app: str, *, name_id_format: str, email: str) -> None:
    """General → SAML Settings → Edit: the Name ID format, and the name of the first attribute statement."""
    console.goto(app + "/edit/saml")
    console.get_by_label("Name ID format").select_option(name_id_format)
    row = console.get_by_role("group", name="Attribute statement 1")
    row.get_by_label("Name", exact=True).fill(email)
    press(console, "Next")
    press(console, "Finish")


def _replace_certificate(page: Page, given: Shown, certificate: str) -> None:
    page.goto(given.page)
    fill(page, "Replace the certificate", certificate)
    press(page, "Save Configuration")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def _wait_for_silence(page: Page) -> None:
    for _ in range(30):
        if page.get_by_text("login.no_answer").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("After 30 seconds the attempt still says nothing of the silence.")
