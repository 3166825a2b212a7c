"""Differences at the edges of a value: white space, quotation marks, a slash, letter case, percent signs."""

from urllib.parse import unquote

from ostiary.problems.comparing.kinds import Difference, Kind, count_in_words, differs
from ostiary.problems.comparing.marks import Mark, aligned, joined, run, without_unseen

_QUOTES = "\"'\u201c\u201d\u2018\u2019`"


def at_the_edges(expected: str, received: str) -> Difference | None:
    """White space, quotation marks, a slash, letter case, percent signs: one alone makes the whole difference."""
    if without_unseen(received) == without_unseen(expected):
        return _space(expected, received)
    if received.strip(_QUOTES) == expected:
        return _around(expected, received)
    if received.rstrip("/") == expected.rstrip("/"):
        return _slash(expected, received)
    if received.casefold() == expected.casefold() and len(received) == len(expected):
        return _letter_case(expected, received)
    if unquote(received) == unquote(expected):
        return _encoded(expected, received)
    return None


def _encoded(expected: str, received: str) -> Difference:
    marks = aligned(expected, received)
    words = "The same characters, some of them written with % and two digits"
    if "%" not in received:
        words = "The same characters: those with % and two digits were turned back"
    return differs(Kind.ENCODED, *marks, words=words, short="Differs in how characters are written")


def _space(expected: str, received: str) -> Difference:
    marks = aligned(expected, received)
    extra = len(received) - len(expected)
    what = f"{_name_of_space(marks, extra)} {_place_of_space(expected, received)}"
    kind = Kind.SPACE_MISSING if extra < 0 else Kind.SPACE
    words = f"{count_in_words(extra)}: {what}" if extra else f"There is {what}"
    return differs(kind, *marks, words=words, short=f"Differs by {what}", detail=what)


def _name_of_space(marks: tuple[tuple[Mark, ...], tuple[Mark, ...]], extra: int) -> str:
    if extra == 0:
        return "another kind of white space"
    if abs(extra) > 1:
        return f"{abs(extra)} characters of white space"
    unseen = "".join(mark.text for side in marks for mark in side if mark.differs)
    if set(unseen) == {" "}:
        return "a space"
    return "a line break" if set(unseen) <= set("\r\n") else "a character that can't be seen"


def _place_of_space(expected: str, received: str) -> str:
    longer, shorter = (received, expected) if len(received) >= len(expected) else (expected, received)
    if longer.startswith(shorter):
        return "at the end"
    return "at the beginning" if longer.endswith(shorter) else "inside"


def _around(expected: str, received: str) -> Difference:
    start = received.index(expected)
    marks = (*run(received[:start], differs=True), *run(expected, differs=False))
    after = run(received[start + len(expected) :], differs=True)
    words = f"{count_in_words(len(received) - len(expected))}: quotation marks around the value"
    return differs(
        Kind.QUOTES, run(expected, differs=False), (*marks, *after), words=words, short="Differs by quotation marks"
    )


def _slash(expected: str, received: str) -> Difference:
    extra = len(received) - len(expected)
    kind = Kind.SLASH_TOO_MANY if extra > 0 else Kind.SLASH_MISSING
    slashes = "a slash" if abs(extra) == 1 else f"{abs(extra)} slashes"
    what = f"{slashes} at the end"
    return differs(
        kind,
        *aligned(expected, received),
        words=f"{count_in_words(extra)}: {what}",
        short=f"Differs by {what}",
        detail=slashes,
    )


def _letter_case(expected: str, received: str) -> Difference:
    pairs = list(zip(expected, received, strict=True))
    count = sum(left != right for left, right in pairs)
    words = f"{count} letter{'' if count == 1 else 's'} in another case"
    return differs(
        Kind.LETTER_CASE,
        joined(Mark(left, differs=left != right) for left, right in pairs),
        joined(Mark(right, differs=left != right) for left, right in pairs),
        words=words,
        short="Differs in letter case",
    )
