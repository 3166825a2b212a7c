"""A relying party for these tests only. PyJWT verifies its tokens, Authlib their claims: no code of ours does."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from html import unescape
from urllib.parse import parse_qsl, quote_plus, urlsplit

import jwt
from authlib.oidc.core import CodeIDToken

from tests.simulator.browser import Browser
from tests.simulator.service_provider import hidden_fields

REDIRECT_URI = "https://product.example/oauth2/idpresponse/c1"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PASSWORD = "open-sesame"


class RelyingParty:
    """One application at one simulator, and a person's browser."""

    def __init__(self, simulator, app):
        self.app = app
        self.browser = Browser(simulator)
        self.client = self.browser.client
        self.metadata = self.client.get(app.discovery_url).json()

    def parameters(self, **more):
        known = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": "openid email profile groups",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**known, **more}.items() if value is not None}

    def ask(self, email="ana@acme.example", *, endpoint=None, decision="Accept", **more):
        """Go to the provider, sign in and consent where that is asked, and come back: the answer's parameters."""
        self.browser.open(endpoint or self.metadata["authorization_endpoint"], **self.parameters(**more))
        self.continue_(email, decision=decision)
        return self.answer()

    def continue_(self, email="ana@acme.example", *, decision="Accept"):
        if self.browser.path == "/login":
            self.browser.fill("Email", email)
            self.browser.fill("Password", PASSWORD)
            self.browser.press("Sign in")
        if self.is_at_provider and self.browser.heading == "Permissions requested":
            self.browser.press(decision)

    @property
    def is_at_provider(self):
        return self.browser.response.url.host != urlsplit(REDIRECT_URI).hostname

    def answer(self):
        """The parameters of the answer, however they came; None while the provider shows a page of its own."""
        if not self.is_at_provider:
            url = urlsplit(str(self.browser.response.url))
            return dict(parse_qsl(url.query or url.fragment))
        fields = hidden_fields(self.browser.response.text)
        return fields if "state" in fields else None

    def form_action(self):
        return unescape(self.browser.response.text.split('action="')[1].split('"')[0])

    def redeem(self, code, *, secret=None, method="basic", verifier=VERIFIER, headers=None, **more):
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        if verifier:
            form["code_verifier"] = verifier
        return self.token({**form, **more}, secret=secret, method=method, headers=headers)

    def token(self, form, *, secret=None, method="basic", headers=None):
        secret = self.app.client_secret if secret is None else secret
        sent = dict(headers or {})
        if method == "basic":
            pair = f"{quote_plus(self.app.client_id)}:{quote_plus(secret)}"
            sent["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        elif method == "post":
            form = {**form, "client_id": self.app.client_id, "client_secret": secret}
        elif method == "none":
            form = {**form, "client_id": self.app.client_id}
        return self.client.post(self.metadata["token_endpoint"], data=form, headers=sent)

    def tokens(self, email="ana@acme.example", **more):
        """The token response of a whole sign-in."""
        answered = self.ask(email, **more)
        response = self.redeem(answered["code"])
        assert response.status_code == 200, response.text
        return response.json()

    def claims(self, email="ana@acme.example", *, nonce="n-1", issuer=None, now=None, **more):
        """The verified claims of a whole sign-in."""
        return self.verified(self.tokens(email, **more), nonce=nonce, issuer=issuer, now=now)

    def verified(self, tokens, *, nonce="n-1", issuer=None, now=None, algorithms=("RS256",)):
        """What PyJWT and Authlib both accept. Raises what they raise."""
        token = tokens["id_token"]
        keys = jwt.PyJWKSet.from_dict(self.client.get(self.metadata["jwks_uri"]).json())
        kid = jwt.get_unverified_header(token)["kid"]
        claims = jwt.decode(
            token,
            keys[kid],
            algorithms=list(algorithms),
            audience=self.app.client_id,
            issuer=issuer or self.app.issuer,
            # The clock of these tests stands; Authlib below is told what time it is.
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
        checked = CodeIDToken(
            claims,
            {"alg": algorithms[0]},
            {"nonce": {"value": nonce}, "aud": {"value": self.app.client_id}},
            {"nonce": nonce, "client_id": self.app.client_id, "access_token": tokens["access_token"]},
        )
        checked.validate(now=now or claims["iat"])
        return claims

    def userinfo(self, access_token, *, method="GET"):
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.client.request(method, self.metadata["userinfo_endpoint"], headers=headers)
