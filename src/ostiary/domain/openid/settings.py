"""What an admin copies from an OpenID Connect provider, and chooses. One revision of a connection.

Client secrets are not in it: they are sealed rows of their own, so that no page and no export can show one.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ostiary.domain.account import Role
from ostiary.kernel.ids import ConnectionId, KeyId, OrganizationId
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party.config import ALGORITHMS, ResponseMode
from ostiary.oidc.relying_party.userinfo import Method

GOOGLE: Final = "https://accounts.google.com"
GOOGLE_ISSUERS: Final = (GOOGLE, "accounts.google.com")
"""Google alone writes its issuer in two ways."""
USE_NOTED_EVERY: Final = timedelta(days=1)
MOST_SECRETS: Final = 2
"""Of one issuer."""


class Authentication(StrEnum):
    """How we prove to the provider that we are the client. The values are those of the registry, but for the first."""

    AUTO = "auto"
    """The first of those that the provider offers, and for which we have what it takes."""
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


class UserinfoUse(StrEnum):
    """When the UserInfo endpoint is asked."""

    AUTO = "auto"
    """Where the ID token lacks something that is read: the thin tokens of Okta and PingOne."""
    ALWAYS = "always"
    NEVER = "never"


class LinkPolicy(StrEnum):
    """Whether an address may lead to an account that exists."""

    NEVER = "never"
    VERIFIED_DOMAIN = "verified_domain"


class SubjectClaim(StrEnum):
    """Which claim is the key of a person. Entra's `sub` differs for each application; its `oid` does not."""

    SUB = "sub"
    OID = "oid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """Under which names the provider sends what we read."""

    email: str = "email"
    first_name: str = "given_name"
    last_name: str = "family_name"
    groups: str = ""
    """Empty where groups are not read. With dots it leads into objects: realm_access.roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One revision of an OpenID Connect connection."""

    issuer: str
    client_id: str
    authentication: Authentication = Authentication.AUTO
    assertion_audience: AssertionAudience = AssertionAudience.ISSUER
    userinfo_method: Method = Method.GET
    """The brief's "Method" (decision 19)."""
    userinfo_use: UserinfoUse = UserinfoUse.AUTO
    response_mode: ResponseMode = ResponseMode.QUERY
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    algorithms: tuple[str, ...] = ALGORITHMS
    wants_encryption: bool = False
    """Whether ID tokens arrive encrypted to our keys, and no plain one counts. Core 3.1.3.7 (1)."""
    claims: ClaimNames = field(default_factory=ClaimNames)
    subject_claim: SubjectClaim = SubjectClaim.SUB
    tenants: tuple[str, ...] = ()
    """Entra: the tenants (`tid`) that may sign in."""
    hosted_domains: tuple[str, ...] | None = None
    """Google: the Workspace domains (`hd`) that may sign in. None: at Google the organization's verified domains."""
    prompt: str = ""
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Further parameters of the authorization request."""
    default_role: Role = Role.MEMBER
    creates_accounts: bool = False
    is_authoritative: bool = False
    """Whether the provider vouches for every address inside the organization's verified domains (decision 7)."""
    link_policy: LinkPolicy = LinkPolicy.VERIFIED_DOMAIN
    is_operators_client: bool = False
    """Whether we are the operator's own client at Google, of which no admin knows anything. No client ID then."""

    @property
    def is_google(self) -> bool:
        """Whether all customers of Google share the issuer, so that only `hd` tells whose person somebody is."""
        return self.is_operators_client or self.issuer in GOOGLE_ISSUERS

    @property
    def follows_domains(self) -> bool:
        """Whether only people of the organization's verified domains sign in, whoever is tied to an account."""
        return self.is_google and self.hosted_domains is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A client secret, without the secret: what an admin may see of it."""

    id: KeyId
    organization_id: OrganizationId
    connection_id: ConnectionId
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    """When it ends at the provider, as the admin said; None where they did not."""
    issuer: str = ""
    """Whose it is: it is never sent to another issuer. Empty where an older version has kept it."""
    used_at: datetime | None = None
    """When the provider last took it, to the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSecret:
    """A client secret as it goes into a call to its provider, and nowhere else."""

    id: KeyId
    value: str = field(repr=False)
    used_at: datetime | None

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether its use is worth a note: once a day is enough to tell which of two is no longer needed."""
        return self.used_at is None or now - self.used_at >= USE_NOTED_EVERY
