"""What a whole sign-in costs: its statements, and its time in the product, on SQLite with durable commits."""

import asyncio
import sqlite3
import statistics
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import cast
from urllib.parse import urlencode, urlsplit

from ostiary.web import build_app
from tests.bench.figures import compare, keep
from tests.journeys.steps import DANA, okta_enabled
from tests.journeys.world import PRODUCT, a_world

MARCUS = "marcus.oyelaran@acme.example"
SIGN_INS = 60
WARM_UP = 5


async def _answer(app, method, path, *, form, cookies):
    """Status, Location and cookies of one request, handed to the application without a server or client between."""
    body = urlencode(form).encode()
    host = urlsplit(PRODUCT).netloc
    headers = [
        (b"host", host.encode()),
        (b"origin", PRODUCT.encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(len(body)).encode()),
        (b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("203.0.113.9", 50_000),
        "server": (host, 443),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    began = time.perf_counter()
    await app(scope, receive, send)
    took = time.perf_counter() - began
    fields = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
    baked = dict(value.partition(";")[0].split("=", maxsplit=1) for name, value in fields if name == "set-cookie")
    return took, sent[0]["status"], dict(fields).get("location", ""), baked


def _sign_in(app, okta):
    """Seconds in the product of the question and of the answer. The simulator's time is not counted."""
    asked, status, location, cookies = asyncio.run(
        _answer(app, "POST", "/login/sso", form={"email": MARCUS}, cookies={})
    )
    assert status == 303
    okta.open(location)
    if okta.title.startswith("Sign in to"):
        okta.press("Sign in", email=MARCUS, password="a long enough password")
    form = okta.document.xpath("//form[.//input[@name='SAMLResponse']]")[0]
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@name]")}
    path = urlsplit(form.get("action")).path
    answered, status, _, cookies = asyncio.run(_answer(app, "POST", path, form=fields, cookies=cookies))
    assert status == 303
    assert any("session" in name for name in cookies)
    return asked, answered


def test_a_sign_in_is_a_few_milliseconds(tmp_path):
    with a_world(tmp_path) as world:
        okta_enabled(world, assigned=(DANA, MARCUS))
        app, okta = build_app(world.services), world.walker()
        measured = [_sign_in(app, okta) for _ in range(WARM_UP + SIGN_INS)][WARM_UP:]
    asked, answered = (statistics.median(leg) for leg in zip(*measured, strict=True))
    with closing(_log(tmp_path)) as log:
        floor = compare({"commit": lambda: _commit(log)})
    keep(
        "sign-in, SQLite",
        {
            "question_ms": round(asked * 1e3, 2),
            "answer_ms": round(answered * 1e3, 2),
            "sign_ins_per_second_of_one_process": round(1 / (asked + answered)),
            "one_durable_commit_of_this_disk_ms": round(floor.microseconds("commit") / 1e3, 2),
        },
    )
    assert asked + answered < 0.5  # a slip of an order of magnitude, not a busy machine


def test_a_sign_in_runs_few_statements(tmp_path):
    with a_world(tmp_path) as world:
        okta_enabled(world, assigned=(DANA, MARCUS))
        app, okta = build_app(world.services), world.walker()
        _sign_in(app, okta)  # the first one makes the account
        heard: list[str] = []
        for link in world.store.database._idle:
            cast("sqlite3.Connection", link.raw).set_trace_callback(heard.append)
        _sign_in(app, okta)
    kinds = Counter(statement.split(maxsplit=1)[0].upper() for statement in heard)
    transactions = kinds.pop("BEGIN", 0)
    ends = kinds.pop("COMMIT", 0), kinds.pop("ROLLBACK", 0)
    statements = sum(kinds.values())
    keep(
        "statements of a sign-in, SQLite",
        {
            "statements": statements,
            "of_them": dict(sorted(kinds.items())),
            "transactions": transactions,
            "of_them_durable_commits": ends[0],
        },
    )
    assert transactions == sum(ends)
    assert 10 < statements < 60


def _log(folder: Path) -> sqlite3.Connection:
    """A database with the product's own durability, and one table."""
    database = sqlite3.connect(folder / "floor.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE line (text BLOB)")
    return database


def _commit(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO line VALUES (?)", (b"x" * 1000,))
    database.execute("COMMIT")
