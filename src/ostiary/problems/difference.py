"""How two values differ, computed: which characters, and in what words.

What is marked always adds up to the value itself, so that nothing can hide in the display.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from ostiary.problems.comparing.addresses import of_addresses
from ostiary.problems.comparing.edges import at_the_edges
from ostiary.problems.comparing.kinds import Difference, Kind, count_in_words, differs
from ostiary.problems.comparing.marks import Mark, aligned, run, shared

__all__ = ["Difference", "Kind", "compare"]

_ALIKE: Final = 0.6
_MOST_COMPARED: Final = 20


def compare(expected: str, received: Sequence[str], *, ours: Mapping[str, str], is_saved: bool = False) -> Difference:
    """How what was received differs from what was expected.

    `ours` are other values of this connection by their names ("ACS URL"): one of them may have been put in instead.
    `is_saved` where the expected value was typed in by an admin of ours: then it may be the one that stands in the
    wrong place. Of several received values the nearest one is compared, unless one is equal.
    """
    values = list(dict.fromkeys(received))
    if not values or values == [""]:
        return _nothing(expected, values)
    nearest = expected if expected in values else max(values[:_MOST_COMPARED], key=lambda one: _likeness(expected, one))
    one = _compare_one(expected, nearest, ours, is_saved=is_saved)
    others = tuple((Mark(value, differs=True),) for value in values if value != nearest)
    if not others or one.kind is Kind.EQUAL:
        return _with_others(one, others if one.kind is not Kind.EQUAL else _unmarked(values, nearest))
    return Difference(
        kind=Kind.SEVERAL,
        expected=one.expected,
        received=(*one.received, *others),
        words=f"None of the {len(values)} values is the one expected. The nearest: {one.words}",
        short=f"None of {len(values)} values is ours",
        detail=str(len(values)),
    )


def _nothing(expected: str, values: list[str]) -> Difference:
    return Difference(
        kind=Kind.NOTHING if expected else Kind.EQUAL,
        expected=run(expected, differs=True),
        received=tuple(() for _ in values),
        words="Nothing was received" if expected else "",
        short="Nothing was received" if expected else "",
        detail="",
    )


def _unmarked(values: list[str], nearest: str) -> tuple[tuple[Mark, ...], ...]:
    return tuple(run(value, differs=False) for value in values if value != nearest)


def _with_others(one: Difference, others: tuple[tuple[Mark, ...], ...]) -> Difference:
    return Difference(
        kind=one.kind,
        expected=one.expected,
        received=(*one.received, *others),
        words=one.words,
        short=one.short,
        detail=one.detail,
    )


def _compare_one(expected: str, received: str, ours: Mapping[str, str], *, is_saved: bool) -> Difference:
    """The first of the known differences that explains everything, or the plain one."""
    if received == expected:
        return differs(Kind.EQUAL, run(expected, differs=False), run(received, differs=False), words="", short="")
    for explanation in (
        _saved_swapped(expected, received, ours) if is_saved else None,
        _swapped(expected, received, ours),
        at_the_edges(expected, received),
        of_addresses(expected, received, ours),
    ):
        if explanation is not None:
            return explanation
    return _plain(expected, received)


def _saved_swapped(expected: str, received: str, ours: Mapping[str, str]) -> Difference | None:
    for name, value in ours.items():
        if value and value == expected:
            marks = (run(expected, differs=True), run(received, differs=True))
            words = f"What is saved here is the {name}"
            return differs(Kind.SAVED_SWAPPED, *marks, words=words, short=f"Saved here is the {name}", detail=name)
    return None


def _swapped(expected: str, received: str, ours: Mapping[str, str]) -> Difference | None:
    whole = (run(expected, differs=True), run(received, differs=True))
    for name, value in ours.items():
        if value and value != expected and received.strip().rstrip("/") == value.rstrip("/"):
            return differs(Kind.SWAPPED, *whole, words=f"This is the {name}", short=f"Is the {name}", detail=name)
    if received.startswith("{") and received.endswith("}"):
        words = "A placeholder: the field is empty there"
        return differs(Kind.PLACEHOLDER, *whole, words=words, short="Is a placeholder", detail=received)
    return None


def _plain(expected: str, received: str) -> Difference:
    if _likeness(expected, received) < _ALIKE:
        marks = (run(expected, differs=True), run(received, differs=True))
        return differs(Kind.OTHER, *marks, words="Another value altogether", short="Is another value")
    marks = aligned(expected, received)
    wrong = sum(len(mark.text) for mark in marks[1] if mark.differs)
    missing = sum(len(mark.text) for mark in marks[0] if mark.differs)
    count = max(wrong, missing)
    words = "1 character differs" if count == 1 else f"{count} characters differ"
    if not wrong or not missing:
        words = count_in_words(wrong - missing)
    return differs(Kind.OTHER, *marks, words=words, short=f"Differs: {words}")


def _likeness(expected: str, received: str) -> float:
    """How much of the two is shared at both ends, from 0 to 1. Linear: the values may have been made to be slow."""
    start = shared(expected, received)
    end = shared(expected[start:][::-1], received[start:][::-1])
    return (start + end) / max(len(expected), len(received), 1)
