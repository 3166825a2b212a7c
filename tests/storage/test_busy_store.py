"""A sign-in that meets a busy store waits for it, and is neither lost nor written down as refused."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ostiary.domain.attempt import Outcome
from ostiary.storage import AttemptFilter, Store
from tests.journeys.steps import DANA, okta_enabled, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, a_world

MARCUS = "marcus.oyelaran@acme.example"
# Longer than the loop waits once: and so that a second try on the loop, which there must not be, would succeed.
# And much longer than that.
HELD_SECONDS = (0.09, 0.4)


def test_a_sign_in_waits_while_somebody_else_writes(tmp_path):
    with a_world(tmp_path) as world:
        okta_enabled(world, assigned=(DANA, MARCUS))
        for seconds in HELD_SECONDS:
            walker = sign_in_with_sso(world.walker(), MARCUS)
            if walker.title.startswith("Sign in to"):
                walker.press("Sign in", email=MARCUS, password=PASSWORD)
            with _somebody_writing(world.store, seconds):
                walker.press("Continue to Ringline")
            assert walker.url.startswith(f"{PRODUCT}/")
            assert walker.status == 200
        with world.store.read() as tx:
            page = tx.attempts.page(AttemptFilter(search=MARCUS), organization_id=world.acme.id)
            assert [attempt.outcome for attempt in page.attempts] == [Outcome.SIGNED_IN] * len(HELD_SECONDS)
            for attempt in page.attempts:
                lines = tx.attempts.timeline(attempt.id, organization_id=world.acme.id)
                assert "refused" not in [line.kind for line in lines]


@contextmanager
def _somebody_writing(store: Store, seconds: float) -> Iterator[None]:
    """Hold the write lock for so long from the beginning of the block on. The block has to meet it."""
    is_held = threading.Event()

    def hold() -> None:
        with store.write():
            is_held.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    is_held.wait()
    began = time.monotonic()
    yield
    holder.join()
    assert time.monotonic() - began > seconds * 0.9, "the block was over before the lock was released"
