import json
import os
import subprocess
import sys

from tests.house.source import ROOT

HEAVY = {
    "alembic", "fastapi", "hypothesis", "playwright", "psycopg", "pytest", "scim2_models", "typer", "webauthn",
}  # fmt: skip
# Rich would be one of them, but structlog loads it wherever it is installed.

MEGABYTES = 98
"""With a little room: each feature adds its own words and pages, a careless import ten times as much."""

SERVE_ONE_REQUEST = """
import asyncio, json, re, sys
from pathlib import Path
from ostiary.cli.serving import create_app

async def answer(app):
    sent = []
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
             "path": "/login", "raw_path": b"/login", "query_string": b"", "root_path": "",
             "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    await app(scope, receive, send)
    return sent[0]["status"]

app = create_app()
status = asyncio.run(answer(app))
modules = sorted({name.split(".")[0] for name in sys.modules})
resident = int(re.search(r"VmRSS:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
print(json.dumps({"status": status, "megabytes": resident, "modules": modules}))
"""


def test_a_server_loads_only_what_it_serves_with(tmp_path):
    """A process that has served a page has imported none of the heavy libraries (decision 33).

    With everything imported a server took 111 MB and 1.2 seconds to start; without what it may never need, half the
    memory and a quarter of the time. It is the difference between four workers on a small machine and two, and
    one careless import on top of one file takes it away without anybody noticing.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}
    settings = {
        "OSTIARY_PUBLIC_URL": "http://localhost:8080",
        "OSTIARY_DATA_DIR": str(tmp_path / "data"),
        "OSTIARY_KEY_FILE": str(tmp_path / "keys" / "sealing.key"),
    }
    serve = [sys.executable, "-c", SERVE_ONE_REQUEST]
    first, second = (
        subprocess.run(serve, env={**kept, **settings}, cwd=ROOT, capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    # The first start makes the database; only the second shows what a server needs day by day.
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    seen = json.loads(second.stdout.splitlines()[-1])
    assert seen["status"] == 200
    assert HEAVY & set(seen["modules"]) == set()
    assert seen["megabytes"] < MEGABYTES
