"""A store for each test: an SQLite file of its own. Both engines are tested under `tests/storage`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.kernel.randomness import SeededRandom
from ostiary.storage import Store, open_store
from ostiary.storage.vault import memory_vault
from tests.storage.ready_made import lay_schema


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    url = f"sqlite:///{tmp_path / 'data' / 'ostiary.db'}"
    lay_schema(url)
    found = open_store(url, vault=memory_vault(SeededRandom(3)), is_demo=False)
    yield found
    found.close()
