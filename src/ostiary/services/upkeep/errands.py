"""A few threads for calls to servers of others, so that a slow one holds up neither its neighbours nor the jobs."""

import threading
from collections.abc import Callable

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

    def _run(self, call: Callable[[], None], name: str) -> None:
        try:
            call()
        except Exception:
            # The lease of what it was sent for ends by itself, and somebody tries again.
            log.exception("errand.broke", errand=name)
        finally:
            with self._lock:
                self._free += 1
