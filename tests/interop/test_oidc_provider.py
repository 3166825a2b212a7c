"""Whole sign-ins with a real oidc-provider: every way to prove who we are, every signature, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from ostiary.domain.account import Role
from tests.interop.connecting import ALICE, BOB
from tests.interop.oidc_provider import CLIENT_ID, OidcProvider, asks_for_the_password, claims_of, key, sign_in
from tests.interop.provider_pair import Pair, paired
from tests.journeys.world import World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")
THIN: dict[str, Any] = {"conformIdTokenClaims": True}
PUSHED = {"pushedAuthorizationRequests": {"enabled": True}}


@pytest.fixture
def pair(world: World, provider: OidcProvider) -> Iterator[Pair]:
    """Acme's connection, saved and not tested."""
    with paired(world, provider) as made:
        yield made


# --- who we are ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_each_way_to_prove_who_we_are(pair: Pair, method: str) -> None:
    """Left to what the provider says that it takes, and by name; it always wants PKCE."""
    secret = {"client_secret": None} if method == "none" else {}
    pair.set_up({"token_endpoint_auth_method": method, **secret}, clientAuthMethods=[method])
    pair.connected.passes()
    pair.connected.save(authentication=method)
    pair.comes_in()


@pytest.mark.parametrize("is_pushed", [False, True], ids=["", "pushed"])
def test_our_key_proves_who_we_are(pair: Pair, is_pushed: bool) -> None:
    """It reads our keys where we publish them, and takes each audience that can be chosen."""
    client: dict[str, Any] = {
        "client_secret": None,
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": pair.connected.urls.keys_url,
        "require_pushed_authorization_requests": is_pushed,
    }
    pair.set_up(client, features=PUSHED if is_pushed else {})
    for audience in ("issuer", "token_endpoint", "called_endpoint"):
        pair.connected.save(authentication="private_key_jwt", assertion_audience=audience)
        pair.connected.passes()
    pair.connected.comes_in(BOB)
    another = {name: value for name, value in key("RS256", name="of somebody").items() if name in {"kty", "n", "e"}}
    client |= {"jwks_uri": None, "jwks": {"keys": [another]}}
    pair.set_up(client, features=PUSHED if is_pushed else {})
    report = pair.connected.test()
    assert "oidc.client_rejected" in report
    assert pair.connected.urls.keys_url in report


def test_the_secret_may_hold_any_character(pair: Pair) -> None:
    """In Basic authentication both parts are encoded first, or a colon would cut them."""
    name, secret = "ring:line +%", "s:cr%t + & = / of 32 characters, at least"
    pair.set_up({"client_id": name, "client_secret": secret})
    pair.connected.save(client_id=name, client_secret=secret, authentication="client_secret_basic")
    pair.comes_in()


@pytest.mark.parametrize("is_pushed", [False, True], ids=["", "pushed"])
def test_a_secret_is_changed_without_a_gap(pair: Pair, is_pushed: bool) -> None:
    """The new one is saved here first, and counts there later; both are tried."""
    features = PUSHED if is_pushed else {}
    pair.set_up(features=features)
    pair.comes_in()
    new = "another secret of these tests, of 32 characters"
    pair.connected.save(client_secret=new)
    pair.comes_in()
    pair.set_up({"client_secret": new}, features=features)
    pair.comes_in()


def test_a_wrong_secret_is_told_in_its_words(pair: Pair) -> None:
    pair.set_up({"client_secret": "not the one that we have, of 32 characters"})
    report = pair.connected.test()
    assert "oidc.client_rejected" in report
    assert "In its words client authentication failed" in report


# --- the question and the answer -----------------------------------------------------


def test_a_request_is_pushed_before_the_browser_goes(pair: Pair) -> None:
    """It demands that; the browser carries nothing but the name of what was pushed."""
    pair.set_up({"require_pushed_authorization_requests": True}, features=PUSHED)
    pair.comes_in()
    assert f"{pair.provider.issuer}/request" in pair.connected.world.wire.asked


def test_the_answer_may_be_posted(pair: Pair) -> None:
    pair.connected.save(response_mode="form_post")
    pair.comes_in()


def test_an_answer_says_whose_it_is_and_counts_only_so(pair: Pair) -> None:
    """RFC 9207: `iss` in the answer is the issuer, and no other."""
    pair.connected.save(response_mode="form_post")
    pair.connected.passes()
    assert "oidc.response_issuer_mismatch" in pair.tests_with_a_changed_answer(iss="https://evil.example")
    assert "oidc.response_issuer_mismatch" in pair.tests_with_a_changed_answer(iss="")


def test_an_answer_inside_a_token_can_not_be_asked_for(pair: Pair) -> None:
    """JARM, which it could do: how the answer travels is chosen, and no parameter of somebody's own."""
    pair.set_up(features={"jwtResponseModes": {"enabled": True}})
    admin = pair.connected.admin.open(pair.connected.page)
    refused = admin.press("Save Configuration", extra="response_mode=query.jwt")
    assert "response_mode" in refused.text
    assert "Saved." not in refused.text
    pair.comes_in()


def test_what_it_refuses_is_told_in_its_words(pair: Pair) -> None:
    """Somebody turned back; it wants signed requests; and a parameter that it can't read."""
    report = pair.goes_by_the_browser().follow("[ Cancel ]").text
    assert "oidc.provider_error" in report
    assert "refuses to sign this person in" in report
    features = {"requestObjects": {"enabled": True}, "claimsParameter": {"enabled": True}}
    pair.set_up({"require_signed_request_object": True}, features=features)
    assert "Request Object must be used by this client" in pair.connected.test()
    pair.set_up(features=features)
    pair.connected.save(extra="claims={")
    report = pair.connected.test()
    assert "oidc.provider_error" in report
    assert "could not parse the claims parameter JSON" in report


def test_a_pushed_request_with_another_redirect_uri_is_told(pair: Pair) -> None:
    """Without PAR only its own page would say so."""
    pair.set_up({"redirect_uris": ["https://elsewhere.example/"]}, features=PUSHED)
    report = pair.connected.test()
    assert "oidc.token_refused" in report
    assert "redirect_uri" in report


# --- tokens --------------------------------------------------------------------------


def test_each_signature_of_an_id_token(pair: Pair) -> None:
    """It has keys for all of them, so that the right one has to be found."""
    algorithms = ("RS256", "PS256", "ES256", "EdDSA")
    for algorithm in algorithms:
        pair.set_up({"id_token_signed_response_alg": algorithm}, keys=tuple(key(each) for each in algorithms))
        assert algorithm in pair.connected.passes()
    pair.connected.comes_in(BOB)


def test_a_signature_by_the_shared_secret_is_refused(pair: Pair) -> None:
    pair.set_up({"id_token_signed_response_alg": "HS256"}, enabledJWA={"idTokenSigningAlgValues": ["RS256", "HS256"]})
    assert "oidc.algorithm_mismatch" in pair.connected.test()


@pytest.mark.parametrize(
    ("alg", "enc"),
    [
        ("RSA-OAEP", "A128CBC-HS256"),
        ("RSA-OAEP", "A128GCM"),
        ("RSA-OAEP-256", "A256CBC-HS512"),
        ("RSA-OAEP-256", "A256GCM"),
    ],
)
def test_tokens_may_be_encrypted(pair: Pair, alg: str, enc: str) -> None:
    """It finds our key where we publish it. With UserInfo, which has its own settings, and without."""
    pair.connected.save(wants_encryption="yes")
    for thin in ({}, THIN):
        userinfo = encrypted("userinfo", alg, enc) if thin else {}
        client = {"jwks_uri": pair.connected.urls.keys_url, **encrypted("id_token", alg, enc), **userinfo}
        pair.set_up({"userinfo_signed_response_alg": "RS256", **client}, **thin)
        assert f"Encrypted to a key of ours, and opened {alg}, {enc}, " in pair.connected.passes()
        pair.connected.comes_in(BOB)


def test_a_change_of_our_key_loses_no_encrypted_token(pair: Pair) -> None:
    """It has read our keys before the change, and after."""
    keys, admin = f"{pair.connected.page}/keys", pair.connected.admin
    client = {"jwks_uri": pair.connected.urls.keys_url, **encrypted("id_token", "RSA-OAEP-256", "A256GCM")}
    pair.connected.save(wants_encryption="yes")
    pair.set_up(client)
    pair.comes_in()
    admin.open(keys).press("Prepare the next key")
    pair.connected.comes_in(BOB)
    admin.open(keys).press("Switch to the next key")
    pair.connected.comes_in(BOB)
    pair.set_up(client)
    pair.connected.comes_in(BOB)
    admin.open(keys).follow("Remove the previous key").press("Remove the previous key")
    pair.comes_in()


def test_one_key_set_proves_who_we_are_and_is_encrypted_to(pair: Pair) -> None:
    """ "private_key_jwt" and encrypted tokens at once: each reads the entries that are meant for it."""
    client: dict[str, Any] = {
        "client_secret": None,
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": pair.connected.urls.keys_url,
        **encrypted("id_token", "RSA-OAEP-256", "A128CBC-HS256"),
    }
    pair.connected.save(wants_encryption="yes", authentication="private_key_jwt")
    pair.set_up(client)
    pair.comes_in()


def test_what_is_encrypted_is_refused_where_nobody_agreed_on_it_or_it_goes_by_the_secret(pair: Pair) -> None:
    for what in ("id_token", "userinfo"):
        client = encrypted(what, "A128KW", "A128CBC-HS256")
        pair.set_up({f"{what}_signed_response_alg": "RS256", **client}, **THIN)
        assert "oidc.token_encrypted" in pair.connected.test()
    pair.connected.save(wants_encryption="yes")
    assert "oidc.token_not_encrypted" in pair.connected.test()
    for alg in ("A128KW", "dir"):
        pair.set_up(encrypted("id_token", alg, "A128CBC-HS256"))
        report = pair.connected.test()
        assert "oidc.key_encryption_refused" in report
        assert "It goes by the Client Secret" in report


def encrypted(what: str, alg: str, enc: str) -> dict[str, str]:
    """How this is encrypted to a client."""
    return {f"{what}_encrypted_response_alg": alg, f"{what}_encrypted_response_enc": enc}


@pytest.mark.parametrize("signed", ["", "ES256"], ids=["plain", "signed"])
def test_a_thin_id_token_is_completed(pair: Pair, signed: str) -> None:
    """Its own way: claims come from UserInfo, by either method, plain or signed."""
    client = {"userinfo_signed_response_alg": signed} if signed else {}
    pair.set_up(client, keys=(key("RS256"), key("ES256")), **THIN)
    for method in ("GET", "POST"):
        pair.connected.save(userinfo_method=method, claim_groups="groups", scopes="openid profile email groups")
        report = pair.connected.passes()
        assert "alice@acme.exampleUserInfoEmail" in report
        assert "engineering, adminsUserInfoGroups" in report
        pair.connected.comes_in(BOB)
    pair.connected.save(userinfo_use="never")
    assert "login.email_missing" in pair.connected.test()


def test_each_client_knows_people_by_names_of_its_own(pair: Pair) -> None:
    """Pairwise subjects: what a person is called to us, no other client can know."""
    pair.set_up({"subject_type": "pairwise"}, subjectTypes=["pairwise"])
    assert f"alice-as-{CLIENT_ID}-knows-them" in pair.connected.passes()
    for _ in range(2):
        pair.connected.comes_in(BOB)


def test_an_address_that_nobody_has_verified_leads_to_no_account(pair: Pair, world: World) -> None:
    """`email_verified` false: the person proves that the account is theirs."""
    world.add_account(BOB.email, role=Role.MEMBER)
    pair.set_up(people={person.user: claims_of(person, email_verified=False) for person in (ALICE, BOB)})
    pair.connected.passes()
    bob = sign_in(pair.connected.begin(BOB), BOB)
    assert bob.title != BOB.signed_in
    assert "login.possession_needed" in pair.connected.newest_attempt()


def test_an_old_sign_in_there_is_renewed_where_that_is_asked(pair: Pair) -> None:
    """`max_age`: it asks for the password again, and says when that was."""
    pair.connected.passes()
    pair.connected.save(max_age="60")
    pair.set_up(seconds_ahead=70)
    assert asks_for_the_password(pair.connected.begin_test())
    pair.set_up()
    pair.connected.save(max_age="0")
    pair.comes_in()


def test_a_weaker_sign_in_than_was_asked_for_is_refused(pair: Pair) -> None:
    pair.connected.save(acr_values="phishing-resistant")
    assert "oidc.authentication_weak" in pair.connected.test()


# --- its key and its clock -----------------------------------------------------------


def test_a_new_key_is_looked_for_once(pair: Pair) -> None:
    """Announced before, at once, or under the name of another: who signs in with it comes in."""
    old, new, newest = key("ES256"), key("ES256", name="new"), key("ES256", name="newest")
    renamed = {**key("ES256", name="other"), "kid": newest["kid"]}
    client = {"id_token_signed_response_alg": "ES256"}
    pair.set_up(client, keys=(old,))
    pair.connected.passes()
    for keys in ((new, old), (newest,), (renamed,)):
        pair.connected.waits()
        pair.set_up(client, keys=keys)
        pair.connected.comes_in(BOB)


def test_a_clock_that_is_wrong(pair: Pair) -> None:
    """A minute is put up with, either way."""
    ttl = {"IdToken": 3600, "Session": 9000, "Grant": 9000, "Interaction": 9000}
    for seconds, says in (
        (45, "Test Connection passed"),
        (-45, "Test Connection passed"),
        (300, "oidc.token_not_yet_valid"),
        (-3900, "oidc.token_expired"),
    ):
        pair.set_up(seconds_ahead=seconds, ttl=ttl)
        assert says in pair.connected.test()
