"""The first sentence about two values that differ: whose value, how it differs, from what."""

from typing import Final

from ostiary.guides.rich_text import fill
from ostiary.problems.difference import Difference, Kind, compare

_NEAR = frozenset({Kind.LETTER_CASE, Kind.SPACE, Kind.QUOTES})

SENTENCES: Final = {
    Kind.EQUAL: "{Whose} is not {ours}.",
    Kind.OTHER: "{Whose} is not {ours}.",
    Kind.NOTHING: "{Whose} is empty.",
    Kind.SWAPPED: "{Whose} is the {detail}, not {ours}.",
    Kind.PLACEHOLDER: "{Whose} is empty: the placeholder {detail} arrived.",
    Kind.SPACE: "{Whose} has {detail}. {Ours} has none.",
    Kind.SPACE_MISSING: "{Whose} lacks {detail}. {Ours} has it.",
    Kind.QUOTES: "{Whose} stands in quotation marks. {Ours} has none.",
    Kind.SLASH_TOO_MANY: "{Whose} ends with {detail}. {Ours} does not.",
    Kind.SLASH_MISSING: "{Whose} lacks the slash at the end. {Ours} has it.",
    Kind.LETTER_CASE: "{Whose} differs from {ours} in letter case.",
    Kind.ENCODED: "{Whose} has characters written as % and two digits where {ours} has not, or the other way round.",
    Kind.SAVED_SWAPPED: "{Ours} is the {detail}. {Whose} is another value.",
    Kind.WWW: "{Whose} has www. before the host. {Ours} has not.",
    Kind.WWW_MISSING: "{Whose} lacks www. before the host. {Ours} has it.",
    Kind.OUR_HOST: "{Whose} is the address of this connection at another host: {detail}.",
    Kind.SCHEME: "{Whose} begins with {detail}. {Ours} does not.",
    Kind.HOST: "{Whose} is at another host than {ours}: {detail}.",
    Kind.PORT: "{Whose} has another port than {ours}: {detail}.",
    Kind.OTHER_CONNECTION: "{Whose} is that of another connection.",
    Kind.SEVERAL: "{Whose} has {detail} values, and none of them is {ours}.",
}


def is_near(expected: str, received: str) -> bool:
    """Whether a name was almost right: only letter case, white space or quotation marks differ."""
    return compare(expected, [received], ours={}).kind in _NEAR


def first_sentence(difference: Difference, *, whose: str, ours: str) -> str:
    """The sentence or two: whose value, how it differs, and that ours does not."""
    values = {"Whose": _capital(whose), "ours": ours, "Ours": _capital(ours), "detail": difference.detail}
    return fill(SENTENCES[difference.kind], values)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
