"""Signing out with a real oidc-provider, on either side: by the browser, and behind its back."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.connecting import ALICE, BOB, go_on, is_signed_in
from tests.interop.oidc_provider import OidcProvider, asks_for_the_password, confirm_sign_out, key, sign_out
from tests.interop.provider_pair import Pair, paired
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


@pytest.fixture
def pair(world: World, provider: OidcProvider) -> Iterator[Pair]:
    """Acme's connection, which is on."""
    with paired(world, provider) as made:
        made.connected.passes()
        yield made


def asks_again(walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    return asks_for_the_password(go_on(again.press("Sign in with SSO", email=BOB.email)))


def test_signing_out_here_signs_out_there(pair: Pair) -> None:
    """It asks first, and sends the browser back."""
    bob = pair.connected.comes_in(BOB)
    go_on(bob.press("Sign out"))
    assert bob.url.startswith(pair.provider.issuer)
    assert not is_signed_in(bob)
    go_on(confirm_sign_out(bob))
    assert bob.title == "You are signed out", bob.text
    assert "Both sessions have ended." in bob.text
    assert asks_again(bob)


def test_signing_out_there_ends_the_session_here(pair: Pair) -> None:
    """It names the session, so that another browser of the same person stays."""
    bob, elsewhere, alice = pair.connected.comes_in(BOB), pair.connected.comes_in(BOB), pair.connected.comes_in(ALICE)
    sign_out(bob, pair.provider)
    assert not is_signed_in(bob)
    assert is_signed_in(elsewhere)
    assert is_signed_in(alice, ALICE)


@pytest.mark.parametrize(
    ("client", "options"),
    [({}, {}), ({"subject_type": "pairwise"}, {"subjectTypes": ["pairwise"]})],
    ids=["public", "pairwise"],
)
def test_signing_out_there_may_end_every_session_of_the_person(
    pair: Pair, client: dict[str, Any], options: dict[str, Any]
) -> None:
    """A logout token without a session names the person alone."""
    pair.set_up({"backchannel_logout_session_required": False, **client}, **options)
    pair.connected.passes()
    bob, elsewhere, alice = pair.connected.comes_in(BOB), pair.connected.comes_in(BOB), pair.connected.comes_in(ALICE)
    sign_out(bob, pair.provider)
    assert not is_signed_in(bob)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(alice, ALICE)


def test_a_sign_out_that_comes_encrypted_counts(pair: Pair) -> None:
    """It encrypts its logout tokens as it does ID tokens; and takes what was inside one as the hint of our sign-out."""
    pair.connected.save(wants_encryption="yes")
    how = {"id_token_encrypted_response_alg": "RSA-OAEP", "id_token_encrypted_response_enc": "A128CBC-HS256"}
    pair.set_up({"jwks_uri": pair.connected.urls.keys_url, **how})
    pair.connected.passes()
    bob = pair.connected.comes_in(BOB)
    sign_out(bob, pair.provider)
    assert not is_signed_in(bob)
    bob = pair.connected.comes_in(BOB)
    go_on(bob.press("Sign out"))
    go_on(confirm_sign_out(bob))
    assert "Both sessions have ended." in bob.text


def test_a_sign_out_counts_that_is_signed_by_a_new_key(pair: Pair) -> None:
    """Its key has changed since the person signed in; ours is asked for once."""
    pair.set_up({"id_token_signed_response_alg": "ES256"}, keys=(key("ES256"),))
    pair.connected.waits()
    pair.connected.passes()
    bob = pair.connected.comes_in(BOB)
    pair.connected.waits()
    pair.set_up({"id_token_signed_response_alg": "PS256"}, keys=(key("PS256"),))
    sign_out(bob, pair.provider)
    assert not is_signed_in(bob)
