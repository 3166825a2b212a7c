"""A server that is told to stop finishes what is under way; one whose database is away says so, and recovers."""

import http.client
import json
import os
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.load.door import OSTIARY, Client, Door, a_door
from tests.storage.postgres import find_initdb, restartable_postgres

EMAIL = b"email=pat%40acme.example"


def test_what_is_under_way_is_finished_and_nothing_new_is_taken(door: Door) -> None:
    door.start()
    with closing(half_a_form(door)) as connection:
        assert door.process is not None
        door.process.send_signal(signal.SIGTERM)
        wait_until_refused(door)
        assert door.process.poll() is None, "it left a request behind"
        connection.send(EMAIL[9:])
        answer = connection.getresponse()
        assert answer.status == 303
        assert answer.headers["location"].startswith("https://idp.acme.example/sso/saml?SAMLRequest=")
        answer.read()
    began = time.monotonic()
    assert door.process.wait(timeout=20) == 0
    assert time.monotonic() - began < 10
    assert "Traceback" not in door.output


def test_several_processes_stop_together(tmp_path: Path, postgres_url: str) -> None:
    with a_door(tmp_path, database_url=postgres_url, workers=2) as door:
        door.start()
        client = Client(door)
        client.leave("pat@acme.example")
        client.close()
        assert door.stop() == 0
        assert door.status_of("/healthz") == 0
        assert "Traceback" not in door.output


def test_health_is_told_in_json(door: Door) -> None:
    door.start()
    with closing(Client(door)) as client:
        for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
            answered = client.ask("GET", path)
            assert answered.status == 200
            assert answered.headers["content-type"].startswith("application/json")
            assert json.loads(answered.text) == {"status": status}


@pytest.mark.postgres
def test_a_server_outlives_its_database(tmp_path: Path) -> None:
    if find_initdb() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with (
        restartable_postgres() as postgres,
        a_door(tmp_path, database_url=postgres.server.admin_url) as door,
        closing(Client(door)) as client,
    ):
        door.start()
        postgres.stop()
        assert client.ask("GET", "/healthz").status == 200
        answered = client.ask("GET", "/readyz")
        assert (answered.status, json.loads(answered.text)) == (503, {"status": "storage does not answer"})
        page = client.ask("POST", "/login/sso", form={"email": "pat@acme.example"})
        assert page.status == 503, page.text
        assert "<h1" in page.text
        postgres.start()
        assert client.ask("GET", "/readyz").status == 200
        leaving = client.leave("pat@acme.example")
        assert client.come_back(leaving, door.answer(leaving)).status == 303
        assert door.stop() == 0
        assert "Traceback" not in door.output


@pytest.mark.postgres
def test_a_server_that_starts_while_its_database_is_away_says_so(tmp_path: Path) -> None:
    nobody = tmp_path / "nobody"
    nobody.mkdir()
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}
    ended = subprocess.run(
        [OSTIARY, "serve"],
        env=ours
        | {
            "OSTIARY_DATABASE_URL": f"postgresql://postgres@/postgres?host={nobody}",
            "OSTIARY_KEY_FILE": str(tmp_path / "keys" / "sealing.key"),
            "OSTIARY_DATA_DIR": str(tmp_path / "data"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert "storage.unreachable" in ended.stderr
    assert "Traceback" not in ended.stderr


def half_a_form(door: Door) -> http.client.HTTPConnection:
    """A connection over which the head of a form has come, and not all of its body."""
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.putrequest("POST", "/login/sso", skip_host=True)
    for name, value in (
        ("Host", f"localhost:{door.port}"),
        ("Origin", door.public_url),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", str(len(EMAIL))),
    ):
        connection.putheader(name, value)
    connection.endheaders(EMAIL[:9])
    time.sleep(0.2)
    return connection


def wait_until_refused(door: Door) -> None:
    """Return once nobody takes new connections."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if door.status_of("/healthz") == 0:
            return
        time.sleep(0.05)
    raise AssertionError("New connections were still taken 20 seconds after SIGTERM")
