"""What connections are called, so that two of one provider can be told apart wherever people choose or read."""

from collections.abc import Collection, Iterable
from itertools import count
from typing import Final

from ostiary.domain.attributes import is_showable
from ostiary.domain.errors import NameTaken, ValueTooLong

LONGEST_NAME: Final = 60


def free_name(wanted: str, *, taken: Collection[str]) -> str:
    """The name itself, or where a neighbour has it, with the first number that is free: Okta 2."""
    keys = {_key(name) for name in taken}
    numbered = (wanted if number == 1 else f"{wanted} {number}" for number in count(1))
    return next(name for name in numbered if _key(name) not in keys)


def read_name(typed: str, *, taken: Collection[str]) -> str:
    """The name as it is shown, without what would turn a line round, hide or break it (UAX 9). It may be empty.

    Raises: `ValueTooLong`, `NameTaken`.
    """
    name = " ".join("".join(each if is_showable(each) else " " for each in typed).split())
    if len(name) > LONGEST_NAME:
        raise ValueTooLong(field="Name", limit=LONGEST_NAME)
    if _key(name) in {_key(other) for other in taken}:
        raise NameTaken(received=name)
    return name


def listed(names: Iterable[str], *, by: str) -> str:
    """As Okta, OneLogin or Keycloak: each once, with this word before the last of them; there has to be one."""
    *others, last = dict.fromkeys(names)
    return f"{', '.join(others)} {by} {last}" if others else last


def _key(name: str) -> str:
    return name.casefold()
