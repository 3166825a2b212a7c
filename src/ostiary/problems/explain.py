"""A stored code and its facts, joined with the catalogue and a guide, for one reader.

Whatever a reader is not meant to see is not in their `Explanation`: for the person at the sign-in page it is made of
constant words alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe, RichText, rich
from ostiary.kernel.errors import Fact, Named
from ostiary.problems import catalogue
from ostiary.problems.allowances import AllowanceWords, allowance_of
from ostiary.problems.comparing.marks import Mark
from ostiary.problems.comparing.sentence import first_sentence, is_near
from ostiary.problems.difference import Difference, Kind, compare
from ostiary.problems.problem import Comparison, Fixer, Problem
from ostiary.problems.quoting import Quotes, placeholders, quotable
from ostiary.problems.refining import refined
from ostiary.problems.refining.fitting import fitting

_WHAT_TO_DO: Final = "What to do"


class Reader(StrEnum):
    """Who reads the explanation."""

    USER = "user"
    """The person at the sign-in page. Reads nothing that was sent or stored."""
    ADMIN = "admin"
    TESTER = "tester"
    """The admin who runs a test: "you"."""
    API = "api"
    CLI = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A labelled row of evidence: expected, received, the provider's own text."""

    label: str
    note: str
    values: tuple[tuple[Mark, ...], ...]
    """Each value as its runs; a run that differs is marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What to do if the most likely cause is not the one."""

    when: str
    then: tuple[RichText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What one reader reads about one refusal or finding."""

    code: str
    """Empty for the person at the sign-in page."""
    headline: str
    """Small above the title: "Invalid SAML response", or nothing."""
    title: str
    """The first sentence."""
    second: str
    """Who is affected, and what was not changed."""
    rows: tuple[Row, ...]
    difference: str
    """How expected and received differ, in words; empty where nothing is compared."""
    short: str
    """For a line of a report: "Differs by a slash at the end"."""
    label: str
    """For a line of a timeline, after "Refused: "."""
    fix_heading: str
    steps: tuple[RichText, ...]
    otherwise_title: str
    otherwise: tuple[Otherwise, ...]
    allowance: AllowanceWords | None
    """The switch of the connection that would let it pass, with its risk; None where there is none."""
    fixer: Fixer
    user_title: str
    user_text: str
    status: int

    @property
    def documentation(self) -> str:
        """The path of the page about this code."""
        return f"/problems/{self.code}"

    @property
    def steps_as_text(self) -> str:
        """The steps as numbered lines, to be copied for the other admin."""
        return "\n".join(f"{number}. {step.plain}" for number, step in enumerate(self.steps, start=1))


def explain(
    code: str,
    facts: Mapping[str, Fact],
    *,
    guide: Guide | None,
    values: ConnectionValues,
    reader: Reader,
    person: str = "",
    zone: tzinfo = UTC,
) -> Explanation:
    """What this reader reads about this code and these facts.

    `guide` is None where there is no connection, or none of a known provider. `person` is the address or name of who
    tried to sign in; times are written in `zone`. Never fails for a code or a fact that is not known.
    """
    problem = catalogue.problem(code)
    if reader is Reader.USER:
        return _for_the_user(problem)
    problem = refined(code, problem, facts, guide=guide or fitting(None, problem, code=code), values=values)
    guide = fitting(guide, problem, code=code)
    quotes = Quotes.of(facts, guide=guide, values=values, person=person, is_test=reader is Reader.TESTER, zone=zone)
    difference = _difference(problem.compares, facts, values)
    title = _title(problem, difference, quotes)
    return Explanation(
        code=code,
        headline=catalogue.headline(code),
        title=title,
        second=quotes.fill(problem.cause),
        rows=(*_compared(problem.compares, difference, facts, quotes), *_shown(problem, facts, quotes)),
        difference=difference.words if difference else "",
        short=difference.short if difference and difference.short else _capital(quotes.fill(problem.label)),
        label=quotes.fill(problem.label),
        fix_heading=_fix_heading(problem, guide),
        steps=_steps(problem, guide, quotes),
        otherwise_title=quotes.fill(problem.otherwise_title),
        otherwise=tuple(
            Otherwise(when=quotes.fill(when), then=_written(then, guide, quotes)) for when, then in problem.otherwise
        ),
        allowance=allowance_of(facts) if problem.status != HTTPStatus.OK else None,
        fixer=problem.fixer,
        user_title=problem.user.title,
        user_text=problem.user.text,
        status=problem.status,
    )


def explain_named(
    named: Named,
    *,
    guide: Guide | None,
    values: ConnectionValues,
    reader: Reader,
    person: str = "",
    zone: tzinfo = UTC,
) -> Explanation:
    """The same for a refusal or finding at hand."""
    return explain(named.code, named.facts(), guide=guide, values=values, reader=reader, person=person, zone=zone)


def described(code: str, *, guide: Guide | None, values: ConnectionValues) -> Explanation | None:
    """What there is to say about a code without an attempt at hand, for its help page; None for a code not known.

    In place of facts their names stand in brackets, so it may be shown to anybody.
    """
    if code not in catalogue.BY_CODE:
        return None
    facts = placeholders(catalogue.facts_of(code), values=values)
    whole = explain(code, facts, guide=guide, values=values, reader=Reader.ADMIN)
    return replace(whole, rows=(), difference="")


def _for_the_user(problem: Problem) -> Explanation:
    # Another person's address, a code or a value of the provider must not reach this page (look/16): constants only.
    return Explanation(
        code="",
        headline="",
        title=problem.user.title,
        second=problem.user.text,
        rows=(),
        difference="",
        short="",
        label="",
        fix_heading="",
        steps=(),
        otherwise_title="",
        otherwise=(),
        allowance=None,
        fixer=problem.fixer,
        user_title=problem.user.title,
        user_text=problem.user.text,
        status=problem.status,
    )


def _difference(
    comparison: Comparison | None, facts: Mapping[str, Fact], values: ConnectionValues
) -> Difference | None:
    if comparison is None or "expected" not in facts or "received" not in facts:
        return None
    expected, received = _texts(facts["expected"]), _texts(facts["received"])
    if comparison.is_named:
        near = [(one, other) for one in expected for other in received if is_near(one, other)]
        return compare(near[0][0], [near[0][1]], ours={}) if near else None
    ours = {name: value for name, value in values.named().items() if name != comparison.name}
    return compare(expected[0] if expected else "", received, ours=ours, is_saved=comparison.is_saved)


def _title(problem: Problem, difference: Difference | None, quotes: Quotes) -> str:
    comparison = problem.compares
    if comparison is None or difference is None or difference.kind is Kind.EQUAL:
        return quotes.fill(problem.title)
    if difference.kind in comparison.titles:
        nearest = "".join(mark.text for mark in difference.received[0]) if difference.received else ""
        return quotes.fill(comparison.titles[difference.kind], nearest=nearest)
    if comparison.is_named:
        return quotes.fill(problem.title)
    return first_sentence(difference, whose=quotes.fill(comparison.whose), ours=quotes.fill(comparison.ours))


def _compared(
    comparison: Comparison | None, difference: Difference | None, facts: Mapping[str, Fact], quotes: Quotes
) -> tuple[Row, ...]:
    if comparison is None:
        return ()
    expected: tuple[tuple[Mark, ...], ...] = tuple(
        (Mark(text, differs=False),) for text in _texts(facts.get("expected", "")) if text
    )
    received: tuple[tuple[Mark, ...], ...] = tuple(
        (Mark(text, differs=False),) for text in _texts(facts.get("received", "")) if text
    )
    if difference is not None:
        expected = (difference.expected,)
        rest = received if comparison.is_named else ()
        compared = {"".join(mark.text for mark in marks) for marks in difference.received}
        received = (*difference.received, *(marks for marks in rest if marks[0].text not in compared))
    return (
        Row(label="Expected", note=quotes.fill(comparison.expected_note), values=expected),
        Row(label="Received", note=quotes.fill(comparison.received_note), values=received),
    )


def _shown(problem: Problem, facts: Mapping[str, Fact], quotes: Quotes) -> tuple[Row, ...]:
    rows = []
    for shown in problem.shows:
        texts = [quotable(text, zone=quotes.zone) for text in _texts(facts.get(shown.fact, "")) if text]
        if texts:
            marks = tuple((Mark(text, differs=False),) for text in texts)
            rows.append(Row(label=quotes.fill(shown.label), note=quotes.fill(shown.note), values=marks))
    return tuple(rows)


def _steps(problem: Problem, guide: Guide, quotes: Quotes) -> tuple[RichText, ...]:
    steps = [text for step in problem.steps for text in _written(step, guide, quotes)]
    if problem.ends_with_again and steps and quotes.is_test:
        steps.append(rich("Test again."))
    elif problem.ends_with_again and steps and problem.fixer in {Fixer.IDP_ADMIN, Fixer.ORG_ADMIN}:
        steps.append(rich("Ask {person} to sign in once more.").filled(quotes.values))
    return tuple(steps)


def _written(
    step: str | Recipe | RichText | tuple[RichText, ...], guide: Guide, quotes: Quotes
) -> tuple[RichText, ...]:
    texts = guide.written(step)
    return tuple(text.filled(quotes.values) for text in texts)


def _fix_heading(problem: Problem, guide: Guide) -> str:
    if Recipe.SET_CLOCK in problem.steps:
        # No console has a switch for it: a server's clock is off, theirs or ours.
        return _WHAT_TO_DO
    match problem.fixer:
        case Fixer.IDP_ADMIN:
            return guide.fix_heading
        case Fixer.ORG_ADMIN:
            return "Fix it in the Single Sign-On settings"
        case Fixer.APP_DEVELOPER:
            return "Fix it in the app"
        case Fixer.OPERATOR:
            return "Fix it on the server"
        case Fixer.USER | Fixer.US:
            return _WHAT_TO_DO


def _texts(fact: Fact) -> list[str]:
    return [fact] if isinstance(fact, str) else list(fact)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
