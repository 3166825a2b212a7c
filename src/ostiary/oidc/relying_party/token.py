"""The code becomes tokens: our own request to the provider. OpenID Connect Core 3.1.3."""

from dataclasses import dataclass, field
from datetime import datetime

from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.oidc import client_auth
from ostiary.oidc.errors import TokenResponseIncomplete
from ostiary.oidc.json_text import JsonObject
from ostiary.oidc.relying_party.authorize import Code
from ostiary.oidc.relying_party.config import Client
from ostiary.oidc.relying_party.discovery import ProviderMetadata
from ostiary.oidc.relying_party.endpoint_errors import refusal_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedTokens:
    """What the token endpoint gave. The ID token still has to prove itself."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    """Empty where there is none."""
    refresh_token: str = field(repr=False)


def token_request(
    code: Code, *, verifier: str, client: Client, metadata: ProviderMetadata, assertion_id: str, now: datetime
) -> HttpRequest:
    """The request that trades the code in, once."""
    form = {
        "grant_type": "authorization_code",
        "code": code.value,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    return client_auth.authenticated(
        form,
        client_id=client.client_id,
        authentication=client.authentication,
        endpoint=client_auth.Endpoint(
            url=metadata.token_endpoint, issuer=metadata.issuer, token_endpoint=metadata.token_endpoint
        ),
        assertion_id=assertion_id,
        now=now,
    )


def read_token_response(response: HttpResponse, *, client: Client) -> UnverifiedTokens:
    """The tokens.

    Raises: `ClientRejected`, `CodeRejected`, `TokenRefused`, `StatusUnexpected`, `NotJson`, `TokenResponseIncomplete`.
    """
    body = refusal_of(response, where="token", client=client)
    kind = body.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenResponseIncomplete(what="token_type", received=str(kind)[:60])
    id_token = _text(body, "id_token")
    if not id_token:
        raise TokenResponseIncomplete(what="id_token", received="")
    access_token = _text(body, "access_token")
    # It goes into a header of ours, to wherever the provider says that UserInfo stands (RFC 6749 A.12).
    if not all("!" <= letter <= "~" for letter in access_token):
        raise TokenResponseIncomplete(what="access_token", received="characters that a header can't carry")
    return UnverifiedTokens(id_token=id_token, access_token=access_token, refresh_token=_text(body, "refresh_token"))


def _text(body: JsonObject, name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TokenResponseIncomplete(what=name, received=type(value).__name__)
    return value
