"""A transaction is all or nothing, sees one moment, and never makes the event loop wait."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import StoreBusy, StoreUnreachable, Vault, open_store, open_vault
from ostiary.storage.engine import LOOP_PATIENCE_MS, THREAD_PATIENCE_MS
from ostiary.storage.errors import DemoDatabase, KeyMissing, KeyWrong, NotDemoDatabase, SchemaOlder, StatementBroken
from tests.storage.builders import NOW, an_account, an_organization, ground


def test_an_exception_undoes_everything(store):
    kept, lost = an_organization(), an_organization()
    with store.write() as tx:
        tx.organizations.insert(kept)
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012 - the whole transaction
        tx.organizations.insert(lost)
        tx.accounts.insert(an_account(lost))
        raise ZeroDivisionError
    with store.read() as tx:
        assert tx.organizations.every() == (kept,)


def test_a_return_inside_a_transaction_commits_it(store):
    organization = an_organization()

    def add() -> str:
        with store.write() as tx:
            tx.organizations.insert(organization)
            return "added"

    assert add() == "added"
    with store.read() as tx:
        assert tx.organizations.by_id(organization.id) == organization


def test_a_reader_sees_one_moment(store):
    first, second = an_organization(), an_organization()
    with store.write() as tx:
        tx.organizations.insert(first)
    with store.read() as before:
        assert before.organizations.every() == (first,)
        with store.write() as tx:
            tx.organizations.insert(second)
        assert before.organizations.every() == (first,)
    with store.read() as after:
        assert set(after.organizations.every()) == {first, second}


def test_a_reader_can_change_nothing_that_stays(store):
    organization = an_organization()
    try:
        with store.read() as tx:
            tx.organizations.insert(organization)
    except StatementBroken:
        pass  # PostgreSQL says so at once; SQLite rolls back
    with store.read() as tx:
        assert tx.organizations.every() == ()


def test_a_transaction_is_useless_after_its_end(store):
    with store.write() as tx:
        pass
    with pytest.raises(RuntimeError):
        tx.organizations.every()
    with pytest.raises(RuntimeError):
        tx.purge(limit=1, now=NOW)


def test_statements_of_both_kinds_share_one_transaction(store):
    """Those that are compiled once and those that are put together at run time: one connection, one fate."""
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012 - the whole transaction
        tx.jobs.schedule("purge", due_at=NOW, now=NOW)
        assert tx.jobs.claim(["purge"], lease=NOW - NOW, now=NOW) is not None
        raise ZeroDivisionError
    with store.write() as tx:
        assert tx.jobs.claim(["purge"], lease=NOW - NOW, now=NOW) is None


def test_many_threads_write_at_the_same_time(store):
    errors: list[BaseException] = []

    def add() -> None:
        try:
            for _ in range(10):
                with store.write() as tx:
                    # A read first: with a plain BEGIN this ends in "database is locked" (decision 32).
                    before = len(tx.organizations.every())
                    tx.organizations.insert(an_organization())
                    assert len(tx.organizations.every()) >= before + 1
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
    with store.read() as tx:
        assert len(tx.organizations.every()) == 60


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_event_loop_waits_fifty_milliseconds_and_a_thread_longer(store):
    async def on_the_loop() -> float:
        began = time.monotonic()
        with pytest.raises(StoreBusy), store.write():
            pass
        return time.monotonic() - began

    with store.write():
        waited = asyncio.run(on_the_loop())
        assert LOOP_PATIENCE_MS / 1000 * 0.8 <= waited < THREAD_PATIENCE_MS / 1000
        with pytest.raises(StoreBusy) as refused, store.write(patience_ms=10):
            pass
        assert refused.value.waited_ms == 10
    with store.write() as tx:
        tx.organizations.insert(an_organization())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_thread_waits_for_its_turn(store):
    line = threading.Event()

    def hold() -> None:
        with store.write():
            line.set()
            time.sleep(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    line.wait()
    with store.write() as tx:
        tx.organizations.insert(an_organization())
    holder.join()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_commit_is_durable_and_every_reference_holds(store):
    with store.read() as tx:
        pragmas = {
            name: tx.run.core.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_restart_of_the_database_costs_no_transaction(store):
    """Connections that died while nobody used them are replaced before anything is done."""
    ground(store)
    for _ in range(2):
        with store.read() as one, store.read() as two:
            one.organizations.every()
            two.organizations.every()
        _end_all_connections(store)
        ground(store)


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_connection_that_dies_in_a_transaction_is_told_in_words_and_replaced(store):
    with pytest.raises(StoreUnreachable), store.write() as tx:  # noqa: PT012 - the whole transaction
        tx.organizations.insert(an_organization())
        _end_all_connections(store)
        tx.organizations.every()
    with store.read() as tx:
        assert tx.organizations.every() == ()


def _end_all_connections(store) -> None:
    import psycopg

    url = store.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_store_says_whether_it_is_ready(store):
    assert store.is_ready()
    with store.write() as tx:
        tx.run.core.exec_driver_sql("DROP TABLE organizations" + (" CASCADE" if tx.run.is_postgres else ""))
    assert not store.is_ready()


def test_a_server_and_the_demo_never_open_each_others_database(store, database_url, key_file):
    vault = open_vault(key_file, random=SystemRandom())
    with pytest.raises(NotDemoDatabase):
        open_store(database_url, vault=vault, is_demo=True)
    with store.write() as tx:
        tx.run.core.exec_driver_sql("UPDATE meta SET value = 'demo' WHERE name = 'kind'")
    with pytest.raises(DemoDatabase):
        open_store(database_url, vault=vault, is_demo=False)


def test_a_lost_or_a_strange_key_refuses_the_start(store, database_url, key_file, tmp_path):
    store.close()
    lost = open_vault(tmp_path / "lost.key", random=SystemRandom())
    with pytest.raises(KeyMissing) as missing:
        open_store(database_url, vault=lost, is_demo=False)
    assert missing.value.facts() == {"key_file": str(tmp_path / "lost.key")}
    assert not (tmp_path / "lost.key").exists(), "a new key would hide that the old one is lost"
    strange = open_vault(tmp_path / "strange.key", random=SystemRandom())
    strange.require_any()
    with pytest.raises(KeyWrong) as wrong:
        open_store(database_url, vault=strange, is_demo=False)
    assert wrong.value.received == strange.key_ids
    assert wrong.value.expected == open_vault(key_file, random=SystemRandom()).current_key


def test_a_postgresql_without_the_schema_says_so(postgres_url, key_file):
    with pytest.raises(SchemaOlder):
        open_store(postgres_url, vault=_vault(key_file), is_demo=False)


def test_a_database_that_is_not_there_is_told_in_words(key_file, tmp_path):
    nowhere = f"postgresql://postgres@/ostiary?host={tmp_path}"
    with pytest.raises(StoreUnreachable) as refused:
        open_store(nowhere, vault=_vault(key_file), is_demo=False)
    assert "***" not in refused.value.why
    (tmp_path / "file").write_text("no database at all, but a file of some length " * 50)
    with pytest.raises(StoreUnreachable):
        open_store(f"sqlite:///{tmp_path / 'file'}", vault=_vault(key_file), is_demo=False)
    with pytest.raises(StoreUnreachable):
        open_store(f"sqlite:///{tmp_path / 'file' / 'ostiary.db'}", vault=_vault(key_file), is_demo=False)


def test_a_password_in_the_url_is_never_shown(key_file, tmp_path):
    with pytest.raises(StoreUnreachable) as refused:
        open_store(f"postgresql://u:hunter2@/o?host={tmp_path}", vault=_vault(key_file), is_demo=False)
    assert "hunter2" not in str(refused.value.facts())


def test_another_engine_is_refused():
    from ostiary.storage.engine import normal_url

    with pytest.raises(ValueError, match="mysql"):
        normal_url("mysql://localhost/x")
    assert normal_url("postgres://h/d").drivername == "postgresql+psycopg"


def test_the_file_of_a_new_database_is_for_its_owner_only(key_file, tmp_path):
    path = tmp_path / "data" / "ostiary.db"
    open_store(f"sqlite:///{path}", vault=_vault(key_file), is_demo=False).close()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT value FROM meta WHERE name = 'kind'").fetchone() == ("server",)
    connection.close()


def _vault(key_file: Path) -> Vault:
    return open_vault(key_file, random=SystemRandom())
