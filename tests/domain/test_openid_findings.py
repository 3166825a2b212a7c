"""What is told of claims that came, though nobody is refused for it."""

from typing import Any

import pytest

from ostiary.domain.connection import AttributeNames
from ostiary.domain.connection_report import AttributeLine
from ostiary.domain.errors import NoAccount
from ostiary.domain.identity import Identity, Reading
from ostiary.domain.openid.claims import claims_received
from ostiary.domain.openid.errors import EmailMissing
from ostiary.domain.openid.findings import (
    ClaimNameDiffers,
    EmailUnverified,
    GroupsOverage,
    NamesNotSent,
    UserinfoUnread,
    doubt_of,
    findings_of,
    unread_userinfo,
    with_received,
)
from ostiary.domain.openid.settings import GOOGLE, ClaimNames, OidcSettings, SubjectClaim, UserinfoUse
from ostiary.kernel.values import EmailAddress

JANE = {"sub": "00u", "email": "jane@acme.example", "given_name": "Jane", "family_name": "Doe"}
WITH_GROUPS = ClaimNames(groups="groups")


def settings(**given: Any) -> OidcSettings:
    return OidcSettings(**{"issuer": "https://idp.example", "client_id": "c-1", **given})


def reading(email: str = "jane@acme.example", *, is_vouched: bool = False) -> Reading:
    identity = Identity(
        issuer="https://idp.example",
        subject="00u",
        email=EmailAddress.parse(email) if email else None,
        first_name="Jane",
        last_name="",
        is_vouched=is_vouched,
    )
    return Reading(identity=identity, findings=(), names=AttributeNames())


def found(claims: dict[str, Any], names: ClaimNames = WITH_GROUPS, *, has_names: bool = True) -> list[object]:
    return list(findings_of(claims, names, has_first=has_names, has_last=has_names, has_groups=False))


def test_nothing_is_told_of_what_is_as_it_should_be() -> None:
    assert found(JANE) == []


def test_a_name_in_other_letters_is_told_and_not_beside_the_right_one() -> None:
    assert found({**JANE, "Groups": ["a"]}) == [ClaimNameDiffers(expected="groups", received="Groups")]
    assert found({**JANE, "Email": "other@acme.example"}) == []


def test_a_name_in_other_letters_is_not_told_as_missing_too() -> None:
    claims = {"sub": "00u", "email": "jane@acme.example", "given_Name": "Jane"}
    assert found(claims, has_names=False) == [
        ClaimNameDiffers(expected="given_name", received="given_Name"),
        NamesNotSent(expected=("family_name",), received=tuple(claims)),
    ]


def test_names_that_did_not_come_are_told_together() -> None:
    told = found({"sub": "00u"}, has_names=False)
    assert told == [NamesNotSent(expected=("given_name", "family_name"), received=("sub",))]


@pytest.mark.parametrize(
    ("claims", "received"),
    [
        ({"_claim_names": {"groups": "src1"}}, "_claim_names"),
        ({"hasgroups": True}, "hasgroups"),
        ({"_claim_names": {"address": "src1"}}, ""),
    ],
)
def test_a_reference_in_the_place_of_groups_is_told_where_it_is_one_to_the_groups(
    claims: dict[str, Any], received: str
) -> None:
    assert found({**JANE, **claims}) == ([GroupsOverage(expected="groups", received=received)] if received else [])
    assert found({**JANE, **claims}, ClaimNames()) == []


@pytest.mark.parametrize(
    ("claims", "given", "claim", "reason"),
    [
        ({}, {}, "email_verified", "absent"),
        ({"email_verified": False}, {}, "email_verified", "false"),
        ({"email_verified": "true"}, {}, "email_verified", "false"),
        ({"xms_edov": False, "email_verified": True}, {}, "xms_edov", "other_domain"),
        ({"acct": 1, "email_verified": True}, {}, "acct", "guest"),
        ({"email_verified": True}, {"issuer": GOOGLE}, "hd", "private"),
        ({"email_verified": True}, {"claims": ClaimNames(email="upn")}, "upn", "absent"),
    ],
)
def test_why_nobody_vouches_for_an_address_is_told_by_the_claim_that_says_so(
    claims: dict[str, Any], given: dict[str, Any], claim: str, reason: str
) -> None:
    told = doubt_of(reading(), {**JANE, **claims}, settings=settings(**given))
    assert told == EmailUnverified(email="jane@acme.example", claim=claim, reason=reason)


def test_an_address_that_is_vouched_for_or_not_there_is_not_doubted() -> None:
    assert doubt_of(reading(is_vouched=True), JANE, settings=settings()) is None
    assert doubt_of(reading(""), JANE, settings=settings()) is None


@pytest.mark.parametrize(
    ("use", "email", "was_asked", "can_ask", "is_told"),
    [
        (UserinfoUse.NEVER, "", False, True, True),
        (UserinfoUse.NEVER, "jane@acme.example", False, True, False),
        (UserinfoUse.NEVER, "", False, False, False),
        (UserinfoUse.AUTO, "", False, True, False),
        (UserinfoUse.NEVER, "", True, True, False),
    ],
)
def test_that_userinfo_is_never_asked_is_told_where_it_would_bring_the_address(
    use: UserinfoUse, email: str, was_asked: bool, can_ask: bool, is_told: bool
) -> None:
    told = unread_userinfo(reading(email), settings=settings(userinfo_use=use), was_asked=was_asked, can_ask=can_ask)
    assert told == (UserinfoUnread(missing=("email", "family_name")) if is_told else None)


@pytest.mark.parametrize(
    ("claims", "instead"),
    [
        ({"preferred_username": "jane@acme.example"}, "preferred_username"),
        ({"preferred_username": "jane"}, ""),
        ({"upn": "jane@acme.example", "preferred_username": "jane"}, "upn"),
        ({"Email": "jane@acme.example", "upn": "jane@acme.example"}, "Email"),
        ({"preferred_username": ["jane@acme.example"]}, ""),
        ({}, ""),
    ],
)
def test_a_missing_address_names_what_came_in_its_place(claims: dict[str, Any], instead: str) -> None:
    told = with_received(EmailMissing(expected="email"), claims)
    assert told.facts() == {"expected": "email", "received": tuple(claims), "instead": instead}
    other = NoAccount(email="jane@acme.example", organization="Acme")
    assert with_received(other, claims) is other


def test_claims_are_shown_with_where_they_came_from_and_what_for() -> None:
    id_token: dict[str, Any] = {
        "iss": "https://idp.example",
        "sub": "00u",
        "exp": 1772533800,
        "name": "Jane",
        "extra": {"a": [1]},
    }
    userinfo: dict[str, Any] = {"sub": "00u", "name": "Janet", "email": "jane@acme.example", "email_verified": True}
    assert claims_received(id_token, userinfo, settings=settings()) == (
        AttributeLine(name="sub", values=("00u",), used_for="subject", source="both"),
        AttributeLine(name="email", values=("jane@acme.example",), used_for="email", source="userinfo"),
        AttributeLine(name="name", values=("Jane",), used_for="", source="id_token"),
        AttributeLine(name="extra", values=('{"a": [1]}',), used_for="", source="id_token"),
        AttributeLine(name="name", values=("Janet",), used_for="", source="userinfo"),
        AttributeLine(name="iss", values=("https://idp.example",), used_for="checked", source="id_token"),
        AttributeLine(
            name="exp", values=("1772533800 (3 March 2026, 10:30:00 UTC)",), used_for="checked", source="id_token"
        ),
        AttributeLine(name="email_verified", values=("true",), used_for="checked", source="userinfo"),
    )


def test_the_key_of_a_person_is_shown_as_what_it_is() -> None:
    lines = claims_received({"sub": "pairwise", "oid": "o-1"}, {}, settings=settings(subject_claim=SubjectClaim.OID))
    assert {line.name: line.used_for for line in lines} == {"sub": "checked", "oid": "subject"}


def test_a_flood_of_claims_is_cut() -> None:
    many = {f"c{number}": "x" * 5000 for number in range(500)}
    lines = claims_received(many, {}, settings=settings())
    assert len(lines) == 80
    assert all(len(line.values[0]) == 1000 for line in lines)
