"""Each fault does what its name says, and the vendor's own words are on the page or in the answer."""

from dataclasses import replace
from itertools import islice

import httpx2
import jwt
import pytest

from ostiary.simulator import OidcFault, ProviderFault
from tests.simulator.oidc.relying_party import RelyingParty
from tests.simulator.service_provider import NOW


def unverified(tokens):
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})


def kid_of(tokens):
    return jwt.get_unverified_header(tokens["id_token"])["kid"]


def published(party):
    return [key["kid"] for key in party.client.get(party.metadata["jwks_uri"]).json()["keys"]]


@pytest.mark.parametrize(
    ("fault", "claim", "value"),
    [
        (OidcFault.WRONG_ISSUER, "iss", "https://another-provider.example"),
        (OidcFault.WRONG_AUDIENCE, "aud", "another-application"),
        (OidcFault.WRONG_NONCE, "nonce", "of-another-sign-in"),
        (OidcFault.NO_NONCE, "nonce", None),
    ],
)
@pytest.mark.parametrize("vendor", ["okta", "entra"])
def test_one_claim_is_wrong_and_the_signature_is_good(simulator, party, fault, claim, value):
    good = party.claims()
    simulator.oidc.set_fault(fault, app=party.app)
    tokens = party.tokens()
    keys = jwt.PyJWKSet.from_dict(party.client.get(party.metadata["jwks_uri"]).json())
    wrong = jwt.decode(
        tokens["id_token"],
        keys[kid_of(tokens)],
        ["RS256"],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    assert wrong.get(claim) == value
    assert {name for name in good if good[name] != wrong.get(name)} - {"jti", "uti", "at_hash"} == {claim}


@pytest.mark.parametrize("vendor", ["google", "onelogin"])
def test_the_id_token_expired_seven_minutes_ago(simulator, party):
    simulator.oidc.set_fault(OidcFault.EXPIRED, app=party.app)
    assert int(NOW.timestamp()) - unverified(party.tokens())["exp"] == 7 * 60


@pytest.mark.parametrize("vendor", ["okta"])
def test_the_id_token_is_not_signed(simulator, party):
    simulator.oidc.set_fault(OidcFault.UNSIGNED, app=party.app)
    token = party.tokens()["id_token"]
    assert jwt.get_unverified_header(token) == {"alg": "none"}
    assert token.endswith(".")


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_a_key_that_nobody_can_find(simulator, party):
    simulator.oidc.set_fault(OidcFault.KEY_UNPUBLISHED, app=party.app)
    tokens = party.tokens()
    assert kid_of(tokens) not in published(party)
    simulator.oidc.set_fault(OidcFault.KEY_UNPUBLISHED, app=party.app, on=False)
    assert kid_of(party.tokens()) in published(party)


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_the_key_is_rotated_between_sign_ins_and_the_old_one_stays(simulator, party):
    before = kid_of(party.tokens())
    simulator.oidc.set_fault(ProviderFault.NEW_KEY)
    tokens = party.tokens()
    assert kid_of(tokens) != before
    assert {before, kid_of(tokens)} <= set(published(party))
    assert party.verified(tokens)


@pytest.mark.parametrize("vendor", ["entra"])
def test_the_key_is_rotated_just_before_signing(simulator, party):
    before = published(party)
    simulator.oidc.set_fault(ProviderFault.KEY_JUST_ROTATED)
    tokens = party.tokens()
    assert set(published(party)).isdisjoint(before)
    assert party.verified(tokens)


@pytest.mark.parametrize("vendor", ["okta"])
def test_a_new_key_takes_over_the_name_of_the_old_one(simulator, party):
    before = party.client.get(party.metadata["jwks_uri"]).json()["keys"]
    simulator.oidc.set_fault(ProviderFault.SAME_KID)
    tokens = party.tokens()
    assert kid_of(tokens) == before[0]["kid"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(tokens["id_token"], jwt.PyJWK.from_dict(before[0]), ["RS256"], options={"verify_aud": False})
    assert party.verified(tokens)


@pytest.mark.parametrize("fault", [OidcFault.NO_EMAIL, OidcFault.EMAIL_UNVERIFIED])
def test_the_address_is_missing_or_not_verified(simulator, party, fault):
    simulator.oidc.set_fault(fault, app=party.app)
    tokens = party.tokens()
    told = {**unverified(tokens), **party.userinfo(tokens["access_token"]).json()}
    assert told.get("email_verified") is (None if fault is OidcFault.NO_EMAIL else False)
    assert ("email" in told) is (fault is OidcFault.EMAIL_UNVERIFIED)


@pytest.mark.parametrize("vendor", ["okta"])
def test_userinfo_answers_with_another_person(simulator, party):
    simulator.oidc.set_fault(OidcFault.OTHER_PERSON, app=party.app)
    tokens = party.tokens()
    assert party.userinfo(tokens["access_token"]).json()["sub"] != unverified(tokens)["sub"]


@pytest.mark.parametrize("vendor", ["entra"])
def test_too_many_groups_give_way_to_a_reference(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, groups_claim="groups"))
    assert "groups" in party.claims()
    simulator.oidc.set_fault(OidcFault.GROUPS_OVERAGE, app=party.app)
    claims = party.claims()
    assert "groups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    assert claims["_claim_sources"]["src1"]["endpoint"].endswith(f"{claims['oid']}/getMemberObjects")


@pytest.mark.parametrize(
    ("vendor", "fault", "error", "words"),
    [
        ("entra", OidcFault.SECRET_WRONG, "invalid_client", "AADSTS7000215: Invalid client secret provided."),
        ("entra", OidcFault.SECRET_EXPIRED, "invalid_client", "AADSTS7000222: The provided client secret keys"),
        ("okta", OidcFault.SECRET_WRONG, "invalid_client", "The client secret supplied for a confidential client"),
        ("onelogin", OidcFault.SECRET_WRONG, "invalid_client", "client authentication failed"),
        ("keycloak", OidcFault.SECRET_WRONG, "unauthorized_client", "Invalid client or Invalid client credentials"),
        ("google", OidcFault.SECRET_WRONG, "invalid_client", "The provided client secret is invalid."),
        ("entra", OidcFault.CODE_REFUSED, "invalid_grant", "AADSTS54005: OAuth2 Authorization code was already"),
        ("keycloak", OidcFault.CODE_REFUSED, "invalid_grant", "Code not valid"),
        ("google", OidcFault.CODE_REFUSED, "invalid_grant", "Malformed auth code."),
    ],
)
def test_the_token_endpoint_refuses_in_the_vendors_words(simulator, party, vendor, fault, error, words):
    code = party.ask()["code"]
    simulator.oidc.set_fault(fault, app=party.app)
    answer = party.redeem(code)
    assert answer.status_code == (400 if error == "invalid_grant" else 401)
    assert answer.json()["error"] == error
    assert answer.json()["error_description"].startswith(words)
    assert ("error_codes" in answer.json()) is (vendor == "entra")


@pytest.mark.parametrize(
    ("vendor", "fault", "words"),
    [
        ("entra", OidcFault.REDIRECT_URI_UNKNOWN, "AADSTS50011"),
        ("entra", OidcFault.CLIENT_UNKNOWN, "AADSTS700016"),
        ("entra", OidcFault.NOT_ASSIGNED, "AADSTS50105"),
        ("okta", OidcFault.REDIRECT_URI_UNKNOWN, "The 'redirect_uri' parameter must be a Login redirect URI"),
        ("okta", OidcFault.CLIENT_UNKNOWN, "Invalid value for 'client_id' parameter."),
        ("onelogin", OidcFault.REDIRECT_URI_UNKNOWN, "redirect_uri did not match any client's registered"),
        ("onelogin", OidcFault.CLIENT_UNKNOWN, "client is invalid"),
        ("onelogin", OidcFault.NOT_ASSIGNED, "You do not have access to this application"),
        ("google", OidcFault.REDIRECT_URI_UNKNOWN, "Error 400: redirect_uri_mismatch"),
        ("google", OidcFault.CLIENT_UNKNOWN, "Error 401: invalid_client"),
        ("google", OidcFault.NOT_ASSIGNED, "Error 403: org_internal"),
        ("keycloak", OidcFault.REDIRECT_URI_UNKNOWN, "Invalid parameter: redirect_uri"),
        ("keycloak", OidcFault.CLIENT_UNKNOWN, "Client not found."),
    ],
)
def test_the_provider_refuses_on_its_own_page_and_the_application_hears_nothing(simulator, party, fault, words):
    simulator.oidc.set_fault(fault, app=party.app)
    assert party.ask() is None
    assert party.is_at_provider
    assert words in party.browser.text
    assert party.browser.response.status_code in {400, 401, 403}


@pytest.mark.parametrize(
    ("vendor", "fault", "description"),
    [
        ("okta", OidcFault.NOT_ASSIGNED, "User is not assigned to the client application."),
        ("keycloak", OidcFault.NOT_ASSIGNED, "Access denied"),
        ("entra", OidcFault.CONSENT_DECLINED, "AADSTS65004: User declined to consent to access the app."),
        ("google", OidcFault.CONSENT_DECLINED, None),
    ],
)
def test_the_application_is_told_that_access_was_denied(simulator, party, fault, description):
    simulator.oidc.set_fault(fault, app=party.app)
    answered = party.ask()
    assert (answered["error"], answered["state"]) == ("access_denied", "s-1")
    told = answered.get("error_description")
    assert told is None if description is None else told.startswith(description)


@pytest.mark.parametrize("vendor", ["okta", "onelogin"])
def test_who_is_not_assigned_gets_no_code(party):
    answered = party.ask("ben@acme.example")
    assert answered is None or answered["error"] == "access_denied"


def test_the_answer_bears_another_state_or_another_issuer(simulator, party):
    simulator.oidc.set_fault(OidcFault.OTHER_STATE, app=party.app)
    assert party.ask()["state"] == "of-another-request"
    simulator.oidc.set_fault(OidcFault.OTHER_ISS, app=party.app)
    assert party.ask()["iss"] == "https://another-provider.example"


@pytest.mark.parametrize("vendor", ["okta"])
def test_endpoints_are_down(simulator, party):
    tokens, code = party.tokens(), party.ask()["code"]
    for fault in (OidcFault.TOKEN_DOWN, OidcFault.USERINFO_DOWN):
        simulator.oidc.set_fault(fault, app=party.app)
    assert party.redeem(code).status_code == 503
    assert party.userinfo(tokens["access_token"]).status_code == 503


@pytest.mark.parametrize("vendor", ["okta"])
@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (ProviderFault.DISCOVERY_DOWN, 503, "text/html"),
        (ProviderFault.DISCOVERY_IS_A_PAGE, 200, "text/html"),
        (ProviderFault.DISCOVERY_REDIRECTS, 302, ""),
    ],
)
def test_the_discovery_document_is_not_to_be_had(simulator, party, fault, status, kind):
    simulator.oidc.set_fault(fault)
    answer = party.client.get(party.app.discovery_url, follow_redirects=False)
    assert answer.status_code == status
    assert answer.headers.get("content-type", "").startswith(kind)
    if status == 302:
        assert answer.headers["location"].startswith("http://169.254.169.254/")


@pytest.mark.parametrize("vendor", ["okta", "entra"])
def test_the_discovery_document_names_another_issuer(simulator, party):
    simulator.oidc.set_fault(ProviderFault.OTHER_ISSUER)
    assert party.client.get(party.app.discovery_url).json()["issuer"] == "https://another-provider.example"


def test_the_issuer_ends_in_a_slash_in_document_and_token_alike(simulator, party):
    simulator.oidc.set_fault(ProviderFault.SLASH_ISSUER)
    slashed = party.app.issuer + "/"
    assert party.client.get(party.app.discovery_url).json()["issuer"] == slashed
    assert party.claims(issuer=slashed)["iss"] == slashed


@pytest.mark.parametrize("vendor", ["google"])
def test_the_key_set_is_down_or_empty(simulator, party):
    simulator.oidc.set_fault(ProviderFault.KEYS_EMPTY)
    assert published(party) == []
    simulator.oidc.set_fault(ProviderFault.KEYS_DOWN)
    assert party.client.get(party.metadata["jwks_uri"]).status_code == 503


@pytest.mark.parametrize("vendor", ["okta"])
def test_a_document_drips_or_never_ends(simulator, party, served):
    simulator.oidc.set_fault(ProviderFault.DISCOVERY_SLOW)
    with httpx2.stream("GET", served + "/.well-known/openid-configuration") as answer:
        assert len(next(answer.iter_raw())) == 1
    simulator.oidc.set_fault(ProviderFault.DISCOVERY_SLOW, on=False)
    simulator.oidc.set_fault(ProviderFault.DISCOVERY_ENDLESS)
    with httpx2.stream("GET", served + "/.well-known/openid-configuration") as answer:
        assert sum(len(part) for part in islice(answer.iter_bytes(65_536), 32)) > 1_000_000


def test_a_fault_of_one_application_is_not_anothers(simulator, party):
    other = simulator.oidc.add_app("Second", redirect_uri="https://product.example/oauth2/idpresponse/c1")
    simulator.oidc.set_fault(OidcFault.CLIENT_UNKNOWN, app=party.app)
    second = RelyingParty(simulator, other)
    simulator.oidc.assign(other, simulator.add_user("ana@acme.example", first_name="", last_name="", password=""))
    assert "code" in second.ask()
