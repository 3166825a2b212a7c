"""How an owner comes in to confirm something, where the password that would let them in is refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.domain.errors import KeyNeedsConfirmation, LinkNeedsConfirmation
from ostiary.guides import ConnectionValues, Guide
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem, UserText

INSTEAD: Final = "instead_of_password"
"""The fact that tells it: added when the words are read, since the enforcement may have been taken back since."""
BY_PASSWORD: Final = frozenset((LinkNeedsConfirmation.code, KeyNeedsConfirmation.code))
"""Codes whose words send an owner to the password."""

_BREAK_GLASS: Final = "break_glass"
_PASSWORD: Final = "Sign in as {email} with the password."  # noqa: S105 - a step, no password
_DOOR: Final = (
    "Sign in as {email} by break-glass access, at **/login/break-glass**: passwords are refused while single sign-on "
    "is enforced. An owner without it needs that taken back for a while."
)
_STOP: Final = (
    "Passwords are refused while single sign-on is enforced. Take that back for a while: "
    "**Settings → Security → Single Sign-On**."
)
_STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    _BREAK_GLASS: (_DOOR,),
    "taken_back": (_STOP, _PASSWORD),
}
_CLOSED: Final = "Your password is not accepted while single sign-on is enforced. "
_WAYS: Final[Mapping[str, str]] = {
    _BREAK_GLASS: "Come in by break-glass access, or ask an admin who can sign in to stop enforcing. ",
    "taken_back": "Ask an admin who can sign in to stop enforcing for a while, then sign in with your password. ",
}
_THEN: Final[Mapping[str, str]] = {
    LinkNeedsConfirmation.code: "Then run Test Connection in the single sign-on settings, and choose there to use "
    "this identity for your account.",
    KeyNeedsConfirmation.code: "Then run Test Connection in the single sign-on settings.",
}


def by_ways_left(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With the way in that is left, in place of the password."""
    steps = _STEPS.get(str(facts.get(INSTEAD, "")))
    if steps is None:
        return problem
    at = problem.steps.index(_PASSWORD)
    return replace(problem, steps=(*problem.steps[:at], *steps, *problem.steps[at + 1 :]))


def for_the_owner(code: str, facts: Mapping[str, Fact], *, otherwise: UserText) -> UserText:
    """What the owner reads whose sign-in waits for the confirmation."""
    ways = _WAYS.get(str(facts.get(INSTEAD, "")))
    if ways is None or code not in _THEN:
        return otherwise
    return UserText(title=otherwise.title, text=f"{_CLOSED}{ways}{_THEN[code]}")


def offers_break_glass(facts: Mapping[str, Fact]) -> bool:
    """Whether the page leads to the door of break-glass access."""
    return facts.get(INSTEAD) == _BREAK_GLASS
