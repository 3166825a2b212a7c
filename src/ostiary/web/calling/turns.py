"""Turns by name: a few at once, the others wait for theirs. Who waits holds no thread."""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ostiary.domain.errors import CallsWaiting


@dataclass(slots=True, kw_only=True)
class Turns:
    """May be shared by event loops: tests have one for each browser."""

    at_once: int
    waiting: int
    """How many may wait for one name; further ones are refused at once."""
    seconds: float
    """How long one waits."""
    _taken: Counter[str] = field(default_factory=Counter, init=False)
    _queues: dict[str, deque["asyncio.Future[None]"]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @asynccontextmanager
    async def one(self, name: str) -> AsyncIterator[None]:
        """One turn, for as long as the block lasts. Raises: `CallsWaiting` where none comes."""
        await self._take(name)
        try:
            yield
        finally:
            self._give(name)

    async def _take(self, name: str) -> None:
        with self._lock:
            if self._taken[name] < self.at_once:
                self._taken[name] += 1
                return
            queue = self._queues.setdefault(name, deque())
            if len(queue) >= self.waiting:
                raise CallsWaiting(at_once=self.at_once)
            turn = asyncio.get_running_loop().create_future()
            queue.append(turn)
        try:
            await asyncio.wait_for(turn, self.seconds)
        except BaseException as error:
            with self._lock:
                is_ours = turn not in queue
                if not is_ours:
                    queue.remove(turn)
            if is_ours:  # it came in the moment in which nobody waited for it any more
                self._give(name)
            if isinstance(error, TimeoutError):
                raise CallsWaiting(at_once=self.at_once) from None
            raise

    def _give(self, name: str) -> None:
        """Hand the turn to who has waited longest, or back."""
        with self._lock:
            queue = self._queues.get(name)
            if queue:
                turn = queue.popleft()
                turn.get_loop().call_soon_threadsafe(_end_wait, turn)
                return
            self._queues.pop(name, None)
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]


def _end_wait(turn: "asyncio.Future[None]") -> None:
    if not turn.done():
        turn.set_result(None)
