"""Sessions that end with a real Keycloak over OpenID Connect: by the browser from here, by its server from there."""

from collections.abc import Iterator

import pytest

from tests.interop.connecting import BOB, go_on, is_signed_in
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.interop.front_door import front_door
from tests.interop.keycloak import Keycloak, sign_in, sign_out
from tests.interop.keycloak_openid import CLIENT_ID, SECRET, change, end_sessions, register
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


@pytest.fixture
def connected(world: World, keycloak: Keycloak) -> Iterator[OpenidConnected]:
    """A connection that is on, with our Backchannel logout URL at its client."""
    made = drafted_openid(world, sign_in, provider="Keycloak")
    with front_door(world) as door:
        heard = {"backchannel.logout.url": f"{door}/oidc/{made.id}/backchannel-logout"}
        register(keycloak, made, heard | {"backchannel.logout.session.required": "true"})
        made.save(client_id=CLIENT_ID, client_secret=SECRET, discovery_url=keycloak.entity_id, creates_accounts="yes")
        made.passes()
        yield made


def asks_for_the_password(walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    go_on(again.press("Sign in with SSO", email=BOB.email))
    return bool(again.document.xpath("//form[@id='kc-form-login']"))


def test_signing_out_here_signs_out_there(connected: OpenidConnected) -> None:
    """RP-initiated, with the ID token as a hint: it asks nothing, and sends the browser back."""
    bob = connected.comes_in(BOB)
    go_on(bob.press("Sign out"))
    assert bob.title == "You are signed out", bob.text
    assert "Both sessions have ended." in bob.text
    assert asks_for_the_password(bob)


def test_signing_out_there_signs_out_here_at_once(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """Its logout token names the session (sid): another browser of the same person stays."""
    bob, elsewhere = connected.comes_in(BOB), connected.comes_in(BOB)
    sign_out(bob, keycloak)
    assert not is_signed_in(bob)
    assert is_signed_in(elsewhere)


def test_signing_out_works_both_ways_with_encrypted_id_tokens(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """Its logout tokens come plain. What was inside an ID token is the hint of our sign-out."""
    connected.save(wants_encryption="yes")
    with front_door(connected.world) as door:
        change(
            keycloak,
            {
                "use.jwks.url": "true",
                "jwks.url": f"{door}/oidc/{connected.id}/jwks.json",
                "id.token.encrypted.response.alg": "RSA-OAEP",
                "id.token.encrypted.response.enc": "A128CBC-HS256",
            },
        )
        connected.passes()
        bob, other = connected.comes_in(BOB), connected.comes_in(BOB)
        sign_out(bob, keycloak)
        assert not is_signed_in(bob)
        assert is_signed_in(other)
        go_on(other.press("Sign out"))
        assert "Both sessions have ended." in other.text


def test_all_sessions_that_its_admin_ends_end_here(connected: OpenidConnected, keycloak: Keycloak) -> None:
    bob, elsewhere = connected.comes_in(BOB), connected.comes_in(BOB)
    end_sessions(keycloak, BOB)
    assert not is_signed_in(bob)
    assert not is_signed_in(elsewhere)


def test_a_logout_token_without_a_session_ends_all_of_the_person(
    connected: OpenidConnected, keycloak: Keycloak
) -> None:
    """ "Backchannel logout session required" turned off."""
    change(keycloak, {"backchannel.logout.session.required": "false"})
    bob, elsewhere = connected.comes_in(BOB), connected.comes_in(BOB)
    sign_out(bob, keycloak)
    assert not is_signed_in(bob)
    assert not is_signed_in(elsewhere)
