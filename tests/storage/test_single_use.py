"""What may be used once is used once, whoever races: threads of one server, and servers on one database."""

import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.domain.attempt import Outcome
from ostiary.kernel import ids
from ostiary.storage import Store
from tests.storage.builders import NOW, RANDOM, an_attempt, ground, minutes

ATTEMPTS = 25
RACERS = 2

# One of two servers on the same database. Before each thing it waits at the line until both are there, then tells what
# it won of it.
RACER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import open_store, open_vault

url, key_file, now, organization, connection, *names = sys.argv[1:]
now = datetime.fromisoformat(now)
store = open_store(url, vault=open_vault(Path(key_file), random=SystemRandom()), is_demo=False)
with store.read() as tx:
    tx.attempts.by_id(names[0])
print("ready", flush=True)
for name in names:
    sys.stdin.readline()
    with store.write() as tx:
        if tx.attempts.consume(name, organization_id=organization, answered_at=now):
            print("attempt", name)
    with store.write() as tx:
        if tx.replays.remember(connection, issuer="i", assertion_id=name, until=now):
            print("assertion", name)
    with store.write() as tx:
        if tx.links.consume(name, now=now):
            print("link", name)
    with store.write() as tx:
        job = tx.jobs.claim(["race"], lease=timedelta(minutes=1), now=now)
        if job:
            print("job", job.payload["name"])
    with store.write() as tx:
        tx.throttle.hit("race", window=timedelta(minutes=1), now=now)
    print("done", flush=True)
"""


def test_of_two_processes_each_thing_is_used_by_one(store, database_url, key_file):
    g = ground(store)
    attempts = [an_attempt(g.connection) for _ in range(ATTEMPTS)]
    names = [str(attempt.id) for attempt in attempts]
    with store.write() as tx:
        for attempt in attempts:
            tx.attempts.insert(attempt)
            tx.links.insert(
                str(attempt.id), account_id=g.account.id, purpose="reset", expires_at=NOW + minutes(5), **g.scope
            )
            tx.jobs.schedule("race", due_at=NOW, payload={"name": str(attempt.id)}, now=NOW)
    won = _race(database_url, key_file, [NOW.isoformat(), str(g.organization.id), str(g.connection.id), *names])
    for kind in ("attempt", "assertion", "link", "job"):
        of_kind = [line.split()[1] for output in won for line in output if line.startswith(f"{kind} ")]
        assert sorted(of_kind) == sorted(names), kind
    # That both won something proves that they raced at all.
    assert all(output for output in won)
    with store.write() as tx:
        assert tx.throttle.hit("race", window=timedelta(minutes=1), now=NOW) == RACERS * ATTEMPTS + 1


def _race(database_url: str, key_file: Path, arguments: list[str]) -> list[list[str]]:
    command = [sys.executable, "-c", RACER, database_url, str(key_file), *arguments]
    won: list[list[str]] = [[] for _ in range(RACERS)]
    with ExitStack() as running:
        racers = [
            running.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(RACERS)
        ]
        assert [_heard_until("ready", racer) for racer in racers] == [[]] * RACERS
        for number in range(ATTEMPTS):
            # By turns each of them is told first: on a slow machine the other one comes too late for a whole round.
            for racer in racers if number % 2 else reversed(racers):
                assert racer.stdin is not None
                racer.stdin.write("go\n")
                racer.stdin.flush()
            for racer, its in zip(racers, won, strict=True):
                its.extend(_heard_until("done", racer))
    assert [racer.returncode for racer in racers] == [0] * RACERS
    return won


def _heard_until(end: str, racer: subprocess.Popen[str]) -> list[str]:
    assert racer.stdout is not None
    heard = []
    while (line := racer.stdout.readline()) != f"{end}\n":
        assert line, "it has ended"
        heard.append(line.rstrip("\n"))
    return heard


@pytest.mark.parametrize("what", ["attempt", "assertion", "link", "job", "expiry", "key"])
def test_of_two_threads_each_thing_is_used_by_one(store, what):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.links.insert("hash", account_id=g.account.id, purpose="reset", expires_at=NOW + minutes(5), **g.scope)
        tx.jobs.schedule("race", due_at=NOW, now=NOW)
    use = {
        "attempt": lambda tx: tx.attempts.consume(attempt.id, answered_at=NOW, **g.scope),
        "assertion": lambda tx: tx.replays.remember(g.connection.id, issuer="i", assertion_id="a", until=NOW),
        "link": lambda tx: tx.links.consume("hash", now=NOW) is not None,
        "job": lambda tx: tx.jobs.claim(["race"], lease=minutes(1), now=NOW) is not None,
        "expiry": lambda tx: tx.attempts.expire(
            attempt.id, code="login.no_answer", facts={}, at=attempt.expires_at, **g.scope
        ),
        "key": lambda tx: tx.jobs.schedule("purge", due_at=NOW, unique_key="purge", now=NOW),
    }[what]
    assert sorted(_in_two_threads(store, use)) == [False, True]


def _in_two_threads(store: Store, use) -> list[bool]:
    line = threading.Barrier(RACERS)
    won: list[bool] = []

    def run() -> None:
        line.wait()
        with store.write() as tx:
            won.append(bool(use(tx)))

    threads = [threading.Thread(target=run) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return won


def test_an_attempt_is_used_once_and_only_before_it_expires(store):
    g = ground(store)
    fresh, late = an_attempt(g.connection), an_attempt(g.connection)
    ended = an_attempt(g.connection, outcome=Outcome.NO_ANSWER)
    with store.write() as tx:
        for attempt in (fresh, late, ended):
            tx.attempts.insert(attempt)
        assert tx.attempts.consume(fresh.id, answered_at=NOW, **g.scope)
        assert not tx.attempts.consume(fresh.id, answered_at=NOW, **g.scope)
        assert not tx.attempts.consume(late.id, answered_at=late.expires_at, **g.scope)
        assert tx.attempts.consume(late.id, answered_at=late.expires_at - timedelta(microseconds=1), **g.scope)
        assert not tx.attempts.consume(ended.id, answered_at=NOW, **g.scope)


def test_what_was_used_in_a_transaction_that_failed_can_be_used_again(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012 - the whole transaction
        assert tx.attempts.consume(attempt.id, answered_at=NOW, **g.scope)
        assert tx.replays.remember(g.connection.id, issuer="i", assertion_id="a", until=NOW)
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.attempts.consume(attempt.id, answered_at=NOW, **g.scope)
        assert tx.replays.remember(g.connection.id, issuer="i", assertion_id="a", until=NOW)


def test_an_assertion_is_remembered_by_connection_and_issuer(store):
    one, two = ids.connection_id(RANDOM), ids.connection_id(RANDOM)
    with store.write() as tx:
        assert not tx.replays.is_known(one, issuer="i", assertion_id="a")
        assert tx.replays.remember(one, issuer="i", assertion_id="a", until=NOW)
        assert tx.replays.is_known(one, issuer="i", assertion_id="a")
        assert not tx.replays.remember(one, issuer="i", assertion_id="a", until=NOW)
        assert tx.replays.remember(two, issuer="i", assertion_id="a", until=NOW)
        assert tx.replays.remember(one, issuer="other", assertion_id="a", until=NOW)
        assert tx.replays.remember(one, issuer="i", assertion_id="a" * 5000, until=NOW)


def test_a_link_is_used_once_and_only_before_it_expires(store):
    g = ground(store)
    of = {"account_id": g.account.id, "purpose": "reset", "expires_at": NOW, **g.scope}
    with store.write() as tx:
        tx.links.insert("one", **of)
        tx.links.insert("two", **of)
        assert tx.links.consume("one", now=NOW) is None
        before = NOW - timedelta(seconds=1)
        assert tx.links.peek("one", now=before) == tx.links.consume("one", now=before)
        assert tx.links.peek("one", now=before) is None
        assert tx.links.withdraw(g.account.id, **g.scope) == 1
        assert tx.links.consume("two", now=before) is None


def test_a_job_whose_server_died_is_taken_up_by_another(store):
    with store.write() as tx:
        tx.jobs.schedule("purge", due_at=NOW, payload={"a": "b"}, now=NOW)
        tx.jobs.schedule("other", due_at=NOW - minutes(1), now=NOW)
        first = tx.jobs.claim(["purge"], lease=minutes(2), now=NOW)
        assert first is not None
        assert (first.kind, first.payload, first.attempts) == ("purge", {"a": "b"}, 1)
        assert tx.jobs.claim(["purge"], lease=minutes(2), now=NOW + minutes(1)) is None
        second = tx.jobs.claim(["purge"], lease=minutes(2), now=NOW + minutes(2))
        assert second is not None
        assert second.attempts == 2
        # The first server wakes up again: the job is no longer its own.
        assert not tx.jobs.finish(first)
        assert not tx.jobs.retry(first, due_at=NOW)
        assert tx.jobs.retry(second, due_at=NOW + minutes(9))
        assert tx.jobs.claim(["purge"], lease=minutes(2), now=NOW + minutes(8)) is None
        third = tx.jobs.claim(["purge"], lease=minutes(2), now=NOW + minutes(9))
        assert third is not None
        assert tx.jobs.finish(third)
        assert tx.jobs.claim(["purge"], lease=minutes(2), now=NOW + minutes(30)) is None
        assert tx.jobs.count_due(NOW) == 1


def test_a_job_with_a_key_is_scheduled_once(store):
    with store.write() as tx:
        assert tx.jobs.schedule("purge", due_at=NOW, unique_key="purge", now=NOW)
        assert not tx.jobs.schedule("purge", due_at=NOW, unique_key="purge", now=NOW)
        job = tx.jobs.claim(["purge"], lease=minutes(1), now=NOW)
        assert job is not None
        assert tx.jobs.finish(job)
        assert tx.jobs.schedule("purge", due_at=NOW, unique_key="purge", now=NOW)


def test_a_throttle_counts_inside_its_window_and_begins_again_after(store):
    window = minutes(15)
    with store.write() as tx:
        counts = [tx.throttle.hit("k", window=window, now=NOW + minutes(i)) for i in (0, 5, 14.9, 15, 20)]
        assert counts == [1, 2, 3, 1, 2]
        assert tx.throttle.hit("other", window=window, now=NOW) == 1
        asked = [tx.throttle.count(key, now=NOW + minutes(at)) for key, at in (("k", 20), ("k", 30), ("never", 20))]
        assert asked == [2, 0, 0]
        tx.throttle.clear("k")
        assert tx.throttle.hit("k", window=window, now=NOW + minutes(20)) == 1
