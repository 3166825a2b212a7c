"""Ending a session: asked by an application, in the portal or by an admin; and telling the applications."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from ostiary.simulator.oidc.calls import CallFailed
from ostiary.simulator.oidc.endpoints.discovery import checked_tenant, key_set
from ostiary.simulator.oidc.jose import NotVerified, signed, verified_claims
from ostiary.simulator.oidc.keys import signing_key
from ostiary.simulator.oidc.naming import is_registered, issuer_of, sid_of, subject_of, tenant_of
from ostiary.simulator.oidc.refusals import Refused, as_page
from ostiary.simulator.oidc.state import Client
from ostiary.simulator.pages import page
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Fields, Incoming
from ostiary.simulator.state import User

if TYPE_CHECKING:
    from pydantic import JsonValue

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LASTS = timedelta(minutes=2)


def end_session(idp: IdentityProvider, incoming: Incoming) -> Response:
    """An application sends the person to be signed out. RP-Initiated Logout 1.0, 2."""
    fields = incoming.form if incoming.method == "POST" and incoming.form.pairs else incoming.query
    try:
        tenant = checked_tenant(idp, incoming)
        client = _client_of(idp, fields, tenant=tenant)
        target = _target(idp, fields, client=client)
    except Refused as refused:
        return as_page(idp, refused)
    if idp.oidc.logout_asks and not fields.has("id_token_hint") and not fields.has("confirmed"):
        facts = {"action": incoming.path, "fields": dict(fields.pairs)}
        return page(idp, template="oidc/logout.html", facts=facts, may_leave=True)
    name = idp.cookie_name("session")
    results = end(idp, token=incoming.cookies.get(name, ""))
    if target:
        answer: Response = RedirectResponse(target, 303)
    else:
        answer = page(idp, template="signed_out.html", facts={"results": results})
    answer.delete_cookie(name)
    return answer


def end(idp: IdentityProvider, *, token: str) -> tuple[tuple[str, str], ...]:
    """End the session with that token, and tell its applications. Returns: their names and what came of it."""
    idp.sign_out(token)
    return end_named(idp, sid=sid_of(token))


def end_sessions_of(idp: IdentityProvider, user: User) -> tuple[tuple[str, str], ...]:
    """End every session of a person, as an admin does it, and tell the applications. Returns: as `end`."""
    opened = idp.store.read().oidc.opened
    idp.store.change(
        lambda state: replace(
            state, sessions={key: one for key, one in state.sessions.items() if one.user_id != user.id}
        )
    )
    sids = [sid for sid, one in opened.items() if one.user_id == user.id]
    return tuple(result for sid in sids for result in end_named(idp, sid=sid))


def end_named(idp: IdentityProvider, *, sid: str) -> tuple[tuple[str, str], ...]:
    """End what was given out in the session of that name, and tell its applications. Returns: as `end`."""
    before = idp.store.read()
    opened = before.oidc.opened.get(sid)
    idp.change_oidc(
        lambda state: replace(
            state,
            opened={key: one for key, one in state.opened.items() if key != sid},
            access_tokens={key: one for key, one in state.access_tokens.items() if one.sid != sid},
            refresh_tokens={key: one for key, one in state.refresh_tokens.items() if one.sid != sid},
        )
    )
    user = before.users.get(opened.user_id) if opened else None
    return () if user is None or opened is None else tell(idp, user, clients=opened.clients, sid=sid)


def tell(idp: IdentityProvider, user: User, *, clients: tuple[str, ...], sid: str) -> tuple[tuple[str, str], ...]:
    """Send a logout token to each of the applications that wants one. Back-Channel Logout 1.0, 2.5."""
    known = idp.store.read().oidc.clients
    told: list[tuple[str, str]] = []
    for client in (known[one] for one in clients if one in known):
        if not (idp.oidc.backchannel and client.backchannel_logout_uri):
            continue
        try:
            form = {"logout_token": logout_token(idp, user, client=client, sid=sid)}
            status = idp.calls.post(client.backchannel_logout_uri, form)
        except CallFailed as failed:
            told.append((client.name, str(failed)))
        else:
            told.append((client.name, "signed out" if status in {200, 204} else f"answered {status}"))
    return tuple(told)


def logout_token(idp: IdentityProvider, user: User, *, client: Client, sid: str) -> str:
    """The logout token for one application. Back-Channel Logout 1.0, 2.4."""
    now = idp.clock.now()
    claims: dict[str, JsonValue] = {
        "iss": issuer_of(idp, tenant_of(idp, user)),
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + _LASTS).timestamp()),
        "jti": idp.new_token(16),
        "sub": subject_of(idp, user, client=client),
        "typ": "Logout",
        "sid": sid,
        "events": {_EVENT: {}},
    }
    return signed(claims, key=signing_key(idp, client), media_type="logout+jwt")


def _client_of(idp: IdentityProvider, fields: Fields, *, tenant: str) -> Client | None:
    wanted: JsonValue = fields.get("client_id")
    hint = fields.get("id_token_hint")
    if hint:
        try:
            wanted = verified_claims(hint, key_set=json.dumps(key_set(idp, tenant=tenant))).get("aud")
        except NotVerified as error:
            raise Refused("request_expired") from error
    return next((one for one in idp.store.read().oidc.clients.values() if one.client_id == wanted), None)


def _target(idp: IdentityProvider, fields: Fields, *, client: Client | None) -> str:
    """Where the person goes afterwards; empty: nowhere. Raises: `Refused`."""
    uri = fields.get("post_logout_redirect_uri")
    if not uri:
        return ""
    if client is None or not is_registered(idp, uri, registered=client.post_logout_redirect_uris):
        raise Refused("post_logout_uri_unknown", redirect_uri=uri, app=client.name if client else "this application")
    if not fields.has("state"):
        return uri
    return uri + ("&" if "?" in uri else "?") + urlencode({"state": fields.get("state")})
