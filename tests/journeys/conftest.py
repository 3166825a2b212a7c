"""One new world for each journey."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.storage import upgrade
from tests.journeys.world import World, a_world

ON_POSTGRES_TOO = {
    "test_okta_page",
    "test_onelogin_page",
    "test_settings",
    "test_connection_names",
    "test_single_logout",
    "test_keys_come_by_themselves",
    "test_domains_by_themselves",
    "test_enforcement",
}
"""The journeys that between them open every page with a query of its own."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk some journeys on PostgreSQL as well."""
    if "world" in metafunc.fixturenames:
        also = metafunc.module.__name__.rpartition(".")[2] in ON_POSTGRES_TOO
        engines = ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgres)] if also else [])]
        metafunc.parametrize("world", engines, indirect=True)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Acme on the Business plan, its owner Dana, both identity providers, and nothing configured; on this engine."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with a_world(tmp_path, database_url=url) as made:
        yield made
