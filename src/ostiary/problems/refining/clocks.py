"""How far the clocks of two servers are apart, as far as an answer tells it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Fixer, Problem

_WORTH_TELLING: Final = 60
"""Seconds: what an answer needs from one server to another, and more."""
_HOUR: Final = 3600
_ZONE_SLACK: Final = 120
_FIRST_IN_MINUTES: Final = 90
_ZONE = "A difference of whole hours is most often a time zone: that server takes its local time for UTC."


def by_start(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With how far the provider's clock is ahead. Nothing is written after it has arrived, so this is certain."""
    written, arrived = _moment(facts, "issued_at"), _moment(facts, "received_at")
    if written is None or arrived is None:
        return problem
    ahead = round((written - arrived).total_seconds())
    if ahead < _WORTH_TELLING:
        return replace(
            problem,
            title="{Idp}'s answer counts only from {seconds_words} after it arrived.",
            cause="The two clocks agree: the answer itself says so ({attribute}). {unchanged}",
            label="{seconds_words} too early",
        )
    return _off(problem, ahead, direction="ahead of", facts=facts)


def by_clocks(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With how far the provider's clock is behind.

    It is certain where the answer bears a time before we had asked (`began_at`). Otherwise the answer may as well have
    waited on its way.
    """
    written, arrived, began = (_moment(facts, name) for name in ("issued_at", "received_at", "began_at"))
    if written is None or arrived is None:
        return problem
    if began is not None and (began - written).total_seconds() >= _WORTH_TELLING:
        return _off(problem, round((began - written).total_seconds()), direction="behind", facts=facts)
    behind = round((arrived - written).total_seconds())
    if behind < _WORTH_TELLING:
        return replace(
            problem,
            title="{Idp}'s answer counted for so short a time that it was over when it arrived.",
            cause="The two clocks agree: the answer itself says until when it counts ({attribute}). {unchanged}",
            steps=("Give the answers of the app {product} in {idp} a longer life: five minutes are usual.",),
            label="over when it arrived",
        )
    return _waited(problem, behind, facts=facts)


def _waited(problem: Problem, behind: int, *, facts: Mapping[str, Fact]) -> Problem:
    """A person who waits explains it; a clock is suspected where it comes back at once, or by whole hours."""
    zone = _zone(behind)
    again = "Sign in once more, without a pause."
    waited = replace(
        problem,
        title=f"By its own clock {{idp}} wrote this answer {about(behind)} before it arrived.",
        cause=f"Either the answer waited that long on a page that stood open, or {{idp}}'s clock is {about(behind)} "
        f"behind {{product}}'s. {_allowed(facts)}{{unchanged}}",
        steps=(again, *zone, Recipe.SET_CLOCK),
    )
    if zone:
        return waited
    return replace(
        waited,
        steps=(again,),
        otherwise_title="If the same comes back at once",
        otherwise=(("The clocks", Recipe.SET_CLOCK),),
        fixer=Fixer.USER,
    )


def by_token_start(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With how far the provider's clock is ahead, where a token says that it was written after it has arrived."""
    written, arrived = _moment(facts, "not_before"), _moment(facts, "now")
    if written is None or arrived is None or facts.get("claim") != "iat":
        return problem
    ahead = round((written - arrived).total_seconds())
    return _token_off(problem, ahead, direction="ahead of") if ahead >= _WORTH_TELLING else problem


def by_token_age(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With how far the provider's clock is behind: a token comes by a request of our own, with nothing to wait for."""
    written, arrived = _moment(facts, "issued_at"), _moment(facts, "now")
    if written is None or arrived is None:
        return problem
    behind = round((arrived - written).total_seconds())
    return _token_off(problem, behind, direction="behind") if behind >= _WORTH_TELLING else problem


def _token_off(problem: Problem, seconds: int, *, direction: str) -> Problem:
    return replace(
        problem,
        title=f"{{Idp}}'s clock is {about(seconds)} {direction} {{product}}'s.",
        cause="Nobody can sign in with {idp} until the two agree. {unchanged}",
        label=f"clocks differ by {about(seconds)}",
        steps=(*_zone(seconds), Recipe.SET_CLOCK),
    )


def _off(problem: Problem, seconds: int, *, direction: str, facts: Mapping[str, Fact]) -> Problem:
    return replace(
        problem,
        title=f"{{Idp}}'s clock is {about(seconds)} {direction} {{product}}'s.",
        cause=f"Nobody can sign in with {{idp}} until the two agree. {_allowed(facts)}{{unchanged}}",
        label=f"clocks differ by {about(seconds)}",
        steps=(*_zone(seconds), Recipe.SET_CLOCK),
    )


def _allowed(facts: Mapping[str, Fact]) -> str:
    """In the same words as the difference beside it; empty where it is not recorded."""
    seconds = facts.get("allowed_seconds", "")
    is_number = isinstance(seconds, str) and seconds.isdecimal()
    return f"A difference of {about(int(str(seconds)))} is allowed. " if is_number else ""


def about(seconds: int) -> str:
    """A span of time as somebody says it: "70 seconds", "7 minutes", "2 hours"."""
    if seconds < _FIRST_IN_MINUTES:
        return f"{seconds} seconds"
    if seconds < _FIRST_IN_MINUTES * 60:
        return f"{round(seconds / 60)} minutes"
    hours = round(seconds / _HOUR)
    return f"{hours} hours" if hours < 48 else f"{round(seconds / (24 * _HOUR))} days"  # noqa: PLR2004 - two days


def _zone(seconds: int) -> tuple[str, ...]:
    apart = seconds % _HOUR
    is_whole = min(apart, _HOUR - apart) <= _ZONE_SLACK
    return (_ZONE,) if is_whole and _HOUR - _ZONE_SLACK <= seconds <= 14 * _HOUR + _ZONE_SLACK else ()


def _moment(facts: Mapping[str, Fact], name: str) -> datetime | None:
    text = facts.get(name, "")
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) and text else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
