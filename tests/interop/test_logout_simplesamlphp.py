"""Single logout with a real SimpleSAMLphp, both ways: it signs its own messages and demands ours signed."""

import pytest

from tests.interop.connecting import BOB, Connected, go_on, is_signed_in
from tests.interop.simplesamlphp import POST, REDIRECT, SimpleSamlPhp
from tests.interop.test_simplesamlphp import enabled
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")
BINDINGS = {"redirect": REDIRECT, "post": POST}


@pytest.fixture(params=["redirect", "post"])
def connected(request: pytest.FixtureRequest, world: World, ssp: SimpleSamlPhp) -> Connected:
    """A connection with single logout by this binding, both ways."""
    connected = enabled(ssp, world)
    if request.param == "post":
        connected.save(slo_binding="post")
        connected.passes()
    place = f"[['Binding' => {BINDINGS[request.param]}, 'Location' => '{connected.slo_url}']]"
    ssp.know(connected.metadata(), {"SingleLogoutService": place})
    return connected


def asks_for_the_password(connected: Connected, walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    again.press("Sign in with SSO", email=BOB.email)
    return bool(again.document.xpath("//input[@name='username']"))


def test_signing_out_here_signs_out_there(connected: Connected) -> None:
    bob = connected.comes_in(BOB)
    go_on(bob.press("Sign out"))
    assert bob.title == "You are signed out", bob.text
    assert "Both sessions have ended." in bob.text
    assert asks_for_the_password(connected, bob)


def test_signing_out_there_signs_out_here(connected: Connected, ssp: SimpleSamlPhp) -> None:
    """And another browser of the same person stays, with a session of its own."""
    bob, elsewhere = connected.comes_in(BOB), connected.comes_in(BOB)
    bob.open(f"{ssp.slo_url}?ReturnTo={ssp.entity_id}")
    go_on(bob)
    assert bob.url == ssp.entity_id
    assert not is_signed_in(bob)
    assert is_signed_in(elsewhere)
    assert asks_for_the_password(connected, bob)


def test_a_name_that_is_encrypted_ends_the_session_too(world: World, ssp: SimpleSamlPhp) -> None:
    """Its LogoutRequest names Bob in ciphertext, by CBC, which the connection puts up with."""
    connected = enabled(ssp, world, wants_encryption="yes", allowance="allow_cbc")
    ssp.know(connected.metadata(), {"nameid.encryption": "true"})
    connected.passes()
    bob = connected.comes_in(BOB)
    go_on(bob.open(f"{ssp.slo_url}?ReturnTo={ssp.entity_id}"))
    assert bob.url == ssp.entity_id
    assert not is_signed_in(bob)
