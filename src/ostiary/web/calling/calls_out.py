"""Who may ask servers of others, and how many at once: of one connection, of one organization, and in all."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.responses import Response

from ostiary.domain.errors import CallsWaiting
from ostiary.kernel.ids import OrganizationId
from ostiary.web.calling.thread import in_a_thread
from ostiary.web.calling.turns import Turns
from ostiary.web.context import Incoming
from ostiary.web.routing import Row

CALLS_OUT = 128
"""How many steps may ask servers of others at once, each in a thread beside those of everybody else. With two of each
64 connections can hang at the same moment before anybody is turned away; after three timeouts they are left alone."""
CALLS_OUT_OF_ONE = 4
"""Of one organization's admins: they may have as many servers that hang as they like."""
CALLS_OUT_OF_CONNECTION = 2
"""As many as the transport has under way for one connection."""
WAITING_OF_CONNECTION = 64
"""A company's morning: they wait for their turn, and hold no thread meanwhile."""
CALLS_OUT_OF_PAGE = 32
"""Of a page that no connection has for itself, as the one for answers to the operator's client at Google."""
TURN_SECONDS = 8.0


def _of_connections() -> Turns:
    return Turns(at_once=CALLS_OUT_OF_CONNECTION, waiting=WAITING_OF_CONNECTION, seconds=TURN_SECONDS)


def _of_pages() -> Turns:
    return Turns(at_once=CALLS_OUT_OF_PAGE, waiting=CALLS_OUT, seconds=TURN_SECONDS)


@dataclass(slots=True)
class CallsOut:
    """Runs what asks servers of others, so that a silent one holds up nobody but those who need it."""

    _connections: Turns = field(default_factory=_of_connections)
    _pages: Turns = field(default_factory=_of_pages)
    _under_way: int = 0
    _of_one: Counter[OrganizationId] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def run(self, answer: Callable[[Row, Incoming], Response], row: Row, incoming: Incoming) -> Response:
        """What the handler answers.

        Raises: `CallsWaiting` where too many wait for this connection or page, or too many are under way in all.
        """
        connection_id = incoming.path_parameters.get("connection_id", "")
        turn = self._connections.one(connection_id) if connection_id else self._pages.one(row.path)
        async with turn:
            return await self._run(answer, row, incoming)

    @contextmanager
    def of(self, organization_id: OrganizationId) -> Iterator[None]:
        """One of the calls of this organization. Raises: `CallsWaiting` where it has its share under way already."""
        with self._lock:
            if self._of_one[organization_id] >= CALLS_OUT_OF_ONE:
                raise CallsWaiting(at_once=CALLS_OUT_OF_ONE)
            self._of_one[organization_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._of_one[organization_id] -= 1
                self._of_one += Counter()  # forgets those who have none

    async def _run(self, answer: Callable[[Row, Incoming], Response], row: Row, incoming: Incoming) -> Response:
        # No queue here: what hangs takes seconds, and the pages behind it would hang with it.
        with self._lock:
            if self._under_way >= CALLS_OUT:
                raise CallsWaiting(at_once=CALLS_OUT)
            self._under_way += 1
        try:
            return await in_a_thread(answer, row, incoming)
        finally:
            with self._lock:
                self._under_way -= 1
