"""What is sent: the shape of each vendor, as captured from the real ones."""

import re
from datetime import timedelta

import pytest

from tests.simulator.service_provider import (
    ACS_URL,
    ENTITY_ID,
    NAMES,
    NOW,
    attributes_of,
    authn_request,
    hidden_fields,
    parsed,
    posted_xml,
    redirect_query,
    signed_parts,
    text_of,
)

CONDITIONS = ".//a:Conditions"


@pytest.fixture
def answer(browser, app, sign_in):
    """The octets that are posted after a request by Redirect."""

    def ask(**request):
        browser.open(app.sso_url, **redirect_query(authn_request(**request)))
        sign_in(browser)
        return posted_xml(browser.response.text)

    return ask


def attribute(xml, path, name):
    return parsed(xml).find(path, NAMES).get(name)


def test_okta_signs_response_and_assertion_and_onelogin_the_assertion(answer, app, vendor):
    signed = signed_parts(answer(), certificate_pem=app.certificate_pem)
    assert signed == (["Response", "Assertion"] if vendor == "okta" else ["Assertion"])


def test_the_answer_names_the_request_the_recipient_and_the_audience(answer):
    xml = answer(request_id="_42")
    confirmation = ".//a:SubjectConfirmationData"
    assert parsed(xml).get("InResponseTo") == "_42"
    assert parsed(xml).get("Destination") == ACS_URL
    assert attribute(xml, confirmation, "InResponseTo") == "_42"
    assert attribute(xml, confirmation, "Recipient") == ACS_URL
    assert text_of(xml, ".//a:Audience") == ENTITY_ID


def test_the_issuer_is_of_the_vendors_form(answer, app, vendor):
    form = (
        r"http://www\.okta\.com/exk\w{17}"
        if vendor == "okta"
        else r"http://127\.0\.0\.1:9101/saml/metadata/[0-9a-f-]{36}"
    )
    assert re.fullmatch(form, app.issuer)
    xml = answer()
    assert [one.text for one in parsed(xml).iterfind(".//a:Issuer", NAMES)] == [app.issuer, app.issuer]


def test_the_window_is_the_vendors_five_or_three_minutes(answer, vendor):
    xml = answer()
    expected = ("09:55:00.000Z", "10:05:00.000Z") if vendor == "okta" else ("09:57:00Z", "10:03:00Z")
    shown = [attribute(xml, CONDITIONS, name).partition("T")[2] for name in ("NotBefore", "NotOnOrAfter")]
    assert tuple(shown) == expected


def test_only_onelogin_says_when_its_session_ends(answer, vendor):
    expected = None if vendor == "okta" else (NOW + timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert attribute(answer(), ".//a:AuthnStatement", "SessionNotOnOrAfter") == expected


def test_the_three_attributes_arrive_under_the_names_that_were_typed(answer):
    assert attributes_of(answer()) == {"email": "ana@acme.example", "firstName": "Ana", "lastName": "Silva"}


def test_values_are_typed_as_strings(answer):
    root = parsed(answer())
    types = {
        one.get("{http://www.w3.org/2001/XMLSchema-instance}type")
        for one in root.iter(f"{{{NAMES['a']}}}AttributeValue")
    }
    assert types == {"xs:string"}


def test_the_name_id_is_the_email_address(answer):
    xml = answer()
    assert text_of(xml, ".//a:NameID") == "ana@acme.example"
    assert attribute(xml, ".//a:NameID", "Format") == "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def test_okta_canonicalizes_with_the_prefix_list_xs_and_onelogin_without_one(answer, vendor):
    root = parsed(answer())
    lists = [one.get("PrefixList") for one in root.iter("{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces")]
    assert lists == (["xs", "xs"] if vendor == "okta" else [])


def test_two_answers_have_different_ids(browser, app, answer):
    first = answer()
    browser.open(app.sso_url, **redirect_query(authn_request()))
    second = posted_xml(browser.response.text)
    ids = [parsed(xml).find(path, NAMES).get("ID") for xml in (first, second) for path in (".", "a:Assertion")]
    assert len(set(ids)) == 4


def test_relay_state_comes_back_as_it_was_sent(browser, app, sign_in):
    relay_state = 'a "quoted" & <odd> value'
    browser.open(app.sso_url, **redirect_query(authn_request(), relay_state=relay_state))
    sign_in(browser)
    assert hidden_fields(browser.response.text)["RelayState"] == relay_state


def test_a_click_on_the_tile_sends_an_answer_that_nobody_asked_for(browser, app, sign_in, vendor):
    browser.open("/")
    sign_in(browser)
    browser.click("Ringline")
    fields = hidden_fields(browser.response.text)
    assert b"InResponseTo" not in posted_xml(browser.response.text)
    assert fields.get("RelayState") == ("" if vendor == "okta" else None)
    assert signed_parts(posted_xml(browser.response.text), certificate_pem=app.certificate_pem)


def test_metadata_names_issuer_address_and_certificate(browser, app):
    browser.open(app.metadata_url)
    root = parsed(browser.response.content)
    text = root.findtext(".//ds:X509Certificate", namespaces=NAMES)
    body = "".join(line for line in app.certificate_pem.splitlines() if "-----" not in line)
    assert root.get("entityID") == app.issuer
    assert {one.get("Location") for one in root.iterfind(".//md:SingleSignOnService", NAMES)} == {app.sso_url}
    assert "".join(text.split()) == body
