"""Single logout with a real Keycloak, both ways and by both bindings; everything is signed, and checked by both."""

import pytest

from tests.interop.connecting import BOB, Connected, go_on, is_signed_in
from tests.interop.keycloak import Keycloak, sign_out
from tests.interop.test_keycloak import enabled
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


@pytest.fixture(params=["redirect", "post"])
def connected(request: pytest.FixtureRequest, world: World, keycloak: Keycloak) -> Connected:
    """A connection with single logout by this binding, both ways."""
    connected = enabled(keycloak, world)
    connected.save(slo_binding=request.param)
    connected.passes()
    other = {"redirect": "post", "post": "redirect"}[request.param]
    known = {
        f"saml_single_logout_service_url_{other}": "",
        "saml.force.post.binding": str(request.param == "post").lower(),
    }
    keycloak.know(connected.metadata(), known)
    return connected


def asks_for_the_password(walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    go_on(again.press("Sign in with SSO", email=BOB.email))
    return bool(again.document.xpath("//form[@id='kc-form-login']"))


def test_signing_out_here_signs_out_there(connected: Connected) -> None:
    bob = connected.comes_in(BOB)
    go_on(bob.press("Sign out"))
    assert bob.title == "You are signed out", bob.text
    assert "Both sessions have ended." in bob.text
    assert asks_for_the_password(bob)


def test_signing_out_there_signs_out_here(connected: Connected, keycloak: Keycloak) -> None:
    """And another browser of the same person stays, with a session of its own."""
    bob, elsewhere = connected.comes_in(BOB), connected.comes_in(BOB)
    sign_out(bob, keycloak)
    assert bob.url.startswith(keycloak.base), bob.text
    assert "logged out" in bob.text
    assert not is_signed_in(bob)
    assert is_signed_in(elsewhere)
    assert asks_for_the_password(bob)
