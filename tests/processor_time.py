"""How much of the processor something takes: what a flood may cost is counted, whatever else the machine does."""

import time
from collections.abc import Callable


def least_of_three(act: Callable[[], object]) -> float:
    """Seconds of this thread. Other threads count in none, and a collection of garbage in one at most.

    Not for what is kept: the second time would be a look into a cache.
    """
    return min(seconds_of(act) for _ in range(3))


def seconds_of(act: Callable[[], object]) -> float:
    """Seconds of this thread, once."""
    began = time.thread_time()
    act()
    return time.thread_time() - began
