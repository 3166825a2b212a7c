"""One new world for each attack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Acme on the Business plan, its owner Dana, and nothing configured."""
    with a_world(tmp_path) as made:
        yield made
