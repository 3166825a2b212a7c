"""Who a provider's claims speak of, in the shape that every protocol ends in. Nothing is converted or guessed."""

from collections.abc import Mapping
from typing import Final

from ostiary.domain.attributes import is_showable
from ostiary.domain.connection import AttributeNames
from ostiary.domain.errors import EmailNotReadable
from ostiary.domain.identity import Identity, Reading
from ostiary.domain.openid.findings import findings_of
from ostiary.domain.openid.settings import GOOGLE, GOOGLE_ISSUERS, ClaimNames, OidcSettings, SubjectClaim
from ostiary.kernel.values import EmailAddress
from ostiary.oidc.errors import ClaimMalformed, ClaimMissing
from ostiary.oidc.json_text import JsonValue
from ostiary.oidc.relying_party import VerifiedClaims

MOST_GROUPS: Final = 1000
_LONGEST: Final = 254

Claims = Mapping[str, JsonValue]


def from_oidc(verified: VerifiedClaims, *, claims: Claims, settings: OidcSettings) -> Reading:
    """Who the claims speak of. `claims` are those of the ID token, with what UserInfo adds.

    Raises: `ClaimMissing`, `ClaimMalformed`, `EmailNotReadable`.
    """
    names = settings.claims
    email = _email(claims, names.email)
    first, last = _name(claims, names.first_name), _name(claims, names.last_name)
    groups = _groups(claims, names.groups)
    found = findings_of(claims, names, has_first=bool(first), has_last=bool(last), has_groups=bool(groups))
    return Reading(
        identity=Identity(
            # Google writes it in two ways; the person, of whose key it is a part, is one.
            issuer=GOOGLE if verified.issuer in GOOGLE_ISSUERS else verified.issuer,
            subject=_subject(verified, settings),
            email=email,
            first_name=first,
            last_name=last,
            groups=groups,
            is_vouched=email is not None and _is_vouched(verified, claims, settings),
        ),
        findings=tuple(found),
        names=_names(names),
    )


def needs_userinfo(claims: Claims, *, names: ClaimNames) -> bool:
    """Whether something that is read stands not in these claims: an ID token may be thin (Okta, PingOne)."""
    read = [names.email, names.first_name, names.last_name, names.groups]
    missing = any(name and _found(claims, name) is None for name in read)
    # The address without the word that it is verified is half of what is read.
    return missing or (names.email == "email" and "email_verified" not in claims and "xms_edov" not in claims)


def _subject(verified: VerifiedClaims, settings: OidcSettings) -> str:
    if settings.subject_claim is SubjectClaim.SUB:
        return verified.subject
    # Only from the signed token: it is the key of the account. The tenant stands in the issuer of it.
    for claim in ("tid", "oid"):
        if claim not in verified.claims:
            raise ClaimMissing(claim=claim, received=tuple(verified.claims))
    value = verified.claims["oid"]
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise ClaimMalformed(claim="oid", expected="text", received=str(value)[:60])
    return value


def _email(claims: Claims, name: str) -> EmailAddress | None:
    value = claims.get(name)
    if value is None or value == "":
        return None
    # Entra and others may send a list: to pick one of it is to let somebody choose whose account it is.
    if not isinstance(value, str):
        raise ClaimMalformed(claim=name, expected="text", received=str(value)[:60])
    try:
        return EmailAddress.parse(value)
    except ValueError as error:
        raise EmailNotReadable(received=value[:_LONGEST], attribute=name) from error


def _is_vouched(verified: VerifiedClaims, claims: Claims, settings: OidcSettings) -> bool:
    """Whether the provider stands for the address. Only `true` is true: "false" is a text, and no text is false.

    Outside the organization's verified domains it counts for nothing all the same (`admission`).
    """
    if _is_guest(claims):
        return False
    # nOAuth: Entra lets any admin write any address; xms_edov says whether its domain is the tenant's own.
    if "xms_edov" in claims:
        return claims["xms_edov"] is True
    if settings.is_authoritative:
        return True
    # `email_verified` speaks of `email`, and of no other claim.
    is_verified = settings.claims.email == "email" and claims.get("email_verified") is True
    if settings.is_google:
        # Google's own rule: without `hd` it is somebody's private account with the company's address.
        return is_verified and bool(verified.claims.get("hd"))
    return is_verified


def _is_guest(claims: Claims) -> bool:
    """Whether the person is a guest from another tenant (Entra's `acct`): their address is the other tenant's word."""
    value = claims.get("acct")
    return value is not None and value not in (0, "0")


def _groups(claims: Claims, name: str) -> tuple[str, ...]:
    """The groups, where the connection reads any: a list, or one text as OneLogin and LemonLDAP send them."""
    value = _found(claims, name) if name else None
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())[:MOST_GROUPS]
    if not isinstance(value, list):
        return ()
    return tuple(each[:_LONGEST] for each in value if isinstance(each, str) and each)[:MOST_GROUPS]


def _found(claims: Claims, name: str) -> JsonValue:
    """The claim of this name; where there is none, the one that its dots lead to."""
    if name in claims or "." not in name:
        return claims.get(name)
    place: JsonValue = dict(claims)
    for part in name.split("."):
        if not isinstance(place, dict):
            return None
        place = place.get(part)
    return place


def _name(claims: Claims, name: str) -> str:
    """A name as it can be shown beside others: without what would turn the line round, hide or break it (UAX 9)."""
    value = claims.get(name)
    written = " ".join(value.split()) if isinstance(value, str) else ""
    return "".join(each for each in written if is_showable(each))[:_LONGEST]


def _names(names: ClaimNames) -> AttributeNames:
    return AttributeNames(
        email=names.email, first_name=names.first_name, last_name=names.last_name, groups=names.groups
    )
