"""What the provider says of a person when asked for it: the UserInfo endpoint. OpenID Connect Core 5.3."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.oidc import jose
from ostiary.oidc.client_auth import FORM
from ostiary.oidc.errors import AudienceMismatch, ClaimMissing, IssuerMismatch, StatusUnexpected, SubjectChanged
from ostiary.oidc.json_text import JsonObject, JsonValue
from ostiary.oidc.keys import KeySet
from ostiary.oidc.relying_party.config import Client, Provider
from ostiary.oidc.relying_party.discovery import ProviderMetadata, json_of
from ostiary.oidc.relying_party.id_token import VerifiedClaims

_SHOWN: Final = 200
_OF_THE_TOKEN: Final = frozenset(
    ("iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "sid", "auth_time", "acr", "amr")
)
_OF_THE_TENANT: Final = frozenset(("tid", "oid", "hd"))


class Method(StrEnum):
    """The brief's field "Method": how UserInfo is asked (decision 19)."""

    GET = "GET"
    POST = "POST"


def userinfo_request(metadata: ProviderMetadata, *, access_token: str, method: Method) -> HttpRequest:
    """The request. The token travels in the header, never in a query. Core 5.3.1."""
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json, application/jwt"}
    if method is Method.POST:
        return HttpRequest(
            method="POST", url=metadata.userinfo_endpoint, headers={**headers, "Content-Type": FORM}, body=b""
        )
    return HttpRequest(method="GET", url=metadata.userinfo_endpoint, headers=headers)


def read_userinfo(
    response: HttpResponse,
    *,
    claims: VerifiedClaims,
    client: Client,
    provider: Provider,
    metadata: ProviderMetadata,
    keys: KeySet,
) -> JsonObject:
    """What the endpoint says of the very person of the ID token. Core 5.3.2.

    Raises: `StatusUnexpected`, `NotJson`, `ClaimMissing`, `SubjectChanged`; for a signed answer also what `jose`
    refuses, `IssuerMismatch` and `AudienceMismatch`.
    """
    if response.status != HTTPStatus.OK:
        raise StatusUnexpected(where="userinfo", status=response.status, url=metadata.userinfo_endpoint)
    if is_token(response):
        received = _signed(response.body, client=client, provider=provider, issuer=claims.issuer, keys=keys)
    else:
        received = json_of(response, where="userinfo")
    subject = received.get("sub")
    if subject is None:
        raise ClaimMissing(claim="sub", received=tuple(received))
    # Token substitution: an answer about somebody else must not lend this person an address.
    if not isinstance(subject, str) or subject != claims.subject:
        raise SubjectChanged(where="userinfo", expected=claims.subject, received=str(subject)[:_SHOWN])
    return received


def is_token(response: HttpResponse) -> bool:
    """Whether the endpoint says that it answers with a token, signed or encrypted. Core 5.3.2."""
    return response.headers.get("content-type", "").split(";")[0].strip().lower() == "application/jwt"


def together(claims: VerifiedClaims, userinfo: JsonObject) -> Mapping[str, JsonValue]:
    """The claims of the ID token, and what UserInfo adds to them. It replaces nothing that was signed."""
    added = {
        name: value
        for name, value in userinfo.items()
        if name not in claims.claims and name not in _OF_THE_TOKEN and name not in _OF_THE_TENANT
    }
    # "Verified" is said of the address beside it: of another one it would vouch for what nobody has verified.
    if userinfo.get("email") != added.get("email", claims.claims.get("email")):
        added.pop("email_verified", None)
    return {**added, **claims.claims}


def _signed(body: bytes, *, client: Client, provider: Provider, issuer: str, keys: KeySet) -> JsonObject:
    token = jose.take_apart(body.decode("ascii", "replace").strip())
    said = jose.verify(token, keys=keys, algorithms=provider.algorithms).claims
    if said.get("iss") != issuer:
        raise IssuerMismatch(expected=issuer, received=str(said.get("iss", ""))[:_SHOWN])
    audience = said.get("aud")
    names = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if client.client_id not in names:
        raise AudienceMismatch(expected=client.client_id, received=tuple(str(each)[:_SHOWN] for each in names))
    return said
