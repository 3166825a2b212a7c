"""What we ask a provider for, and how we prove who asks."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from ostiary.kernel.http import HttpResponse
from ostiary.kernel.report import NotRun, Passed, Refused
from ostiary.oidc import client_auth, pkce
from ostiary.oidc import relying_party as rp
from ostiary.oidc.errors import ClientRejected, TokenRefused, TokenResponseIncomplete

NOW = datetime(2026, 5, 14, 10, 28, 4, tzinfo=UTC)
ISSUER = "https://op.example/t/acme"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=7",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "end_session_endpoint": f"{ISSUER}/logout",
    "pushed_authorization_request_endpoint": f"{ISSUER}/par",
}
SECRETS = rp.Secrets(state="st-AAA", nonce="no-AAA", verifier="v" * 43)
SECRET = "p+ss:w%rd"


def answer(body: object, *, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, headers={"content-type": "application/json"}, body=json.dumps(body).encode())


METADATA = rp.read_discovery(answer(DOCUMENT), issuer=ISSUER)


def client(authentication: client_auth.Authentication | None = None) -> rp.Client:
    return rp.Client(
        client_id="rp:1",
        redirect_uri="https://sso.example/oauth2/idpresponse/c7f3k2m9q4",
        authentication=authentication or client_auth.SecretBasic(secret=SECRET),
    )


def traded(authentication: client_auth.Authentication) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Headers and form of the request that trades a code in."""
    request = rp.token_request(
        rp.Code(value="code-1"),
        verifier=SECRETS.verifier,
        client=client(authentication),
        metadata=METADATA,
        assertion_id="j1",
        now=NOW,
    )
    assert (request.method, request.url) == ("POST", f"{ISSUER}/token")
    return dict(request.headers), parse_qs(request.body.decode())


def test_the_browser_leaves_with_state_nonce_and_a_challenge() -> None:
    wishes = rp.Wishes(login_hint="dana@acme.example", max_age=0, extra=(("hd", "acme.example"), ("state", "x")))
    url = urlsplit(rp.authorization_url(METADATA, rp.parameters(client(), secrets=SECRETS, wishes=wishes)))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked == {
        "tenant": "7",
        "hd": "acme.example",
        "response_type": "code",
        "client_id": "rp:1",
        "redirect_uri": "https://sso.example/oauth2/idpresponse/c7f3k2m9q4",
        "scope": "openid profile email",
        "state": "st-AAA",
        "nonce": "no-AAA",
        "code_challenge": pkce.challenge_of(SECRETS.verifier),
        "code_challenge_method": "S256",
        "login_hint": "dana@acme.example",
        "max_age": "0",
    }


def test_the_challenge_is_that_of_the_specification() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_secret_in_the_header_is_form_encoded_first() -> None:
    """A colon in a Client ID would cut it in two. RFC 6749 2.3.1."""
    headers, form = traded(client_auth.SecretBasic(secret=SECRET))
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == "rp%3A1:p%2Bss%3Aw%25rd"
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["code-1"],
        "redirect_uri": ["https://sso.example/oauth2/idpresponse/c7f3k2m9q4"],
        "code_verifier": [SECRETS.verifier],
    }


def test_the_secret_in_the_form() -> None:
    headers, form = traded(client_auth.SecretPost(secret=SECRET))
    assert "Authorization" not in headers
    assert (form["client_id"], form["client_secret"]) == (["rp:1"], [SECRET])


def test_a_public_client_names_itself_and_nothing_more() -> None:
    headers, form = traded(client_auth.NoSecret())
    assert "Authorization" not in headers
    assert form["client_id"] == ["rp:1"]
    assert "client_secret" not in form


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048), ECKey.generate_key("P-256")], ids=["RSA", "EC"])
@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (client_auth.AssertionAudience.ISSUER, ISSUER),
        (client_auth.AssertionAudience.TOKEN_ENDPOINT, f"{ISSUER}/token"),
        (client_auth.AssertionAudience.CALLED_ENDPOINT, f"{ISSUER}/par"),
    ],
)
def test_an_assertion_speaks_for_us_for_a_minute(key, audience, expected) -> None:
    """To one audience, as one text: a list would let one provider use it at another."""
    authentication = client_auth.PrivateKeyJwt(key=key, key_name="k1", audience=audience)
    asked = rp.parameters(client(authentication), secrets=SECRETS, wishes=rp.Wishes())
    request = rp.pushed_request(METADATA, asked, client=client(authentication), assertion_id="j1", now=NOW)
    assert request.url == f"{ISSUER}/par"
    form = parse_qs(request.body.decode())
    token = jwt.decode(form["client_assertion"][0], key, algorithms=["RS256", "ES256"])
    assert token.header["kid"] == "k1"
    assert token.claims == {
        "iss": "rp:1",
        "sub": "rp:1",
        "aud": expected,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "jti": "j1",
    }


def test_an_assertion_names_the_certificate_of_its_key_where_it_has_one() -> None:
    """Entra is given a certificate, and finds the key by nothing else."""
    key = RSAKey.generate_key(2048)
    named = client_auth.PrivateKeyJwt(key=key, key_name="k1", certificate_digest="abc")
    asked = rp.parameters(client(named), secrets=SECRETS, wishes=rp.Wishes())
    request = rp.pushed_request(METADATA, asked, client=client(named), assertion_id="j1", now=NOW)
    token = jwt.decode(parse_qs(request.body.decode())["client_assertion"][0], key, algorithms=["RS256", "ES256"])
    assert token.header["x5t#S256"] == "abc"


def test_no_secret_shows_in_what_is_logged() -> None:
    assert SECRET not in repr(client(client_auth.SecretPost(secret=SECRET)))


def test_what_was_pushed_takes_the_place_of_the_parameters() -> None:
    pushed = rp.read_pushed(answer({"request_uri": "urn:x:1", "expires_in": 60}, status=201), client=client())
    assert pushed == {"client_id": "rp:1", "request_uri": "urn:x:1"}
    with pytest.raises(TokenResponseIncomplete):
        rp.read_pushed(answer({"expires_in": 60}, status=201), client=client())


def test_a_rejected_client_is_told_with_the_providers_own_code() -> None:
    said = {
        "error": "invalid_client",
        "error_description": "AADSTS7000222: The provided client secret keys expired.",
    }
    with pytest.raises(ClientRejected) as raised:
        rp.read_token_response(answer(said, status=401), client=client())
    assert raised.value.vendor_code == "AADSTS7000222"
    assert raised.value.method == "client_secret_basic"


def test_a_rejected_client_is_known_by_the_status_where_the_error_says_less() -> None:
    """Keycloak's words where a request is pushed, which would otherwise name the request as what is wrong."""
    said = {"error": "invalid_request", "error_description": "Authentication failed."}
    with pytest.raises(ClientRejected) as raised:
        rp.read_pushed(answer(said, status=401), client=client())
    assert raised.value.description == "Authentication failed."
    with pytest.raises(TokenRefused):
        rp.read_pushed(answer(said, status=400), client=client())


@pytest.mark.parametrize("method", list(rp.Method))
def test_userinfo_is_asked_by_the_method_of_the_connection(method: rp.Method) -> None:
    request = rp.userinfo_request(METADATA, access_token="at-1", method=method)
    assert request.method == method.value
    assert request.headers["Authorization"] == "Bearer at-1"
    assert "at-1" not in request.url


def test_a_token_full_of_groups_is_no_hint_on_the_way_out() -> None:
    url = rp.end_session_url(
        METADATA, client=client(), id_token="t" * 7000, return_to="https://sso.example/", state="s"
    )
    assert set(parse_qs(urlsplit(url).query)) == {"client_id", "post_logout_redirect_uri", "state"}


def test_the_way_out_leads_to_the_provider() -> None:
    url = rp.end_session_url(METADATA, client=client(), id_token="t", return_to="https://sso.example/", state="s")
    asked = parse_qs(urlsplit(url).query)
    assert asked == {
        "client_id": ["rp:1"],
        "post_logout_redirect_uri": ["https://sso.example/"],
        "state": ["s"],
        "id_token_hint": ["t"],
    }


def test_a_slash_at_the_end_of_an_issuer_is_not_doubled() -> None:
    assert rp.discovery_request("https://op.example/").url == "https://op.example/.well-known/openid-configuration"
    assert rp.discovery_request(ISSUER).url == f"{ISSUER}/.well-known/openid-configuration"


def test_a_test_tells_every_check() -> None:
    """Behind a signature that does not hold nothing is judged, and what the token says is shown as unverified."""
    payload = base64.urlsafe_b64encode(b'{"iss": "https://evil.example"}').rstrip(b"=").decode()
    header = base64.urlsafe_b64encode(b'{"alg": "none"}').rstrip(b"=").decode()
    key_set = rp.read_keys(answer({"keys": [RSAKey.generate_key(2048, private=False).as_dict()]}), metadata=METADATA)
    expected = rp.Expected(
        client=client(),
        provider=rp.Provider(issuer=ISSUER),
        metadata=METADATA,
        keys=key_set,
        nonce="no-AAA",
        now=NOW,
    )
    found = rp.diagnose_id_token(f"{header}.{payload}.", expected=expected)
    assert found.claims is None
    assert found.unverified_claims == {"iss": "https://evil.example"}
    kinds = {result.name: type(result) for result in found.results}
    assert (kinds["form"], kinds["algorithm"], kinds["signature"]) == (Passed, Refused, NotRun)
    assert len(found.results) == len(rp.CHECKS)
