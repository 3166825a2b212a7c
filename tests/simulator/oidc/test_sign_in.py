"""Whole sign-ins at each provider by plain HTTP, judged by libraries that are not ours."""

import json
from dataclasses import replace

import jwt
import pytest
from joserfc.jwk import RSAKey

from tests.simulator.oidc.relying_party import REDIRECT_URI
from tests.simulator.service_provider import NOW

SECRET_METHODS = {"client_secret_basic": "basic", "client_secret_post": "post"}


def test_the_discovery_document_stands_under_its_issuer(party):
    assert party.metadata["issuer"] == party.app.issuer
    assert party.app.discovery_url == party.app.issuer + "/.well-known/openid-configuration"


def test_a_person_signs_in_and_the_id_token_is_good(party):
    tokens = party.tokens()
    claims = party.verified(tokens)
    assert claims["iat"] == int(NOW.timestamp())
    assert tokens["token_type"] == "Bearer"


def test_the_address_is_in_the_id_token_or_at_userinfo(party, vendor):
    tokens = party.tokens()
    told = party.userinfo(tokens["access_token"]).json()
    assert told["email"] == "ana@acme.example"
    assert told["sub"] == party.verified(tokens)["sub"]
    assert ("email" in party.verified(tokens)) is (vendor != "okta")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_is_told_by_either_method(party, method):
    tokens = party.tokens()
    assert party.userinfo(tokens["access_token"], method=method).status_code == 200
    assert party.userinfo("of-nobody", method=method).status_code == 401


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_the_answer_comes_by_the_response_mode_that_was_asked_for(party, mode):
    answered = party.ask(response_mode=mode)
    assert answered["state"] == "s-1"
    assert party.redeem(answered["code"]).status_code == 200
    if mode == "form_post":
        assert party.form_action() == REDIRECT_URI


def test_each_secret_method_that_is_advertised_is_taken(simulator, party):
    for name in set(party.metadata["token_endpoint_auth_methods_supported"]) & SECRET_METHODS.keys():
        simulator.oidc.change_app(party.app, lambda one, name=name: replace(one, auth_method=name))
        answered = party.ask()
        assert party.redeem(answered["code"], method=SECRET_METHODS[name]).status_code == 200, name


def test_a_wrong_secret_is_refused(party):
    response = party.redeem(party.ask()["code"], secret="wrong")
    assert response.status_code == 401
    assert response.json()["error"] in {"invalid_client", "unauthorized_client"}


def test_a_code_is_taken_once_and_what_it_gave_ends(party):
    code = party.ask()["code"]
    tokens = party.redeem(code).json()
    again = party.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("verifier", ["", "another-verifier-of-at-least-forty-three-characters"])
def test_a_code_needs_its_verifier(party, verifier):
    response = party.redeem(party.ask()["code"], verifier=verifier)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


def test_a_verifier_without_a_challenge_is_refused(party):
    answered = party.ask(code_challenge=None, code_challenge_method=None)
    assert party.redeem(answered["code"]).json()["error"] == "invalid_grant"


def test_a_code_is_for_one_redirect_uri(party):
    response = party.redeem(party.ask()["code"], redirect_uri=REDIRECT_URI + "x")
    assert response.status_code == 400


@pytest.mark.parametrize("vendor", ["okta", "onelogin", "keycloak", "entra"])
def test_an_application_without_a_secret_signs_in_by_pkce(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, auth_method="none", secrets=()))
    assert party.redeem(party.ask()["code"], method="none").status_code == 200
    refused = party.ask(code_challenge=None, code_challenge_method=None)
    assert refused["error"] == "invalid_request"


@pytest.mark.parametrize("vendor", ["okta", "keycloak", "entra"])
def test_an_application_signs_its_assertion(simulator, party):
    key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    simulator.oidc.change_app(party.app, lambda one: replace(one, auth_method="private_key_jwt", jwks=jwks))
    issued = int(NOW.timestamp())
    claims = {
        "iss": party.app.client_id,
        "sub": party.app.client_id,
        "aud": party.app.issuer,
        "iat": issued,
        "exp": issued + 60,
        "jti": "j-1",
    }

    def redeem(**changed):
        assertion = jwt.encode({**claims, **changed}, key.as_pem(private=True), "RS256", headers={"kid": "k1"})
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return party.redeem(
            party.ask()["code"], method="", client_assertion=assertion, client_assertion_type=kind
        ).status_code

    assert redeem() == 200
    assert redeem() == 401  # the same jti again
    assert redeem(jti="j-2", aud="https://another.example") == 401
    assert redeem(jti="j-3", exp=issued - 1) == 401
    assert redeem(jti="j-4") == 200


def test_a_refresh_token_gives_an_id_token_of_the_same_person(party, vendor):
    tokens = party.tokens(scope="openid email profile offline_access", access_type="offline")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    again = party.token(form)
    assert again.status_code == 200
    first, second = (jwt.decode(one["id_token"], options={"verify_signature": False}) for one in (tokens, again.json()))
    assert (first["iss"], first["sub"], first["aud"]) == (second["iss"], second["sub"], second["aud"])
    assert "nonce" not in second


def test_a_request_by_post_goes_on_as_one_by_get(party):
    party.browser._read(party.client.post(party.metadata["authorization_endpoint"], data=party.parameters()))
    party.continue_()
    assert "code" in party.answer()


def test_silence_is_asked_for_and_nobody_is_signed_in(party):
    assert party.ask(prompt="none")["error"] == "login_required"
    party.tokens()
    assert "code" in party.ask(prompt="none")


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "60"}])
def test_a_password_is_asked_for_again(party, clock, asked):
    party.tokens()
    clock.at = NOW.replace(minute=30)
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters(**asked))
    assert party.browser.path == "/login"


def test_the_sign_in_page_knows_the_hint(party):
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters(login_hint="ben@acme.example"))
    assert party.browser.value("Email") == "ben@acme.example"


@pytest.mark.parametrize("vendor", ["google", "entra"])
def test_consent_is_asked_for_once_and_may_be_declined(party):
    assert party.ask(decision="Cancel")["error"] == "access_denied"
    assert "code" in party.ask()
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters())
    assert "code" in party.answer()
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters(prompt="consent"))
    assert party.browser.heading == "Permissions requested"


@pytest.mark.parametrize("vendor", ["keycloak", "okta"])
def test_a_pushed_request_stands_for_its_parameters_once(party):
    endpoint = party.metadata["pushed_authorization_request_endpoint"]
    form = {**party.parameters(), "client_secret": party.app.client_secret}
    pushed = party.client.post(endpoint, data=form)
    assert pushed.status_code == 201
    request_uri = pushed.json()["request_uri"]
    query = {"client_id": party.app.client_id, "request_uri": request_uri}
    party.browser.open(party.metadata["authorization_endpoint"], **query)
    party.continue_()
    assert party.redeem(party.answer()["code"]).status_code == 200
    party.browser.open(party.metadata["authorization_endpoint"], **query)
    assert party.is_at_provider
    assert party.browser.response.status_code == 400


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_an_application_may_demand_pushed_requests(simulator, party):
    simulator.oidc.change_app(party.app, lambda one: replace(one, requires_pushed=True))
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters())
    assert party.browser.path != "/login"
    assert party.answer() is None or "code" not in party.answer()


def test_what_is_wrong_with_a_request_is_told_to_the_application(party):
    endpoint = party.metadata["authorization_endpoint"]
    for wrong, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ):
        party.browser.open(endpoint, **party.parameters(**wrong))
        assert (party.answer()["error"], party.answer()["state"]) == (error, "s-1"), wrong


@pytest.mark.parametrize("wrong", [{"redirect_uri": "https://evil.example/"}, {"client_id": "of-nobody"}])
def test_a_stranger_or_a_strange_redirect_uri_ends_on_the_providers_own_page(party, wrong):
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters(**wrong))
    assert party.is_at_provider
    assert party.browser.response.status_code in {400, 401}


def test_the_forms_on_the_way_may_end_at_the_application(party):
    """Chromium holds form-action against the redirects that follow a form, too."""
    party.browser.open(party.metadata["authorization_endpoint"], **party.parameters())
    assert party.browser.path == "/login"
    assert "form-action" not in party.browser.response.headers["content-security-policy"]
    party.browser.open("/login")
    assert "form-action 'self'" in party.browser.response.headers["content-security-policy"]
