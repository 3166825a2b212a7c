"""JSON as others send it, read strictly: one object, no member twice, no number that is none."""

import json
import re
from collections import Counter
from collections.abc import Mapping

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]


def read_object(body: bytes | str) -> JsonObject:
    """The object. Raises: `ValueError`, with a reason that may be shown."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        # Two readers of one token must not see two issuers: a member that comes twice is refused (RFC 8259 4).
        value = _DECODER.decode(text)
        is_strange = _STRANGE.search(text) is not None and _has_no_text(value)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None
    if is_strange:
        raise ValueError("a character that is none")
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of refusal
    return value


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        # In one walk: to count each name took a document of 200 KB a quarter of a minute.
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the member {twice[:60]!r} twice")
    return members


def _has_no_text(value: JsonValue) -> bool:
    """Whether the half of a letter stands in it: no page and no row can be written with it."""
    return any("\ud800" <= letter <= "\udfff" for letter in json.dumps(value, ensure_ascii=False))


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(f"{text[:20]} is too large")
    return number


_STRANGE = re.compile(r"\\u[dD][89a-fA-F]")
"""Escapes of halves of letters. Two of them may be one."""
_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
