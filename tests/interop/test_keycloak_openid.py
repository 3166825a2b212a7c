"""Whole sign-ins with a real Keycloak over OpenID Connect: PKCE demanded, by every way to prove who we are."""

import pytest

from tests.interop.connecting import ALICE, BOB, PASSED
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.interop.keycloak import Keycloak, sign_in
from tests.interop.keycloak_openid import CLIENT_ID, SECRET, change, put_into, register, send_groups
from tests.journeys.world import World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


@pytest.fixture
def connected(world: World, keycloak: Keycloak) -> OpenidConnected:
    """Acme's connection by the guide for Keycloak, saved and not tested; its client demands PKCE by S256."""
    made = drafted_openid(world, sign_in, provider="keycloak")
    register(keycloak, made)
    made.save(client_id=CLIENT_ID, client_secret=SECRET, discovery_url=keycloak.entity_id, creates_accounts="yes")
    return made


def test_a_sign_in_that_we_begin(connected: OpenidConnected) -> None:
    """With a client id and a secret that have to be encoded."""
    connected.passes()
    connected.comes_in(BOB)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_secret_travels_the_one_way_that_it_takes(
    connected: OpenidConnected, keycloak: Keycloak, method: str
) -> None:
    """ "Allowed client secret authentication method" of the client."""
    change(keycloak, {"client.secret.authentication.allowed.method": method})
    connected.save(authentication=method)
    connected.passes()
    connected.comes_in(BOB)


def test_the_answer_may_be_posted(connected: OpenidConnected) -> None:
    connected.save(response_mode="form_post")
    connected.passes()
    connected.comes_in(BOB)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_algorithm_of_id_tokens(connected: OpenidConnected, keycloak: Keycloak, algorithm: str) -> None:
    change(keycloak, {"id.token.signed.response.alg": algorithm})
    report = connected.passes()
    assert algorithm in report
    connected.comes_in(BOB)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_may_be_signed(connected: OpenidConnected, keycloak: Keycloak, method: str) -> None:
    change(keycloak, {"user.info.response.signature.alg": "RS256"})
    connected.save(userinfo_use="always", userinfo_method=method)
    connected.passes()
    connected.comes_in(BOB)


@pytest.mark.parametrize("kind", ["list", "text"])
def test_groups_are_read(connected: OpenidConnected, keycloak: Keycloak, kind: str) -> None:
    put_into(keycloak, ALICE, "Sales", "Support")
    send_groups(keycloak, as_a=kind)
    connected.save(claim_groups="groups")
    report = connected.passes()
    assert "Sales" in report
    assert "Support" in report
    assert PASSED in report
