"""An SQLite file with the schema of today in it: the steps to it take longer than most tests, and run once."""

import tempfile
from functools import cache
from pathlib import Path

from ostiary.storage import upgrade

_SQLITE = "sqlite:///"


def lay_schema(database_url: str) -> None:
    """Put the schema at this address, with nothing in it; leaves alone what is there, and every other engine."""
    path = Path(database_url.removeprefix(_SQLITE))
    if not database_url.startswith(_SQLITE) or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ostiary.db"
        upgrade(f"{_SQLITE}{path}")
        return path.read_bytes()
