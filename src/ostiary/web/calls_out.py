"""Threads of their own for what asks servers of others, so that nobody who signs in ever queues behind a silent one."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from ostiary.domain.errors import CallsWaiting

AT_ONCE = 16
P = ParamSpec("P")
T = TypeVar("T")


class CallsOut:
    """Runs handlers that call out. Belongs to one event loop."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(AT_ONCE)
        self._under_way = 0

    async def run(self, handle: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What the handler returns. Raises: `CallsWaiting` when there is no thread for it; it waits for none."""
        # A queue would only move the wait: what hangs takes seconds, and the pages behind it would hang with it.
        if self._under_way >= AT_ONCE:
            raise CallsWaiting(at_once=AT_ONCE)
        self._under_way += 1
        try:
            return await to_thread.run_sync(lambda: handle(*arguments, **named), limiter=self._limiter)
        finally:
            self._under_way -= 1
