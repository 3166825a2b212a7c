"""The product's own relying party signs in at each simulated provider, and refuses each fault by the right name."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from ostiary.kernel.http import HttpResponse
from ostiary.oidc import client_auth, errors
from ostiary.oidc import relying_party as rp
from ostiary.simulator import OidcFault, ProviderFault
from tests.simulator.oidc.relying_party import REDIRECT_URI, VERIFIER

SECRETS = rp.Secrets(state="s" * 32, nonce="n" * 32, verifier=VERIFIER)


class Product:
    """The pure half of the product, with the test's client in the place of the network."""

    def __init__(self, party, clock):
        self.party = party
        self.clock = clock
        self.client = rp.Client(
            client_id=party.app.client_id,
            redirect_uri=REDIRECT_URI,
            authentication=client_auth.SecretBasic(secret=party.app.client_secret),
        )
        tid = party.app.issuer.split("/")[3] if "/v2.0" in party.app.issuer else ""
        self.provider = rp.Provider(issuer=party.app.issuer, tenants=(tid,) if tid else ())

    def send(self, request):
        answer = self.party.client.request(
            request.method, request.url, content=request.body, headers=dict(request.headers), follow_redirects=False
        )
        return HttpResponse(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    def sign_in(self, mode=rp.ResponseMode.QUERY, *, method=rp.Method.GET):
        """Everything that is said of Ana, signed and looked up."""
        found = self.send(rp.discovery_request(self.provider.issuer))
        metadata = rp.read_discovery(found, issuer=self.provider.issuer)
        asked = rp.parameters(self.client, secrets=SECRETS, wishes=rp.Wishes(response_mode=mode))
        self.party.browser.open(rp.authorization_url(metadata, asked))
        self.party.continue_()
        answered = self.party.answer()
        assert answered is not None, self.party.browser.text
        code = rp.read_callback(
            list(answered.items()),
            mode=mode,
            expected_mode=mode,
            expected_state=SECRETS.state,
            provider=self.provider,
            metadata=metadata,
        )
        now = self.clock.now()
        request = rp.token_request(
            code, verifier=VERIFIER, client=self.client, metadata=metadata, assertion_id="a-1", now=now
        )
        tokens = rp.read_token_response(self.send(request), client=self.client)
        keys = rp.read_keys(self.send(rp.keys_request(metadata)), metadata=metadata)
        expected = rp.Expected(
            client=self.client,
            provider=self.provider,
            metadata=metadata,
            keys=keys,
            nonce=SECRETS.nonce,
            access_token=tokens.access_token,
            now=now,
        )
        claims = rp.read_id_token(tokens.id_token, expected=expected)
        asked_of_userinfo = rp.userinfo_request(metadata, access_token=tokens.access_token, method=method)
        userinfo = rp.read_userinfo(
            self.send(asked_of_userinfo),
            claims=claims,
            client=self.client,
            provider=self.provider,
            metadata=metadata,
            keys=keys,
        )
        return rp.together(claims, userinfo)


@pytest.fixture
def product(party, clock):
    return Product(party, clock)


@pytest.mark.parametrize("mode", [rp.ResponseMode.QUERY, rp.ResponseMode.FORM_POST])
@pytest.mark.parametrize("method", list(rp.Method))
def test_the_product_signs_in_at_each_provider(product, mode, method):
    assert product.sign_in(mode, method=method)["email"] == "ana@acme.example"


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (OidcFault.WRONG_ISSUER, errors.IssuerMismatch),
        (OidcFault.WRONG_AUDIENCE, errors.AudienceMismatch),
        (OidcFault.EXPIRED, errors.TokenExpired),
        (OidcFault.WRONG_NONCE, errors.NonceMismatch),
        (OidcFault.NO_NONCE, errors.NonceMismatch),
        (OidcFault.UNSIGNED, errors.AlgorithmMismatch),
        (OidcFault.KEY_UNPUBLISHED, errors.KeyUnknown),
        (OidcFault.SECRET_WRONG, errors.ClientRejected),
        (OidcFault.SECRET_EXPIRED, errors.ClientRejected),
        (OidcFault.CODE_REFUSED, errors.CodeRejected),
        (OidcFault.TOKEN_DOWN, errors.StatusUnexpected),
        (OidcFault.USERINFO_DOWN, errors.StatusUnexpected),
        (OidcFault.OTHER_STATE, errors.StateMismatch),
        (OidcFault.OTHER_ISS, errors.ResponseIssuerMismatch),
        (OidcFault.CONSENT_DECLINED, errors.ProviderError),
        (ProviderFault.OTHER_ISSUER, errors.OidcRefusal),
        (ProviderFault.SLASH_ISSUER, errors.OidcRefusal),
        (ProviderFault.DISCOVERY_DOWN, errors.OidcRefusal),
        (ProviderFault.DISCOVERY_IS_A_PAGE, errors.OidcRefusal),
        (ProviderFault.KEYS_DOWN, errors.OidcRefusal),
        (ProviderFault.KEYS_EMPTY, errors.OidcRefusal),
    ],
)
@pytest.mark.parametrize("vendor", ["entra", "keycloak"])
def test_the_product_refuses_each_fault_by_its_name(simulator, product, fault, refusal):
    simulator.oidc.set_fault(fault, app=product.party.app)
    with pytest.raises(refusal):
        product.sign_in()
    simulator.oidc.set_fault(fault, app=product.party.app, on=False)
    assert product.sign_in()["sub"]


@pytest.mark.parametrize("vendor", ["okta", "onelogin"])
def test_the_product_reads_where_a_tile_comes_from(product, simulator, party):
    start = "https://product.example/oidc/c1/start"
    simulator.oidc.change_app(party.app, lambda one: replace(one, initiate_login_uri=start))
    party.tokens()
    party.browser.open(simulator._idp.profile.portal_path)
    [tile] = [one.get("href") for one in party.browser._page.iterfind(".//a[@class='tile']")]
    assert dict(parse_qsl(urlsplit(tile).query)) == {"iss": party.app.issuer}
