"""One empty store for each test of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.services import Services
from tests.web.rim import some_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The services on a new database."""
    built = some_services(tmp_path)
    yield built
    built.close()
