"""Whole sign-ins over HTTP, at a server of its own: how many a second, and how many a second of one core."""

import os
import threading
import time
from pathlib import Path

import pytest

from tests.bench.figures import keep
from tests.load.door import Client, Door, a_door

SECONDS = 6.0
BROWSERS = 6


@pytest.mark.parametrize("engine", ["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgres)])
def test_sign_ins_over_http(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> None:
    url = request.getfixturevalue("postgres_url") if engine == "PostgreSQL" else ""
    with a_door(tmp_path, database_url=url) as door:
        door.start()
        sign_in_for(door, seconds=1.0)
        cpu, began = cpu_seconds(door), time.monotonic()
        count = sign_in_for(door, seconds=SECONDS)
        took, cpu = time.monotonic() - began, cpu_seconds(door) - cpu
        assert door.stop() == 0
    keep(
        f"sign-ins over HTTP, {engine}",
        {
            "sign_ins_per_second_of_one_core": round(count / cpu),
            "sign_ins_per_second": round(count / took),
            "cpu_ms_of_the_server": round(cpu / count * 1e3, 2),
            "share_of_a_core_that_the_server_got": round(cpu / took, 2),
            "browsers_at_once": BROWSERS,
        },
    )
    assert count / cpu > 20  # a slip of an order of magnitude, not a busy machine


def sign_in_for(door: Door, *, seconds: float) -> int:
    """How many sign-ins several browsers got through in this time, each by both legs and with a good end."""
    until, done = time.monotonic() + seconds, list[int]()

    def sign_in(number: int) -> None:
        client, count = Client(door), 0
        while time.monotonic() < until:
            leaving = client.leave(f"person.{number}.{count % 50}@acme.example")
            assert client.come_back(leaving, door.answer(leaving)).session
            count += 1
        client.close()
        done.append(count)

    threads = [threading.Thread(target=sign_in, args=(number,)) for number in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == BROWSERS, "a browser has given up"
    return sum(done)


def cpu_seconds(door: Door) -> float:
    """The processor's time that the server has used until now (proc(5), utime and stime)."""
    assert door.process is not None
    fields = Path(f"/proc/{door.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
