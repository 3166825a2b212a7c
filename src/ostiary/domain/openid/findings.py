"""What is worth telling an admin of claims that came, though nobody is refused for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from ostiary.domain.identity import Reading
from ostiary.domain.openid.errors import EmailMissing
from ostiary.domain.openid.settings import ClaimNames, OidcSettings, UserinfoUse
from ostiary.kernel.errors import Finding, Refusal
from ostiary.kernel.values import EmailAddress
from ostiary.oidc.json_text import JsonValue

Claims = Mapping[str, JsonValue]
_OVERAGE: Final = ("_claim_names", "hasgroups", "groups:src1")
"""How Entra ID says that somebody is in too many groups for a token."""
_LIKE_AN_ADDRESS: Final = ("preferred_username", "upn", "unique_name", "mail", "emailaddress", "username", "login")
_MOST_NAMES: Final = 60


@dataclass(frozen=True)
class ClaimNameDiffers(Finding):
    """A claim came under a name that differs from the one that is read in letter case alone. It is not read."""

    code: ClassVar[str] = "oidc.claim_case_differs"
    expected: str
    received: str


@dataclass(frozen=True)
class NamesNotSent(Finding):
    """First or last name has not come. The account then bears the address, or keeps the name that it has."""

    code: ClassVar[str] = "oidc.name_missing"
    expected: tuple[str, ...]
    received: tuple[str, ...]


@dataclass(frozen=True)
class GroupsOverage(Finding):
    """A reference to the groups came in their place. It is not followed: nobody has given us access there."""

    code: ClassVar[str] = "oidc.groups_omitted"
    expected: str
    received: str


@dataclass(frozen=True)
class EmailUnverified(Finding):
    """Nobody vouches for the address, so it proves nothing about an account that exists.

    `reason`: false, absent, other_domain, guest or private. `claim`: where the word would stand.
    """

    code: ClassVar[str] = "oidc.email_unverified"
    email: str
    claim: str
    reason: str


@dataclass(frozen=True)
class UserinfoUnread(Finding):
    """Something that is read is not in the ID token, and the settings say that UserInfo is never asked."""

    code: ClassVar[str] = "oidc.userinfo_not_asked"
    missing: tuple[str, ...]


@dataclass(frozen=True)
class SignOutReturns(Finding):
    """The provider takes sign-outs, and sends people back to addresses that it knows alone. RP-Initiated Logout 1.0."""

    code: ClassVar[str] = "oidc.sign_out_returns"


def findings_of(
    claims: Claims, names: ClaimNames, *, has_first: bool, has_last: bool, has_groups: bool
) -> list[Finding]:
    """What is odd about these claims."""
    differing = _differing_in_case(claims, names)
    found: list[Finding] = list(differing)
    told = {each.expected for each in differing}
    read = ((names.first_name, has_first), (names.last_name, has_last))
    missing = [name for name, came in read if not came and name not in told]
    if missing:
        found.append(NamesNotSent(expected=tuple(missing), received=_names(claims)))
    overage = next((name for name in _OVERAGE if name in claims), "")
    if names.groups and overage and not has_groups and _is_about(claims, overage, names.groups):
        found.append(GroupsOverage(expected=names.groups, received=overage))
    return found


def doubt_of(reading: Reading, claims: Claims, *, settings: OidcSettings) -> EmailUnverified | None:
    """Why the address of this person counts for nothing; None where something vouches for it."""
    identity = reading.identity
    if identity.email is None or identity.is_vouched:
        return None
    claim, reason = _doubt(claims, settings)
    return EmailUnverified(email=identity.address, claim=claim, reason=reason)


def unread_userinfo(
    reading: Reading, *, settings: OidcSettings, was_asked: bool, can_ask: bool
) -> UserinfoUnread | None:
    """That the rest of the claims was never asked for, where it could have been and the address is missing."""
    if was_asked or not can_ask or settings.userinfo_use is not UserinfoUse.NEVER:
        return None
    identity, names = reading.identity, settings.claims
    read = (
        (names.email, identity.address),
        (names.first_name, identity.first_name),
        (names.last_name, identity.last_name),
    )
    missing = tuple(name for name, value in read if not value)
    return UserinfoUnread(missing=missing) if identity.email is None else None


def with_received(refusal: Refusal, claims: Claims) -> Refusal:
    """The same refusal; where the address is missing, with what came in its place."""
    if not isinstance(refusal, EmailMissing):
        return refusal
    return EmailMissing(
        expected=refusal.expected, received=_names(claims), instead=_instead(claims, expected=refusal.expected)
    )


def _doubt(claims: Claims, settings: OidcSettings) -> tuple[str, str]:
    if claims.get("acct") not in {None, 0, "0"}:
        return "acct", "guest"
    if "xms_edov" in claims:
        return "xms_edov", "other_domain"
    if settings.claims.email != "email":
        return settings.claims.email, "absent"
    if settings.is_google and claims.get("email_verified") is True:
        return "hd", "private"
    return "email_verified", "false" if "email_verified" in claims else "absent"


def _instead(claims: Claims, *, expected: str) -> str:
    differing = next((name for name in claims if name.lower() == expected.lower() and name != expected), "")
    like = (name for name in _LIKE_AN_ADDRESS if name != expected and _is_address(claims.get(name)))
    return differing or next(like, "")


def _is_address(value: JsonValue) -> bool:
    if not isinstance(value, str):
        return False
    try:
        EmailAddress.parse(value)
    except ValueError:
        return False
    return True


def _is_about(claims: Claims, overage: str, name: str) -> bool:
    """Whether the reference is to the groups: `_claim_names` may speak of any claim (Core 5.6.2)."""
    named = claims[overage]
    return name in named if overage == "_claim_names" and isinstance(named, dict) else True


def _differing_in_case(claims: Claims, names: ClaimNames) -> tuple[ClaimNameDiffers, ...]:
    read = [name for name in (names.email, names.first_name, names.last_name, names.groups) if name]
    expected = {name.lower(): name for name in read if name not in claims}
    return tuple(
        ClaimNameDiffers(expected=expected[name.lower()], received=name) for name in claims if name.lower() in expected
    )


def _names(claims: Claims) -> tuple[str, ...]:
    return tuple(claims)[:_MOST_NAMES]
