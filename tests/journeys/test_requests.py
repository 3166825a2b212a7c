"""How our requests go out: in a form, signed inside, and with the wish that the password is asked for again."""

from base64 import b64decode
from pathlib import Path

from lxml import etree
from signxml.verifier import VerifyResult, XMLVerifier

from ostiary.simulator.faults import Fault
from tests.journeys.steps import DANA, answer, okta_enabled, okta_ready, onelogin_enabled, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, PASSWORD, PRODUCT, World, a_world

MARCUS = "marcus.oyelaran@acme.example"
SIGNED_IN = "You are signed in as Marcus Oyelaran"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
GO = "Go to acme.okta.example"


def posted_request(walker: Walker) -> bytes:
    """The AuthnRequest in the form of the page that leads on to the provider."""
    [value] = walker.document.xpath("//form[@data-leaving]//input[@name='SAMLRequest']/@value")
    return b64decode(value)


def test_a_request_goes_in_a_form_with_its_signature_inside(world: World) -> None:
    """A page of ours with a button that works without a script, and may end at another site."""
    admin, page, copied = okta_ready(world, assigned=(DANA, MARCUS))
    admin.open(page).press("Save Configuration", sso_binding="post", signs_requests="yes")
    admin.press("Test Connection")
    assert admin.title == "On to acme.okta.example"
    answer(admin.press(GO))
    assert "Test Connection passed" in admin.text
    user = sign_in_with_sso(world.walker(), MARCUS)
    assert user.url == f"{PRODUCT}/login/sso"
    assert "form-action" not in user.response.headers["content-security-policy"]
    [form] = user.document.xpath("//form[@data-leaving]")
    assert (form.get("method"), form.get("action")) == ("post", copied.sso_url)
    request = posted_request(user)
    metadata = etree.fromstring(user.walk_aside(f"{PRODUCT}/saml/{page.rpartition('/')[2]}").encode())
    certificate = (metadata.findtext(".//{*}KeyDescriptor[@use='signing']//{*}X509Certificate") or "").strip()
    pem = f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
    verified = XMLVerifier().verify(request, x509_cert=pem, id_attribute="ID", validate_schema=False)
    assert isinstance(verified, VerifyResult)
    assert verified.signed_xml is not None
    assert verified.signed_xml.get("Destination") == copied.sso_url
    answer(user.press(GO), MARCUS)
    assert user.title == SIGNED_IN


def test_a_tile_goes_round_by_a_form_too(world: World) -> None:
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    admin.open(page).press("Save Configuration", sso_binding="post")
    answer(admin.press("Test Connection").press(GO))
    user = world.walker().open(f"{OKTA}/login").press("Sign in", email=MARCUS, password=PASSWORD)
    answer(user.follow("RiRingline"))
    assert user.title == "On to acme.okta.example"
    answer(user.press(GO))
    assert "Marcus Oyelaran" in user.text


def test_a_chosen_format_is_asked_for(world: World) -> None:
    """Okta refuses a format that its app is not set to, so that one has to be chosen on both sides."""
    admin, page, _ = okta_enabled(world)
    admin.open(page).press("Save Configuration", sso_binding="post", name_id_format=PERSISTENT)
    admin.press("Test Connection")
    policy = etree.fromstring(posted_request(admin)).find("{*}NameIDPolicy")
    assert policy is not None
    assert policy.get("Format") == PERSISTENT
    admin.press(GO)
    assert f"The request asks for the Name ID format {PERSISTENT}" in admin.text


def test_the_password_is_asked_for_every_time(world: World) -> None:
    """And a provider that does not hear the wish is found out."""
    admin, page, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    world.pass_time(minutes=10)
    silent = sign_in_with_sso(user.press("Sign out"), MARCUS)
    assert silent.title == "Signing in to Ringline", "signed in there, nobody is asked"
    admin = world.signed_in()
    admin.open(page).press("Save Configuration", forces_authentication="yes")
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    world.pass_time(seconds=5)
    asked = sign_in_with_sso(user.open(f"{PRODUCT}/"), MARCUS)
    assert asked.title.startswith("Sign in to")
    answer(asked, MARCUS)
    assert asked.title == SIGNED_IN
    [app] = [app for name, app in world.okta.saml_apps() if name == "Ringline"]
    world.okta.set_fault(app, Fault.FORCE_AUTHN_IGNORED)
    world.pass_time(minutes=10)
    refused = sign_in_with_sso(user.press("Sign out"), MARCUS)
    answer(refused, MARCUS)
    assert refused.title != SIGNED_IN
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts").follow(MARCUS)
    assert "saml.authentication_stale" in admin.text
    assert admin.title == "Okta did not ask for the password again."


def test_the_session_ends_when_the_provider_says(tmp_path: Path) -> None:
    """SessionNotOnOrAfter caps ours (SAML Core 2.7.2): OneLogin's falls after a day, and ours could last for two."""
    with a_world(tmp_path, session_hours=48, idle_hours=48) as world:
        onelogin_enabled(world, assigned=(DANA, MARCUS))
        user = sign_in_with_sso(world.walker(), MARCUS)
        answer(user, MARCUS)
        assert user.title == SIGNED_IN
        assert "Ends at the latest4 March 2026, 09:30 UTC" in user.text
        world.pass_time(hours=23, minutes=59)
        assert user.open(f"{PRODUCT}/").title == SIGNED_IN
        world.pass_time(minutes=2)
        assert user.open(f"{PRODUCT}/").title != SIGNED_IN
