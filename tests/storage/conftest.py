"""Every test of the store runs on both engines: on SQLite always, on a real PostgreSQL where there is one."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import Store, open_store, open_vault, upgrade
from tests.storage.postgres import PostgresServer
from tests.storage.ready_made import lay_schema

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, or of the one under `store` for a test that asks for both."""
    has_schema = "store" in request.fixturenames
    if request.param == "postgresql":
        return str(request.getfixturevalue("migrated_postgres_url" if has_schema else "postgres_url"))
    path = tmp_path / "data" / "ostiary.db"
    if has_schema:
        lay_schema(f"sqlite:///{path}")
    return f"sqlite:///{path}"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the sealing key of this test lies; the file is made by the store."""
    return tmp_path / "keys" / "sealing.key"


@pytest.fixture
def store(database_url: str, key_file: Path) -> Iterator[Store]:
    """An empty store."""
    found = open_store(database_url, vault=open_vault(key_file, random=SystemRandom()), is_demo=False)
    yield found
    found.close()


# The migrations take longer than most tests: they run once for each engine, and every test gets a copy.


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """Name of a PostgreSQL database with the schema and nothing in it, to be copied."""
    with postgres_server.database() as url:
        upgrade(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def migrated_postgres_url(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """The address of a PostgreSQL database of this test's own, with the schema."""
    import psycopg

    name = f"copy_of_{migrated_postgres}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_postgres}"'.encode())
    try:
        yield urlunsplit(urlsplit(postgres_server.admin_url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
