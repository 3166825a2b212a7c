"""Whole sign-ins with a real Keycloak over OpenID Connect: PKCE demanded, by every way to prove who we are."""

import json
from itertools import count

import pytest
from joserfc.jwk import RSAKey

from ostiary.domain.account import Role
from ostiary.oidc.encryption import CONTENT_ENCRYPTIONS
from ostiary.oidc.own_keys import KEY_ENCRYPTIONS
from tests.interop.connecting import ALICE, BOB, PASSED, go_on, submit
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.interop.front_door import front_door
from tests.interop.keycloak import Keycloak, sign_in
from tests.interop.keycloak_openid import (
    CLIENT_ID,
    SECRET,
    change,
    change_person,
    put_into,
    register,
    remove,
    send_groups,
)
from tests.journeys.world import World

_FURTHER = count(100_000, 100_000)
pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


@pytest.fixture
def connected(world: World, keycloak: Keycloak) -> OpenidConnected:
    """Acme's connection by the guide for Keycloak, saved and not tested; its client demands PKCE by S256.

    Worlds draw the same random bytes, and Keycloak remembers each `jti`: so every test draws further on.
    """
    world.random.token(next(_FURTHER))
    made = drafted_openid(world, sign_in, provider="Keycloak")
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


def test_each_algorithm_of_id_tokens(connected: OpenidConnected, keycloak: Keycloak) -> None:
    for algorithm in ("RS256", "PS256", "ES256", "EdDSA"):
        change(keycloak, {"id.token.signed.response.alg": algorithm})
        connected.waits()
        assert f"Signed by an algorithm that is taken {algorithm}" in connected.passes()
        connected.comes_in(BOB)


def test_userinfo_may_be_signed(connected: OpenidConnected, keycloak: Keycloak) -> None:
    change(keycloak, {"user.info.response.signature.alg": "RS256"})
    for method in ("GET", "POST"):
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


def test_a_key_of_ours_in_place_of_a_secret(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """ "Signed JWT" with "Use JWKS URL": it fetches our keys itself, and takes either audience, pushed or not."""
    with front_door(connected.world) as door:
        keys = {"use.jwks.url": "true", "jwks.url": f"{door}/oidc/{connected.id}/jwks.json"}
        for audience in ("issuer", "token_endpoint"):
            for pushed in ("true", "false"):
                demanded = {"require.pushed.authorization.requests": pushed}
                change(keycloak, keys | demanded, clientAuthenticatorType="client-jwt", secret=None)
                connected.save(authentication="private_key_jwt", assertion_audience=audience)
                connected.passes()
        connected.comes_in(BOB)


def test_requests_are_pushed_where_it_demands_it(connected: OpenidConnected, keycloak: Keycloak) -> None:
    change(keycloak, {"require.pushed.authorization.requests": "true"})
    connected.passes()
    connected.comes_in(BOB)


# --- keys ------------------------------------------------------------------------


@pytest.fixture
def by_curve(connected: OpenidConnected, keycloak: Keycloak) -> OpenidConnected:
    """The same, with ID tokens signed by ES256, whose keys are made in no time. Tested."""
    change(keycloak, {"id.token.signed.response.alg": "ES256"})
    connected.passes()
    return connected


def test_a_key_that_changes_between_sign_ins(by_curve: OpenidConnected, keycloak: Keycloak) -> None:
    """The old one is gone at once. Nobody is refused: its keys are asked for once more, but not twice in a minute."""
    keycloak.change_key(kind="ecdsa")
    by_curve.comes_in(BOB)
    keycloak.change_key(kind="ecdsa")
    assert sign_in(by_curve.begin(BOB), BOB).title != BOB.signed_in
    assert "oidc.key_unknown" in by_curve.newest_attempt()
    by_curve.waits()
    by_curve.comes_in(BOB)


def test_a_key_that_changes_while_somebody_signs_in(by_curve: OpenidConnected, keycloak: Keycloak) -> None:
    """First between the request and the code, then between the token and the look at the keys."""
    left = by_curve.begin(BOB)
    keycloak.change_key(kind="ecdsa")
    assert sign_in(left, BOB).title == BOB.signed_in
    by_curve.waits()
    by_curve.around("/token", after=lambda: keycloak.change_key(kind="ecdsa"))
    assert sign_in(by_curve.begin(BOB), BOB).title == BOB.signed_in


# --- encryption -------------------------------------------------------------------


def encryption(alg: str, enc: str) -> dict[str, str]:
    """Advanced → Fine grain OpenID Connect configuration: both fields of the encryption of ID tokens."""
    return {"id.token.encrypted.response.alg": alg, "id.token.encrypted.response.enc": enc}


def test_id_tokens_may_be_encrypted(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """By each way that both sides know; it reads our key where we publish it."""
    connected.save(wants_encryption="yes")
    with front_door(connected.world) as door:
        keys = {"use.jwks.url": "true", "jwks.url": f"{door}/oidc/{connected.id}/jwks.json"}
        for alg in KEY_ENCRYPTIONS:
            for enc in CONTENT_ENCRYPTIONS:
                change(keycloak, keys | encryption(alg, enc))
                assert f"Encrypted to a key of ours, and opened {alg}, {enc}, " in connected.passes()
        connected.comes_in(BOB)


def test_one_key_set_proves_who_we_are_and_is_encrypted_to(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """ "Signed JWT" and encrypted ID tokens at once: it takes the entries that are meant for each."""
    with front_door(connected.world) as door:
        keys = {"use.jwks.url": "true", "jwks.url": f"{door}/oidc/{connected.id}/jwks.json"}
        change(keycloak, keys | encryption("RSA-OAEP", "A256GCM"), clientAuthenticatorType="client-jwt", secret=None)
        connected.save(wants_encryption="yes", authentication="private_key_jwt")
        connected.passes()
        connected.comes_in(BOB)


def test_a_change_of_our_key_loses_no_encrypted_id_token(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """It has read our keys before the change, and reads them anew when its client is saved. The old one goes last."""
    page, admin = f"{connected.page}/keys", connected.admin
    connected.save(wants_encryption="yes")
    with front_door(connected.world) as door:
        keys = {"use.jwks.url": "true", "jwks.url": f"{door}/oidc/{connected.id}/jwks.json"}
        change(keycloak, keys | encryption("RSA-OAEP-256", "A256GCM"))
        before = connected.passes()
        admin.open(page).press("Prepare the next key")
        connected.comes_in(BOB)
        admin.open(page).press("Switch to the next key")
        connected.comes_in(BOB)
        change(keycloak)
        admin.open(page).follow("Remove the previous key").press("Remove the previous key")
        after = connected.passes()
        connected.comes_in(BOB)
    named = [report.partition("RSA-OAEP-256, A256GCM, ")[2].split()[0] for report in (before, after)]
    assert named[0] != named[1]


# --- what is pasted as its Discovery URL -------------------------------------------

MEANT = (
    "{issuer}/",
    " {issuer} ",
    "\u201c{issuer}\u201d",
    "{issuer}?x=1",
    "{issuer}/.well-known/openid-configuration",
    "{issuer}/.well-known/oauth-authorization-server",
    "{issuer}/protocol/openid-connect/auth?client_id=x",
    "{issuer}/account/#/security",
    "{base}/admin/master/console/#/acme/realm-settings",
    "{base}/auth/realms/acme",
)
NOT_MEANT = (
    ("{base}/realms/Acme", "status 404"),
    ("{base}", "status 404"),
    ("{issuer}/protocol/saml/descriptor", "The Discovery URL is an address of SAML."),
    ("{base}/realms/{{realm}}", "The Discovery URL still holds the placeholder {{realm}}."),
)


def test_its_issuer_is_found_however_it_is_pasted(connected: OpenidConnected, keycloak: Keycloak) -> None:
    for typed in MEANT:
        connected.save(discovery_url=typed.format(issuer=keycloak.entity_id, base=keycloak.base))
        assert connected.admin.field("Discovery URL") == keycloak.entity_id
        assert f"We read {keycloak.entity_id}." in connected.admin.text, typed


def test_what_is_no_issuer_of_its_is_not_saved(connected: OpenidConnected, keycloak: Keycloak) -> None:
    values = {"issuer": keycloak.entity_id, "base": keycloak.base}
    admin, before = connected.admin, connected.saved
    for typed, says in NOT_MEANT:
        admin.open(connected.page).press("Save Configuration", files=None, discovery_url=typed.format(**values))
        assert admin.status == 422
        assert says.format(**values) in admin.text
    assert connected.saved == before


# --- who is let in ---------------------------------------------------------------


def test_nobody_gets_an_account_where_none_are_made(connected: OpenidConnected) -> None:
    connected.world.add_account(ALICE.email, role=Role.MEMBER)
    connected.save(creates_accounts="")
    connected.passes()
    refused = sign_in(connected.begin(BOB), BOB)
    assert refused.title != BOB.signed_in
    assert "login.no_account" in connected.newest_attempt()
    connected.world.add_account(BOB.email, role=Role.MEMBER)
    assert sign_in(connected.begin(BOB), BOB).title == "You are signed in as Bob"


def test_an_address_that_it_has_not_verified_opens_no_account(connected: OpenidConnected, keycloak: Keycloak) -> None:
    connected.passes()
    connected.world.add_account(BOB.email, role=Role.MEMBER)
    change_person(keycloak, BOB, emailVerified=False)
    try:
        refused = sign_in(connected.begin(BOB), BOB)
    finally:
        change_person(keycloak, BOB, emailVerified=True)
    assert refused.title != BOB.signed_in
    assert "login.possession_needed" in connected.newest_attempt()


# --- what is refused --------------------------------------------------------------


def test_a_secret_that_changes_loses_no_sign_in(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """Credentials → Regenerate: the next one is saved here first, and both are taken until Keycloak has changed."""
    connected.passes()
    connected.save(client_secret="the next one")
    connected.passes()
    change(keycloak, secret="the next one")
    connected.comes_in(BOB)
    change(keycloak, secret="another one")
    report = connected.test()
    assert "oidc.client_rejected" in report
    assert "Credentials" in report


@pytest.mark.parametrize("how", ["deleted", "disabled"])
def test_a_client_that_is_gone_is_told(connected: OpenidConnected, keycloak: Keycloak, how: str) -> None:
    """Before anybody has left: the request is pushed first."""
    remove(keycloak) if how == "deleted" else change(keycloak, enabled=False)
    report = connected.test()
    assert "oidc.client_rejected" in report
    assert f"Client ID {CLIENT_ID}" in report


def test_a_redirect_uri_that_is_not_registered_is_told(connected: OpenidConnected, keycloak: Keycloak) -> None:
    change(keycloak, redirectUris=["https://sso.ringline.example/another"])
    report = connected.test()
    assert "Invalid parameter: redirect_uri" in report
    assert "Valid redirect URIs" in report


def test_a_client_that_is_disabled_while_somebody_signs_in(connected: OpenidConnected, keycloak: Keycloak) -> None:
    connected.passes()
    connected.around("/token", before=lambda: change(keycloak, enabled=False))
    refused = sign_in(connected.begin(BOB), BOB)
    assert refused.title != BOB.signed_in
    assert "oidc.client_rejected" in connected.newest_attempt()


def test_a_person_who_is_disabled_there_gets_no_further(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """It tells them, and nobody tells us: the page of the test says so after a while, and where to look."""
    change_person(keycloak, ALICE, enabled=False)
    try:
        left = sign_in(connected.begin_test(), ALICE)
    finally:
        change_person(keycloak, ALICE, enabled=True)
    assert "Account is disabled" in left.text
    connected.world.pass_time(seconds=21)
    silence = connected.world.signed_in().open(f"{connected.page}/test/latest")
    assert "Manage → Users" in silence.text


def test_consent_that_was_refused_is_told(connected: OpenidConnected, keycloak: Keycloak) -> None:
    change(keycloak, consentRequired=True)
    asks = sign_in(connected.begin_test(), ALICE)
    submit(asks, "//form[contains(@action, 'consent')]", cancel="No")
    go_on(asks)
    assert "oidc.provider_error" in connected.admin.text
    assert "Consent required" in connected.admin.text


def test_an_answer_that_does_not_name_its_issuer_is_refused(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """ "Exclude Issuer From Authentication Response", though its configuration says that it sends it (RFC 9207)."""
    change(keycloak, {"exclude.issuer.from.auth.response": "true"})
    report = connected.test()
    assert "oidc.response_issuer_mismatch" in report
    assert "Exclude Issuer From Authentication Response, turned off" in report


def test_an_id_token_that_is_encrypted_to_another_is_refused(connected: OpenidConnected, keycloak: Keycloak) -> None:
    """Where nobody agreed on it, and where it holds another key than ours. RSA1_5 is not taken, either."""
    key = RSAKey.generate_key(2048, {"use": "enc", "alg": "RSA-OAEP", "kid": "e1"}, private=False)
    theirs = {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [key.as_dict(private=False)]})}
    change(keycloak, theirs | encryption("RSA-OAEP", "A256GCM"))
    report = connected.test()
    assert "oidc.token_encrypted" in report
    assert "set both fields of ID token encryption to nothing" in report
    connected.save(wants_encryption="yes")
    report = connected.test()
    assert "oidc.encryption_key_unknown" in report
    assert "ID token encryption key management algorithm" in report
    change(keycloak, encryption("", ""))
    assert "oidc.token_not_encrypted" in connected.test()


@pytest.mark.parametrize(
    ("minutes", "code", "says"),
    [(10, "oidc.token_expired", "behind"), (-10, "oidc.token_not_yet_valid", "ahead of")],
    ids=["behind", "ahead"],
)
def test_clocks_that_differ_are_told(connected: OpenidConnected, minutes: int, code: str, says: str) -> None:
    connected.begin_test()
    connected.world.pass_time(minutes=minutes)
    report = sign_in(connected.admin.open(connected.admin.url), ALICE).text
    assert code in report
    assert f"Keycloak's clock is 10 minutes {says} Ringline's." in report
