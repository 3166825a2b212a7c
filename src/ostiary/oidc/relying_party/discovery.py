"""What a provider says of itself: its endpoints, its keys, what it can do. OpenID Connect Discovery 1.0."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.values import WebUrl
from ostiary.oidc import keys, pkce
from ostiary.oidc.errors import (
    DiscoveryIncomplete,
    DiscoveryIssuerMismatch,
    EndpointRefused,
    FlowUnsupported,
    NotJson,
    StatusUnexpected,
)
from ostiary.oidc.json_text import JsonObject, read_object

WELL_KNOWN: Final = "/.well-known/openid-configuration"
LARGEST_DOCUMENT: Final = 512 * 1024
TEMPLATE_TENANT: Final = "{tenantid}"
_ENTRA: Final = "login.microsoftonline.com"
_ALL_TENANTS: Final = ("common", "organizations")
_REQUIRED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL: Final = ("userinfo_endpoint", "end_session_endpoint", "pushed_authorization_request_endpoint")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """A discovery document that has been judged."""

    issuer: str
    """As the document says, which is as it was configured; for all tenants of Entra, with `{tenantid}` in it."""
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    """Empty where there is none."""
    end_session_endpoint: str
    pushed_authorization_request_endpoint: str
    requires_pushed_requests: bool
    sends_issuer: bool
    """Whether its authorization responses carry `iss` (RFC 9207)."""
    algorithms: tuple[str, ...]
    """By what its ID tokens may be signed; empty where it does not say."""
    authentication_methods: tuple[str, ...]
    scopes: tuple[str, ...]
    response_modes: tuple[str, ...]

    @property
    def is_for_all_tenants(self) -> bool:
        """Whether the issuer is a template in which each token's tenant has its place."""
        return TEMPLATE_TENANT in self.issuer


def discovery_request(issuer: str) -> HttpRequest:
    """The request for an issuer's document. Discovery 4.1: a slash at the end of the issuer is not doubled."""
    url = issuer.removesuffix("/") + WELL_KNOWN
    return HttpRequest(method="GET", url=url, headers={"Accept": "application/json"})


def read_discovery(response: HttpResponse, *, issuer: str) -> ProviderMetadata:
    """The provider's own account of itself, judged against the configured issuer.

    Raises: `StatusUnexpected`, `NotJson`, `DiscoveryIssuerMismatch`, `DiscoveryIncomplete`, `EndpointRefused`,
    `FlowUnsupported`.
    """
    document = read_json(response, where="discovery", url=issuer.removesuffix("/") + WELL_KNOWN)
    stated = document.get("issuer")
    if not isinstance(stated, str) or not (stated == issuer or _is_template_of(stated, issuer)):
        raise DiscoveryIssuerMismatch(expected=issuer, received=_shown(stated))
    endpoints = {name: _endpoint(document, name) for name in (*_REQUIRED, *_OPTIONAL)}
    for name in _REQUIRED:
        if not endpoints[name]:
            raise DiscoveryIncomplete(missing=name)
    _require_code_flow(document)
    return ProviderMetadata(
        issuer=stated,
        **endpoints,
        requires_pushed_requests=document.get("require_pushed_authorization_requests") is True,
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        algorithms=_texts(document, "id_token_signing_alg_values_supported"),
        authentication_methods=_texts(document, "token_endpoint_auth_methods_supported"),
        scopes=_texts(document, "scopes_supported"),
        response_modes=_texts(document, "response_modes_supported"),
    )


def keys_request(metadata: ProviderMetadata) -> HttpRequest:
    """The request for the provider's keys."""
    return HttpRequest(method="GET", url=metadata.jwks_uri, headers={"Accept": "application/json"})


def read_keys(response: HttpResponse, *, metadata: ProviderMetadata) -> keys.KeySet:
    """The provider's keys. Raises: `StatusUnexpected`, `NotJson`, `KeysUnusable`."""
    if response.status != HTTPStatus.OK:
        raise StatusUnexpected(where="keys", status=response.status, url=metadata.jwks_uri)
    # Key sets come as application/json, application/jwk-set+json and as text: what counts is what stands in it.
    return keys.read_key_set(response.body)


def read_json(response: HttpResponse, *, where: str, url: str) -> JsonObject:
    """The object of a successful answer. Raises: `StatusUnexpected`, `NotJson`."""
    if response.status != HTTPStatus.OK:
        raise StatusUnexpected(where=where, status=response.status, url=url)
    return json_of(response, where=where)


def json_of(response: HttpResponse, *, where: str) -> JsonObject:
    """The object of an answer with any status. Raises: `NotJson`."""
    content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise NotJson(where=where, content_type=content_type[:_LONGEST], detail="another content type")
    if len(response.body) > LARGEST_DOCUMENT:
        raise NotJson(where=where, content_type=content_type, detail=f"more than {LARGEST_DOCUMENT} bytes")
    try:
        return read_object(response.body)
    except ValueError as error:
        raise NotJson(where=where, content_type=content_type, detail=str(error)) from None


def _is_template_of(stated: str, issuer: str) -> bool:
    """Whether this is Entra's template, and the issuer one of its addresses for all tenants."""
    parts = urlsplit(issuer)
    segments = parts.path.strip("/").split("/")
    return (
        parts.hostname == _ENTRA
        and segments[0] in _ALL_TENANTS
        and stated == issuer.replace(f"/{segments[0]}/", f"/{TEMPLATE_TENANT}/", 1)
    )


def _endpoint(document: JsonObject, name: str) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EndpointRefused(name=name, received=_shown(value))
    try:
        return WebUrl.parse(value).ascii
    except ValueError:
        raise EndpointRefused(name=name, received=_shown(value)) from None


def _require_code_flow(document: JsonObject) -> None:
    """Raise where the provider says that it lacks what we insist on. What it does not mention, is tried."""
    needed = (("response_types_supported", "code"), ("code_challenge_methods_supported", pkce.METHOD))
    for name, what in needed:
        offered = _texts(document, name)
        if offered and what not in offered:
            raise FlowUnsupported(what=what, offered=offered)


def _texts(document: JsonObject, name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _shown(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else "" if value is None else str(value)[:_LONGEST]
