"""The discovery document and the key set, and how both go wrong."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping

from pydantic import JsonValue
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse

from ostiary.simulator.oidc.faults import ProviderFault
from ostiary.simulator.oidc.jose import public_members
from ostiary.simulator.oidc.keys import published_keys
from ostiary.simulator.oidc.naming import endpoint, issuer_of
from ostiary.simulator.oidc.refusals import Refused, as_json
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming

_ELSEWHERE = "http://169.254.169.254/latest/meta-data/"
_CHUNK = b" " * 65_536


def checked_tenant(idp: IdentityProvider, incoming: Incoming) -> str:
    """The tenant that the URL names; empty where the vendor has none. Raises: `Refused`."""
    named = incoming.path_values.get("tenant", "")
    profile = idp.oidc
    if profile.tenants and named not in {*profile.tenants, *profile.shared_tenants}:
        raise Refused("tenant_unknown", tenant=named)
    return named


def show_discovery(idp: IdentityProvider, incoming: Incoming) -> Response:
    """The discovery document. OIDC Discovery 4."""
    faults = idp.store.read().oidc.faults
    instead: Mapping[str, Callable[[], Response]] = {
        ProviderFault.DISCOVERY_DOWN: unavailable,
        ProviderFault.DISCOVERY_REDIRECTS: lambda: RedirectResponse(_ELSEWHERE, 302),
        ProviderFault.DISCOVERY_IS_A_PAGE: lambda: HTMLResponse(
            "<!doctype html><title>Sign in</title><h1>Sign in</h1>"
        ),
        ProviderFault.DISCOVERY_ENDLESS: lambda: StreamingResponse(_endless(), media_type="application/json"),
    }
    for fault in faults:
        if fault in instead:
            return instead[fault]()
    try:
        answer = JSONResponse(discovery_document(idp, tenant=checked_tenant(idp, incoming)))
    except Refused as refused:
        return as_json(idp, refused)
    if ProviderFault.DISCOVERY_SLOW in faults:
        return StreamingResponse(_dripping(bytes(answer.body)), media_type="application/json")
    answer.headers["cache-control"] = "public, max-age=3600"
    return answer


def discovery_document(idp: IdentityProvider, *, tenant: str) -> dict[str, JsonValue]:
    """The document of that tenant, or the one with the template in it for a name that stands for all of them."""
    profile, paths = idp.oidc, idp.oidc.paths
    shown = profile.tenant_placeholder if tenant in profile.shared_tenants else tenant
    issuer = issuer_of(idp, shown)
    if ProviderFault.OTHER_ISSUER in idp.store.read().oidc.faults:
        issuer = "https://another-provider.example"
    endpoints = {
        "authorization_endpoint": paths.authorize,
        "token_endpoint": paths.token,
        "userinfo_endpoint": paths.userinfo,
        "jwks_uri": paths.jwks,
        "end_session_endpoint": paths.end_session,
        "pushed_authorization_request_endpoint": paths.pushed,
    }
    addresses: dict[str, JsonValue] = {
        name: endpoint(idp, path, tenant=tenant) for name, path in endpoints.items() if path
    }
    return {"issuer": issuer, **addresses, **profile.metadata}


def show_keys(idp: IdentityProvider, incoming: Incoming) -> Response:
    """The key set. RFC 7517 5."""
    faults = idp.store.read().oidc.faults
    if ProviderFault.KEYS_DOWN in faults:
        return unavailable()
    try:
        answer = JSONResponse(key_set(idp, tenant=checked_tenant(idp, incoming)))
    except Refused as refused:
        return as_json(idp, refused)
    if ProviderFault.KEYS_SLOW in faults:
        return StreamingResponse(_dripping(bytes(answer.body)), media_type="application/json")
    answer.headers["cache-control"] = "public, max-age=3600"
    return answer


def key_set(idp: IdentityProvider, *, tenant: str) -> dict[str, JsonValue]:
    """The public keys, with what the vendor writes beside them."""
    profile = idp.oidc
    shown = profile.tenant_placeholder if tenant in profile.shared_tenants else tenant
    beside: dict[str, JsonValue] = {
        name: value.replace("{issuer}", issuer_of(idp, shown)) if isinstance(value, str) else value
        for name, value in profile.key_members.items()
    }
    members = [public_members(key) for key in published_keys(idp)]
    if not profile.keys_name_algorithm:
        members = [{name: value for name, value in key.items() if name != "alg"} for key in members]
    return {"keys": [{**key, **beside} for key in members]}


def unavailable() -> Response:
    """A page where a machine expects an answer, as load balancers give it."""
    return HTMLResponse("<!doctype html><title>503</title><h1>Service Unavailable</h1>", status_code=503)


async def _dripping(octets: bytes) -> AsyncGenerator[bytes, None]:
    for octet in octets:
        yield bytes((octet,))
        await asyncio.sleep(1)


async def _endless() -> AsyncGenerator[bytes, None]:
    yield b'{"issuer": '
    while True:
        yield _CHUNK
        await asyncio.sleep(0.001)
