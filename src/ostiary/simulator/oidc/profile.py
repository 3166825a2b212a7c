"""How one vendor speaks OpenID Connect: the table `[oidc]` of `profiles/*.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from ostiary.simulator.oidc.words import ConsoleWords

ClaimSource = Literal[
    "email",
    "true",
    "first_name",
    "last_name",
    "full_name",
    "hosted_domain",
    "tenant",
    "object_id",
    "updated_at",
    "sid",
    "client_id",
    "auth_time",
    "now",
    "token_id",
    "amr",
]
SubjectForm = Literal["okta", "number", "google", "guid", "pairwise"]
ClientIdForm = Literal["okta", "guid", "google", "chosen"]
AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
RefusalName = Literal[
    "client_unknown",
    "redirect_uri_unknown",
    "request_wrong",
    "request_uri_wrong",
    "pkce_required",
    "not_assigned",
    "consent_declined",
    "login_required",
    "consent_required",
    "tenant_unknown",
    "other_tenant",
    "shared_tenant",
    "request_expired",
    "pushed_required",
    "response_type",
    "scope_wrong",
    "client_rejected",
    "secret_wrong",
    "secret_expired",
    "assertion_wrong",
    "code_wrong",
    "verifier_wrong",
    "redirect_uri_differs",
    "refresh_wrong",
    "grant_unsupported",
    "post_logout_uri_unknown",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcPaths:
    """Where things stand under the base URL. `{tenant}` is filled in where the vendor has tenants."""

    issuer: str
    """The path of the issuer; empty where that is the base URL itself."""
    authorize: str
    token: str
    userinfo: str
    jwks: str
    end_session: str = ""
    """Empty: the vendor has none."""
    pushed: str = ""
    """Empty: the vendor has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim about a person, where it is told and for which scope."""

    name: str
    source: ClaimSource
    scope: str = ""
    """Empty: always."""
    in_id_token: bool = True
    in_userinfo: bool = True
    optional: bool = False
    """Whether the application has to ask for it in the console (Entra: "Optional claims")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalWords:
    """What the vendor answers. `{client_id}`, `{app}`, `{email}`, `{redirect_uri}` and `{tenant}` are filled in."""

    answer: Literal["page", "redirect", "json"]
    error: str = ""
    title: str = ""
    text: str
    status: int = 400
    code: int = 0
    """The number of an AADSTS code."""
    subcode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """When a refresh token is given."""

    scope: str = "offline_access"
    """Empty: always."""
    parameter: tuple[str, str] = ("", "")
    """A parameter of the authorization request that asks for one (Google: access_type=offline)."""
    rotates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProfile:
    """The quirks of one vendor."""

    paths: OidcPaths
    metadata: Mapping[str, JsonValue]
    """What else stands in the discovery document, as captured."""
    tenants: tuple[str, ...] = ()
    """The first is where people are; empty where the vendor has no tenants."""
    shared_tenants: tuple[str, ...] = ()
    """Names that stand for every tenant: the discovery document then bears the template as its issuer (Entra)."""
    tenant_placeholder: str = "{tenantid}"
    subject: SubjectForm
    client_id: ClientIdForm
    auth_methods: tuple[AuthMethod, ...]
    """The first is what a new application uses."""
    any_secret_method: bool = False
    """Whether a secret is taken by header and by form alike, whatever the application is set to."""
    secret_bytes: int = 32
    secret_prefix: str = ""
    claims: tuple[Claim, ...]
    constants: Mapping[str, JsonValue] = field(default_factory=dict)
    """What every ID token says besides."""
    at_hash: bool = True
    id_token_minutes: int = 60
    kid_bytes: int = 32
    keys_name_algorithm: bool = True
    """Whether keys of the key set have `alg`. Entra ID's and OneLogin's have not."""
    has_encryption_key: bool = False
    """Whether a key for encryption stands among those for signatures (Keycloak)."""
    key_members: Mapping[str, JsonValue] = field(default_factory=dict)
    """What every key in the JWKS says besides; `{issuer}` is filled in."""
    groups_form: Literal["names", "paths", "ids"] = "names"
    groups_scope: str = ""
    """Without which groups are not told; empty: always."""
    groups_in_id_token: bool = True
    single_group_as_text: bool = False
    groups_limit: int = 0
    """Above which the groups claim gives way to a reference (Entra). 0: never."""
    session_state: bool = False
    iss_parameter: bool = False
    asks_consent: bool = False
    redirect_wildcard: bool = False
    """Whether a registered redirect URI may end in an asterisk (Keycloak)."""
    everyone_assigned: bool = True
    """Whether a new application is everyone's."""
    has_tiles: bool = False
    tile_has_iss: bool = False
    jwt_access_token: bool = False
    backchannel: bool = False
    logout_asks: bool = False
    refresh: Refresh = field(default_factory=Refresh)
    refusals: Mapping[RefusalName, RefusalWords]
    console: ConsoleWords
