"""Opens connections to SQLite or PostgreSQL, keeps them for the next transaction, and knows how each begins one.

Rule: nobody but `begin` begins a transaction. The drivers stand in autocommit mode and SQLAlchemy begins nothing: its
own `BEGIN` takes the write lock only at the first write, and ends in "locked" under two writers, whatever the timeout.
"""

import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ostiary.storage.errors import StoreBusy, StoreUnreachable
from ostiary.storage.statements import RawConnection, translate

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import URL

LOOP_PATIENCE_MS = 50
"""How long the event loop waits for the write lock before the work moves to a thread (decision 32)."""
THREAD_PATIENCE_MS = 5_000
_MOST_LINKS = 40
_STATEMENT_TIMEOUT_MS = 15_000
_POSTGRES_OPTIONS = (
    f"-c timezone=UTC -c statement_timeout={_STATEMENT_TIMEOUT_MS} -c lock_timeout={THREAD_PATIENCE_MS} "
    "-c idle_in_transaction_session_timeout=60000"
)
_WAL_PATIENCE_MS, _WAL_STEP_MS = 10_000, 20
_SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # a sign-in that its client saw succeed survives a power cut
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={THREAD_PATIENCE_MS}",
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
)


class Link:
    """One open connection, as the driver's own and as SQLAlchemy's."""

    __slots__ = ("core", "patience_ms", "raw")

    def __init__(self, core: Connection) -> None:
        self.core = core
        self.raw = cast("RawConnection", core.connection.dbapi_connection)
        self.patience_ms = THREAD_PATIENCE_MS

    def close(self) -> None:
        """Close it, whatever state it is in."""
        self.core.invalidate()
        self.core.close()


class Database:
    """One database and its open connections."""

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        self.name = self.url.render_as_string(hide_password=True)
        self.engine = _postgres_engine(self.url) if self.is_postgres else _sqlite_engine(self.url)
        self._idle: deque[Link] = deque()
        self._slots = threading.BoundedSemaphore(_MOST_LINKS)

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.database or "")

    def take(self) -> Link:
        """A connection for one transaction; give it back. Raises: `StoreUnreachable`, `StoreBusy`."""
        if not self._slots.acquire(timeout=THREAD_PATIENCE_MS / 1000):
            raise StoreBusy(waited_ms=THREAD_PATIENCE_MS)
        try:
            return self._idle.pop()
        except IndexError:
            pass
        try:
            return self._open()
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, link: Link, *, is_usable: bool) -> None:
        """Keep the connection for the next transaction, or close it."""
        if is_usable:
            self._idle.append(link)
        else:
            link.close()
        self._slots.release()

    def begin(self, *, writes: bool, patience_ms: int) -> Link:
        """A connection with a transaction open. A connection that has died meanwhile is replaced, once.

        Raises: `StoreUnreachable`, `StoreBusy`.
        """
        link = self.take()
        try:
            self._begin_on(link, writes=writes, patience_ms=patience_ms)
        except Exception as error:
            translated = translate(error)
            self.give_back(link, is_usable=isinstance(translated, StoreBusy) and not self.is_postgres)
            if isinstance(translated, StoreBusy):
                raise StoreBusy(waited_ms=patience_ms) from error
            if not self.is_postgres:
                raise StoreUnreachable(database=self.name, why=str(error)) from error
        else:
            return link
        self.forget_idle()  # the server was restarted: all of them are dead
        link = self.take()
        try:
            self._begin_on(link, writes=writes, patience_ms=patience_ms)
        except Exception as error:
            self.give_back(link, is_usable=False)
            raise StoreUnreachable(database=self.name, why=str(error)) from error
        return link

    def forget_idle(self) -> None:
        """Close every connection that is not in use."""
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """Close every connection that is not in use, and the engine."""
        self.forget_idle()
        self.engine.dispose()

    def _begin_on(self, link: Link, *, writes: bool, patience_ms: int) -> None:
        if self.is_postgres:
            # One transaction reads at one moment; a writer reads what others have committed, row by row.
            link.raw.execute("BEGIN" if writes else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        if not writes:
            link.raw.execute("BEGIN")
            return
        if link.patience_ms != patience_ms:
            link.raw.execute(f"PRAGMA busy_timeout={patience_ms:d}")
            link.patience_ms = patience_ms
        link.raw.execute("BEGIN IMMEDIATE")

    def _open(self) -> Link:
        try:
            return Link(self.engine.connect())
        except (DBAPIError, OSError) as error:
            raise StoreUnreachable(database=self.name, why=str(getattr(error, "orig", error)).strip()) from error


def normal_url(url: str) -> "URL":
    """The URL with the driver that we use. Raises: `ValueError` for another engine."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"{other} is neither sqlite nor postgresql")


def _sqlite_engine(url: "URL") -> Engine:
    engine = create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": THREAD_PATIENCE_MS / 1000, "cached_statements": 256},
    )

    def prepare(connection: "sqlite3.Connection", _record: object) -> None:
        connection.isolation_level = None
        _switch_to_wal(connection)
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    event.listen(engine, "connect", prepare)
    return engine


def _switch_to_wal(connection: "sqlite3.Connection") -> None:
    """Let readers and a writer work side by side; the file remembers it. Waits while several make the file at once.

    SQLite refuses the change at once while anybody else has the file open: its own patience does not count for it.
    """
    pause = threading.Event()
    for waited_ms in range(0, _WAL_PATIENCE_MS, _WAL_STEP_MS):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return
            connection.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            is_last = waited_ms + _WAL_STEP_MS >= _WAL_PATIENCE_MS
            if is_last or not isinstance(translate(error), StoreBusy):
                raise
            pause.wait(_WAL_STEP_MS / 1000)


def _postgres_engine(url: "URL") -> Engine:
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"options": _POSTGRES_OPTIONS, "connect_timeout": 5, "application_name": "ostiary"},
    )
