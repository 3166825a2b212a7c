"""Refusals and findings: what is wrong, as a code and typed facts. No prose lives here; the words are in `problems`."""

from dataclasses import Field, dataclass, fields
from datetime import datetime
from typing import ClassVar

Fact = str | tuple[str, ...]
"""One fact of a refusal, ready to be stored as JSON and quoted in a text."""

_LONGEST_FACT = 2048
_MOST_ITEMS = 100


def _as_fact(value: object) -> Fact:
    """The value as text: times in ISO 8601 with seconds, tuples of texts as such.

    As much as anybody reads of it: facts quote what strangers have sent, are stored, and are shown on pages.
    """
    if isinstance(value, tuple):
        return tuple(str(item)[:_LONGEST_FACT] for item in value[:_MOST_ITEMS])
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "" if value is None else str(value)[:_LONGEST_FACT]


class Named:
    """Something with a code and facts. Its subclasses are dataclasses whose fields are the facts."""

    code: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    def facts(self) -> dict[str, Fact]:
        """Every field of the dataclass by its name, as text."""
        return {field.name: _as_fact(getattr(self, field.name)) for field in fields(self)}


# Not frozen: a frozen dataclass exception breaks inside @contextmanager (__traceback__ is assigned).
# eq=False keeps it hashable, as the traceback machinery expects.
@dataclass(eq=False)
class Refusal(Named, Exception):
    """Something was refused, for a reason that has a name. A login or a request ends here."""

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Finding(Named):
    """Something is worth the admin's attention, and nothing is refused for it."""
