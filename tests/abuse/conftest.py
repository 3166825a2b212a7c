"""Both customers, on each engine."""

from collections.abc import Iterator

import pytest

from tests.abuse.two_tenants import TwoTenants, two_tenants
from tests.storage.postgres import PostgresServer


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTenants]:
    """Acme and Globex on SQLite, for all tests of a file."""
    with two_tenants(tmp_path_factory.mktemp("sqlite")) as made:
        yield made


@pytest.fixture(scope="module")
def on_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTenants]:
    """Acme and Globex on PostgreSQL, for all tests of a file."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres_server.database() as url, two_tenants(folder, database_url=url) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest) -> TwoTenants:
    """Acme and Globex on each engine."""
    made: TwoTenants = request.getfixturevalue(f"on_{request.param}")
    return made
