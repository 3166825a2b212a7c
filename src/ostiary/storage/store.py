"""The store: one transaction at a time for each caller, on either engine."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ostiary.storage.engine import LOOP_PATIENCE_MS, THREAD_PATIENCE_MS, Database, Link
from ostiary.storage.errors import StatementBroken, StorageRefusal, StoreUnreachable
from ostiary.storage.meta import check_key, check_kind
from ostiary.storage.statements import Statements, translate
from ostiary.storage.transaction import Transaction
from ostiary.storage.vault import Vault
from ostiary.storage.versions import bring_up_to_date


class Store:
    """Everything that is kept. May be used by any number of threads."""

    def __init__(self, database: Database, *, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees the store at one moment. Raises: `StoreUnreachable`."""
        link = self.database.begin(writes=False, patience_ms=THREAD_PATIENCE_MS)
        with self._over(link, commits=False) as tx:
            yield tx

    @contextmanager
    def write(self, *, patience_ms: int | None = None) -> Iterator[Transaction]:
        """A transaction that is committed at the end, and rolled back by an exception.

        On the event loop it waits at most 50 ms for the write lock, on a thread 5 s (decision 32), unless told.

        Raises: `StoreBusy` before anything was done, `StoreUnreachable`.
        """
        patience = _patience() if patience_ms is None else patience_ms
        link = self.database.begin(writes=True, patience_ms=patience)
        with self._over(link, commits=True) as tx:
            yield tx

    def is_ready(self) -> bool:
        """Whether the database answers."""
        try:
            with self.read() as tx:
                tx.organizations.by_slug("")
        except (StorageRefusal, StatementBroken):
            return False
        return True

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.database.close()

    @contextmanager
    def _over(self, link: Link, *, commits: bool) -> Iterator[Transaction]:
        run = Statements(link.raw, core=link.core, vault=self.vault)
        is_usable = False
        try:
            yield Transaction(run)
            link.raw.execute("COMMIT" if commits else "ROLLBACK")
            is_usable = True
        except Exception as error:
            is_usable = _roll_back(link)
            translated = translate(error)
            if translated is error:
                raise
            if isinstance(translated, StoreUnreachable):
                translated.database = self.database.name
            raise translated from None
        finally:
            run.end()
            if is_usable and link.core.in_transaction():
                link.core.rollback()  # SQLAlchemy's own bookkeeping; the transaction itself is over
            self.database.give_back(link, is_usable=is_usable)


def open_store(database_url: str, *, vault: Vault, is_demo: bool) -> Store:
    """The store at this URL (sqlite:///path or postgresql://…), with the schema of this version.

    A new SQLite database is made, an older one upgraded after a copy of the file. `is_demo` says who asks: the demo and
    a server never open each other's database.

    Raises: `StoreUnreachable`, `SchemaNewer`, `SchemaOlder` (PostgreSQL), `KeyMissing`, `KeyWrong`,
        `DemoDatabase`, `NotDemoDatabase`.
    """
    database = Database(database_url)
    try:
        bring_up_to_date(database)
        store = Store(database, vault=vault)
        with store.write() as tx:
            check_kind(tx.run, is_demo=is_demo, database=database.name)
            check_key(tx.run, vault)
    except BaseException:
        database.close()
        raise
    return store


def _patience() -> int:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return THREAD_PATIENCE_MS
    return LOOP_PATIENCE_MS


def _roll_back(link: Link) -> bool:
    """Whether the connection can be used again."""
    try:
        link.raw.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - whatever a driver raises here, the connection is of no use
        return False
    return True
