"""The time that is left for a call, whatever it spends it on."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment in the future of this process. The wall clock may be set meanwhile; this one can't be."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left; never negative."""
        return max(0.0, self.at - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0.0


def whole(seconds: float) -> int:
    """Seconds as they are told: rounded, and at least one."""
    return max(1, round(seconds))
