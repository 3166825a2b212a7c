"""What the facts of a refusal say to the person whose sign-in it was: constants, and never a fact itself."""

from collections.abc import Mapping

from ostiary.guides import Guide
from ostiary.kernel.errors import Fact
from ostiary.oidc import errors as openid
from ostiary.problems.problem import NO_ACCESS, SETUP, UserText
from ostiary.problems.refining.fetching import FETCHED, UNREACHED
from ostiary.problems.refining.their_words import recognised, said_in


def for_sign_in(code: str, facts: Mapping[str, Fact], *, guide: Guide | None, otherwise: UserText) -> UserText:
    """What the person reads; `otherwise` is what the catalogue says to everybody."""
    if code in FETCHED:
        return UNREACHED
    if code == openid.TenantMismatch.code and not facts.get("expected"):
        # No account would do: nothing is verified yet.
        return SETUP
    if code == openid.ProviderError.code and guide is not None and _is_unassigned(facts, guide):
        return NO_ACCESS
    return otherwise


def chooses_account(code: str, facts: Mapping[str, Fact]) -> bool:
    """Whether another account at the same provider would do, so that the next sign-in lets the person choose one."""
    return code == openid.TenantMismatch.code and bool(facts.get("expected"))


def _is_unassigned(facts: Mapping[str, Fact], guide: Guide) -> bool:
    """Whether the provider's own words are those whose remedy is to give the person the app."""
    theirs = recognised(said_in(facts, "vendor_code", "description", "error"), guide)
    return theirs is not None and any("assignment_path" in step.names() for step in theirs.then)
