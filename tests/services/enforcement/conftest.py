"""Enforcement is tested on both engines: whom it locks out is reckoned by the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.storage import upgrade
from tests.services.enforcement.office import Office, an_office


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Acme with Okta and OneLogin enabled, and nobody who has come by them."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with an_office(tmp_path, database_url=url) as made:
        yield made
