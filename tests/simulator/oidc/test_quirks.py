"""What is peculiar to each vendor, as its profile says."""

import json
import re
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.oidc import evil_provider
from tests.oidc.envelopes import opened
from tests.simulator.oidc.relying_party import REDIRECT_URI

ENTRA_TENANT = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SUBJECTS = {
    "google": r"1\d{20}",
    "okta": r"00u[A-Za-z0-9]{17}",
    "onelogin": r"\d{8,9}",
    "entra": r"[A-Za-z0-9_-]{43}",
    "keycloak": GUID,
}
ISSUERS = {
    "google": "http://127.0.0.1:9101",
    "okta": "http://127.0.0.1:9101",
    "onelogin": "http://127.0.0.1:9101/oidc/2",
    "entra": f"http://127.0.0.1:9101/{ENTRA_TENANT}/v2.0",
    "keycloak": "http://127.0.0.1:9101/realms/acme",
}


def test_the_issuer_has_the_vendors_form(party, vendor):
    assert party.app.issuer == ISSUERS[vendor]


def test_the_subject_has_the_vendors_form_and_stays(party, vendor):
    subject = party.claims()["sub"]
    assert re.fullmatch(SUBJECTS[vendor], subject)
    assert party.claims()["sub"] == subject


@pytest.mark.parametrize("vendor", ["google"])
def test_google_names_the_domain_of_workspace_people_only(simulator, party):
    assert party.claims()["hd"] == "acme.example"
    simulator.add_user("eva@gmail.com", first_name="Eva", last_name="Lind", password="open-sesame")
    party.client.cookies.clear()
    claims = party.claims("eva@gmail.com")
    assert "hd" not in claims
    assert claims["email_verified"] is True
    assert claims["azp"] == party.app.client_id


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra_names_tenant_and_object_and_vouches_for_no_address(party):
    claims = party.claims()
    assert (claims["tid"], claims["ver"]) == (ENTRA_TENANT, "2.0")
    assert re.fullmatch(GUID, claims["oid"])
    assert claims["email"] == "ana@acme.example"
    assert {"email_verified", "xms_edov", "amr", "at_hash"}.isdisjoint(claims)


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra_gives_another_subject_to_another_application(simulator, party):
    first = party.claims()
    party.app = simulator.oidc.add_app("Second", redirect_uri=REDIRECT_URI)
    second = party.claims()
    assert first["sub"] != second["sub"]
    assert first["oid"] == second["oid"]


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra_tells_optional_claims_to_those_who_ask_in_the_console(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, optional_claims=("xms_edov", "family_name")))
    claims = party.claims()
    assert (claims["xms_edov"], claims["family_name"]) == (True, "Silva")
    assert "given_name" not in claims


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra_for_all_tenants_has_a_template_for_an_issuer(simulator, party):
    shared = party.client.get("/organizations/v2.0/.well-known/openid-configuration").json()
    assert shared["issuer"] == "http://127.0.0.1:9101/{tenantid}/v2.0"
    keys = party.client.get(shared["jwks_uri"]).json()["keys"]
    assert {key["issuer"] for key in keys} == {shared["issuer"]}
    party.browser.open(shared["authorization_endpoint"], **party.parameters())
    assert "AADSTS50194" in party.browser.text
    simulator.oidc.change_app(party.app, lambda one: replace(one, is_multi_tenant=True))
    party.metadata = shared
    assert party.claims()["tid"] == ENTRA_TENANT


@pytest.mark.parametrize("vendor", ["entra"])
def test_entra_refuses_a_person_of_another_tenant(simulator, party, make):
    ben = simulator.add_user("ben@acme.example", first_name="", last_name="", password="")
    simulator._idp.store.change(
        lambda state: state.with_user(replace(ben, tenant="b9419818-09af-49c2-b0c3-653adc1f376e"))
    )
    assert party.ask("ben@acme.example") is None
    assert "AADSTS50020" in party.browser.text


@pytest.mark.parametrize("vendor", ["entra"])
def test_an_unknown_tenant_has_no_document(party):
    answer = party.client.get("/00000000-0000-0000-0000-000000000000/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


@pytest.mark.parametrize(
    ("vendor", "groups"),
    [("okta", None), ("onelogin", "Sales"), ("keycloak", ["/Sales"]), ("entra", GUID)],
)
def test_groups_are_told_in_the_vendors_form(simulator, party, groups):
    simulator.oidc.change_app(party.app, lambda one: replace(one, groups_claim="groups"))
    tokens = party.tokens()
    told = party.verified(tokens).get("groups")
    if groups == GUID:
        assert [re.fullmatch(GUID, one) is not None for one in told] == [True]
    else:
        assert told == groups
    if groups is None:
        assert party.userinfo(tokens["access_token"]).json()["groups"] == ["Sales"]


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_keycloak_names_itself_in_the_answer_and_the_session_in_the_token(party):
    answered = party.ask()
    assert answered["iss"] == party.app.issuer
    claims = party.verified(party.redeem(answered["code"]).json())
    assert claims["sid"] == answered["session_state"]
    assert (claims["typ"], claims["acr"], claims["azp"]) == ("ID", "1", party.app.client_id)


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_keycloak_takes_an_asterisk_at_the_end_of_a_redirect_uri(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, redirect_uris=("https://product.example/*",)))
    assert "code" in party.ask()


@pytest.mark.parametrize("vendor", ["okta", "entra"])
def test_others_compare_redirect_uris_as_text(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, redirect_uris=("https://product.example/*",)))
    assert party.ask() is None


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_keycloak_signs_with_the_algorithm_of_the_client(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, signing_algorithm="ES256"))
    assert party.verified(party.tokens(), algorithms=("ES256",))


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_userinfo_may_be_signed(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, signs_userinfo=True))
    answer = party.userinfo(party.tokens()["access_token"])
    assert answer.headers["content-type"] == "application/jwt"
    keys = jwt.PyJWKSet.from_dict(party.client.get(party.metadata["jwks_uri"]).json())
    claims = jwt.decode(answer.text, keys.keys[0], ["RS256"], audience=party.app.client_id, issuer=party.app.issuer)
    assert claims["email"] == "ana@acme.example"


def test_claims_of_a_person_take_the_place_of_the_usual(simulator, party, ana):
    simulator.oidc.describe(ana, email="victim@other.example", email_verified="true", acct=1)
    told = party.userinfo(party.tokens()["access_token"]).json()
    assert told["email"] == "victim@other.example"
    assert told["acct"] == 1
    simulator.oidc.describe(ana, email=None)
    assert "email" not in party.userinfo(party.tokens()["access_token"]).json()


@pytest.mark.parametrize("vendor", ["keycloak"])
@pytest.mark.parametrize(("alg", "enc", "usual"), [("RSA-OAEP", "", "A128CBC-HS256"), ("RSA-OAEP-256", "A256GCM", "")])
def test_an_id_token_is_encrypted_where_the_application_wants_it(simulator, party, alg, enc, usual):
    """It is opened by hand. Without a key for it there is no answer."""
    own = evil_provider.key("own 1")
    assert isinstance(own, RSAPrivateKey)
    numbers = {name: evil_provider.number(getattr(own.public_key().public_numbers(), name)) for name in ("n", "e")}
    listed = {"kty": "RSA", **numbers, "use": "enc", "alg": alg, "kid": "own"}

    def wanted(keys):
        return lambda one: replace(one, encryption_algorithm=alg, encryption_content=enc, jwks=json.dumps(keys))

    simulator.oidc.change_app(party.app, wanted({"keys": [listed | {"use": "sig"}, listed]}))
    tokens = party.tokens()
    header, inside = opened(tokens["id_token"], by=own)
    assert header == {"alg": alg, "enc": enc or usual, "cty": "JWT", "kid": "own"}
    assert party.verified({**tokens, "id_token": inside})["email"] == "ana@acme.example"
    simulator.oidc.change_app(party.app, wanted({"keys": [listed | {"use": "sig"}]}))
    assert party.redeem(party.ask()["code"]).status_code == 503
