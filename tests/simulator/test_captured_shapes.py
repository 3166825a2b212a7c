"""The simulated answers have the shape of answers that were captured from the real vendors."""

from base64 import b64decode

import pytest

from tests.simulator.browser import Browser
from tests.simulator.service_provider import ACS_URL, ENTITY_ID, authn_request, parsed, posted_xml, redirect_query

VALUES_THAT_COUNT = frozenset({"Algorithm", "Method", "NameFormat", "PrefixList", "Value", "Version"})


def shape(xml):
    """Every path of the document with the names of its attributes, and the values of those that never vary."""
    found = set()
    for element in parsed(xml).iter():
        path = "/".join([*reversed([one.tag for one in element.iterancestors()]), element.tag])
        attributes = frozenset(
            (name, value if name in VALUES_THAT_COUNT else "") for name, value in element.attrib.items()
        )
        found.add((path, attributes))
    return found


def prefixes(xml):
    return {element.prefix for element in parsed(xml).iter()}


def answer(simulator, app, sign_in):
    simulator.assign(app, simulator.add_user("ana@acme.example", first_name="", last_name="", password=""))
    browser = Browser(simulator)
    browser.open(app.sso_url, **redirect_query(authn_request()))
    sign_in(browser)
    return posted_xml(browser.response.text)


@pytest.mark.shared
def test_okta(make, shared_folder, sign_in):
    captured = (shared_folder / "fixtures/saml/dex/okta-resp.xml").read_bytes()
    simulator = make("okta")
    app = simulator.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    sent = answer(simulator, app, sign_in)
    assert shape(sent) == shape(captured)
    assert prefixes(sent) == prefixes(captured)


@pytest.mark.shared
def test_onelogin(make, shared_folder, sign_in):
    captured = b64decode((shared_folder / "fixtures/saml/crewjam-saml/onelogin-real.b64").read_bytes())
    simulator = make("onelogin")
    app = simulator.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    # The capture is of 2016: the response is signed, with SHA-1.
    admin = Browser(simulator)
    admin.open(f"/admin/apps/{app.id}/configuration")
    admin.press("Log in")
    admin.choose("SAML signature element", "Response")
    admin.press("Save")
    admin.click("SSO")
    admin.choose("SAML Signature Algorithm", "SHA-1")
    admin.press("Save")
    sent = answer(simulator, app, sign_in)
    assert shape(sent) == shape(captured)
    assert prefixes(sent) == prefixes(captured)
