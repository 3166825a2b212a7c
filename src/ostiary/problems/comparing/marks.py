"""Runs of characters, marked where two values differ. Put together they are always the value itself."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

_LONGEST_ALIGNED = 120
"""Characters up to which two values are aligned with one another; twice as many would take eight times as long."""
_VISIBLE = {" ": "␣", "\t": "⇥", "\n": "⏎", "\r": "␍", "\u00a0": "⍽"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of characters that are all in the other value too, or all not."""

    text: str
    differs: bool

    @property
    def shown(self) -> str:
        """The run as it is displayed: an unseen character is its number, and where the run differs a space is ␣."""
        if not self.differs:
            return "".join(c if c == " " else _visible(c) for c in self.text)
        return "".join(_visible(character) for character in self.text)


def run(text: str, *, differs: bool) -> tuple[Mark, ...]:
    """The whole text as one run; no run for an empty text."""
    return (Mark(text, differs=differs),) if text else ()


def cut(text: str, start: int, end: int) -> tuple[Mark, ...]:
    """The text with the characters from `start` to `end` marked."""
    runs = (Mark(text[:start], differs=False), Mark(text[start:end], differs=True), Mark(text[end:], differs=False))
    return joined(runs)


def joined(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """The same runs, without empty ones and with neighbours of one kind put together."""
    runs: list[Mark] = []
    for mark in marks:
        if runs and runs[-1].differs == mark.differs:
            runs[-1] = Mark(runs[-1].text + mark.text, differs=mark.differs)
        elif mark.text:
            runs.append(mark)
    return tuple(runs)


def aligned(expected: str, received: str) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """Both values as runs: what they share at both ends is equal, and so is what can be aligned between."""
    start = shared(expected, received)
    end = shared(expected[start:][::-1], received[start:][::-1])
    left, right = expected[start : len(expected) - end], received[start : len(received) - end]
    marks_left, marks_right = [Mark(expected[:start], differs=False)], [Mark(received[:start], differs=False)]
    if max(len(left), len(right)) > _LONGEST_ALIGNED:
        marks_left.append(Mark(left, differs=True))
        marks_right.append(Mark(right, differs=True))
    else:
        for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            marks_left.append(Mark(left[i:j], differs=tag != "equal"))
            marks_right.append(Mark(right[k:m], differs=tag != "equal"))
    marks_left.append(Mark(expected[len(expected) - end :], differs=False))
    marks_right.append(Mark(received[len(received) - end :], differs=False))
    return joined(marks_left), joined(marks_right)


def shared(left: str, right: str) -> int:
    """How many characters are the same from the beginning."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def without_unseen(text: str) -> str:
    """The text without white space and without characters that can't be seen."""
    return "".join(character for character in text if not _is_unseen(character))


def _is_unseen(character: str) -> bool:
    # Separators (Z) and what only steers the display (C): zero-width characters, and those that turn the direction of
    # writing, with which a value could be made to look like another one.
    return unicodedata.category(character)[0] in "ZC"


def _visible(character: str) -> str:
    if character in _VISIBLE:
        return _VISIBLE[character]
    return f"[U+{ord(character):04X}]" if _is_unseen(character) else character
