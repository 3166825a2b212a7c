"""Break-glass access is tested on both engines: what is used once is decided by the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.storage import upgrade
from tests.journeys.world import a_world
from tests.services.break_glass.ground import Emergency, an_emergency


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def emergency(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Emergency]:
    """Acme with two owners, and nobody named."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with a_world(tmp_path, database_url=url) as world:
        yield an_emergency(world)
