"""The OneLogin page of the brief, clicked through with its labels, and what else the console does."""

import pytest

from tests.simulator.browser import Browser
from tests.simulator.service_provider import (
    ACS_URL,
    ENTITY_ID,
    attributes_of,
    authn_request,
    posted_xml,
    redirect_query,
    signed_parts,
    text_of,
)

VALIDATOR = r"https:\/\/product\.example\/saml\/c1\/acs"


@pytest.fixture
def onelogin(make):
    return make("onelogin")


@pytest.fixture
def admin(onelogin):
    browser = Browser(onelogin)
    browser.open("/admin")
    assert browser.heading == "Log into the OneLogin Admin Console"
    browser.press("Log in")
    return browser


def add_app(admin, name="Ringline"):
    """Step 2 of the page."""
    admin.click("Applications")
    admin.click("Add App")
    admin.fill("Search for an application", "SAML Custom Connector (Advanced)")
    admin.press("Search")
    admin.click("SAML Custom Connector (Advanced)")
    admin.fill("Display Name", name)
    admin.press("Save")


def configure(admin, *, audience=ENTITY_ID, validator=VALIDATOR, acs_url=ACS_URL):
    """Step 3 of the page."""
    admin.click("Configuration")
    admin.fill("Audience (EntityID)", audience)
    admin.fill("ACS (Consumer) URL", acs_url)
    admin.fill("ACS URL Validator", validator)
    admin.choose("SAML nameID format", "Email")
    admin.press("Save")


def add_parameter(admin, name, value):
    admin.click("Parameters")
    admin.click("+ New parameter")
    admin.fill("Field Name", name)
    admin.press("Save")
    admin.choose("Value (OneLogin Field)", value)
    admin.tick("Include in SAML assertion")
    admin.press("Save")


def assign(admin, label="Ana Silva", tab="Users"):
    admin.open(admin.path.rsplit("/", 1)[0] + "/" + tab.lower())
    admin.tick(label)
    admin.press("Save")


def details(admin):
    """Step 5 of the page: endpoint, issuer, certificate."""
    admin.click("SSO")
    endpoint, issuer = admin.value("SAML 2.0 Endpoint (HTTP)"), admin.value("Issuer URL")
    admin.click("View Details")
    certificate = admin.value("X.509 Certificate")
    admin.click("Back to Ringline")
    return endpoint, issuer, certificate


@pytest.fixture
def answer(onelogin, sign_in):
    """The octets that Ana's browser posts."""

    def ask(endpoint, **query):
        user = Browser(onelogin)
        user.open(endpoint, **query)
        sign_in(user)
        return posted_xml(user.response.text)

    return ask


def test_the_page_of_the_brief_ends_in_a_signed_answer(admin, answer):
    add_app(admin)
    configure(admin)
    assert "Saved." in admin.text
    for name, value in (("email", "Email"), ("firstName", "First Name"), ("lastName", "Last Name")):
        add_parameter(admin, name, value)
    admin.press("Save")
    endpoint, issuer, certificate = details(admin)
    assign(admin)
    xml = answer(endpoint, **redirect_query(authn_request()))
    assert signed_parts(xml, certificate_pem=certificate) == ["Assertion"]
    assert text_of(xml, "a:Issuer") == issuer
    assert text_of(xml, ".//a:Audience") == ENTITY_ID
    assert text_of(xml, ".//a:NameID") == "ana@acme.example"
    assert attributes_of(xml) == {"email": "ana@acme.example", "firstName": "Ana", "lastName": "Silva"}


def test_a_role_on_the_access_tab_gives_its_members_the_application(onelogin, admin, answer):
    add_app(admin)
    configure(admin)
    endpoint, _, certificate = details(admin)
    assign(admin, "Sales", tab="Access")
    assert admin.is_ticked("Sales")
    assert signed_parts(answer(endpoint), certificate_pem=certificate) == ["Assertion"]
    admin.open(admin.path.replace("access", "users"))
    assert "Ana Silva (ana@acme.example) · has access by a role" in admin.text


def test_a_parameter_that_is_not_included_is_not_sent(admin, answer):
    add_app(admin)
    configure(admin)
    add_parameter(admin, "email", "Email")
    add_parameter(admin, "lastName", "Last Name")
    admin.click("lastName")
    admin.tick("Include in SAML assertion", on=False)
    admin.press("Save")
    endpoint, _, _ = details(admin)
    assign(admin)
    assert attributes_of(answer(endpoint)) == {"email": "ana@acme.example"}


def test_a_parameter_is_deleted(admin):
    add_app(admin)
    configure(admin)
    add_parameter(admin, "email", "Email")
    admin.click("email")
    admin.press("Delete")
    assert "There are no custom parameters yet." in admin.text


def test_a_parameter_without_a_value_is_not_saved_and_one_left_without_is_sent_empty(admin, answer):
    add_app(admin)
    configure(admin)
    admin.click("Parameters")
    admin.click("+ New parameter")
    admin.fill("Field Name", "email")
    admin.tick("Include in SAML assertion")
    admin.press("Save")
    admin.press("Save")
    assert admin.response.status_code == 422
    assert "Select a value." in admin.text
    admin.click("Cancel")
    endpoint, _, _ = details(admin)
    assign(admin)
    assert attributes_of(answer(endpoint)) == {"email": ""}


@pytest.mark.parametrize(("name", "reason"), [("", "Field Name is empty."), ("email", "a parameter email already")])
def test_a_parameter_needs_a_name_of_its_own(admin, name, reason):
    add_app(admin)
    configure(admin)
    add_parameter(admin, "email", "Email")
    admin.click("+ New parameter")
    admin.fill("Field Name", name)
    admin.press("Save")
    assert reason in admin.text


def test_an_audience_that_was_left_empty_arrives_as_its_placeholder(admin, answer):
    add_app(admin)
    configure(admin, audience="")
    endpoint, _, _ = details(admin)
    assign(admin)
    assert text_of(answer(endpoint), ".//a:Audience") == "{audience}"


@pytest.mark.parametrize(
    ("validator", "acs_url", "reason"),
    [
        ("", ACS_URL, "ACS URL Validator is empty."),
        ("(", ACS_URL, "ACS URL Validator is not a regular expression"),
        ("a" * 1025, ACS_URL, "longer than 1,024"),
        (VALIDATOR, "", "ACS (Consumer) URL is empty."),
        (VALIDATOR, "/acs", "ACS (Consumer) URL is not an absolute URL."),
    ],
)
def test_a_configuration_that_can_answer_nobody_is_refused(admin, validator, acs_url, reason):
    add_app(admin)
    configure(admin, validator=validator, acs_url=acs_url)
    assert admin.response.status_code == 422
    assert reason in admin.text
    assert admin.value("ACS (Consumer) URL") == acs_url


@pytest.mark.parametrize("algorithm", ["SHA-1", "SHA-256", "SHA-384", "SHA-512"])
def test_the_saml_signature_algorithm_is_what_signs(admin, answer, algorithm):
    add_app(admin)
    configure(admin)
    endpoint, _, certificate = details(admin)
    assert admin.chosen("SAML Signature Algorithm") == "SHA-256"
    admin.choose("SAML Signature Algorithm", algorithm)
    admin.press("Save")
    assert admin.chosen("SAML Signature Algorithm") == algorithm
    assign(admin)
    xml = answer(endpoint)
    assert signed_parts(xml, certificate_pem=certificate, algorithm=algorithm.replace("-", "")) == ["Assertion"]


@pytest.mark.parametrize(
    ("element", "signed"),
    [("Response", ["Response"]), ("Both", ["Response", "Assertion"]), ("Assertion", ["Assertion"])],
)
def test_the_saml_signature_element_says_what_is_signed(admin, answer, element, signed):
    add_app(admin)
    configure(admin)
    admin.choose("SAML signature element", element)
    admin.press("Save")
    assert admin.chosen("SAML signature element") == element
    endpoint, _, certificate = details(admin)
    assign(admin)
    assert signed_parts(answer(endpoint), certificate_pem=certificate) == signed


def test_a_search_for_another_connector_says_what_there_is(admin):
    admin.open("/admin/apps/find", q="Salesforce")
    assert "two connectors: SAML Custom Connector (Advanced) and OpenId Connect (OIDC)." in admin.text


def test_relay_state_of_the_configuration_comes_with_the_tile(onelogin, admin, sign_in):
    add_app(admin)
    configure(admin)
    admin.fill("RelayState", "https://product.example/home")
    admin.press("Save")
    endpoint, _, _ = details(admin)
    assign(admin)
    user = Browser(onelogin)
    user.open(endpoint)
    sign_in(user)
    assert 'name="RelayState" value="https://product.example/home"' in user.response.text


def test_the_display_name_is_changed_on_the_info_tab(admin):
    add_app(admin)
    admin.fill("Display Name", "Ringline EU")
    admin.press("Save")
    assert admin.heading == "Ringline EU"
    admin.fill("Display Name", "")
    admin.press("Save")
    assert "Display Name is empty." in admin.text


def test_saml_metadata_is_under_more_actions(admin):
    add_app(admin)
    admin.click("SAML Metadata")
    assert b"EntityDescriptor" in admin.response.content


def test_a_role_is_made_with_its_members(onelogin, admin):
    admin.click("Roles")
    admin.click("New Role")
    admin.fill("Role name", "Support")
    admin.tick("Ben Okafor")
    admin.press("Save")
    admin.click("Support")
    assert admin.is_ticked("Ben Okafor")
    assert not admin.is_ticked("Ana Silva")


@pytest.mark.parametrize("number", ["7", "-1", "x", "²"])
def test_a_parameter_that_is_not_there_has_no_page(admin, number):
    add_app(admin)
    admin.open(admin.path.replace("info", f"parameters/{number}"))
    assert admin.response.status_code == 404
