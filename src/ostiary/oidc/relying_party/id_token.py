"""The ID token: who signed in, proven by the provider's signature. OpenID Connect Core 2 and 3.1.3.7, RFC 8725.

The same list of checks runs at a sign-in (`enforce`, to the first refusal) and in a connection test (`examine`, to the
end). The signature is always verified, though Core would let a token from the token endpoint pass without.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ostiary.kernel.report import CheckResult, Passed, enforce, examine
from ostiary.oidc.json_text import JsonObject, JsonValue
from ostiary.oidc.relying_party.case import Case, Expected, claims_of, date, moment, parts_of, text, verified_of
from ostiary.oidc.relying_party.checks import CHECKS, LONGEST_SUBJECT

LONGEST_METHOD: Final = 64
MOST_METHODS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedClaims:
    """What the provider has signed of a person. Made only here, after every check."""

    issuer: str
    subject: str
    auth_time: datetime | None
    session: str
    """`sid`; empty where there is none."""
    acr: str
    amr: tuple[str, ...]
    claims: JsonObject
    key_name: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Every check's result, the claims if all have passed, and what stands in the token unverified."""

    results: tuple[CheckResult, ...]
    claims: VerifiedClaims | None
    unverified_claims: JsonObject


def read_id_token(token: str, *, expected: Expected) -> VerifiedClaims:
    """The claims of an ID token that holds.

    Raises: every refusal of `CHECKS`; `KeyUnknown` asks for one look at the provider's keys anew.
    """
    case = Case(token=token, expected=expected)
    enforce(CHECKS, case)
    return _made_of(case)


def diagnose_id_token(token: str, *, expected: Expected) -> Diagnosis:
    """Every check's result, in order. Raises nothing of its own."""
    case = Case(token=token, expected=expected)
    results = examine(CHECKS, case)
    passed = all(isinstance(result, Passed) for result in results)
    return Diagnosis(
        results=results,
        claims=_made_of(case) if passed else None,
        unverified_claims=case.parts.payload if case.parts else {},
    )


def _made_of(case: Case) -> VerifiedClaims:
    verified, claims = verified_of(case), claims_of(case)
    return VerifiedClaims(
        issuer=text(case, "iss"),
        subject=text(case, "sub"),
        auth_time=moment(date(case, "auth_time")) if "auth_time" in claims else None,
        session=_optional_text(claims, "sid"),
        acr=_optional_text(claims, "acr"),
        amr=_methods(claims.get("amr")),
        claims=claims,
        key_name=verified.key.name,
        algorithm=parts_of(case).algorithm,
    )


def _optional_text(claims: JsonObject, claim: str) -> str:
    """The text of this claim; empty where it is none that can be kept and found again, as with a NUL in it."""
    value = claims.get(claim)
    return value[:LONGEST_SUBJECT] if isinstance(value, str) and value.isprintable() else ""


def _methods(amr: JsonValue) -> tuple[str, ...]:
    """The ways of signing in, short names all of them (RFC 8176): each session carries them."""
    if not isinstance(amr, list):
        return ()
    kept = [each for each in amr if isinstance(each, str) and len(each) <= LONGEST_METHOD and each.isprintable()]
    return tuple(kept[:MOST_METHODS])
