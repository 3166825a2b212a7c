"""The thread that runs what is due, in every server."""

import threading

import structlog

from ostiary.services.housekeeping import Housekeeping
from ostiary.storage import StoreBusy, StoreUnreachable

PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Background:
    """Runs the due jobs about once a second, until it is stopped."""

    def __init__(self, housekeeping: Housekeeping) -> None:
        self._housekeeping = housekeeping
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the job under way."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        planted = False
        while not self._stopping.wait(PAUSE_SECONDS):
            try:
                if not planted:
                    self._housekeeping.plant()
                    planted = True
                self._housekeeping.run_due()
            # Neither a database that is away for a minute nor a job that breaks ends mail and purge for good.
            except (StoreUnreachable, StoreBusy) as refusal:
                log.warning("background.waits_for_storage", code=refusal.code)
            except Exception:
                log.exception("background.broke")
