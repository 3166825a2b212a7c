"""The Okta page of the brief, clicked through with its labels, and what else the console does."""

import pytest

from tests.simulator.browser import Browser
from tests.simulator.service_provider import (
    ACS_URL,
    ENTITY_ID,
    NAMES,
    attributes_of,
    authn_request,
    parsed,
    posted_xml,
    redirect_query,
    signed_parts,
    text_of,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def okta(make):
    return make("okta")


@pytest.fixture
def admin(okta):
    browser = Browser(okta)
    browser.open("/admin")
    assert browser.heading == "Log into the Okta Admin Console"
    browser.press("Log in")
    return browser


def configure(admin, *, acs_url=ACS_URL, audience=ENTITY_ID):
    admin.fill("Single sign-on URL", acs_url)
    admin.fill("Audience URI (SP Entity ID)", audience)
    admin.choose("Name ID format", "EmailAddress")
    admin.choose("Application username", "Okta username (email)")


def create_app(admin, name="Ringline"):
    """Step 2 of the page."""
    admin.click("Applications")
    admin.click("Create App Integration")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", name)
    admin.press("Next")
    configure(admin)
    for number, (attribute, value) in enumerate(
        [("email", "user.email"), ("firstName", "user.firstName"), ("lastName", "user.lastName")], start=1
    ):
        if number > 1:
            admin.press("Add Another")
        admin.fill(f"{number}: Name", attribute)
        admin.fill(f"{number}: Value", value)
    admin.press("Next")
    admin.tick("I'm an Okta customer adding an internal app")
    admin.press("Finish")


def test_the_page_of_the_brief_ends_in_a_signed_answer(okta, admin, sign_in):
    create_app(admin)
    assert admin.path.endswith("/sign-on")
    sso_url = admin.value("Identity Provider Single Sign-On URL")
    issuer = admin.value("Identity Provider Issuer")
    certificate = admin.value("X.509 Certificate")
    admin.click("Assignments")
    admin.click("Assign to People")
    admin.click("Assign ana@acme.example")
    admin.press("Save and Go Back")
    assert "Assigned" in admin.text
    admin.click("Done")
    user = Browser(okta)
    user.open(sso_url, **redirect_query(authn_request()))
    sign_in(user)
    xml = posted_xml(user.response.text)
    assert signed_parts(xml, certificate_pem=certificate) == ["Response", "Assertion"]
    assert text_of(xml, "a:Issuer") == issuer
    assert text_of(xml, ".//a:Audience") == ENTITY_ID
    assert attributes_of(xml) == {"email": "ana@acme.example", "firstName": "Ana", "lastName": "Silva"}


def test_the_metadata_page_says_the_same_as_the_sign_on_tab(admin):
    create_app(admin)
    sso_url, issuer = admin.value("Identity Provider Single Sign-On URL"), admin.value("Identity Provider Issuer")
    admin.click("View IdP metadata")
    root = parsed(admin.response.content)
    assert admin.response.headers["content-type"].startswith("text/xml")
    assert root.get("entityID") == issuer
    assert root.find(".//md:SingleSignOnService", NAMES).get("Location") == sso_url


def test_the_certificate_is_downloaded_as_okta_cert(admin):
    create_app(admin)
    certificate = admin.value("X.509 Certificate")
    admin.click("Download certificate")
    assert 'filename="okta.cert"' in admin.response.headers["content-disposition"]
    assert admin.response.text.strip() == certificate


def test_a_group_is_assigned_and_its_members_have_the_tile(okta, admin, sign_in):
    create_app(admin)
    admin.click("Assignments")
    admin.click("Assign to Groups")
    admin.click("Assign Sales")
    admin.press("Save and Go Back")
    admin.click("Done")
    for email, tiles in (("ana@acme.example", ["Ringline"]), ("ben@acme.example", [])):
        user = Browser(okta)
        user.open("/")
        sign_in(user, email=email)
        assert user.links() == tiles


@pytest.mark.parametrize(("kind", "name"), [("People", "ana@acme.example"), ("Groups", "Sales")])
def test_an_assignment_is_taken_back(admin, kind, name):
    create_app(admin)
    admin.click("Assignments")
    admin.click(f"Assign to {kind}")
    admin.click(f"Assign {name}")
    admin.press("Save and Go Back")
    admin.click("Done")
    admin.press(f"Unassign {name}")
    assert "No people are assigned." in admin.text
    assert "No groups are assigned." in admin.text


def test_the_user_name_of_an_assignment_becomes_the_name_id(okta, admin, sign_in):
    create_app(admin)
    sso_url = admin.value("Identity Provider Single Sign-On URL")
    admin.click("Assignments")
    admin.click("Assign to People")
    admin.click("Assign ana@acme.example")
    admin.fill("User Name", "ana.silva")
    admin.press("Save and Go Back")
    user = Browser(okta)
    user.open(sso_url)
    sign_in(user)
    assert text_of(posted_xml(user.response.text), ".//a:NameID") == "ana.silva"


def test_a_change_keeps_who_is_assigned(okta, admin):
    create_app(admin)
    admin.click("Assignments")
    admin.click("Assign to People")
    admin.click("Assign ben@acme.example")
    admin.press("Save and Go Back")
    admin.click("Done")
    admin.click("General")
    admin.open(admin.path.replace("/general", "/edit/saml"))
    assert admin.value("Audience URI (SP Entity ID)") == ENTITY_ID
    assert admin.value("3: Name") == "lastName"
    configure(admin, audience=ENTITY_ID + "/")
    admin.press("Next")
    assert admin.is_ticked("I'm an Okta customer adding an internal app")
    admin.press("Finish")
    assert ENTITY_ID + "/" in admin.text
    admin.click("Assignments")
    assert "ben@acme.example" in admin.text


@pytest.mark.parametrize(
    ("acs_url", "reason"),
    [
        ("", "Single sign-on URL is empty."),
        ("https://product.example/saml/c_1/acs", "can't contain an underscore"),
        ("product.example/acs", "not an absolute URL"),
        ("https://product.example/a b", "not an absolute URL"),
        ("javascript:alert(1)", "not an absolute URL"),
    ],
)
def test_a_single_sign_on_url_that_okta_refuses_is_refused(admin, acs_url, reason):
    admin.open("/admin/apps/new")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", "Ringline")
    admin.press("Next")
    configure(admin, acs_url=acs_url)
    admin.press("Next")
    assert admin.response.status_code == 422
    assert reason in admin.text
    assert admin.value("Single sign-on URL") == acs_url


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("", "user.email", "Attribute statement 1 has no name."),
        ("email", "user.mail", "this simulator knows the values user.email"),
    ],
)
def test_an_attribute_statement_without_name_or_known_value_is_refused(admin, name, value, reason):
    admin.open("/admin/apps/new")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", "Ringline")
    admin.press("Next")
    configure(admin)
    admin.fill("1: Name", name)
    admin.fill("1: Value", value)
    admin.press("Next")
    assert reason in admin.text


def test_return_in_a_field_goes_on_and_adds_no_row(admin):
    admin.open("/admin/apps/new")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", "Ringline")
    admin.press("Next")
    configure(admin)
    admin.press_return("Audience URI (SP Entity ID)")
    assert admin.path.endswith("/edit/feedback")


def test_each_step_of_the_wizard_asks_for_what_it_needs(admin):
    admin.open("/admin/apps/new")
    admin.press("Next")
    assert "Choose a sign-in method." in admin.text
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.press("Next")
    assert "App name is empty." in admin.text
    admin.fill("App name", "Ringline")
    admin.press("Next")
    configure(admin)
    admin.press("Next")
    admin.press("Finish")
    assert "Say which of the two you are." in admin.text
    admin.open("/admin/apps")
    assert "There are no app integrations yet." in admin.text


def test_a_logo_is_shown_on_the_tile(okta, admin, sign_in):
    admin.open("/admin/apps/new")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", "Ringline")
    admin.attach("App logo (optional)", PNG)
    admin.press("Next")
    configure(admin)
    admin.press("Next")
    admin.tick("I'm an Okta customer adding an internal app")
    admin.press("Finish")
    app_id = admin.path.split("/")[3]
    admin.open(f"/logo/{app_id}")
    assert admin.response.content == PNG
    assert admin.response.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("octets", "reason"), [(b"<svg/>", "not a PNG"), (PNG + b"\0" * 300_000, "larger than 256 KiB")]
)
def test_a_file_that_is_no_small_picture_is_no_logo(admin, octets, reason):
    admin.open("/admin/apps/new")
    admin.tick("SAML 2.0")
    admin.press("Next")
    admin.fill("App name", "Ringline")
    admin.attach("App logo (optional)", octets)
    admin.press("Next")
    assert reason in admin.text


@pytest.mark.parametrize(
    ("response", "assertion", "signed"),
    [
        ("Signed", "Unsigned", ["Response"]),
        ("Unsigned", "Signed", ["Assertion"]),
        ("Unsigned", "Unsigned", []),
    ],
)
def test_the_advanced_settings_say_what_is_signed(okta, admin, sign_in, response, assertion, signed):
    create_app(admin)
    certificate, sso_url = admin.value("X.509 Certificate"), admin.value("Identity Provider Single Sign-On URL")
    admin.open(admin.path.replace("/sign-on", "/edit/saml"))
    admin.choose("Response", response)
    admin.choose("Assertion Signature", assertion)
    admin.press("Next")
    admin.press("Finish")
    admin.click("Assignments")
    admin.click("Assign to People")
    admin.click("Assign ana@acme.example")
    admin.press("Save and Go Back")
    user = Browser(okta)
    user.open(sso_url)
    sign_in(user)
    assert signed_parts(posted_xml(user.response.text), certificate_pem=certificate) == signed


def test_a_recipient_of_its_own_is_sent_as_typed(okta, admin, sign_in):
    create_app(admin)
    sso_url = admin.value("Identity Provider Single Sign-On URL")
    admin.open(admin.path.replace("/sign-on", "/edit/saml"))
    admin.tick("Use this for Recipient URL and Destination URL", on=False)
    admin.fill("Recipient URL", "https://product.example/recipient")
    admin.fill("Destination URL", "https://product.example/destination")
    admin.press("Next")
    admin.press("Finish")
    admin.click("Assignments")
    admin.click("Assign to People")
    admin.click("Assign ana@acme.example")
    admin.press("Save and Go Back")
    user = Browser(okta)
    user.open(sso_url)
    sign_in(user)
    xml = posted_xml(user.response.text)
    assert b'Recipient="https://product.example/recipient"' in xml
    assert b'Destination="https://product.example/destination"' in xml


def test_people_are_added_in_the_directory(admin):
    admin.click("People")
    admin.click("Add person")
    admin.fill("First name", "Cleo")
    admin.fill("Last name", "Marchetti")
    admin.fill("Username", "cleo@acme.example")
    admin.fill("Password", "pw")
    admin.press("Save")
    assert admin.path == "/admin/people"
    assert "Cleo Marchetticleo@acme.example" in admin.text


@pytest.mark.parametrize(
    ("email", "reason"),
    [("", "Username is empty."), ("no address", "not an email address"), ("ANA@acme.example", "is here already")],
)
def test_a_person_without_an_address_of_their_own_is_refused(admin, email, reason):
    admin.open("/admin/people/new")
    admin.fill("First name", "Cleo")
    admin.fill("Username", email)
    admin.fill("Password", "pw")
    admin.press("Save")
    assert admin.response.status_code == 422
    assert reason in admin.text


def test_the_console_asks_for_its_administrator(okta):
    browser = Browser(okta)
    browser.open("/admin/apps")
    browser.fill("Password", "wrong")
    browser.press("Log in")
    assert browser.response.status_code == 403
    browser.fill("Password", "simulator")
    browser.press("Log in")
    assert browser.path == "/admin/apps"
    browser.press("Sign out")
    browser.open("/admin/apps")
    assert browser.path == "/admin/login"


@pytest.mark.parametrize("path", ["general", "sign-on", "assignments", "edit/saml", "edit/feedback", "assign/people"])
def test_an_application_that_is_not_there_has_no_pages(admin, path):
    admin.open(f"/admin/apps/exk0/{path}")
    assert admin.response.status_code == 404
