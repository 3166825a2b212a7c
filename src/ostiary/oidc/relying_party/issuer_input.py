"""What people paste as the Discovery URL, and which issuers it may mean. Nothing is applied silently.

The set-up tries the candidates in order, and the provider's own document decides: from then on its issuer is compared
octet by octet.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ostiary.kernel.values import WebUrl
from ostiary.oidc.errors import (
    DiscoveryUrlIsSaml,
    DiscoveryUrlPlaceholder,
    DiscoveryUrlUnreadable,
    IssuerRemoved,
    TenantNeeded,
)

_WELL_KNOWN: Final = re.compile(r"/\.well-known/(openid-configuration|oauth-authorization-server)/?$")
_PLACEHOLDER: Final = re.compile(r"[{<\[]\s*([A-Za-z][A-Za-z0-9_ -]{0,40})\s*[}>\]]|%7[Bb]([A-Za-z0-9_-]{1,40})%7[Dd]")
_SAML: Final = re.compile(r"/(sso/saml|saml2?|federationmetadata|trust/saml2)(/|$)", re.IGNORECASE)
_ENDPOINT: Final = re.compile(r"/protocol/openid-connect(/[a-z/-]*)?$|/oauth2/v[12](\.0)?/[a-z]+$|/oauth2/authorize$")
_KEYCLOAK_CONSOLE: Final = re.compile(
    r"^([^?#]*)/admin/([^/?#]+)/console/?(?:\?[^#]*)?(?:#/?(?:realms/)?([^/?#]+).*)?$"
)
_KEYCLOAK_PAGE: Final = re.compile(r"(?<=/realms/)([^/]+)/(account|login-actions|broker|clients-registrations)(/.*)?$")
_AROUND: Final[Mapping[str, str]] = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u201e": "\u201c", "<": ">"}
_GUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_ENTRA: Final = "login.microsoftonline.com"
_EVERY_TENANT: Final = frozenset(("common", "organizations", "consumers"))
_ENTRA_V1: Final = re.compile(
    rf"^https://(?:sts\.windows\.net|{re.escape(_ENTRA)})/({_GUID})(?:/v2\.0)?/?(?:oauth2.*)?$"
)
_OKTA_ADMIN: Final = re.compile(r"^([a-z0-9-]+)-admin\.(okta\.com|oktapreview\.com|okta-emea\.com)$")
_REMOVED: Final[Mapping[str, str]] = {
    "openid-connect.onelogin.com": "https://SUBDOMAIN.onelogin.com/oidc/2",
    "openid-connect-eu.onelogin.com": "https://SUBDOMAIN.onelogin.com/oidc/2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The issuers that a text may mean, the likeliest first, and what was put right to get there."""

    issuers: tuple[str, ...]
    corrections: tuple[str, ...]
    """Keys of the catalogue: space_removed, scheme_added, well_known_removed, endpoint_removed, console_address, …"""


def candidates_of(typed: str, *, is_entra: bool = False) -> Candidates:
    """The issuers that this may mean. `is_entra`: the provider is Microsoft's, where an ID alone names a tenant.

    Raises: `DiscoveryUrlUnreadable`, `DiscoveryUrlPlaceholder`, `DiscoveryUrlIsSaml`, `IssuerRemoved`, `TenantNeeded`.
    """
    text = typed.strip()
    corrections = ["space_removed"] if text != typed else []
    # Without a scheme inside, <your-domain> is a placeholder.
    if "://" in text and _AROUND.get(text[0]) == text[-1]:
        text, corrections = text[1:-1].strip(), [*corrections, "quotes_removed"]
    left = _PLACEHOLDER.search(text)
    if left is not None:
        raise DiscoveryUrlPlaceholder(received=text[:200], placeholder=left[0])
    if re.fullmatch(_GUID, text):
        # It is no host: as one it would be asked of the DNS.
        if not is_entra:
            raise DiscoveryUrlUnreadable(received=text)
        issuer = f"https://{_ENTRA}/{text.lower()}/v2.0"
        return Candidates(issuers=(issuer,), corrections=(*corrections, "tenant_completed"))
    if text and "://" not in text:
        text, corrections = f"https://{text}", [*corrections, "scheme_added"]
    text = _without_the_rest(text, corrections)
    try:
        WebUrl.parse(text)
    except ValueError:
        raise DiscoveryUrlUnreadable(received=typed[:200]) from None
    if _SAML.search(urlsplit(text).path):
        raise DiscoveryUrlIsSaml(received=text[:200])
    bare = _WELL_KNOWN.sub("", text)
    if bare != text:
        corrections.append("well_known_removed")
    issuers = tuple(dict.fromkeys(_meant(bare, corrections)))
    return Candidates(issuers=issuers, corrections=tuple(corrections))


def _without_the_rest(text: str, corrections: list[str]) -> str:
    """The address without what can be no part of an issuer (Discovery 3): there a console's page names its realm."""
    console = _KEYCLOAK_CONSOLE.match(text)
    if console is not None:
        corrections.append("console_address")
        return f"{console[1]}/realms/{console[3] or console[2]}"
    kept = re.split(r"[?#]", text, maxsplit=1)[0]
    if kept != text:
        corrections.append("rest_removed")
    return kept


def _meant(text: str, corrections: list[str]) -> tuple[str, ...]:
    parts = urlsplit(text)
    host = parts.hostname or ""
    if host in _REMOVED:
        raise IssuerRemoved(received=text[:200], instead=_REMOVED[host])
    first = parts.path.strip("/").split("/")[0]
    if host == _ENTRA and first in _EVERY_TENANT:
        raise TenantNeeded(received=text[:200], word=first)
    entra = _ENTRA_V1.match(text)
    if entra is not None:
        issuer = f"https://{_ENTRA}/{entra[1]}/v2.0"
        if issuer != text:
            corrections.append("entra_v2")
        return (issuer,)
    admin = _OKTA_ADMIN.match(host)
    if admin is not None:
        corrections.append("admin_host")
        text = text.replace(host, f"{admin[1]}.{admin[2]}", 1)
    stripped = _KEYCLOAK_PAGE.sub(r"\1", _ENDPOINT.sub("", text))
    if stripped != text:
        corrections.append("endpoint_removed")
        text = stripped
    plain = text.rstrip("/")
    path = urlsplit(plain).path
    if host.endswith(".onelogin.com") and not parts.path.strip("/"):
        return (f"{plain}/oidc/2", plain)
    # Auth0 and JumpCloud end theirs with a slash, Okta and Entra don't: as typed first, then the other.
    either = (text, plain if text != plain else f"{plain}/")
    # Keycloak's address began with /auth until version 17, and still does where its admin has kept it so.
    if path.startswith("/auth/realms/"):
        return (*either, plain.replace("/auth/realms/", "/realms/", 1))
    return (*either, plain.replace("/realms/", "/auth/realms/", 1)) if path.startswith("/realms/") else either
