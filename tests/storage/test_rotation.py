"""The sealing key is changed under a running server, and after a crash at any moment it is simply done again."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import select

from ostiary.storage import meta, rotate, rotation
from ostiary.storage.errors import KeyMissing, KeyWrong
from ostiary.storage.schema import outbox
from ostiary.storage.vault import key_id, key_id_of, new_key, open_vault, read_keys, write_keys
from tests.storage.builders import NOW, RANDOM, a_mail, an_attempt, ground, minutes

SECRETS = 500

ROTATE = """
import sys
from pathlib import Path
from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import rotate
print(rotate(sys.argv[1], key_file=Path(sys.argv[2]), random=SystemRandom()))
"""


def test_every_secret_is_sealed_anew_and_the_old_key_goes(store, database_url, key_file):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.keep_message(attempt.id, message=b"message", kind="test", at=NOW, **g.scope)
        tx.attempts.save_report(attempt.id, report="report", **g.scope)
        tx.keys.insert(_key_id(), connection_id=g.connection.id, private_key=b"pem", created_at=NOW, **g.scope)
        tx.outbox.put(a_mail(g.organization))
    (before,) = read_keys(key_file)
    assert rotate(database_url, key_file=key_file, random=RANDOM) == 4
    (after,) = read_keys(key_file)
    assert after != before
    # The server that ran all the while reads everything with the new key.
    with store.write() as tx:
        assert tx.attempts.message(attempt.id, **g.scope) == b"message"
        assert tx.attempts.report(attempt.id, **g.scope) == "report"
        assert tx.keys.current(g.connection.id, **g.scope) == b"pem"
        (due,) = tx.outbox.claim(limit=1, lease=minutes(1), now=NOW)
        assert due.mail.text.startswith("https://")
        assert meta.get(tx.run, meta.KEY) == key_id(after)
    assert _keys_in_use(store) == {key_id(after)}


def test_a_rotation_that_was_killed_is_done_again(store, database_url, key_file):
    _fill(store)
    rotating = subprocess.Popen([sys.executable, "-c", ROTATE, database_url, str(key_file)], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while len(_keys_in_use(store)) < 2 and time.monotonic() < until:
        pass
    rotating.send_signal(signal.SIGKILL)
    rotating.wait()
    assert len(read_keys(key_file)) == 2, "it was killed in the middle, or this test shows nothing"
    with store.write() as tx:
        assert len(tx.outbox.claim(limit=SECRETS * 2, lease=minutes(1), now=NOW)) == SECRETS
    assert rotate(database_url, key_file=key_file, random=RANDOM) < SECRETS
    (after,) = read_keys(key_file)
    assert _keys_in_use(store) == {key_id(after)}


def test_a_rotation_that_stopped_before_its_last_step_is_done_again(store, database_url, key_file):
    """All is sealed anew and noted, and the old key still stands in the file."""
    _fill(store, 3)
    (old,) = read_keys(key_file)
    rotate(database_url, key_file=key_file, random=RANDOM)
    (new,) = read_keys(key_file)
    write_keys(key_file, (old, new))
    assert rotate(database_url, key_file=key_file, random=RANDOM) == 3
    assert len(read_keys(key_file)) == 1
    assert old not in read_keys(key_file)
    assert new not in read_keys(key_file)


def test_nothing_is_lost_while_a_server_writes(store, database_url, key_file):
    _fill(store, 50)
    written = 0
    stop = threading.Event()

    def serve() -> None:
        nonlocal written
        while not stop.is_set():
            with store.write() as tx:
                tx.outbox.put(a_mail(None))
            written += 1

    server = threading.Thread(target=serve)
    server.start()
    try:
        for _ in range(2):
            rotate(database_url, key_file=key_file, random=RANDOM)
    finally:
        stop.set()
        server.join()
    assert written > 0
    with store.write() as tx:
        assert len(tx.outbox.claim(limit=100_000, lease=minutes(1), now=NOW)) == 50 + written


def test_a_rotation_needs_the_key_that_is_in_use(store, database_url, key_file):
    key_file.rename(key_file.with_name("elsewhere"))
    with pytest.raises(KeyMissing):
        rotate(database_url, key_file=key_file, random=RANDOM)
    write_keys(key_file, (new_key(RANDOM),))
    with pytest.raises(KeyWrong):
        rotate(database_url, key_file=key_file, random=RANDOM)
    assert len(read_keys(key_file)) == 1


def test_more_secrets_than_fit_one_batch_are_all_sealed_anew(store, database_url, key_file, monkeypatch):
    monkeypatch.setattr(rotation, "_BATCH", 2)
    _fill(store, 5)
    assert rotate(database_url, key_file=key_file, random=RANDOM) == 5
    assert _keys_in_use(store) == {open_vault(key_file, random=RANDOM).current_key}


def _fill(store, count: int = SECRETS) -> None:
    with store.write() as tx:
        for _ in range(count):
            tx.outbox.put(a_mail(None))


def _keys_in_use(store) -> set[str]:
    with store.read() as tx:
        return {key_id_of(row[0]) for row in tx.run.rows(select(outbox.c.body))}


def _key_id():
    from ostiary.kernel import ids

    return ids.key_id(RANDOM)
