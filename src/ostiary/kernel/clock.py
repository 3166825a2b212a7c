"""The only file that asks what time it is."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time, in UTC."""

    def now(self) -> datetime:
        """The present moment, with time zone UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, with time zone UTC."""
        return datetime.fromtimestamp(time.time(), tz=UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands until it is moved. For tests."""

    at: datetime

    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.at
