"""Single logout of the simulators, asked by an application on independent libraries."""

import zlib
from base64 import b64decode, b64encode
from datetime import timedelta
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from tests.simulator.browser import Browser
from tests.simulator.service_provider import (
    ACS_URL,
    ENTITY_ID,
    NAMES,
    NOW,
    authn_request,
    hidden_fields,
    redirect_query,
    signed_parts,
)

SLO = "https://product.example/saml/c1/slo"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "product.example")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), 1, NOW - timedelta(days=1), NOW + timedelta(days=1))
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def joined(simulator, app):
    """The application takes part in single logout."""
    simulator.set_single_logout(app, slo_url=SLO, issuer=ENTITY_ID, certificate_pem=certificate())
    return app


@pytest.fixture
def opened(browser, joined, sign_in):
    """Ana has opened the application. Gives the answer that it got."""
    browser.open(joined.sso_url, **redirect_query(authn_request(request_id="_q1")))
    sign_in(browser)
    return etree.fromstring(b64decode(hidden_fields(browser.response.text)["SAMLResponse"]))


def logout_request(answer, app, *, issuer=ENTITY_ID) -> bytes:
    name_id = answer.find(".//a:NameID", NAMES)
    index = answer.find(".//a:AuthnStatement", NAMES).get("SessionIndex")
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{NAMES["p"]}" ID="_l1" Version="2.0" IssueInstant="2026-11-21T10:00:00Z"'
        f' Destination="{app.slo_url}"><saml:Issuer xmlns:saml="{NAMES["a"]}">{issuer}</saml:Issuer>'
        f'<saml:NameID xmlns:saml="{NAMES["a"]}" Format="{name_id.get("Format")}">{name_id.text}</saml:NameID>'
        f"<samlp:SessionIndex>{index}</samlp:SessionIndex></samlp:LogoutRequest>"
    ).encode()


def signed_query(xml: bytes, *, field="SAMLRequest", relay_state="r1", key=KEY) -> str:
    packer = zlib.compressobj(wbits=-15)
    message = b64encode(packer.compress(xml) + packer.flush()).decode()
    pairs = ((field, message), ("RelayState", relay_state), ("SigAlg", RSA_SHA256))
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    signature = key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{query}&Signature={quote(b64encode(signature).decode(), safe='')}"


def message_of(response, app):
    """The message that the browser is given to take along, after its signature was verified."""
    if response.status_code == 303:
        query = urlsplit(response.headers["location"]).query
        octets, _, signature = query.partition("&Signature=")
        key = x509.load_pem_x509_certificate(app.certificate_pem.encode()).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(b64decode(unquote(signature)), octets.encode(), padding.PKCS1v15(), hashes.SHA256())
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        field = "SAMLRequest" if "SAMLRequest" in fields else "SAMLResponse"
        return etree.fromstring(zlib.decompress(b64decode(fields[field]), -15)), fields
    fields = hidden_fields(response.text)
    xml = b64decode(fields["SAMLRequest" if "SAMLRequest" in fields else "SAMLResponse"])
    root = etree.fromstring(xml)
    assert signed_parts(xml, certificate_pem=app.certificate_pem) == [etree.QName(root).localname]
    return root, fields


def status_of(root) -> list[str]:
    return [code.get("Value").rpartition(":")[2] for code in root.iterfind(".//p:StatusCode", NAMES)]


def is_signed_in(browser, simulator) -> bool:
    browser.open(simulator.base_url)
    return "Sign in" not in browser.heading


def test_an_application_signs_the_person_out(browser, joined, opened, simulator):
    query = signed_query(logout_request(opened, joined))
    response = browser.client.get(f"{joined.slo_url}?{query}", follow_redirects=False)
    root, fields = message_of(response, joined)
    assert status_of(root) == ["Success"]
    assert (root.get("InResponseTo"), root.get("Destination"), fields["RelayState"]) == ("_l1", SLO, "r1")
    assert not is_signed_in(browser, simulator)


def test_okta_refuses_a_request_by_another_key_or_another_issuer(browser_of_okta):
    browser, app, answer, okta = browser_of_okta
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other_issuer = logout_request(answer, app, issuer="https://other.example")
    for query in (signed_query(logout_request(answer, app), key=stranger), signed_query(other_issuer)):
        root, _ = message_of(browser.client.get(f"{app.slo_url}?{query}", follow_redirects=False), app)
        assert status_of(root) == ["Requester", "AuthnFailed"]
        assert is_signed_in(browser, okta)


@pytest.fixture
def browser_of_okta(make, sign_in):
    okta = make("okta")
    ana = okta.add_user("ana@acme.example", first_name="", last_name="", password="")
    app = okta.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    okta.assign(app, ana)
    okta.set_single_logout(app, slo_url=SLO, issuer=ENTITY_ID, certificate_pem=certificate())
    browser = Browser(okta)
    browser.open(app.sso_url, **redirect_query(authn_request(request_id="_q1")))
    sign_in(browser)
    answer = etree.fromstring(b64decode(hidden_fields(browser.response.text)["SAMLResponse"]))
    return browser, app, answer, okta


def test_the_portal_signs_out_of_the_applications_that_were_opened(browser, joined, opened, simulator):
    browser.open(simulator.base_url)
    response = browser.client.post("/logout", headers={"Origin": simulator.base_url}, follow_redirects=False)
    root, fields = message_of(response, joined)
    assert etree.QName(root).localname == "LogoutRequest"
    assert root.findtext("a:NameID", namespaces=NAMES) == "ana@acme.example"
    statement = opened.find(".//a:AuthnStatement", NAMES)
    assert root.findtext("p:SessionIndex", namespaces=NAMES) == statement.get("SessionIndex")
    done = (
        f'<samlp:LogoutResponse xmlns:samlp="{NAMES["p"]}" ID="_l2" Version="2.0" IssueInstant="2026-11-21T10:00:00Z"'
        f' InResponseTo="{root.get("ID")}"><saml:Issuer xmlns:saml="{NAMES["a"]}">{ENTITY_ID}</saml:Issuer>'
        '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        "</samlp:LogoutResponse>"
    ).encode()
    query = signed_query(done, field="SAMLResponse", relay_state=fields["RelayState"])
    browser.open(f"{joined.slo_url}?{query}")
    assert browser.heading == f"You are signed out of {simulator.name}"
    assert "Ringline: signed out" in browser.text
    browser.open(f"{joined.slo_url}?{query}")
    assert browser.response.status_code == 400


def test_without_an_opened_application_the_portal_just_signs_out(browser, joined, sign_in, simulator):
    browser.open(simulator.base_url)
    sign_in(browser)
    browser.press("Sign out")
    assert browser.path == "/login"


def test_metadata_names_the_place_only_where_it_is_set_up(browser, app, simulator):
    assert "SingleLogoutService" not in browser.client.get(app.metadata_url).text
    simulator.set_single_logout(app, slo_url=SLO, issuer=ENTITY_ID, certificate_pem=certificate())
    metadata = etree.fromstring(browser.client.get(app.metadata_url).content)
    places = {one.get("Location") for one in metadata.iterfind(".//md:SingleLogoutService", NAMES)}
    assert places == {app.slo_url}
