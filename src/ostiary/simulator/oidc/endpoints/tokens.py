"""The token endpoint. RFC 6749 4.1.3, 6; RFC 7636 4.6; OIDC Core 3.1.3."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.oidc.calls import CallFailed
from ostiary.simulator.oidc.claims import id_token_claims
from ostiary.simulator.oidc.endpoints.client_auth import authenticate
from ostiary.simulator.oidc.endpoints.discovery import checked_tenant, unavailable
from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.jose import (
    DEFAULT_CONTENT_ENCRYPTION,
    NotEncrypted,
    code_challenge,
    encrypted,
    signed,
    unsigned,
)
from ostiary.simulator.oidc.keys import signing_key
from ostiary.simulator.oidc.naming import issuer_of, subject_of
from ostiary.simulator.oidc.people import has_client
from ostiary.simulator.oidc.refusals import Refused, as_json
from ostiary.simulator.oidc.state import Client, Grant, OidcState
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming
from ostiary.simulator.state import User

if TYPE_CHECKING:
    from pydantic import JsonValue

_ACCESS_LASTS = timedelta(hours=1)
_REFRESH_LASTS = timedelta(days=30)


def give_tokens(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Tokens for a code, or for a refresh token."""
    try:
        client = authenticate(idp, incoming, tenant=checked_tenant(idp, incoming))
        if OidcFault.TOKEN_DOWN in client.faults:
            return unavailable()
        return _granted(idp, incoming, client=client)
    except Refused as refused:
        return as_json(idp, refused)
    except (NotEncrypted, CallFailed):
        return unavailable()


def _granted(idp: IdentityProvider, incoming: Incoming, *, client: Client) -> Response:
    match incoming.form.get("grant_type"):
        case "authorization_code":
            return _for_code(idp, incoming, client=client)
        case "refresh_token":
            return _for_refresh_token(idp, incoming, client=client)
        case _:
            raise Refused("grant_unsupported", client_id=client.client_id, app=client.name)


def _for_code(idp: IdentityProvider, incoming: Incoming, *, client: Client) -> Response:
    code = fingerprint(incoming.form.get("code"))
    facts = {"client_id": client.client_id, "app": client.name}
    grant = idp.store.read().oidc.codes.get(code)
    if grant is not None and grant.is_used:
        idp.change_oidc(lambda state: _revoked(state, code=code))
    is_good = grant is not None and not grant.is_used and grant.expires_at > idp.clock.now()
    if grant is None or not is_good or grant.client != client.id or OidcFault.CODE_REFUSED in client.faults:
        raise Refused("code_wrong", **facts)
    idp.change_oidc(lambda state: replace(state, codes={**state.codes, code: replace(grant, is_used=True)}))
    uri = incoming.form.get("redirect_uri")
    if grant.redirect_uri != uri:
        raise Refused("redirect_uri_differs", redirect_uri=uri, **facts)
    verifier = incoming.form.get("code_verifier")
    # RFC 9700 4.8.2: a verifier without a challenge is as wrong as the other way round.
    if grant.code_challenge != (code_challenge(verifier) if verifier else ""):
        raise Refused("verifier_wrong", **facts)
    return _tokens(idp, client=client, grant=replace(grant, parent=code), is_first=True)


def _for_refresh_token(idp: IdentityProvider, incoming: Incoming, *, client: Client) -> Response:
    key = fingerprint(incoming.form.get("refresh_token"))
    grant = idp.store.read().oidc.refresh_tokens.get(key)
    if grant is None or grant.client != client.id or grant.is_used or grant.expires_at <= idp.clock.now():
        raise Refused("refresh_wrong", client_id=client.client_id, app=client.name)
    if idp.oidc.refresh.rotates:
        idp.change_oidc(
            lambda state: replace(state, refresh_tokens={**state.refresh_tokens, key: replace(grant, is_used=True)})
        )
    return _tokens(idp, client=client, grant=grant, is_first=False)


def _tokens(idp: IdentityProvider, *, client: Client, grant: Grant, is_first: bool) -> Response:
    state = idp.store.read()
    user = state.users.get(grant.user_id)
    if user is None or not has_client(state, client, user):
        raise Refused("code_wrong" if is_first else "refresh_wrong", client_id=client.client_id, app=client.name)
    access_token = _access_token(idp, client=client, user=user, grant=grant)
    refresh_token = idp.new_token(48) if grant.wants_refresh and (is_first or idp.oidc.refresh.rotates) else ""
    _keep(idp, grant, access_token=access_token, refresh_token=refresh_token)
    claims = id_token_claims(idp, client=client, user=user, grant=grant, access_token=access_token, asks_nonce=is_first)
    is_unsigned = OidcFault.UNSIGNED in client.faults
    id_token = unsigned(claims) if is_unsigned else signed(claims, key=signing_key(idp, client))
    body: dict[str, JsonValue] = {
        "token_type": "Bearer",
        "expires_in": int(_ACCESS_LASTS.total_seconds()),
        "access_token": access_token,
        "scope": grant.scope,
        "id_token": _enveloped(idp, client, id_token),
    }
    if refresh_token:
        body["refresh_token"] = refresh_token
    return JSONResponse(body, headers={"cache-control": "no-store", "pragma": "no-cache"})


def _enveloped(idp: IdentityProvider, client: Client, id_token: str) -> str:
    """The ID token as this application wants it. OIDC Registration 2. Raises: `NotEncrypted`, `CallFailed`."""
    if not client.encryption_algorithm:
        return id_token
    key_set = client.jwks or idp.calls.get(client.jwks_uri)
    content = client.encryption_content or DEFAULT_CONTENT_ENCRYPTION
    return encrypted(id_token, key_set=key_set, algorithm=client.encryption_algorithm, content=content)


def _access_token(idp: IdentityProvider, *, client: Client, user: User, grant: Grant) -> str:
    if not idp.oidc.jwt_access_token:
        return idp.new_token(32)
    now = idp.clock.now()
    claims: dict[str, JsonValue] = {
        "iss": issuer_of(idp, grant.tenant),
        "sub": subject_of(idp, user, client=client),
        "aud": "account",
        "azp": client.client_id,
        "typ": "Bearer",
        "scope": grant.scope,
        "sid": grant.sid,
        "jti": idp.new_token(16),
        "iat": int(now.timestamp()),
        "exp": int((now + _ACCESS_LASTS).timestamp()),
    }
    return signed(claims, key=signing_key(idp, client))


def _keep(idp: IdentityProvider, grant: Grant, *, access_token: str, refresh_token: str) -> None:
    now = idp.clock.now()
    access = replace(grant, expires_at=now + _ACCESS_LASTS)
    refresh = replace(grant, expires_at=now + _REFRESH_LASTS)

    def change(state: OidcState) -> OidcState:
        fresh = {fingerprint(refresh_token): refresh} if refresh_token else {}
        return replace(
            state,
            codes={key: one for key, one in state.codes.items() if one.expires_at > now},
            access_tokens={
                **{key: one for key, one in state.access_tokens.items() if one.expires_at > now},
                fingerprint(access_token): access,
            },
            refresh_tokens={**state.refresh_tokens, **fresh},
        )

    idp.change_oidc(change)


def _revoked(state: OidcState, *, code: str) -> OidcState:
    """A code that came twice: what it gave ends. RFC 6749 4.1.2."""
    return replace(
        state,
        access_tokens={key: one for key, one in state.access_tokens.items() if one.parent != code},
        refresh_tokens={key: one for key, one in state.refresh_tokens.items() if one.parent != code},
    )
