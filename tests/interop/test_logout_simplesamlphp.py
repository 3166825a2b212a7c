"""Single logout with a real SimpleSAMLphp, both ways: it signs its own messages and demands ours signed."""

import re

import pytest

from tests.interop.simplesamlphp import BOB, SimpleSamlPhp
from tests.interop.test_simplesamlphp import enabled, sign_in_there
from tests.journeys.steps import sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BINDINGS = {"redirect": REDIRECT, "post": POST}


@pytest.fixture(autouse=True)
def _named_after_the_peer(ssp: SimpleSamlPhp, record_xml_attribute) -> None:
    """The class name of each result names the peer and its version."""
    record_xml_attribute("classname", f"SimpleSAMLphp {ssp.version}")


@pytest.fixture(params=["redirect", "post"])
def bob(request: pytest.FixtureRequest, world: World, ssp: SimpleSamlPhp) -> Walker:
    """A browser in which Bob is signed in, at a connection with single logout by this binding."""
    admin, page, acs_url, entity_id = enabled(world, ssp)
    logout_url = f"{ssp.base}/saml2/idp/SingleLogoutService.php"
    admin.open(page).press("Save Configuration", slo_url=logout_url, slo_binding=request.param)
    (certificate,) = set(re.findall(r"<ds:X509Certificate>([^<]+)<", admin.walk_aside(entity_id)))
    place = f"[['Binding' => '{BINDINGS[request.param]}', 'Location' => '{entity_id}/slo']]"
    options = {
        "SingleLogoutService": place,
        "sign.logout": "true",
        "validate.logout": "true",
        "certData": f"'{''.join(certificate.split())}'",
    }
    ssp.know(entity_id, acs_url=acs_url, options=options)
    sign_in_there(admin.open(page).press("Test Connection"), BOB)
    assert "Test Connection passed" in admin.text, admin.text
    user = sign_in_there(sign_in_with_sso(world.walker(), BOB[2]), BOB)
    assert user.title == "You are signed in as Bob Builder"
    return user


def go_on(walker: Walker) -> Walker:
    """Pass every page that passes itself where there is JavaScript."""
    for _ in range(6):
        forms = walker.document.xpath("//form[.//input[@name='SAMLRequest' or @name='SAMLResponse']]")
        if not forms:
            return walker
        button = forms[0].xpath(".//button|.//input[@type='submit']")[0]
        walker.press(" ".join((button.get("value") or button.text_content()).split()))
    raise AssertionError(walker.url)


def asks_for_the_password(walker: Walker, ssp: SimpleSamlPhp) -> bool:
    """Whether it has forgotten who sits there."""
    sign_in_with_sso(walker.twin(), BOB[2])
    again = sign_in_with_sso(walker.twin(), BOB[2])
    return again.url.startswith(ssp.base) and bool(again.document.xpath("//input[@name='password']"))


def test_signing_out_here_signs_out_there(bob: Walker, ssp: SimpleSamlPhp) -> None:
    go_on(bob.press("Sign out"))
    assert bob.title == "You are signed out", bob.text
    assert "Both sessions have ended." in bob.text
    assert asks_for_the_password(bob, ssp)


def test_signing_out_there_signs_out_here(bob: Walker, ssp: SimpleSamlPhp) -> None:
    bob.open(f"{ssp.base}/saml2/idp/SingleLogoutService.php?ReturnTo={ssp.base}/saml2/idp/metadata.php")
    go_on(bob)
    assert bob.url == f"{ssp.base}/saml2/idp/metadata.php"
    assert bob.open(f"{PRODUCT}/").title == "Sign in to Ringline"
    assert asks_for_the_password(bob, ssp)
