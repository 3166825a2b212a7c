"""How two values differ, computed: which characters, and in what words.

What is marked always adds up to the value itself, so that nothing can hide in the display.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from ostiary.problems.marks import Mark, aligned, cut, joined, run, shared, without_unseen

_ALIKE = 0.6
_MOST_COMPARED = 20
_QUOTES = "\"'\u201c\u201d\u2018\u2019`"


class Kind(StrEnum):
    """In what way a received value differs from the expected one."""

    EQUAL = "equal"
    NOTHING = "nothing"
    SWAPPED = "swapped"
    PLACEHOLDER = "placeholder"
    SPACE = "space"
    SPACE_MISSING = "space_missing"
    QUOTES = "quotes"
    SLASH_TOO_MANY = "slash_too_many"
    SLASH_MISSING = "slash_missing"
    LETTER_CASE = "letter_case"
    SCHEME = "scheme"
    HOST = "host"
    PORT = "port"
    OTHER_CONNECTION = "other_connection"
    SEVERAL = "several"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The two sides as marked runs, and the difference in words."""

    kind: Kind
    expected: tuple[Mark, ...]
    received: tuple[tuple[Mark, ...], ...]
    """One tuple of runs for each received value; the nearest first. Empty if nothing was received."""
    words: str
    """For below the two rows: "1 character too many: a slash at the end". Empty if they are equal."""
    short: str
    """For a line of a report: "Differs by a slash at the end"."""
    detail: str
    """What a sentence quotes of it: the port, the host, the name of the value that stands there instead."""


def compare(expected: str, received: Sequence[str], *, ours: Mapping[str, str]) -> Difference:
    """How what was received differs from what was expected.

    `ours` are other values of this connection by their names ("ACS URL"): one of them may have been put in instead.
    Of several received values the nearest one is compared, unless one is equal.
    """
    values = list(dict.fromkeys(received))
    if not values or values == [""]:
        return _nothing(expected, values)
    nearest = expected if expected in values else max(values[:_MOST_COMPARED], key=lambda one: _likeness(expected, one))
    one = _compare_one(expected, nearest, ours)
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


def _compare_one(expected: str, received: str, ours: Mapping[str, str]) -> Difference:
    """The first of the known differences that explains everything, or the plain one."""
    if received == expected:
        return _difference(Kind.EQUAL, run(expected, differs=False), run(received, differs=False), words="", short="")
    for explanation in (
        _swapped(expected, received, ours),
        _at_the_edges(expected, received),
        _url(expected, received, ours),
    ):
        if explanation is not None:
            return explanation
    return _plain(expected, received)


def _swapped(expected: str, received: str, ours: Mapping[str, str]) -> Difference | None:
    whole = (run(expected, differs=True), run(received, differs=True))
    for name, value in ours.items():
        if value and value != expected and received.strip().rstrip("/") == value.rstrip("/"):
            return _difference(Kind.SWAPPED, *whole, words=f"This is the {name}", short=f"Is the {name}", detail=name)
    if received.startswith("{") and received.endswith("}"):
        words = "A placeholder: the field is empty there"
        return _difference(Kind.PLACEHOLDER, *whole, words=words, short="Is a placeholder", detail=received)
    return None


def _at_the_edges(expected: str, received: str) -> Difference | None:
    """White space, quotation marks, a slash, letter case: one of them alone makes the whole difference."""
    if without_unseen(received) == without_unseen(expected):
        return _space(expected, received)
    if received.strip(_QUOTES) == expected:
        return _around(expected, received)
    if received.rstrip("/") == expected.rstrip("/"):
        return _slash(expected, received)
    if received.casefold() == expected.casefold() and len(received) == len(expected):
        return _letter_case(expected, received)
    return None


def _space(expected: str, received: str) -> Difference:
    marks = aligned(expected, received)
    extra = len(received) - len(expected)
    what = f"{_name_of_space(marks, extra)} {_place_of_space(expected, received)}"
    kind = Kind.SPACE_MISSING if extra < 0 else Kind.SPACE
    words = f"{_count(extra)}: {what}" if extra else f"There is {what}"
    return _difference(kind, *marks, words=words, short=f"Differs by {what}", detail=what)


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
    words = f"{_count(len(received) - len(expected))}: quotation marks around the value"
    return _difference(
        Kind.QUOTES, run(expected, differs=False), (*marks, *after), words=words, short="Differs by quotation marks"
    )


def _slash(expected: str, received: str) -> Difference:
    extra = len(received) - len(expected)
    kind = Kind.SLASH_TOO_MANY if extra > 0 else Kind.SLASH_MISSING
    slashes = "a slash" if abs(extra) == 1 else f"{abs(extra)} slashes"
    what = f"{slashes} at the end"
    return _difference(
        kind,
        *aligned(expected, received),
        words=f"{_count(extra)}: {what}",
        short=f"Differs by {what}",
        detail=slashes,
    )


def _letter_case(expected: str, received: str) -> Difference:
    pairs = list(zip(expected, received, strict=True))
    count = sum(left != right for left, right in pairs)
    words = f"{count} letter{'' if count == 1 else 's'} in another case"
    return _difference(
        Kind.LETTER_CASE,
        joined(Mark(left, differs=left != right) for left, right in pairs),
        joined(Mark(right, differs=left != right) for left, right in pairs),
        words=words,
        short="Differs in letter case",
    )


def _url(expected: str, received: str, ours: Mapping[str, str]) -> Difference | None:
    """Scheme, host or port alone make the difference, or it is the URL of another connection of ours."""
    left, right = _split(expected), _split(received)
    if left is None or right is None:
        return None
    if (left.netloc, left[2:]) == (right.netloc, right[2:]):
        marks = tuple(cut(text, 0, len(url.scheme)) for text, url in ((expected, left), (received, right)))
        words = f"{right.scheme}, not {left.scheme}"
        return _difference(Kind.SCHEME, *marks, words=words, short=f"Differs by {words}", detail=right.scheme)
    if left[2:] == right[2:] and left.scheme == right.scheme:
        return _netloc(expected, received, left, right)
    return _connection(expected, received, left, right) if expected in ours.values() else None


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return None
    is_whole = (
        url.scheme in {"http", "https"} and bool(url.hostname) and text.startswith(f"{url.scheme}://{url.netloc}")
    )
    return url if is_whole and url.geturl() == text else None


def _netloc(expected: str, received: str, left: SplitResult, right: SplitResult) -> Difference:
    if left.port != right.port and _without_port(left) == _without_port(right):
        marks = tuple(cut(text, *_port_at(url)) for text, url in ((expected, left), (received, right)))
        words = f"port {right.port}, not {left.port}" if left.port and right.port else "a port"
        if right.port is None:
            words = f"no port, not {left.port}"
        elif left.port is None:
            words = f"port {right.port}, not none"
        return _difference(
            Kind.PORT, *marks, words=words, short="Differs in the port", detail=str(right.port or "no port")
        )
    marks = tuple(
        cut(text, len(url.scheme) + 3, len(url.scheme) + 3 + len(url.netloc))
        for text, url in ((expected, left), (received, right))
    )
    words = f"Another host: {right.hostname}, not {left.hostname}"
    return _difference(Kind.HOST, *marks, words=words, short="Differs in the host", detail=str(right.hostname))


def _without_port(url: SplitResult) -> str:
    start, end = _port_at(url)
    return url.geturl()[len(url.scheme) + len("://") : start] if end > start else url.netloc


def _port_at(url: SplitResult) -> tuple[int, int]:
    end = len(url.scheme) + 3 + len(url.netloc)
    has_port = url.netloc.rpartition("]")[2].rfind(":") >= 0
    return (end - len(url.netloc) + url.netloc.rindex(":") if has_port else end, end)


def _connection(expected: str, received: str, left: SplitResult, right: SplitResult) -> Difference | None:
    """Two URLs of ours, of two connections: /saml/{id} and /saml/{id}/acs (decision 2)."""
    left_parts, right_parts = left.path.split("/"), right.path.split("/")
    if left._replace(path="") != right._replace(path="") or len(left_parts) != len(right_parts):
        return None
    if left_parts[:2] != ["", "saml"] or right_parts[:2] != left_parts[:2] or right_parts[3:] != left_parts[3:]:
        return None
    start = len(left.scheme) + 3 + len(left.netloc) + len("/saml/")
    marks = (cut(expected, start, start + len(left_parts[2])), cut(received, start, start + len(right_parts[2])))
    return _difference(
        Kind.OTHER_CONNECTION, *marks, words="The address of another connection", short="Is that of another connection"
    )


def _plain(expected: str, received: str) -> Difference:
    if _likeness(expected, received) < _ALIKE:
        marks = (run(expected, differs=True), run(received, differs=True))
        return _difference(Kind.OTHER, *marks, words="Another value altogether", short="Is another value")
    marks = aligned(expected, received)
    wrong = sum(len(mark.text) for mark in marks[1] if mark.differs)
    missing = sum(len(mark.text) for mark in marks[0] if mark.differs)
    count = max(wrong, missing)
    words = "1 character differs" if count == 1 else f"{count} characters differ"
    if not wrong or not missing:
        words = _count(wrong - missing)
    return _difference(Kind.OTHER, *marks, words=words, short=f"Differs: {words}")


def _difference(
    kind: Kind, expected: tuple[Mark, ...], received: tuple[Mark, ...], *, words: str, short: str, detail: str = ""
) -> Difference:
    return Difference(kind=kind, expected=expected, received=(received,), words=words, short=short, detail=detail)


def _count(extra: int) -> str:
    return f"{abs(extra)} character{'' if abs(extra) == 1 else 's'} {'too many' if extra > 0 else 'missing'}"


def _likeness(expected: str, received: str) -> float:
    """How much of the two is shared at both ends, from 0 to 1. Linear: the values may have been made to be slow."""
    start = shared(expected, received)
    end = shared(expected[start:][::-1], received[start:][::-1])
    return (start + end) / max(len(expected), len(received), 1)
