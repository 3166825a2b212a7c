"""Signing out: begun by the application, in the portal or by an admin; and the messages that tell the applications."""

from dataclasses import replace

import jwt
import pytest

from ostiary.kernel.randomness import SeededRandom
from ostiary.simulator import Simulator
from ostiary.simulator.oidc.calls import CallFailed, OverTheNetwork
from tests.simulator.oidc.relying_party import REDIRECT_URI, RelyingParty

BACK = "https://product.example/oidc/c1/backchannel-logout"
AFTERWARDS = "https://product.example/signed-out"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Recorded:
    """Takes down what would go over the network."""

    def __init__(self):
        self.posts = []
        self.status = 200

    def get(self, url):
        raise CallFailed(url)

    def post(self, url, form):
        self.posts.append((url, form))
        return self.status


@pytest.fixture
def calls():
    return Recorded()


@pytest.fixture
def simulator(vendor, clock, calls):
    simulator = Simulator(
        profile=vendor,
        base_url="http://127.0.0.1:9101",
        state_path=None,
        clock=clock,
        random=SeededRandom(1),
        calls=calls,
    )
    simulator.add_user("ana@acme.example", first_name="Ana", last_name="Silva", password="open-sesame")
    return simulator


@pytest.fixture
def party(simulator, app):
    simulator.oidc.change_app(
        app,
        lambda one: replace(one, backchannel_logout_uri=BACK, post_logout_redirect_uris=(AFTERWARDS,)),
    )
    return RelyingParty(simulator, app)


def logout_claims(party, calls):
    [(url, form)] = calls.posts
    assert url == BACK
    token = form["logout_token"]
    header = jwt.get_unverified_header(token)
    keys = jwt.PyJWKSet.from_dict(party.client.get(party.metadata["jwks_uri"]).json())
    claims = jwt.decode(
        token,
        keys[header["kid"]],
        ["RS256"],
        audience=party.app.client_id,
        issuer=party.app.issuer,
        options={"verify_exp": False, "verify_iat": False},
    )
    return header, claims


@pytest.mark.parametrize("vendor", ["okta", "onelogin", "entra", "keycloak"])
def test_the_application_signs_a_person_out_and_they_come_back(party):
    tokens = party.tokens()
    party.browser.open(
        party.metadata["end_session_endpoint"],
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=AFTERWARDS,
        state="out-1",
    )
    assert str(party.browser.response.url) == AFTERWARDS + "?state=out-1"
    assert party.ask(prompt="none")["error"] == "login_required"
    assert party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.parametrize("vendor", ["okta", "onelogin", "entra", "keycloak"])
def test_nobody_is_sent_to_an_address_that_is_not_registered(party):
    tokens = party.tokens()
    party.browser.open(
        party.metadata["end_session_endpoint"],
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri="https://evil.example/",
    )
    assert party.browser.response.status_code == 400
    assert "code" in party.ask(prompt="none")


@pytest.mark.parametrize("vendor", ["google"])
def test_google_has_no_such_endpoint(party):
    assert "end_session_endpoint" not in party.metadata


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_keycloak_asks_where_nobody_says_whose_session_it_is(party):
    party.tokens()
    party.browser.open(party.metadata["end_session_endpoint"])
    assert party.browser.heading == "Do you want to sign out?"
    party.browser.press("Sign out")
    assert party.browser.heading == "You are signed out of Keycloak"
    assert party.ask(prompt="none")["error"] == "login_required"


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_a_logout_token_names_the_session_of_the_id_token(party, calls):
    tokens = party.tokens()
    signed_in = party.verified(tokens)
    party.browser.open(party.metadata["end_session_endpoint"], id_token_hint=tokens["id_token"])
    header, claims = logout_claims(party, calls)
    assert header["typ"] == "logout+jwt"
    assert (claims["sid"], claims["sub"]) == (signed_in["sid"], signed_in["sub"])
    assert claims["events"] == {EVENT: {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"]
    assert "nonce" not in claims


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_signing_out_in_the_portal_tells_the_applications(party, calls):
    party.tokens()
    party.browser.open("/realms/acme/account")
    party.browser.press("Sign out")
    assert logout_claims(party, calls)[1]["sid"]


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_an_admin_ends_every_session_of_a_person(simulator, party, ana, calls):
    party.tokens()
    calls.status = 400
    assert simulator.oidc.sign_out(ana) == (("Ringline", "answered 400"),)
    assert logout_claims(party, calls)
    assert party.ask(prompt="none")["error"] == "login_required"


@pytest.mark.parametrize("vendor", ["okta", "onelogin", "entra", "google"])
def test_the_others_send_no_logout_tokens(simulator, party, ana, calls):
    party.tokens()
    assert simulator.oidc.sign_out(ana) == ()
    assert calls.posts == []


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_an_application_that_was_not_opened_is_not_told(simulator, party, ana, calls):
    simulator.oidc.add_app(
        "Second", redirect_uri=REDIRECT_URI, settings=lambda one: replace(one, backchannel_logout_uri=BACK + "2")
    )
    party.tokens()
    simulator.oidc.sign_out(ana)
    assert [url for url, _ in calls.posts] == [BACK]


@pytest.mark.parametrize(
    ("vendor", "portal", "query"),
    [
        ("okta", "/app/UserHome", "?iss=http%3A%2F%2F127.0.0.1%3A9101"),
        ("onelogin", "/portal", "?iss=http%3A%2F%2F127.0.0.1%3A9101%2Foidc%2F2"),
        ("entra", "/myapps", ""),
        ("keycloak", "/realms/acme/account", ""),
    ],
)
def test_a_tile_leads_to_where_the_application_begins(simulator, party, portal, query):
    begins = "https://product.example/oidc/c1/start"
    simulator.oidc.change_app(party.app, lambda one: replace(one, initiate_login_uri=begins))
    party.tokens()
    party.browser.open(portal)
    [tile] = [one.get("href") for one in party.browser._page.iterfind(".//a[@class='tile']")]
    assert tile == begins + query


@pytest.mark.parametrize("vendor", ["keycloak"])
def test_the_admin_signs_a_person_out_in_the_console(party, calls):
    party.tokens()
    party.browser.open("/admin/people")
    party.browser.press("Log in")
    party.browser.press("Logout all sessions: ana@acme.example")
    assert "Ringlinesigned out" in party.browser.text
    assert logout_claims(party, calls)[1]["sid"]


@pytest.mark.parametrize("vendor", ["okta"])
def test_calls_over_the_network(served):
    calls = OverTheNetwork()
    assert '"keys"' in calls.get(served + "/oauth2/v1/keys")
    assert calls.post(served + "/oauth2/v1/token", {"grant_type": "none"}) == 401
    for wrong in (served + "/nothing-here", "http://127.0.0.1:1/", "no address"):
        with pytest.raises(CallFailed):
            calls.get(wrong)
    with pytest.raises(CallFailed):
        calls.post("http://127.0.0.1:1/", {})
