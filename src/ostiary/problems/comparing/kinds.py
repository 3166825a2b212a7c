"""What a difference is: its kind, both sides as marked runs, and its words."""

from dataclasses import dataclass
from enum import StrEnum

from ostiary.problems.comparing.marks import Mark


class Kind(StrEnum):
    """In what way a received value differs from the expected one."""

    EQUAL = "equal"
    NOTHING = "nothing"
    SWAPPED = "swapped"
    SAVED_SWAPPED = "saved_swapped"
    """Not what came is another value than it should be, but what is saved here."""
    PLACEHOLDER = "placeholder"
    SPACE = "space"
    SPACE_MISSING = "space_missing"
    QUOTES = "quotes"
    SLASH_TOO_MANY = "slash_too_many"
    SLASH_MISSING = "slash_missing"
    LETTER_CASE = "letter_case"
    ENCODED = "encoded"
    SCHEME = "scheme"
    WWW = "www"
    WWW_MISSING = "www_missing"
    HOST = "host"
    OUR_HOST = "our_host"
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


def differs(
    kind: Kind, expected: tuple[Mark, ...], received: tuple[Mark, ...], *, words: str, short: str, detail: str = ""
) -> Difference:
    """A difference of one received value."""
    return Difference(kind=kind, expected=expected, received=(received,), words=words, short=short, detail=detail)


def count_in_words(extra: int) -> str:
    """How many characters there are too many, or too few where it is negative."""
    return f"{abs(extra)} character{'' if abs(extra) == 1 else 's'} {'too many' if extra > 0 else 'missing'}"
