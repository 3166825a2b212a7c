"""OpenID Connect sign-ins are tested on both engines: several servers share a provider's documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.storage import upgrade
from tests.services.oidc.ground import Ground, a_ground


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with a_ground(tmp_path, database_url=url) as made:
        yield made


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Ground]:
    """The same with a server that waits for nobody: on the embedded database, for nothing is shared here."""
    with a_ground(tmp_path, total_seconds=3.0, connect_seconds=3.0) as made:
        yield made
