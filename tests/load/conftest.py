"""A server on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.door import Door, a_door


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    """A server that has not been started, on SQLite and on PostgreSQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with a_door(tmp_path, database_url=url) as made:
        yield made
