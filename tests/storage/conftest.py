"""Every test of the store runs on both engines: on SQLite always, on a real PostgreSQL where there is one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import Store, open_store, open_vault, upgrade

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'ostiary.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the sealing key of this test lies; the file is made by the store."""
    return tmp_path / "keys" / "sealing.key"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing in it, to be copied: the migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "ostiary.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def store(database_url: str, key_file: Path, migrated_file: Path) -> Iterator[Store]:
    """An empty store."""
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        shutil.copy(migrated_file, path)
    else:
        upgrade(database_url)
    found = open_store(database_url, vault=open_vault(key_file, random=SystemRandom()), is_demo=False)
    yield found
    found.close()
