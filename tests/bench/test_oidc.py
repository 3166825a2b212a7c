"""What reading one ID token costs, with every claim check, beside other libraries doing checks of their own."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import jwt as pyjwt
from authlib.jose import JsonWebKey, JsonWebToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jwk, jwt

from ostiary.kernel.http import HttpResponse
from ostiary.oidc import client_auth
from ostiary.oidc import relying_party as rp
from tests.bench.figures import compare, keep
from tests.oidc import evil_provider as op

ISSUER, CLIENT_ID, NONCE = "https://acme.okta.example", "0oa1b2c3d4e5f6g7h8i9", "n" * 43
PUBLISHED = {"kids": {"k1": "kid-1"}}
OTHERS = ("joserfc", "authlib", "pyjwt", "cryptography")
WRONG = "a token that everybody should have read"


def claims() -> dict[str, Any]:
    """Of Okta's size and shape, now: some of the libraries know no other clock."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "sub": "00u1abcd2efGHIjkl3m4",
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 3600,
        "auth_time": now - 60,
        "nonce": NONCE,
        "jti": "ID.4eAWJOCMB3SX8XewDfVR",
        "amr": ["pwd", "mfa"],
        "name": "Dana Whitfield",
        "given_name": "Dana",
        "family_name": "Whitfield",
        "preferred_username": "dana.whitfield@acme.example",
        "email": "dana.whitfield@acme.example",
        "email_verified": True,
        "zoneinfo": "Europe/London",
        "groups": ["Everyone", "Telephony", "Support"],
    }


def test_an_id_token() -> None:
    token = op.signed("k1", {"kid": "kid-1", "alg": "RS256"}, json.dumps(claims()))
    compared = compare(contenders(token), rounds=25)
    keep(
        "oidc.id_token",
        {
            "ratio_to_joserfc": compared.ratio("ours", to="joserfc"),
            "ratio_to_authlib": compared.ratio("ours", to="authlib"),
            "ratio_to_pyjwt": compared.ratio("ours", to="pyjwt"),
            "ratio_to_cryptography": compared.ratio("ours", to="cryptography"),
            "microseconds": compared.microseconds("ours"),
            **{f"{other}_microseconds": compared.microseconds(other) for other in OTHERS},
        },
    )


def contenders(token: str) -> Mapping[str, Callable[[], object]]:
    """Each reads the token with keys that it has at hand, and refuses one of another provider."""
    return {
        "ours": ours(token),
        "joserfc": of_joserfc(token),
        "authlib": of_authlib(token),
        "pyjwt": of_pyjwt(token),
        "cryptography": of_cryptography(token),
    }


def ours(token: str) -> Callable[[], object]:
    def answer(body: object) -> HttpResponse:
        return op.response(200, "application/json", json.dumps(body))

    endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    metadata = rp.read_discovery(
        answer({"issuer": ISSUER} | {name: f"{ISSUER}/{name}" for name in endpoints}), issuer=ISSUER
    )
    client = rp.Client(client_id=CLIENT_ID, redirect_uri="https://a/b", authentication=client_auth.NoSecret())
    expected = rp.Expected(
        client=client,
        provider=rp.Provider(issuer=ISSUER),
        metadata=metadata,
        keys=rp.read_keys(answer({"keys": [op.jwk("k1", PUBLISHED)]}), metadata=metadata),
        nonce=NONCE,
        now=datetime.now(UTC),
    )
    return lambda: rp.read_id_token(token, expected=expected)


def of_joserfc(token: str) -> Callable[[], object]:
    keys = jwk.KeySet.import_key_set({"keys": [op.jwk("k1", PUBLISHED)]})

    def run() -> None:
        read = jwt.decode(token, keys, algorithms=["RS256"])
        # A registry holds the moment: it is made for each token, as in a sign-in.
        jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": CLIENT_ID},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": NONCE},
        ).validate(read.claims)

    return run


def of_authlib(token: str) -> Callable[[], object]:
    keys = JsonWebKey.import_key_set({"keys": [op.jwk("k1", PUBLISHED)]})
    reader = JsonWebToken(["RS256"])
    options = {
        "iss": {"essential": True, "value": ISSUER},
        "aud": {"essential": True, "value": CLIENT_ID},
        "nonce": {"essential": True, "value": NONCE},
    }
    return lambda: reader.decode(token, keys, claims_options=options).validate(leeway=60)


def of_pyjwt(token: str) -> Callable[[], object]:
    key = op.key("k1").public_key()
    required = ["iss", "sub", "aud", "exp", "iat", "nonce"]

    def run() -> None:
        read = pyjwt.decode(
            token, key, algorithms=["RS256"], audience=CLIENT_ID, issuer=ISSUER, options={"require": required}
        )
        assert read["nonce"] == NONCE, WRONG

    return run


def of_cryptography(token: str) -> Callable[[], object]:
    """The bare work: decode, verify, parse, with no look at what it says."""
    key = op.key("k1").public_key()
    assert isinstance(key, rsa.RSAPublicKey)

    def run() -> None:
        signed, _, signature = token.rpartition(".")
        value = base64.urlsafe_b64decode(signature + "==")
        key.verify(value, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        for part in signed.split("."):
            json.loads(base64.urlsafe_b64decode(part + "=="))

    return run
