"""What was done at the provider during one sign-in, and how long each call took: lines of its timeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from ostiary.domain.attempt import TimelineEvent
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Fact


class Call(StrEnum):
    """What the provider was asked. The values are kinds of events."""

    PROVIDER = "provider_asked"
    PUSHED = "request_pushed"
    TOKENS = "tokens_asked"
    KEYS = "keys_asked"
    USERINFO = "userinfo_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Collects the calls, those that came to nothing too."""

    clock: Clock
    events: list[TimelineEvent] = field(default_factory=list)

    @contextmanager
    def taking(self, call: Call, **facts: Fact) -> Iterator[None]:
        """Note this call when it is over, however it ends."""
        began = self.clock.now()
        try:
            yield
        finally:
            ended = self.clock.now()
            milliseconds = str(round((ended - began).total_seconds() * 1000))
            self.events.append(TimelineEvent(at=ended, kind=call.value, facts={"milliseconds": milliseconds, **facts}))
