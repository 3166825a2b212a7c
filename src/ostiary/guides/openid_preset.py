"""What an OpenID Connect connection with one provider begins with."""

from dataclasses import dataclass

from ostiary.domain.openid.settings import Authentication, ClaimNames, SubjectClaim, UserinfoUse
from ostiary.oidc.relying_party.config import ResponseMode
from ostiary.oidc.relying_party.userinfo import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdPreset:
    """What this provider really does where nobody has changed it. It never vouches for an address by itself."""

    issuer: str
    """The shape of its Discovery URL, such as `https://{subdomain}.okta.com`; the words in braces are the admin's."""
    asks_nothing: bool
    """Whether the admin has nothing to copy: the operator's own client serves every organization (Google)."""
    claims: ClaimNames
    groups_claim: str
    """Under which name it sends groups once somebody has set that up; empty where it never does."""
    scopes: tuple[str, ...]
    groups_scope: str
    """The scope that groups need; empty where they need none."""
    subject_claim: SubjectClaim
    authentication: Authentication
    userinfo_method: Method
    userinfo_use: UserinfoUse
    response_mode: ResponseMode
    extra: tuple[tuple[str, str], ...]
    """Further parameters of the request: Google's `hd`, which is a hint to its page and no check."""
