"""What makes the catalogue true: nothing can be refused without words, and the words quote only what is there."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import ostiary
from ostiary.cli.docs import documentation
from ostiary.guides import ConnectionValues, Recipe, RichText, guides, rich
from ostiary.kernel.errors import Finding, Named, Refusal
from ostiary.problems import catalogue
from ostiary.problems.catalogue import BY_CODE, CATALOGUE
from ostiary.problems.checks import TITLES
from ostiary.problems.comparing.sentence import SENTENCES
from ostiary.problems.corrections import CORRECTIONS
from ostiary.problems.problem import Problem
from ostiary.problems.product import UNKNOWN, WITHOUT_CLASS
from ostiary.problems.quoting import FACT_WORDS, READER_WORDS
from ostiary.problems.timeline import HOW, KINDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RELEASED = Path(ostiary.__file__).parent / "problems" / "released.txt"
FAMILIES = {"saml", "oidc", "login", "request", "setup", "outbound", "dns", "mail", "storage", "doctor"}
CODE = re.compile(r"[a-z]+\.[a-z0-9]+(_[a-z0-9]+)*")
FORBIDDEN = re.compile(
    r"\binvalid\b|failed to|\boops\b|\bplease\b|!|try again later|you entered|\bwrongly\b|\bsorry\b|\bunfortunately\b",
    re.IGNORECASE,
)
NO_CONNECTION = ConnectionValues.without_connection(product="Ringline")


def test_every_reason_for_refusing_has_exactly_one_problem() -> None:
    """A reason without words would reach an admin as a code alone; words without a reason are never read."""
    assert _leaves() - set(CATALOGUE) == set()
    assert set(CATALOGUE) - _leaves() == set()


def test_every_code_belongs_to_one_class_and_names_a_family() -> None:
    codes = [named.code for named in CATALOGUE] + list(WITHOUT_CLASS)
    assert len(codes) == len(set(codes))
    assert [code for code in codes if not CODE.fullmatch(code) or code.split(".")[0] not in FAMILIES] == []


@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.key)
def test_a_text_quotes_only_facts_of_its_class_and_what_every_guide_has(guide) -> None:
    always = {*guide.values(), *NO_CONNECTION.quoted(), *READER_WORDS}
    stray = {
        f"{code}: {name}"
        for code, problem, facts in _problems()
        for text in _all_texts(problem)
        for name in rich(text).names()
        if name not in always | facts | _words_for(facts) | {"nearest"}
    }
    assert stray == set()


def test_what_is_compared_and_shown_are_facts_of_the_class() -> None:
    missing = [
        f"{code}: {fact}"
        for code, problem, facts in _problems()
        for fact in (*(shown.fact for shown in problem.shows), *(("expected", "received") if problem.compares else ()))
        if fact not in facts
    ]
    assert missing == []


def test_what_the_person_at_the_sign_in_page_reads_quotes_nothing() -> None:
    """Not a name in braces, not a code, not a figure that could be somebody's: look/16."""
    texts = {text for problem in _all_problems() for text in (problem.user.title, problem.user.text)}
    quotes = re.compile(r"[{}`]|https?:|\w+\.\w+_\w+|\bSAML\b|\bOkta\b|\bOneLogin\b")
    assert [text for text in texts if quotes.search(text)] == []
    assert [text for text in texts if not text.strip()] == []


def test_a_title_of_the_person_has_no_full_stop_and_the_text_below_has_one() -> None:
    for problem in _all_problems():
        assert not problem.user.title.endswith(".")
        assert problem.user.text.endswith(".")


def test_a_code_that_was_ever_released_still_has_its_words() -> None:
    """A code stands in scripts, in bookmarks and in stored attempts. It can be retired, never taken back."""
    released = RELEASED.read_text(encoding="utf-8").split()
    assert released == sorted(set(released))
    assert [code for code in released if code not in BY_CODE] == []
    assert sorted(set(BY_CODE) - set(released)) == [], "write new codes into problems/released.txt"


def test_every_recorded_code_has_its_page_and_the_pages_are_what_the_catalogue_says() -> None:
    pages = {name: text for name, text in documentation().items() if "/" in name}
    assert [code for code in BY_CODE if f"problems/{code}.md" not in pages] == []
    behind = [name for name, text in pages.items() if not (DOCS / name).exists() or (DOCS / name).read_text() != text]
    assert behind == [], "run `ostiary docs`"
    kept = {path.relative_to(DOCS).as_posix() for area in ("problems", "guides") for path in (DOCS / area).glob("*")}
    assert kept - set(pages) == set()


def test_no_text_blames_begs_or_shouts() -> None:
    """The brief's own "Invalid SAML response" stands alone; nowhere else is anything or anybody invalid."""
    found = [text for text in _every_text() if FORBIDDEN.search(text)]
    assert found == []
    assert catalogue.INVALID_SAML_RESPONSE == "Invalid SAML response"


def test_the_briefs_headline_stands_over_every_refused_saml_message_and_nothing_else() -> None:
    for named in CATALOGUE:
        is_refused_saml = issubclass(named, Refusal) and named.code.startswith("saml.")
        assert (catalogue.headline(named.code) == "Invalid SAML response") == is_refused_saml


def test_a_refusal_has_the_status_of_an_error_and_a_finding_has_none() -> None:
    for named, problem in CATALOGUE.items():
        if issubclass(named, Finding):
            assert problem.status == 200, named.code
        else:
            assert 400 <= problem.status < 600, named.code


def test_markup_stands_only_in_steps_because_nothing_else_is_shown_with_it() -> None:
    for code, problem, _ in _problems():
        plain = [problem.title, problem.cause, problem.label, problem.otherwise_title]
        plain += [text for shown in problem.shows for text in (shown.label, shown.note)]
        plain += [when for when, _ in problem.otherwise]
        assert [text for text in plain if "**" in text or "`" in text or "{copy:" in text] == [], code


def test_every_fact_that_has_words_of_its_own_is_a_fact_of_some_class() -> None:
    facts = {fact for _, _, own in _problems() for fact in own}
    assert {fact for fact, _ in FACT_WORDS} <= facts


def test_every_problem_says_what_to_do() -> None:
    assert [code for code, problem, _ in _problems() if not problem.steps] == []
    assert [code for code, problem, _ in _problems() if bool(problem.otherwise) != bool(problem.otherwise_title)] == []


def test_every_first_sentence_is_a_sentence_and_every_label_goes_on_after_a_colon() -> None:
    for code, problem, _ in _problems():
        assert problem.title.endswith("."), code
        assert not problem.label.endswith("."), code
        first = problem.label.split(" ")[0]
        assert first in {"NameID", "DNS", "SSO", "TXT"} or not first[0].isupper(), code


def test_every_row_of_the_troubleshooting_tables_leads_to_an_explanation() -> None:
    for guide in guides():
        for trouble in guide.troubleshooting:
            assert trouble.codes
            assert [code for code in trouble.codes if code not in BY_CODE] == []
    brief = [guide for guide in guides() if guide.key in {"okta", "onelogin"}]
    rows = {trouble.issue: trouble.codes[0] for guide in brief for trouble in guide.troubleshooting}
    assert rows == {
        '"Invalid SAML response"': "saml.audience_mismatch",
        'User gets "not assigned" error': "login.no_answer",
        "Attributes missing": "saml.attribute_missing",
        "Certificate error": "saml.certificate_expired",
        '"Invalid audience" error': "saml.audience_mismatch",
        "Attributes not received": "saml.attribute_missing",
        "Certificate validation failure": "saml.certificate_unknown",
        "User cannot access the app": "login.no_answer",
    }


def _plain(texts: Iterable[RichText]) -> list[str]:
    return [text.plain for text in texts]


def _leaves() -> set[type[Named]]:
    """Every class of a refusal or finding in the package that has no subclass."""
    for module in pkgutil.walk_packages(ostiary.__path__, "ostiary."):
        if module.name.rpartition(".")[2] == "errors":
            importlib.import_module(module.name)
    return {
        named
        for base in (Refusal, Finding)
        for named in _below(base)
        if not named.__subclasses__() and named.__module__.startswith("ostiary.")
    }


def _below(named: type[Named]) -> Iterator[type[Named]]:
    for below in named.__subclasses__():
        yield below
        yield from _below(below)


def _problems() -> Iterator[tuple[str, Problem, set[str]]]:
    for named, problem in CATALOGUE.items():
        yield named.code, problem, {field.name for field in dataclasses.fields(named)}
    for code, problem in {**WITHOUT_CLASS, "unknown": UNKNOWN}.items():
        yield code, problem, set()


def _all_problems() -> Iterator[Problem]:
    for _, problem, _ in _problems():
        yield problem


def _words_for(facts: set[str]) -> set[str]:
    return {f"{fact}_words" for fact in facts if fact.endswith("seconds") or fact in {"days", "allowance"}}


def _all_texts(problem: Problem) -> Iterator[str]:
    yield from (problem.title, problem.cause, problem.label, problem.otherwise_title)
    for step in problem.steps:
        yield from _letters(step)
    for when, then in problem.otherwise:
        yield when
        yield from _letters(then)
    for shown in problem.shows:
        yield from (shown.label, shown.note)
    if problem.compares:
        comparison = problem.compares
        yield from (comparison.whose, comparison.ours, comparison.expected_note, comparison.received_note)
        yield from comparison.titles.values()


def _letters(words: str | Recipe | RichText | tuple[RichText, ...]) -> list[str]:
    """The words of a step; none of a recipe, whose words are the guides'."""
    if isinstance(words, Recipe):
        return []
    if isinstance(words, str):
        return [words]
    return _plain((words,) if isinstance(words, RichText) else words)


def _every_text() -> Iterator[str]:
    for problem in _all_problems():
        yield from (*_all_texts(problem), problem.user.title, problem.user.text)
    yield from (*FACT_WORDS.values(), *SENTENCES.values(), *TITLES.values(), *CORRECTIONS.values(), *HOW.values())
    yield from (text for words in KINDS.values() for text in (words.title, words.detail))
    for guide in guides():
        yield from (text.plain for steps in guide.recipes.values() for text in steps)
        yield from (text for error in (*guide.pages, *guide.messages) for text in (error.means, *_plain(error.then)))
        yield from (text.plain for step in guide.steps for item in step.items for text in (item.text, *item.bullets))
