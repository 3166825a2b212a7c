"""Each fault does what its name says, and nothing else."""

from datetime import timedelta

import pytest
from cryptography import x509
from signxml.exceptions import InvalidSignature

from ostiary.simulator import Fault
from tests.simulator.service_provider import (
    ENTITY_ID,
    NAMES,
    NOW,
    attributes_of,
    authn_request,
    parsed,
    posted_xml,
    redirect_query,
    signed_parts,
    text_of,
)


@pytest.fixture
def answer(browser, app, sign_in):
    """The octets that are posted while the faults are as they are."""

    def ask():
        browser.open(app.sso_url, **redirect_query(authn_request()))
        if browser.heading.startswith("Sign in to"):
            sign_in(browser)
        return posted_xml(browser.response.text)

    return ask


def active_certificate(browser, app):
    browser.open(app.metadata_url)
    body = parsed(browser.response.content).findtext(".//ds:X509Certificate", namespaces=NAMES)
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def test_wrong_audience(simulator, app, answer):
    simulator.set_fault(app, Fault.WRONG_AUDIENCE)
    xml = answer()
    assert text_of(xml, ".//a:Audience") == "https://another-application.example/saml"
    assert signed_parts(xml, certificate_pem=app.certificate_pem)


def test_trailing_slash_on_the_audience(simulator, app, answer):
    simulator.set_fault(app, Fault.AUDIENCE_SLASH)
    assert text_of(answer(), ".//a:Audience") == ENTITY_ID + "/"


def test_attributes_not_included(simulator, app, answer):
    simulator.set_fault(app, Fault.ATTRIBUTE_MISSING)
    xml = answer()
    assert attributes_of(xml) == {}
    assert text_of(xml, ".//a:NameID") == "ana@acme.example"


@pytest.mark.parametrize("fault", [Fault.OTHER_CERTIFICATE, Fault.EXPIRED_CERTIFICATE])
def test_a_new_key_signs_that_the_first_certificate_does_not_fit(simulator, app, browser, answer, fault):
    simulator.set_fault(app, fault)
    xml = answer()
    with pytest.raises(InvalidSignature):
        signed_parts(xml, certificate_pem=app.certificate_pem)
    assert "Assertion" in signed_parts(xml, certificate_pem=active_certificate(browser, app))


def test_the_new_key_stays_the_same_while_faults_are_switched(simulator, app, browser):
    simulator.set_fault(app, Fault.OTHER_CERTIFICATE)
    first = active_certificate(browser, app)
    simulator.set_fault(app, Fault.OTHER_CERTIFICATE, on=False)
    simulator.set_fault(app, Fault.EXPIRED_CERTIFICATE)
    assert active_certificate(browser, app) == first


def test_the_expired_certificate_is_of_the_first_key_and_ended_yesterday(app):
    lasting = x509.load_pem_x509_certificate(app.certificate_pem.encode())
    expired = x509.load_pem_x509_certificate(app.expired_certificate_pem.encode())
    assert expired.public_key() == lasting.public_key()
    assert (NOW - expired.not_valid_after_utc).days == 1
    assert lasting.not_valid_after_utc > NOW


def test_the_clock_is_seven_minutes_slow(simulator, app, answer):
    simulator.set_fault(app, Fault.CLOCK_SLOW)
    root = parsed(answer())
    assert root.get("IssueInstant").startswith("2026-11-21T09:53:00")
    assert root.find(".//a:Conditions", NAMES).get("NotOnOrAfter") < "2026-11-21T10:00:00"


def test_unsigned(simulator, app, answer):
    simulator.set_fault(app, Fault.UNSIGNED)
    xml = answer()
    assert b"Signature" not in xml
    assert signed_parts(xml, certificate_pem=app.certificate_pem) == []


def test_sha1_signature_and_digest(simulator, app, answer):
    simulator.set_fault(app, Fault.SHA1)
    xml = answer()
    assert b"xmldsig#rsa-sha1" in xml
    assert b"xmldsig#sha1" in xml
    assert b"sha256" not in xml
    assert "Assertion" in signed_parts(xml, certificate_pem=app.certificate_pem, algorithm="SHA1")


def test_force_authn_is_not_heard(simulator, app, clock, browser, sign_in):
    browser.open(app.sso_url, **redirect_query(authn_request()))
    sign_in(browser)
    clock.at += timedelta(hours=1)
    asked = redirect_query(authn_request(issued="2026-11-21T10:59:59Z", more=' ForceAuthn="true"'))
    browser.open(app.sso_url, **asked)
    assert "SAMLResponse" not in browser.response.text
    simulator.set_fault(app, Fault.FORCE_AUTHN_IGNORED)
    browser.open(app.sso_url, **asked)
    assert "Assertion" in signed_parts(posted_xml(browser.response.text), certificate_pem=app.certificate_pem)


def test_not_assigned(simulator, app, browser, sign_in):
    simulator.set_fault(app, Fault.NOT_ASSIGNED)
    browser.open(app.sso_url, **redirect_query(authn_request()))
    sign_in(browser)
    assert browser.response.status_code == 403
    assert "SAMLResponse" not in browser.response.text


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_that_is_switched_off_again_leaves_nothing_behind(simulator, app, answer, fault):
    simulator.set_fault(app, fault)
    simulator.set_fault(app, fault, on=False)
    xml = answer()
    assert "Assertion" in signed_parts(xml, certificate_pem=app.certificate_pem)
    assert text_of(xml, ".//a:Audience") == ENTITY_ID
    assert len(attributes_of(xml)) == 3


def test_a_fault_of_one_application_does_not_touch_another(simulator, app, ana, browser, sign_in):
    other = simulator.add_saml_app("Other", acs_url="https://other.example/acs", audience="other")
    simulator.assign(other, ana)
    simulator.set_fault(app, Fault.UNSIGNED)
    browser.open(other.sso_url, **redirect_query(authn_request(acs_url="https://other.example/acs")))
    sign_in(browser)
    assert "Assertion" in signed_parts(posted_xml(browser.response.text), certificate_pem=other.certificate_pem)


@pytest.mark.parametrize("fault", list(Fault))
def test_the_switchboard_has_a_switch_for_every_fault(browser, app, fault):
    browser.open("/faults")
    browser.press("Log in")
    browser.press(f"{fault.label} for Ringline")
    assert browser.path == "/faults"
    assert "Switched." in browser.text
    assert 'aria-checked="true"' in browser.response.text
    browser.press(f"{fault.label} for Ringline")
    assert 'aria-checked="true"' not in browser.response.text
