"""How we prove to a provider's endpoints that we are the client. RFC 6749 2.3.1, OpenID Connect Core 9."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

import pybase64

from ostiary.kernel.http import HttpRequest
from ostiary.oidc import jose

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 60
FORM = "application/x-www-form-urlencoded"


class Method(StrEnum):
    """The methods that we know, by the names of the registry."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


class AssertionAudience(StrEnum):
    """To whom a client assertion is addressed. The issuer is right; some providers know nothing but the endpoint."""

    ISSUER = "issuer"
    TOKEN_ENDPOINT = "token_endpoint"  # noqa: S105 - a name
    CALLED_ENDPOINT = "called_endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretBasic:
    """In the Authorization header."""

    secret: str = field(repr=False)
    method: Method = Method.BASIC


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPost:
    """In the form."""

    secret: str = field(repr=False)
    method: Method = Method.POST


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKeyJwt:
    """By an assertion that our own key signs. One audience, as one text (audience injection)."""

    key: "RSAKey | ECKey" = field(repr=False)
    key_name: str
    certificate_digest: str = ""
    """SHA-256 of the DER of the key's certificate, in base64url: Entra knows a key by its certificate alone."""
    audience: AssertionAudience = AssertionAudience.ISSUER
    method: Method = Method.PRIVATE_KEY_JWT

    @property
    def algorithm(self) -> str:
        """By what it is signed."""
        return "RS256" if self.key.key_type == "RSA" else "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSecret:
    """A public client: PKCE alone."""

    method: Method = Method.NONE


Authentication = SecretBasic | SecretPost | PrivateKeyJwt | NoSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Which endpoint is called, and whose it is."""

    url: str
    issuer: str
    token_endpoint: str


def authenticated(
    form: Mapping[str, str],
    *,
    client_id: str,
    authentication: Authentication,
    endpoint: Endpoint,
    assertion_id: str,
    now: datetime,
) -> HttpRequest:
    """A POST of this form that proves who we are. `assertion_id` is fresh; only an assertion uses it."""
    fields = dict(form)
    headers = {"Content-Type": FORM, "Accept": "application/json"}
    match authentication:
        case SecretBasic(secret=secret):
            # RFC 6749 2.3.1: both are form-encoded before they are joined; a colon in an id would cut it.
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = "Basic " + pybase64.b64encode(pair.encode()).decode("ascii")
        case SecretPost(secret=secret):
            fields |= {"client_id": client_id, "client_secret": secret}
        case PrivateKeyJwt():
            assertion = _assertion(authentication, client_id, endpoint, assertion_id, now)
            fields |= {
                "client_id": client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": assertion,
            }
        case NoSecret():
            fields["client_id"] = client_id
    return HttpRequest(method="POST", url=endpoint.url, headers=headers, body=urlencode(fields).encode("ascii"))


def _assertion(
    authentication: PrivateKeyJwt, client_id: str, endpoint: Endpoint, assertion_id: str, now: datetime
) -> str:
    audiences = {
        AssertionAudience.ISSUER: endpoint.issuer,
        AssertionAudience.TOKEN_ENDPOINT: endpoint.token_endpoint,
        AssertionAudience.CALLED_ENDPOINT: endpoint.url,
    }
    issued = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audiences[authentication.audience],
        "iat": issued,
        "exp": issued + _ASSERTION_SECONDS,
        "jti": assertion_id,
    }
    header = {"alg": authentication.algorithm, "typ": "JWT", "kid": authentication.key_name}
    if authentication.certificate_digest:
        header["x5t#S256"] = authentication.certificate_digest  # RFC 7515 4.1.8
    return jose.sign(header, json.dumps(claims, separators=(",", ":")).encode(), key=authentication.key)
