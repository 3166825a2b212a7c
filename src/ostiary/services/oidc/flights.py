"""One call at a time for one thing: those who come meanwhile wait, and find what the first has brought."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Flights:
    """Locks by name. A name that nobody waits for is forgotten."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def one(self, name: str) -> Iterator[None]:
        """Alone with this name, for as long as the block lasts."""
        with self._guard:
            lock, waiting = self._locks.get(name, (threading.Lock(), 0))
            self._locks[name] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._locks[name]
                if waiting == 1:
                    del self._locks[name]
                else:
                    self._locks[name] = (lock, waiting - 1)
