"""Counters against guessing. Their keys are stored as hashes: anybody can type an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects.postgresql import insert

from ostiary.storage.fingerprints import fingerprint_of
from ostiary.storage.schema import throttle
from ostiary.storage.statements import Prepared, Statements

_c = throttle.c
_MOMENT = _c.window_ends.type
_is_over = _c.window_ends <= bindparam("moment", type_=_MOMENT)
_first = insert(throttle).values(
    key=bindparam("its_key"), window_ends=bindparam("new_end", type_=_MOMENT), hits=bindparam("first_hit")
)
# One atomic statement: of two guesses at the same time, both count.
_HIT = Prepared(
    _first.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "hits": case((_is_over, _first.excluded.hits), else_=_c.hits + _first.excluded.hits),
            "window_ends": case((_is_over, _first.excluded.window_ends), else_=_c.window_ends),
        },
    ).returning(_c.hits)
)
_COUNT = Prepared(select(_c.hits).where((_c.key == bindparam("its_key")) & ~_is_over))
_CLEAR = Prepared(delete(throttle).where(_c.key == bindparam("its_key")))


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counters against guessing."""

    run: Statements

    def hit(self, key: str, *, window: timedelta, now: datetime) -> int:
        """Count one, and return the count in this window, which began with the first hit after the last one."""
        row = self.run.one(_HIT, its_key=fingerprint_of(key), new_end=now + window, first_hit=1, moment=now)
        return 0 if row is None else int(row[0])

    def count(self, key: str, *, now: datetime) -> int:
        """How many were counted in the window that is open; nothing is counted for asking."""
        row = self.run.one(_COUNT, its_key=fingerprint_of(key), moment=now)
        return 0 if row is None else int(row[0])

    def clear(self, key: str) -> None:
        """Begin at nought."""
        self.run.change(_CLEAR, its_key=fingerprint_of(key))
