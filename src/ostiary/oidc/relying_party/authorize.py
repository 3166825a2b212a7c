"""The question: the browser is sent to the provider, and brings a code back. OpenID Connect Core 3.1.2."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.oidc import client_auth, pkce
from ostiary.oidc.errors import (
    CodeMissing,
    ParameterRepeated,
    ProviderError,
    ResponseIssuerMismatch,
    ResponseModeMismatch,
    StateMismatch,
    TokenResponseIncomplete,
)
from ostiary.oidc.relying_party.config import Client, Provider, ResponseMode, Wishes
from ostiary.oidc.relying_party.discovery import ProviderMetadata
from ostiary.oidc.relying_party.endpoint_errors import refusal_of

_LONGEST: Final = 500
_LONGEST_CODE: Final = 4096
_LONGEST_REQUEST_URI: Final = 2048
_VENDOR_CODE: Final = re.compile(r"\b(AADSTS\d{4,8}|E\d{7}|error:[a-z_]{3,60})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What binds one sign-in together. Fresh for each, at least 128 bits each, kept with the attempt."""

    state: str
    nonce: str
    verifier: str
    """The PKCE code verifier: 43 to 128 characters (RFC 7636 4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The provider's answer: what the token endpoint gives tokens for, once."""

    value: str


def parameters(client: Client, *, secrets: Secrets, wishes: Wishes) -> dict[str, str]:
    """The parameters of the authorization request. Only the code flow, always with PKCE, state and nonce."""
    own = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(dict.fromkeys(("openid", *wishes.scopes))),
        "state": secrets.state,
        "nonce": secrets.nonce,
        "code_challenge": pkce.challenge_of(secrets.verifier),
        "code_challenge_method": pkce.METHOD,
    }
    asked = {
        "response_mode": wishes.response_mode.value if wishes.response_mode is not ResponseMode.QUERY else "",
        "prompt": wishes.prompt,
        "max_age": "" if wishes.max_age is None else str(wishes.max_age),
        "acr_values": " ".join(wishes.acr_values),
        "login_hint": wishes.login_hint,
    }
    return {**dict(wishes.extra), **{name: value for name, value in asked.items() if value}, **own}


def authorization_url(metadata: ProviderMetadata, asked: Mapping[str, str]) -> str:
    """Where the browser goes. A query that the endpoint has already stays in front."""
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return metadata.authorization_endpoint + joint + urlencode(asked)


# --- pushed first (RFC 9126) ---------------------------------------------------


def pushed_request(
    metadata: ProviderMetadata, asked: Mapping[str, str], *, client: Client, assertion_id: str, now: datetime
) -> HttpRequest:
    """The parameters, handed to the provider by ourselves before the browser goes. RFC 9126 2.1."""
    return client_auth.authenticated(
        asked,
        client_id=client.client_id,
        authentication=client.authentication,
        endpoint=client_auth.Endpoint(
            url=metadata.pushed_authorization_request_endpoint,
            issuer=metadata.issuer,
            token_endpoint=metadata.token_endpoint,
        ),
        assertion_id=assertion_id,
        now=now,
    )


def read_pushed(response: HttpResponse, *, client: Client) -> dict[str, str]:
    """What the browser takes along in place of the parameters. RFC 9126 2.2.

    Raises: `ClientRejected`, `TokenRefused`, `StatusUnexpected`, `NotJson`, `TokenResponseIncomplete`.
    """
    body = refusal_of(response, where="pushed request", client=client, success=HTTPStatus.CREATED)
    value = body.get("request_uri")
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_REQUEST_URI:
        raise TokenResponseIncomplete(what="request_uri", received=str(value)[:60])
    return {"client_id": client.client_id, "request_uri": value}


# --- the answer -----------------------------------------------------------------


def read_callback(
    answered: Sequence[tuple[str, str]],
    *,
    mode: ResponseMode,
    expected_mode: ResponseMode,
    expected_state: str,
    provider: Provider,
    metadata: ProviderMetadata,
) -> Code:
    """The code of an authorization response. `answered` holds its parameters as they came, twice if so sent.

    An ID token or access token in it is not looked at: in the code flow only the token endpoint's count.

    Raises: `ParameterRepeated`, `StateMismatch`, `ResponseModeMismatch`, `ResponseIssuerMismatch`, `ProviderError`,
    `CodeMissing`.
    """
    received = _once(answered)
    if received.get("state") != expected_state:
        raise StateMismatch
    if mode is not expected_mode:
        raise ResponseModeMismatch(expected=expected_mode.value, received=mode.value)
    # Before the error is believed: RFC 9207 2.4 holds for errors too.
    _require_issuer(received.get("iss"), provider=provider, metadata=metadata)
    if "error" in received:
        raise provider_error(received["error"], received.get("error_description", ""))
    code = received.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise CodeMissing(received=tuple(received))
    return Code(value=code)


def provider_error(error: str, description: str) -> ProviderError:
    """The error as facts: what comes from outside is cut, and stays text."""
    found = _VENDOR_CODE.search(description)
    return ProviderError(
        error=error[:_LONGEST], description=description[:_LONGEST], vendor_code=found[0] if found else ""
    )


def _once(answered: Sequence[tuple[str, str]]) -> dict[str, str]:
    received: dict[str, str] = {}
    for name, value in answered:
        if name in received:
            raise ParameterRepeated(name=name[:60])
        received[name] = value
    return received


def _require_issuer(received: str | None, *, provider: Provider, metadata: ProviderMetadata) -> None:
    if received is None:
        # Most providers don't send it: the redirect URI of each connection is the defence there.
        if metadata.sends_issuer:
            raise ResponseIssuerMismatch(expected=provider.issuer, received="")
        return
    # For all tenants of Entra the answer's issuer can't be known before the token says whose it is.
    if metadata.is_for_all_tenants:
        return
    if received not in {provider.issuer, *provider.other_issuers}:
        raise ResponseIssuerMismatch(expected=provider.issuer, received=received[:_LONGEST])
