"""What the OpenID Connect side remembers: applications, keys, requests under way, and what was given out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.profile import AuthMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A client secret. Kept as it is: the simulator's consoles show it where the vendor's do."""

    id: str
    description: str = ""
    value: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One OpenID Connect application with all its settings."""

    id: str
    """In the URLs of the console. Not the client ID, which at Keycloak may be a URL."""
    client_id: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    initiate_login_uri: str = ""
    backchannel_logout_uri: str = ""
    secrets: tuple[ClientSecret, ...] = ()
    auth_method: AuthMethod
    jwks_uri: str = ""
    jwks: str = ""
    """A key set, as text, in place of a `jwks_uri`."""
    requires_pkce: bool = False
    requires_pushed: bool = False
    asks_consent: bool = False
    everyone: bool = True
    """Whether everyone of the provider has it."""
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    groups_claim: str = ""
    """Under which name groups are told; empty: not at all."""
    optional_claims: tuple[str, ...] = ()
    is_multi_tenant: bool = False
    signing_algorithm: str = "RS256"
    encryption_algorithm: str = ""
    """How the key of an encrypted ID token is encrypted (`alg`); empty: ID tokens are plain."""
    encryption_content: str = ""
    """How its content is (`enc`); empty: as OIDC Registration 2 has it."""
    signs_userinfo: bool = False
    faults: tuple[OidcFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKey:
    """A signing key with its name."""

    kid: str
    algorithm: str
    jwk: Mapping[str, str] = field(repr=False)
    """The private key. RFC 7517."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that waits for a person, or, pushed, for its browser."""

    client: str
    """The application, by its `id`."""
    parameters: Mapping[str, str]
    tenant: str
    created_at: datetime
    expires_at: datetime
    is_pushed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a code, an access token or a refresh token stands for."""

    client: str
    user_id: str
    redirect_uri: str
    nonce: str
    code_challenge: str
    scope: str
    tenant: str
    """Under which issuer; empty where the vendor has no tenants."""
    sid: str
    signed_in_at: datetime
    expires_at: datetime
    parent: str = ""
    """The code that an access or refresh token came from."""
    is_used: bool = False
    wants_refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The applications that somebody has opened in a session."""

    user_id: str
    clients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcState:
    """Everything of OpenID Connect, as one value. What was given out is kept by the fingerprint of its text."""

    clients: Mapping[str, Client] = field(default_factory=dict)
    keys: tuple[ProviderKey, ...] = ()
    """The first of an algorithm signs; all are published."""
    unpublished: tuple[ProviderKey, ...] = ()
    faults: tuple[str, ...] = ()
    """Of `ProviderFault`."""
    requests: Mapping[str, AuthorizationRequest] = field(default_factory=dict)
    codes: Mapping[str, Grant] = field(default_factory=dict)
    access_tokens: Mapping[str, Grant] = field(default_factory=dict)
    refresh_tokens: Mapping[str, Grant] = field(default_factory=dict)
    consents: tuple[tuple[str, str], ...] = ()
    """Person and application."""
    opened: Mapping[str, Opened] = field(default_factory=dict)
    """By the `sid` of the session."""
    assertions: tuple[str, ...] = ()
    """The `jti` of client assertions that were taken, the last hundred."""

    def with_client(self, client: Client) -> "OidcState":
        """The same, and this application."""
        return replace(self, clients={**self.clients, client.id: client})


PersonClaims = Mapping[str, JsonValue]
"""What is said about a person in place of what would be said, by claim; None: the claim is left out."""
