"""Who talks with whom, and how strictly: the frozen values with which every message is made or judged."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ostiary.oidc.client_auth import Authentication

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""What a connection takes unless it says otherwise. Metadata can narrow this, never widen it (RFC 8725 3.1)."""
SKEW_SECONDS: Final = 60


class ResponseMode(StrEnum):
    """How the provider's answer travels."""

    QUERY = "query"
    FORM_POST = "form_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Our side of one connection."""

    client_id: str
    redirect_uri: str
    """Of this connection alone (decision 1): it is compared, sent, and never made from a request."""
    authentication: Authentication


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The customer's side of one connection, as it was configured."""

    issuer: str
    """Compared octet by octet with what the provider says of itself."""
    other_issuers: tuple[str, ...] = ()
    """Issuers that count too. Google alone: its tokens may say `accounts.google.com`."""
    algorithms: tuple[str, ...] = ALGORITHMS
    trusted_audiences: tuple[str, ...] = ()
    """To whom else a token may be addressed."""
    tenants: tuple[str, ...] = ()
    """Entra's tenants (`tid`) that may sign in. Needed where the issuer is that of all tenants."""
    hosted_domains: tuple[str, ...] | None = None
    """Google: the Workspace domains (`hd`) that may sign in. None asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What one sign-in asks for beyond who it is."""

    scopes: tuple[str, ...] = ("openid", "profile", "email")
    response_mode: ResponseMode = ResponseMode.QUERY
    prompt: str = ""
    max_age: int | None = None
    """Seconds since the person signed in at the provider, at most."""
    acr_values: tuple[str, ...] = ()
    login_hint: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    """Further parameters, such as Google's `hd`. None of ours can be replaced by them."""
