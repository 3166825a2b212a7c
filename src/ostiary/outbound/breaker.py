"""Slots and rest: how many calls may be under way at once, and when a silent host is left alone (decision 16)."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_REMEMBERED = 4096


@dataclass(slots=True)
class Slots:
    """Lets a few calls at once through, per purpose and in all.

    A call that finds no free slot waits a little, as long as few others of its purpose wait; so a burst of sign-ins
    at a healthy provider gets through, and a hanging provider never holds more than its own share of threads.
    """

    per_purpose: int
    total: int
    waiting_per_purpose: int
    _taken: dict[str, int] = field(default_factory=dict, init=False)
    _waiting: dict[str, int] = field(default_factory=dict, init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)

    @contextmanager
    def slot(self, purpose: str, *, patience: float) -> Iterator[bool]:
        """True while this call has a slot; False if none became free within `patience` seconds."""
        if not self._take(purpose, patience):
            yield False
            return
        try:
            yield True
        finally:
            with self._changed:
                _less(self._taken, purpose)
                self._changed.notify_all()

    def _take(self, purpose: str, patience: float) -> bool:
        with self._changed:
            if not self._is_free(purpose):
                if self._waiting.get(purpose, 0) >= self.waiting_per_purpose:
                    return False
                self._waiting[purpose] = self._waiting.get(purpose, 0) + 1
                try:
                    if not self._changed.wait_for(lambda: self._is_free(purpose), timeout=patience):
                        return False
                finally:
                    _less(self._waiting, purpose)
            self._taken[purpose] = self._taken.get(purpose, 0) + 1
            return True

    def _is_free(self, purpose: str) -> bool:
        return self._taken.get(purpose, 0) < self.per_purpose and sum(self._taken.values()) < self.total


@dataclass(slots=True)
class _Silence:
    """What is remembered of a host that did not answer in time."""

    timeouts: int = 0
    rests_until: datetime | None = None


@dataclass(slots=True)
class Breaker:
    """After some timeouts in a row, refuses further calls for a while; then lets one through to try."""

    after: int
    rest: timedelta
    _silent: OrderedDict[tuple[str, str], _Silence] = field(default_factory=OrderedDict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def wait_for(self, key: tuple[str, str], now: datetime) -> timedelta:
        """How long calls with this key still have to wait; zero if this one may go.

        When the rest is over, the one that is told zero is the trial: the rest begins anew for all others.
        """
        with self._lock:
            silence = self._silent.get(key)
            if silence is None or silence.rests_until is None:
                return timedelta(0)
            if now < silence.rests_until:
                return silence.rests_until - now
            silence.rests_until = now + self.rest
            return timedelta(0)

    def answered(self, key: tuple[str, str]) -> None:
        """The host answered, whatever it said: all is forgotten."""
        with self._lock:
            self._silent.pop(key, None)

    def timed_out(self, key: tuple[str, str], now: datetime) -> None:
        """The host did not answer in time."""
        with self._lock:
            silence = self._silent.setdefault(key, _Silence())
            self._silent.move_to_end(key)
            silence.timeouts += 1
            if silence.timeouts >= self.after:
                silence.rests_until = now + self.rest
            if len(self._silent) > _REMEMBERED:
                self._silent.popitem(last=False)


def _less(counts: dict[str, int], key: str) -> None:
    counts[key] -= 1
    if counts[key] == 0:
        del counts[key]
