from dataclasses import dataclass
from typing import ClassVar

import pytest

from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import Check, NotRun, Passed, Refused, enforce, examine


@dataclass(eq=False)
class TooShort(Refusal):
    code: ClassVar[str] = "test.too_short"
    expected: int


@dataclass(eq=False)
class NoDigit(Refusal):
    code: ClassVar[str] = "test.no_digit"


def long_enough(case: str) -> None:
    if len(case) < 3:
        raise TooShort(expected=3)


def has_digit(case: str) -> None:
    if not any(letter.isdigit() for letter in case):
        raise NoDigit


def never_reached(case: str) -> None:
    raise AssertionError(case)


LENGTH = Check("length", long_enough, seen=lambda case: f"{len(case)} letters")
DIGIT = Check("digit", has_digit)


def test_enforce_returns_when_every_check_passes():
    enforce((LENGTH, DIGIT), "abc1")


def test_enforce_ends_with_the_first_refusal_and_runs_nothing_after_it():
    with pytest.raises(TooShort) as caught:
        enforce((LENGTH, DIGIT, Check("last", never_reached)), "x")
    assert caught.value.facts() == {"expected": "3"}


def test_examine_tells_every_result_in_order():
    results = examine((DIGIT, LENGTH), "abcd")
    assert [type(result) for result in results] == [Refused, Passed]
    assert isinstance(results[0], Refused)
    assert results[0].refusal.code == "test.no_digit"
    assert results[1] == Passed("length", seen="4 letters")


def test_examine_runs_no_check_whose_ground_has_given_way():
    checks = (
        LENGTH,
        Check("built on it", never_reached, needs=("length",)),
        Check("built on that", never_reached, needs=("built on it",)),
        DIGIT,
    )
    results = examine(checks, "1")
    assert results[1:] == (
        NotRun("built on it", because_of="length"),
        NotRun("built on that", because_of="built on it"),
        Passed("digit"),
    )


def test_examine_shows_nothing_of_a_check_that_refused():
    def never_shown(case: str) -> str:
        raise AssertionError(case)

    [result] = examine((Check("length", long_enough, seen=never_shown),), "x")
    assert isinstance(result, Refused)


def test_a_bug_in_a_check_is_no_refusal():
    for run in (enforce, examine):
        with pytest.raises(AssertionError):
            run((Check("broken", never_reached),), "x")


@pytest.mark.parametrize("case", ["", "x", "abc", "1", "abc1"])
def test_both_runners_agree(case):
    codes = [result.refusal.code for result in examine((LENGTH, DIGIT), case) if isinstance(result, Refused)]
    assert ([first_refusal(case)] if first_refusal(case) else []) == codes[:1]


def first_refusal(case: str) -> str | None:
    try:
        enforce((LENGTH, DIGIT), case)
    except Refusal as refusal:
        return refusal.code
    return None
