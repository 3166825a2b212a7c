"""What the facts of a refusal say to the person whose sign-in it was: constants, and never a fact itself."""

import re
from collections.abc import Mapping
from typing import Final

from ostiary.guides import Guide
from ostiary.kernel.errors import Fact
from ostiary.oidc import errors as openid
from ostiary.problems.problem import NO_ACCESS, SETUP, TURNED_BACK, UserText
from ostiary.problems.refining.fetching import FETCHED, UNREACHED
from ostiary.problems.refining.their_words import recognised, said_in

_TURNED_BACK: Final = re.compile(
    r"AADSTS65004(?![0-9])|resource owner denied|(user|owner|person) (has )?(denied|declined|cancell?ed|aborted)"
    r"|did not (authorize|consent)|turned back|(cancell?ed|denied|declined|aborted) by (the )?(end-?)?user"
    r"|aborted interaction",
    re.IGNORECASE,
)
"""How providers say that the person has pressed Cancel."""
_SOMEBODY_DECIDED: Final = re.compile(
    r"AADSTS|polic(y|ies)|admin|assign|not allowed|permi(t|ssion)|authori[sz]ed to|block|disabled|restricted",
    re.IGNORECASE,
)
"""How they say that it was not the person, but what an admin has set."""


def for_sign_in(code: str, facts: Mapping[str, Fact], *, guide: Guide | None, otherwise: UserText) -> UserText:
    """What the person reads; `otherwise` is what the catalogue says to everybody."""
    if code in FETCHED:
        return UNREACHED
    if code == openid.TenantMismatch.code and not facts.get("expected"):
        # No account would do: nothing is verified yet.
        return SETUP
    if code == openid.ProviderError.code and guide is not None and _is_unassigned(facts, guide):
        return NO_ACCESS
    return TURNED_BACK if turned_back(code, facts, guide=guide) else otherwise


def chooses_account(code: str, facts: Mapping[str, Fact]) -> bool:
    """Whether another account at the same provider would do, so that the next sign-in lets the person choose one."""
    return code == openid.TenantMismatch.code and bool(facts.get("expected"))


def turned_back(code: str, facts: Mapping[str, Fact], *, guide: Guide | None) -> bool:
    """Whether it was the person who did not go on at the provider, as far as it says so.

    `access_denied` alone is Cancel on the page of consent (RFC 6749 4.1.2.1): whoever means a rule of theirs names it.
    """
    if code != openid.ProviderError.code:
        return False
    vendor_code, description = said_in(facts, "vendor_code", "description")
    said = f"{vendor_code} {description}"
    if _TURNED_BACK.search(said):
        return True
    theirs = recognised((vendor_code, description, "access_denied"), guide) if guide is not None else None
    is_bare = theirs is None or theirs.says == "access_denied"
    return facts.get("error") == "access_denied" and is_bare and not _SOMEBODY_DECIDED.search(said)


def _is_unassigned(facts: Mapping[str, Fact], guide: Guide) -> bool:
    """Whether the provider's own words are those whose remedy is to give the person the app."""
    theirs = recognised(said_in(facts, "vendor_code", "description", "error"), guide)
    return theirs is not None and any("assignment_path" in step.names() for step in theirs.then)
