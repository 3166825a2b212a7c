"""What is looked at before settings are saved: mistakes that can be seen without asking anybody."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from ostiary import saml
from ostiary.domain.account import DEFAULT_ROLES, Role
from ostiary.domain.connection import Allowance, ConnectionUrls, SamlSettings
from ostiary.domain.errors import (
    AllowanceOn,
    CertificateExpired,
    CertificateExpiresSoon,
    IssuerIsSsoUrl,
    LogoutUrlUnreadable,
    OurOwnUrl,
    RoleRefused,
    SsoUrlIsIssuer,
    SsoUrlUnreadable,
    ValueMissing,
    ValueTooLong,
)
from ostiary.domain.upkeep.expiry import days_until
from ostiary.kernel.errors import Refusal
from ostiary.kernel.values import WebUrl

_KEYCLOAK_REALM: Final = re.compile(r"(/auth)?/realms/[^/]+")
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A value that can't be saved, and in which field of the form it stands."""

    field: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Correction:
    """What was put right without asking, told beside the field."""

    field: str
    what: str
    """A key of the catalogue: space_removed, …"""


def read_sso_url(text: str, *, issuer: str, own: ConnectionUrls) -> str:
    """The SSO URL. Raises: `ValueMissing`, `SsoUrlIsIssuer`, `OurOwnUrl`, `SsoUrlUnreadable`."""
    if not text:
        raise ValueMissing(field="sso_url")
    if _is_ours(text, own):
        raise OurOwnUrl(field="sso_url", received=text)
    if looks_like_issuer(text) or (text == issuer and not _looks_like_endpoint(text)):
        raise SsoUrlIsIssuer(received=text)
    try:
        # Browsers are sent there: a header of ours takes no other letters.
        return WebUrl.parse(text).ascii
    except ValueError as error:
        raise SsoUrlUnreadable(received=text) from error


def read_issuer(text: str, *, sso_url: str, own: ConnectionUrls) -> str:
    """The identity provider's entity ID, which is any text of at most 1,024 characters.

    Raises: `ValueMissing`, `ValueTooLong`, `OurOwnUrl`, `IssuerIsSsoUrl`.
    """
    if not text:
        raise ValueMissing(field="idp_entity_id")
    if len(text) > saml.LONGEST_ENTITY_ID:
        raise ValueTooLong(field="idp_entity_id", limit=saml.LONGEST_ENTITY_ID)
    if looks_like_issuer(sso_url) and text != sso_url and _looks_like_endpoint(text):
        raise IssuerIsSsoUrl(received=text)
    if _is_ours(text, own):
        raise OurOwnUrl(field="idp_entity_id", received=text)
    return text


def read_logout_url(text: str, *, field: str, own: ConnectionUrls) -> str:
    """A place for logout messages. Raises: `OurOwnUrl`, `LogoutUrlUnreadable`."""
    if _is_ours(text, own):
        raise OurOwnUrl(field=field, received=text)
    try:
        return WebUrl.parse(text).ascii
    except ValueError as error:
        raise LogoutUrlUnreadable(field=field, received=text) from error


def allowance_findings(*revisions: SamlSettings | None) -> tuple[AllowanceOn, ...]:
    """What these settings put up with, each once, in the order of the switches."""
    allowed = {allowance for settings in revisions if settings for allowance in settings.allowances}
    return tuple(AllowanceOn(allowance=allowance.value) for allowance in Allowance if allowance in allowed)


def looks_like_issuer(text: str) -> bool:
    """Whether this is the issuer of a provider whose issuers can be told by their shape.

    Of Okta, OneLogin, Microsoft Entra ID, Google, AD FS, Keycloak and PingOne. JumpCloud's is any text.
    """
    host, path = _parts(text)
    path = path.rstrip("/")
    return (
        (host == "www.okta.com" and path.startswith("/exk"))
        or path.startswith("/saml/metadata/")
        or host == "sts.windows.net"
        or (host == "accounts.google.com" and path == "/o/saml2")
        or path.lower() == "/adfs/services/trust"
        or _KEYCLOAK_REALM.fullmatch(path) is not None
        or (host.startswith("auth.pingone.") and path.count("/") == 1)
    )


def _looks_like_endpoint(text: str) -> bool:
    path = _parts(text)[1].lower()
    return any(word in path for word in ("sso", "login", "saml2", "signon", "idp", "adfs/ls", "protocol/saml"))


def _parts(text: str) -> tuple[str, str]:
    """Host and path, both empty where it is no address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "", ""
    return parts.hostname or "", parts.path


def _is_ours(text: str, own: ConnectionUrls) -> bool:
    """Whether it is an address of this connection, also with a slash at its end or in other letters."""
    ours = (own.acs_url, own.metadata_url, own.slo_url)
    return text.rstrip("/").casefold() in {url.casefold() for url in ours}


def read_default_role(text: str) -> Role:
    """The role of new SSO users. Raises: `RoleRefused`, for owner above all."""
    for role in DEFAULT_ROLES:
        if text == role.value:
            return role
    raise RoleRefused(received=text)


def certificate_refusal(certificates: tuple[saml.Certificate, ...], now: datetime) -> CertificateExpired | None:
    """What an admin has to confirm before certificates that have all expired are saved (decision 4)."""
    if not certificates or any(not certificate.is_expired(now) for certificate in certificates):
        return None
    last = max(certificates, key=lambda certificate: certificate.not_after)
    return CertificateExpired(not_after=last.not_after, fingerprint=last.fingerprint)


def certificate_findings(
    certificates: tuple[saml.Certificate, ...], now: datetime
) -> tuple[CertificateExpiresSoon, ...]:
    """The pinned certificates that have expired or expire within 30 days, unless a later one is pinned beside them.

    Sign-ins go on in any case; with a later one the provider's change of keys is prepared.
    """
    if any(certificate.not_after - now > SOON for certificate in certificates):
        return ()
    return tuple(
        CertificateExpiresSoon(not_after=certificate.not_after, days=days_until(certificate.not_after, now))
        for certificate in certificates
        if certificate.not_after - now <= SOON
    )
