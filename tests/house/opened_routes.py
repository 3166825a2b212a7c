"""Notes which rows of the route table the tests of a run open; `make test` asks at its end for those that none did.

A plugin of pytest: it writes `{"known": [...], "opened": [...]}` into the folder that OSTIARY_TEST_ROUTES names.
"""

import json
import os
import sys
from pathlib import Path

import pytest

OPENED: set[str] = set()


def pytest_collection_finish() -> None:
    """Watch the table from now on, if any collected test has to do with pages at all."""
    if "ostiary.web.routing" not in sys.modules or "OSTIARY_TEST_ROUTES" not in os.environ:
        return
    from ostiary.web.routing import RouteTable

    find = RouteTable.find

    def find_and_note(self, method, *, path):
        row, parameters = find(self, method, path=path)
        OPENED.add(f"{row.method} {row.path}")
        return row, parameters

    pytest.MonkeyPatch().setattr(RouteTable, "find", find_and_note)


def pytest_sessionfinish() -> None:
    """Write down what was opened in this process."""
    folder = os.environ.get("OSTIARY_TEST_ROUTES")
    if folder is None or "ostiary.web.routes" not in sys.modules:
        return
    from ostiary.web.routes import ROWS

    known = sorted({f"{row.method} {row.path}" for row in ROWS})
    Path(folder).mkdir(parents=True, exist_ok=True)
    note = Path(folder) / f"{os.getpid()}.json"
    note.write_text(json.dumps({"known": known, "opened": sorted(OPENED)}))
