"""The userinfo endpoint, by GET and by POST. OIDC Core 5.3."""

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.oidc.claims import userinfo_claims
from ostiary.simulator.oidc.endpoints.discovery import unavailable
from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.jose import signed
from ostiary.simulator.oidc.keys import signing_key
from ostiary.simulator.oidc.naming import issuer_of
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming

if TYPE_CHECKING:
    from pydantic import JsonValue

_UNSTORED = {"cache-control": "no-store"}


def show(idp: IdentityProvider, incoming: Incoming) -> Response:
    """What is known of the person whose access token came along in the header, or, by POST, in the form."""
    state = idp.store.read()
    grant = state.oidc.access_tokens.get(fingerprint(_access_token(incoming)))
    user = state.users.get(grant.user_id) if grant else None
    client = state.oidc.clients.get(grant.client) if grant else None
    if grant is None or user is None or client is None or grant.expires_at <= idp.clock.now():
        challenge = 'Bearer error="invalid_token", error_description="The access token is invalid or has expired."'
        return JSONResponse({"error": "invalid_token"}, 401, headers={"www-authenticate": challenge, **_UNSTORED})
    if OidcFault.USERINFO_DOWN in client.faults:
        return unavailable()
    claims = userinfo_claims(idp, client=client, user=user, grant=grant)
    if not client.signs_userinfo:
        return JSONResponse(claims, headers=_UNSTORED)
    whole: dict[str, JsonValue] = {"iss": issuer_of(idp, grant.tenant), "aud": client.client_id, **claims}
    return Response(signed(whole, key=signing_key(idp, client)), media_type="application/jwt", headers=_UNSTORED)


def _access_token(incoming: Incoming) -> str:
    scheme, _, token = incoming.authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else incoming.form.get("access_token")
