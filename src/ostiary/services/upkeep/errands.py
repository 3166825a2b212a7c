"""A few threads for calls to servers of others, so that a slow one holds up neither its neighbours nor the jobs."""

import threading
import time
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger(__name__)


class Errands:
    """Runs at most so many calls at once. A call that breaks is logged, and its place is free again."""

    def __init__(self, *, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        """How many more may begin now."""
        return self._free

    def begin(self, call: Callable[[], None], *, name: str) -> threading.Thread:
        """The thread that runs this call. It ends with the process: an errand may be broken off at any time."""
        with self._lock:
            self._free -= 1
        thread = threading.Thread(target=self._run, args=(call, name), name=name, daemon=True)
        thread.start()
        return thread

    def begin_all(self, calls: Mapping[str, Callable[[], None]], *, patience: float) -> None:
        """Begin these calls by their names, and wait so many seconds for them; what takes longer ends by itself."""
        threads = [self.begin(call, name=name) for name, call in calls.items()]
        until = time.monotonic() + patience
        for thread in threads:
            thread.join(timeout=max(until - time.monotonic(), 0))

    def _run(self, call: Callable[[], None], name: str) -> None:
        try:
            call()
        except Exception:
            # The lease of what it was sent for ends by itself, and somebody tries again.
            log.exception("errand.broke", errand=name)
        finally:
            with self._lock:
                self._free += 1
