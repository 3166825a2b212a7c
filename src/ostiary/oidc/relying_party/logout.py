"""The end of a session, told by either side. RP-Initiated Logout 1.0, Back-Channel Logout 1.0."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from ostiary.oidc import jose
from ostiary.oidc.errors import (
    AudienceMismatch,
    IssuerMismatch,
    LogoutTokenRefused,
    StateMismatch,
    TokenExpired,
    TokenTypeMismatch,
)
from ostiary.oidc.json_text import JsonObject
from ostiary.oidc.keys import KeySet
from ostiary.oidc.relying_party.case import LATEST_DATE
from ostiary.oidc.relying_party.config import SKEW_SECONDS, Client, Provider
from ostiary.oidc.relying_party.discovery import ProviderMetadata

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_SECONDS: Final = 600
_TYPES: Final = ("", "jwt", "logout+jwt")
_LONGEST: Final = 255
_LONGEST_HINT: Final = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """Whose sessions end, as the provider has signed it."""

    token_id: str
    """To be remembered until `until`: a logout counts once."""
    subject: str
    """Empty where only the session is named."""
    session: str
    """Empty where all sessions of the subject end."""
    issued_at: datetime
    until: datetime


def read_logout_token(
    token: str, *, client: Client, provider: Provider, keys: KeySet, tenant_issuer: str = "", now: datetime
) -> Logout:
    """What a logout token says. Back-Channel Logout 2.6.

    `tenant_issuer` takes the place of the configured issuer where that one is shared by all tenants.

    Raises: `TokenMalformed`, `TokenTypeMismatch`, `AlgorithmMismatch`, `HeaderRefused`, `KeyUnknown`, `KeyAmbiguous`,
    `SignatureMismatch`, `IssuerMismatch`, `AudienceMismatch`, `TokenExpired`, `LogoutTokenRefused`.
    """
    parts = jose.take_apart(token)
    kind = str(parts.header.get("typ", "")).lower().removeprefix("application/")
    if kind not in _TYPES:
        raise TokenTypeMismatch(expected="logout+jwt", received=kind[:60])
    said = jose.verify(parts, keys=keys, algorithms=provider.algorithms).claims
    _require_parties(said, client=client, provider=provider, tenant_issuer=tenant_issuer)
    _require_event(said)
    issued = _date(said, "iat")
    seconds = now.timestamp()
    if not seconds - OLDEST_SECONDS <= issued <= seconds + SKEW_SECONDS:
        raise LogoutTokenRefused(what="age")
    until = _date(said, "exp") if "exp" in said else issued + OLDEST_SECONDS
    if seconds >= until + SKEW_SECONDS:
        raise TokenExpired(not_on_or_after=datetime.fromtimestamp(until, UTC), now=now)
    subject, session = _text(said, "sub"), _text(said, "sid")
    if not subject and not session:
        raise LogoutTokenRefused(what="subject")
    token_id = _text(said, "jti")
    if not token_id:
        raise LogoutTokenRefused(what="jti")
    return Logout(
        token_id=token_id,
        subject=subject,
        session=session,
        issued_at=datetime.fromtimestamp(issued, UTC),
        until=datetime.fromtimestamp(issued + OLDEST_SECONDS + SKEW_SECONDS, UTC),
    )


def end_session_url(metadata: ProviderMetadata, *, client: Client, id_token: str, return_to: str, state: str) -> str:
    """Where the browser goes to be signed out at the provider too; "" where it has no such place."""
    if not metadata.end_session_endpoint:
        return ""
    asked = {
        "client_id": client.client_id,
        "post_logout_redirect_uri": return_to,
        "state": state,
        # Web servers take lines of 8 KB; without the hint the provider asks the person, with one too long it fails.
        **({"id_token_hint": id_token} if 0 < len(id_token) <= _LONGEST_HINT else {}),
    }
    joint = "&" if "?" in metadata.end_session_endpoint else "?"
    return metadata.end_session_endpoint + joint + urlencode(asked)


def require_logout_state(received: str | None, *, expected: str) -> None:
    """Return if this is the end of our own logout. RP-Initiated Logout 3. Raises: `StateMismatch`."""
    if received != expected:
        raise StateMismatch


def _require_parties(said: JsonObject, *, client: Client, provider: Provider, tenant_issuer: str) -> None:
    issuers = {tenant_issuer} if tenant_issuer else {provider.issuer, *provider.other_issuers}
    received = said.get("iss")
    if not isinstance(received, str) or received not in issuers:
        raise IssuerMismatch(expected=tenant_issuer or provider.issuer, received=str(received)[:200])
    audience = said.get("aud")
    names = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    if client.client_id not in names:
        raise AudienceMismatch(expected=client.client_id, received=tuple(str(each)[:200] for each in names))


def _require_event(said: JsonObject) -> None:
    # With a nonce it is an ID token that somebody posts as a logout token (Back-Channel Logout 2.4).
    if "nonce" in said:
        raise LogoutTokenRefused(what="nonce")
    events = said.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise LogoutTokenRefused(what="events")


def _date(said: JsonObject, claim: str) -> float:
    value = said.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST_DATE:
        raise LogoutTokenRefused(what=claim)
    return float(value)


def _text(said: JsonObject, claim: str) -> str:
    value = said.get(claim, "")
    # What is no plain text is nobody's subject and no session's name, and PostgreSQL takes no NUL.
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise LogoutTokenRefused(what=claim)
    return value
