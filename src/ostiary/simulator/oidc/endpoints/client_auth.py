"""Who is at the token endpoint: a secret in the header or the form, a signed assertion, or nothing but a client ID."""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_plus

from pydantic import JsonValue

from ostiary.simulator.oidc.calls import CallFailed
from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.jose import NotVerified, verified_claims
from ostiary.simulator.oidc.naming import endpoint, issuer_of
from ostiary.simulator.oidc.profile import AuthMethod
from ostiary.simulator.oidc.refusals import Refused
from ostiary.simulator.oidc.state import Client, OidcState
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTIONS_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Presented:
    """What the caller shows."""

    method: AuthMethod
    client_id: str
    secret: str = ""
    assertion: str = ""


def authenticate(idp: IdentityProvider, incoming: Incoming, *, tenant: str) -> Client:
    """The application that calls. RFC 6749 2.3.1, OIDC Core 9. Raises: `Refused`."""
    presented = _presented(incoming)
    client = _known(idp, presented, tenant=tenant)
    facts = {"client_id": client.client_id, "app": client.name}
    both_secrets = {"client_secret_basic", "client_secret_post"}
    is_taken = presented.method == client.auth_method or (
        idp.oidc.any_secret_method and {presented.method, client.auth_method} <= both_secrets
    )
    if not is_taken:
        raise Refused("client_rejected", detail=presented.method, **facts)
    if presented.method == "private_key_jwt":
        _check_assertion(idp, client, presented.assertion, tenant=tenant)
    elif presented.method != "none":
        _check_secret(client, presented.secret, facts=facts, now=idp.clock.now())
    return client


def _presented(incoming: Incoming) -> _Presented:
    form = incoming.form
    scheme, _, credentials = incoming.authorization.partition(" ")
    if scheme.lower() == "basic":
        if form.has("client_secret"):
            raise Refused("client_rejected", detail="two secrets")
        client_id, secret = _from_header(credentials)
        return _Presented(method="client_secret_basic", client_id=client_id, secret=secret)
    if form.has("client_assertion"):
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise Refused("assertion_wrong", detail="client_assertion_type")
        return _Presented(
            method="private_key_jwt", client_id=form.get("client_id"), assertion=form.get("client_assertion")
        )
    if form.has("client_secret"):
        return _Presented(
            method="client_secret_post", client_id=form.get("client_id"), secret=form.get("client_secret")
        )
    return _Presented(method="none", client_id=form.get("client_id"))


def _from_header(credentials: str) -> tuple[str, str]:
    """The ID and the secret, each decoded as a form would be: the step that many libraries leave out."""
    try:
        text = b64decode(credentials, validate=True).decode("utf-8")
    except (NotBase64, ValueError) as error:
        raise Refused("client_rejected", detail="header") from error
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise Refused("client_rejected", detail="header")
    return unquote_plus(client_id), unquote_plus(secret)


def _known(idp: IdentityProvider, presented: _Presented, *, tenant: str) -> Client:
    wanted = presented.client_id or _unverified_subject(presented.assertion)
    found = next((one for one in idp.store.read().oidc.clients.values() if one.client_id == wanted), None)
    if found is None or OidcFault.CLIENT_UNKNOWN in found.faults:
        raise Refused("client_rejected", client_id=wanted, tenant=tenant)
    return found


def _unverified_subject(assertion: str) -> str:
    try:
        octets = b64decode(assertion.split(".")[1] + "==", altchars=b"-_")
        _, _, rest = octets.decode("utf-8").partition('"sub"')
        return rest.split('"')[1]
    except (IndexError, ValueError):
        return ""


def _check_secret(client: Client, secret: str, *, facts: Mapping[str, str], now: datetime) -> None:
    if OidcFault.SECRET_EXPIRED in client.faults:
        raise Refused("secret_expired", **facts)
    matching = [one for one in client.secrets if hmac.compare_digest(one.value.encode(), secret.encode())]
    if not matching or OidcFault.SECRET_WRONG in client.faults:
        raise Refused("secret_wrong", **facts)
    if all(one.expires_at is not None and one.expires_at <= now for one in matching):
        raise Refused("secret_expired", **facts)


def _check_assertion(idp: IdentityProvider, client: Client, assertion: str, *, tenant: str) -> None:
    """RFC 7523 3. Raises: `Refused`."""
    facts = {"client_id": client.client_id, "app": client.name}
    if OidcFault.SECRET_WRONG in client.faults:
        raise Refused("assertion_wrong", detail="The key is not known.", **facts)
    try:
        claims = verified_claims(assertion, key_set=client.jwks or idp.calls.get(client.jwks_uri))
    except (NotVerified, CallFailed) as error:
        raise Refused("assertion_wrong", detail=str(error), **facts) from error
    wrong = _wrong_in_assertion(idp, claims, client=client, tenant=tenant)
    if wrong:
        raise Refused("assertion_wrong", detail=wrong, **facts)
    taken = str(claims["jti"])

    def change(state: OidcState) -> OidcState:
        return replace(state, assertions=(*state.assertions[-_ASSERTIONS_KEPT:], taken))

    idp.change_oidc(change)


def _wrong_in_assertion(idp: IdentityProvider, claims: Mapping[str, JsonValue], *, client: Client, tenant: str) -> str:
    now = idp.clock.now().timestamp()
    expires = claims.get("exp")
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        return "iss and sub have to be the client ID."
    accepted = {issuer_of(idp, tenant), endpoint(idp, idp.oidc.paths.token, tenant=tenant)}
    audience = claims.get("aud")
    if not accepted & set(audience if isinstance(audience, list) else [audience]):
        return "aud is neither the issuer nor the token endpoint."
    if not isinstance(expires, int | float) or expires <= now:
        return "The assertion has expired."
    if not isinstance(claims.get("jti"), str) or claims["jti"] in idp.store.read().oidc.assertions:
        return "The assertion has been used before, or has no jti."
    return ""
