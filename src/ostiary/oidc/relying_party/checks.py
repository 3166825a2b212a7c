"""CHECKS: everything that must hold before an ID token counts, in order, one small function each.

OpenID Connect Core 2 and 3.1.3.7, RFC 8725. The signature is always verified, though Core would let a token from the
token endpoint pass without.
"""

from collections.abc import Callable
from hmac import compare_digest
from typing import Final

from ostiary.kernel.report import Check
from ostiary.oidc import jose, pkce
from ostiary.oidc.errors import (
    AccessTokenMismatch,
    AudienceMismatch,
    AudienceUntrusted,
    AuthenticationOld,
    AuthenticationWeak,
    AuthorizedPartyMismatch,
    ClaimMalformed,
    IssuerMismatch,
    KeyOfAnotherIssuer,
    NonceMismatch,
    SubjectChanged,
    TenantMismatch,
    TokenExpired,
    TokenNotYetValid,
    TokenOld,
    TokenTypeMismatch,
)
from ostiary.oidc.relying_party.case import (
    Case,
    claims_of,
    date,
    for_tenant,
    kind_of,
    moment,
    parts_of,
    present,
    text,
    verified_of,
)
from ostiary.oidc.relying_party.config import SKEW_SECONDS
from ostiary.oidc.relying_party.discovery import TEMPLATE_TENANT

LONGEST_SUBJECT: Final = 255
OLDEST_SECONDS: Final = 600
"""How long before the present moment a token of a sign-in may have been issued."""
_SHOWN: Final = 200
_SHORT: Final = 12
_TYPES: Final = ("", "jwt")


# --- form, kind and signature ---------------------------------------------------


def form(case: Case) -> None:
    """A compact JWS of readable JSON, no larger than any real one."""
    case.parts = jose.take_apart(case.token)


def kind(case: Case) -> None:
    """No logout token, access token or security event in place of an ID token. RFC 8725 3.11."""
    parts = parts_of(case)
    stated = str(parts.header.get("typ", ""))
    short = stated.lower().removeprefix("application/")
    if short not in _TYPES:
        raise TokenTypeMismatch(expected="JWT", received=stated[:_SHOWN])
    if "events" in parts.payload:
        raise TokenTypeMismatch(expected="JWT", received="events")


def algorithm(case: Case) -> None:
    """One that this connection takes, and no header that demands something of us."""
    jose.require_header(parts_of(case).jws, algorithms=case.expected.provider.algorithms)


def signature(case: Case) -> None:
    """Signed by the key that the token names, from the provider's own key set."""
    algorithms = case.expected.provider.algorithms
    case.verified = jose.verify(parts_of(case), keys=case.expected.keys, algorithms=algorithms)


# --- whose it is -----------------------------------------------------------------


def issuer(case: Case) -> None:
    """Issued by this connection's provider, octet by octet. An array is no issuer (CVE-2026-75509)."""
    expected, received = case.expected, text(case, "iss")
    provider = expected.provider
    if expected.metadata.is_for_all_tenants:
        allowed = {for_tenant(expected.metadata.issuer, case)}
    else:
        allowed = {provider.issuer, *provider.other_issuers}
    if received not in allowed:
        shown = provider.issuer if provider.issuer in allowed else next(iter(allowed))
        raise IssuerMismatch(expected=shown, received=received[:_SHOWN])
    key_issuer = verified_of(case).key.issuer
    # Entra publishes keys of one tenant beside those of all: such a key counts for its own tenant only.
    if key_issuer and TEMPLATE_TENANT in key_issuer:
        key_issuer = for_tenant(key_issuer, case)
    if key_issuer and key_issuer != received:
        raise KeyOfAnotherIssuer(expected=received[:_SHOWN], received=key_issuer[:_SHOWN])


def tenant(case: Case) -> None:
    """The person belongs to this customer of the provider, where an issuer is shared by many."""
    provider = case.expected.provider
    if provider.tenants or case.expected.metadata.is_for_all_tenants:
        received = text(case, "tid")
        if received not in provider.tenants:
            raise TenantMismatch(claim="tid", expected=provider.tenants, received=received[:_SHOWN])
    if provider.hosted_domains is not None:
        claims = claims_of(case)
        # A consumer account has no `hd`, and may well carry a company's address.
        received = text(case, "hd") if "hd" in claims else ""
        if received.lower() not in provider.hosted_domains:
            raise TenantMismatch(claim="hd", expected=provider.hosted_domains, received=received[:_SHOWN])


def audience(case: Case) -> None:
    """Addressed to us, and to nobody whom this connection does not trust. Core 3.1.3.7 (3)."""
    own, value = case.expected.client.client_id, present(case, "aud")
    received = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
    names = tuple(each for each in received if isinstance(each, str))
    if not names or len(names) != len(received):
        raise ClaimMalformed(claim="aud", expected="text or a list of texts", received=kind_of(value))
    if own not in names:
        raise AudienceMismatch(expected=own, received=names)
    strangers = set(names) - {own, *case.expected.provider.trusted_audiences}
    # Beside others the token counts only where it says that it was made for us (`azp`).
    if strangers and claims_of(case).get("azp") != own:
        raise AudienceUntrusted(expected=own, received=names)


def authorized_party(case: Case) -> None:
    """`azp`, where it stands there, is our own client. Core 3.1.3.7 (5)."""
    if "azp" in claims_of(case):
        received, own = text(case, "azp"), case.expected.client.client_id
        if received != own:
            raise AuthorizedPartyMismatch(expected=own, received=received[:_SHOWN])


def subject(case: Case) -> None:
    """One person, named by a plain text: nothing is converted, for this is the account's key. Core 2."""
    received = text(case, "sub")
    if not 0 < len(received) <= LONGEST_SUBJECT or not all(" " <= letter <= "~" for letter in received):
        raise ClaimMalformed(claim="sub", expected="1 to 255 printable ASCII characters", received=received[:60])
    expected = case.expected.subject
    if expected and received != expected:
        raise SubjectChanged(where="refreshed token", expected=expected, received=received[:_SHOWN])


# --- when --------------------------------------------------------------------------


def expiry(case: Case) -> None:
    """Not expired, with a minute for clocks that differ. Core 3.1.3.7 (9)."""
    until, now = date(case, "exp"), case.expected.seconds
    if now >= until + SKEW_SECONDS:
        issued = moment(date(case, "iat")) if "iat" in claims_of(case) else ""
        raise TokenExpired(not_on_or_after=moment(until), now=case.expected.now, issued_at=issued)


def issued_at(case: Case) -> None:
    """Issued just now: neither in the future nor long ago. Core 3.1.3.7 (10)."""
    issued, now = date(case, "iat"), case.expected.seconds
    if issued > now + SKEW_SECONDS:
        raise TokenNotYetValid(claim="iat", not_before=moment(issued), now=case.expected.now)
    if issued < now - OLDEST_SECONDS - SKEW_SECONDS:
        raise TokenOld(issued_at=moment(issued), now=case.expected.now)


def not_before(case: Case) -> None:
    """`nbf`, where it stands there, has come."""
    if "nbf" in claims_of(case):
        begins = date(case, "nbf")
        if begins > case.expected.seconds + SKEW_SECONDS:
            raise TokenNotYetValid(claim="nbf", not_before=moment(begins), now=case.expected.now)


# --- for this sign-in --------------------------------------------------------------


def nonce(case: Case) -> None:
    """The nonce of this very sign-in. No claim of the token can switch this off (`nonce_supported`)."""
    expected = case.expected.nonce
    if expected is None:
        return
    received = claims_of(case).get("nonce")
    if not isinstance(received, str) or not compare_digest(received.encode(), expected.encode()):
        raise NonceMismatch(has_nonce="yes" if received is not None else "no")


def authentication_time(case: Case) -> None:
    """Where we asked for a recent sign-in at the provider, it says when that was. Core 3.1.3.7 (13)."""
    if "auth_time" in claims_of(case):
        date(case, "auth_time")
    max_age = case.expected.max_age
    if max_age is None:
        return
    at = date(case, "auth_time")
    if case.expected.seconds - at > max_age + SKEW_SECONDS:
        raise AuthenticationOld(auth_time=moment(at), max_age=max_age, now=case.expected.now)


def authentication_class(case: Case) -> None:
    """Where we asked for a way of signing in, it is one of those. Core 3.1.3.7 (12)."""
    expected = case.expected.acr_values
    received = claims_of(case).get("acr")
    if expected and received not in expected:
        raise AuthenticationWeak(expected=expected, received=received[:_SHOWN] if isinstance(received, str) else "")


def access_token(case: Case) -> None:
    """`at_hash`, where it stands there, is that of the access token that came along. Core 3.1.3.8."""
    claims = claims_of(case)
    if "at_hash" not in claims or not case.expected.access_token:
        return
    half = pkce.half_hash_of(case.expected.access_token, algorithm=parts_of(case).algorithm)
    if not compare_digest(text(case, "at_hash").encode(), half.encode()):
        raise AccessTokenMismatch


def _seen(claim: str) -> Callable[[Case], str]:
    return lambda case: str(claims_of(case).get(claim, ""))[:_SHOWN]


def _time(claim: str) -> Callable[[Case], str]:
    """The time of day, as a test's report shows it."""
    return lambda case: f"{moment(date(case, claim)):%H:%M:%S} UTC" if claim in claims_of(case) else ""


_SIGNED: Final = ("signature",)
CHECKS: Final[tuple[Check[Case], ...]] = (
    Check("form", form, seen=lambda case: f"{len(case.token):,} characters"),
    Check("kind", kind, needs=("form",), seen=lambda case: str(parts_of(case).header.get("typ", ""))[:_SHOWN]),
    Check("algorithm", algorithm, needs=("form",), seen=lambda case: parts_of(case).algorithm),
    Check("signature", signature, needs=("form", "algorithm"), seen=lambda case: verified_of(case).key.name),
    Check("issuer", issuer, needs=_SIGNED, seen=_seen("iss")),
    Check("tenant", tenant, needs=_SIGNED, seen=lambda case: _seen("tid")(case) or _seen("hd")(case)),
    Check("audience", audience, needs=_SIGNED, seen=_seen("aud")),
    Check("authorized party", authorized_party, needs=_SIGNED, seen=_seen("azp")),
    Check("subject", subject, needs=_SIGNED, seen=_seen("sub")),
    Check("expiry", expiry, needs=_SIGNED, seen=_time("exp")),
    Check("issued at", issued_at, needs=_SIGNED, seen=_time("iat")),
    Check("not before", not_before, needs=_SIGNED, seen=_time("nbf")),
    Check("nonce", nonce, needs=_SIGNED, seen=lambda case: _seen("nonce")(case)[:_SHORT] + "…"),
    Check("authentication time", authentication_time, needs=_SIGNED, seen=_time("auth_time")),
    Check("authentication class", authentication_class, needs=_SIGNED, seen=_seen("acr")),
    Check("access token", access_token, needs=_SIGNED, seen=_seen("at_hash")),
)
