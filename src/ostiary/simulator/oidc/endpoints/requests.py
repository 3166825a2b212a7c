"""The authorization endpoint: reading a request, pushed or not, and how its answer goes back. RFC 6749 4.1.1."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.oidc.endpoints.client_auth import authenticate
from ostiary.simulator.oidc.endpoints.discovery import checked_tenant
from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.naming import is_registered, issuer_of
from ostiary.simulator.oidc.refusals import Refused, as_json, as_page, as_parameters, words_of
from ostiary.simulator.oidc.state import AuthorizationRequest, Client
from ostiary.simulator.pages import page
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Fields, Incoming

_REQUEST_LASTS = timedelta(minutes=10)
_PUSHED_LASTS = timedelta(seconds=60)
_PUSHED_PREFIX = "urn:ietf:params:oauth:request_uri:"
_MODES = frozenset({"query", "fragment", "form_post"})
_CREATED = 201


def authorize(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A request by GET: kept, and the browser goes on to the pages for the person."""
    try:
        tenant = checked_tenant(idp, incoming)
        client, parameters = _read(idp, incoming.query, tenant=tenant)
    except Refused as refused:
        return as_page(idp, refused)
    try:
        _check(client, parameters=parameters)
    except Refused as refused:
        return refuse(idp, refused, client=client, parameters=parameters, tenant=tenant)
    name = keep_request(idp, client=client, parameters=parameters, tenant=tenant, is_pushed=False)
    return RedirectResponse(f"/interaction/{name}", 302)


def authorize_by_post(_idp: IdentityProvider, incoming: Incoming) -> Response:
    """A request by POST goes on as one by GET: the session's cookie does not come along from another site."""
    return RedirectResponse(f"{incoming.path}?{urlencode(incoming.form.pairs)}", 303)


def push(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A pushed request. RFC 9126 2."""
    try:
        tenant = checked_tenant(idp, incoming)
        client = authenticate(idp, incoming, tenant=tenant)
        parameters = _without_credentials(incoming.form)
        _require_redirect_uri(idp, client=client, parameters=parameters)
        _check(client, parameters=parameters)
    except Refused as refused:
        return as_json(idp, refused)
    parameters["client_id"] = client.client_id
    name = keep_request(idp, client=client, parameters=parameters, tenant=tenant, is_pushed=True)
    body = {"request_uri": _PUSHED_PREFIX + name, "expires_in": int(_PUSHED_LASTS.total_seconds())}
    return JSONResponse(body, status_code=_CREATED, headers={"cache-control": "no-store"})


def keep_request(
    idp: IdentityProvider, *, client: Client, parameters: Mapping[str, str], tenant: str, is_pushed: bool
) -> str:
    """Keep a request that was checked. Returns: its name, which nobody can guess."""
    name, now = idp.new_token(), idp.clock.now()
    request = AuthorizationRequest(
        client=client.id,
        parameters=parameters,
        tenant=tenant,
        created_at=now,
        expires_at=now + (_PUSHED_LASTS if is_pushed else _REQUEST_LASTS),
        is_pushed=is_pushed,
    )
    key = fingerprint(name)
    idp.change_oidc(
        lambda state: replace(
            state, requests={**{k: v for k, v in state.requests.items() if v.expires_at > now}, key: request}
        )
    )
    return name


def kept_request(idp: IdentityProvider, name: str, *, is_pushed: bool = False) -> AuthorizationRequest | None:
    """The request of that name, if it is still waiting."""
    request = idp.store.read().oidc.requests.get(fingerprint(name))
    if request is None or request.is_pushed is not is_pushed or request.expires_at <= idp.clock.now():
        return None
    return request


def drop_request(idp: IdentityProvider, name: str) -> None:
    """Answered: it can't be used again."""
    key = fingerprint(name)
    idp.change_oidc(
        lambda state: replace(state, requests={k: v for k, v in state.requests.items() if k != key}),
    )


def refuse(
    idp: IdentityProvider, refused: Refused, *, client: Client, parameters: Mapping[str, str], tenant: str
) -> Response:
    """Tell the person on the vendor's own page, or the application, as the vendor does it."""
    if words_of(idp, refused.name).answer != "redirect":
        return as_page(idp, refused)
    return send_back(
        idp, as_parameters(idp, refused), client=client, parameters=parameters, tenant=tenant, user_tenant=tenant
    )


def send_back(
    idp: IdentityProvider,
    told: Mapping[str, str],
    *,
    client: Client,
    parameters: Mapping[str, str],
    tenant: str,
    user_tenant: str,
) -> Response:
    """The authorization response, by the response mode that was asked for. RFC 6749 4.1.2, RFC 9207."""
    answer = dict(told)
    if "state" in parameters:
        wrong = OidcFault.OTHER_STATE in client.faults
        answer["state"] = "of-another-request" if wrong else parameters["state"]
    if OidcFault.OTHER_ISS in client.faults:
        answer["iss"] = "https://another-provider.example"
    elif idp.oidc.iss_parameter:
        answer["iss"] = issuer_of(idp, user_tenant or tenant)
    redirect_uri = parameters["redirect_uri"]
    match parameters.get("response_mode", "query"):
        case "form_post":
            facts = {"app": client, "action": redirect_uri, "fields": answer}
            return page(idp, template="oidc/form_post.html", facts=facts, may_leave=True)
        case "fragment":
            return RedirectResponse(f"{redirect_uri}#{urlencode(answer)}", 302)
        case _:
            separator = "&" if "?" in redirect_uri else "?"
            return RedirectResponse(f"{redirect_uri}{separator}{urlencode(answer)}", 302)


def _read(idp: IdentityProvider, query: Fields, *, tenant: str) -> tuple[Client, Mapping[str, str]]:
    """Who asks, and what. What is wrong here is never told to the redirect URI."""
    client_id = query.get("client_id")
    client = next((one for one in idp.store.read().oidc.clients.values() if one.client_id == client_id), None)
    if client is None or OidcFault.CLIENT_UNKNOWN in client.faults:
        raise Refused("client_unknown", client_id=client_id, tenant=tenant)
    if tenant in idp.oidc.shared_tenants and not client.is_multi_tenant:
        raise Refused("shared_tenant", client_id=client_id, app=client.name, tenant=tenant)
    parameters: Mapping[str, str] = dict(query.pairs)
    if "request_uri" in parameters:
        parameters = _pushed(idp, client=client, request_uri=parameters["request_uri"])
    elif client.requires_pushed:
        raise Refused("pushed_required", client_id=client_id, app=client.name)
    _require_redirect_uri(idp, client=client, parameters=parameters)
    return client, parameters


def _pushed(idp: IdentityProvider, *, client: Client, request_uri: str) -> Mapping[str, str]:
    name = request_uri.removeprefix(_PUSHED_PREFIX)
    request = kept_request(idp, name, is_pushed=True)
    if not idp.oidc.paths.pushed or request is None or request.client != client.id:
        raise Refused("request_uri_wrong", client_id=client.client_id, app=client.name)
    drop_request(idp, name)
    return request.parameters


def _without_credentials(form: Fields) -> dict[str, str]:
    """What was asked for, without what shows who asks. Raises: `Refused`."""
    if form.has("request_uri"):
        raise Refused("request_wrong", detail="request_uri")
    return {
        name: value for name, value in form.pairs if name != "client_secret" and not name.startswith("client_assertion")
    }


def _require_redirect_uri(idp: IdentityProvider, *, client: Client, parameters: Mapping[str, str]) -> None:
    uri = parameters.get("redirect_uri", "")
    is_known = is_registered(idp, uri, registered=client.redirect_uris)
    if not is_known or OidcFault.REDIRECT_URI_UNKNOWN in client.faults:
        raise Refused("redirect_uri_unknown", client_id=client.client_id, app=client.name, redirect_uri=uri)


def _check(client: Client, *, parameters: Mapping[str, str]) -> None:
    """What the application itself is told when it is wrong."""
    facts = {"client_id": client.client_id, "app": client.name}
    if parameters.get("response_type") != "code":
        raise Refused("response_type", **facts)
    if "openid" not in parameters.get("scope", "").split():
        raise Refused("scope_wrong", **facts)
    if parameters.get("response_mode", "query") not in _MODES:
        raise Refused("request_wrong", detail="response_mode", **facts)
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method", "plain")
    if challenge and method != "S256":
        raise Refused("request_wrong", detail="code_challenge_method", **facts)
    if not challenge and (client.requires_pkce or client.auth_method == "none"):
        raise Refused("pkce_required", **facts)
    if "none" in (prompts := parameters.get("prompt", "").split()) and len(prompts) > 1:
        raise Refused("request_wrong", detail="prompt", **facts)
    if not parameters.get("max_age", "0").isdecimal():
        raise Refused("request_wrong", detail="max_age", **facts)
