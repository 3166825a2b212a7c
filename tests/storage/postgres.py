"""A real PostgreSQL for tests: started when first asked for, stopped at the end, a fresh database for each test.

`postgres_url` is the fixture to ask for. A test that takes it by name is marked `postgres` by itself; one that gets
it through `request.getfixturevalue` marks its parameter: `pytest.param("postgresql", marks=pytest.mark.postgres)`.
OSTIARY_TEST_POSTGRES names a server that already runs (`postgresql://user@host:port/database`) and is used instead.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

START_SECONDS = 90
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server, named by the address of its maintenance database."""

    admin_url: str

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new, empty database, which is dropped afterwards."""
        name = f"ostiary_{uuid4().hex}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        try:
            yield urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{name}"))
        finally:
            with psycopg.connect(self.admin_url, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for all tests of this run; it may lose what it wrote when the machine stops."""
    named = os.environ.get("OSTIARY_TEST_POSTGRES")
    if named:
        yield PostgresServer(admin_url=named)
        return
    if find_initdb() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_postgres(settings=FAST_AND_FORGETFUL) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    with postgres_server.database() as url:
        yield url


@contextmanager
def running_postgres(*, settings: tuple[str, ...] = ()) -> Iterator[PostgresServer]:
    """A server in a folder of its own, reached through a Unix socket; without `settings` its commits are durable."""
    with restartable_postgres(settings=settings) as postgres:
        yield postgres.server


@dataclass(slots=True)
class RestartablePostgres:
    """A running server that can be stopped and started again on the same data."""

    home: Path
    binary: Path
    settings: tuple[str, ...]
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def server(self) -> PostgresServer:
        """The server, by its address."""
        return PostgresServer(admin_url=f"postgresql://postgres@/postgres?host={quote(str(self.home), safe='')}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._running.enter_context(_postmaster(self.home, binary=self.binary, settings=self.settings))

    def stop(self) -> None:
        """End every session, and the server."""
        self._running.close()


@contextmanager
def restartable_postgres(*, settings: tuple[str, ...] = ()) -> Iterator[RestartablePostgres]:
    """The same, as something that a test can stop and start again."""
    initdb = find_initdb()
    if initdb is None:
        raise LookupError("PostgreSQL is not installed")
    # Directly under the temporary folder: a socket's path may have 107 characters, and pytest's own folder is closed
    # to the user that the server runs as.
    home = Path(tempfile.mkdtemp(prefix="ostiary-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    try:
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        make = [*_as_postgres(), str(initdb), "-D", str(home / "cluster"), *options]
        subprocess.run(make, cwd=home, check=True, capture_output=True)
        postgres = RestartablePostgres(home, initdb.with_name("postgres"), settings)
        try:
            postgres.start()
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def find_initdb() -> Path | None:
    """The newest initdb of this machine. Debian keeps it off the path."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if candidates:
        return candidates[-1]
    return Path(on_path).resolve() if on_path else None


@contextmanager
def _postmaster(home: Path, *, binary: Path, settings: tuple[str, ...]) -> Iterator[None]:
    options = [f"unix_socket_directories={home}", "listen_addresses=", "max_connections=60", "logging_collector=off"]
    arguments = [part for option in (*options, *settings) for part in ("-c", option)]
    with (home / "log").open("wb") as log:
        postmaster = subprocess.Popen(
            [*_as_postgres(), binary, "-D", home / "cluster", *arguments], cwd=home, stdout=log, stderr=log
        )
    try:
        _wait_until_it_answers(home, postmaster=postmaster)
        yield
    finally:
        postmaster.send_signal(signal.SIGINT)  # "fast" shutdown: sessions are ended, then the server
        postmaster.wait(timeout=30)


def _wait_until_it_answers(home: Path, *, postmaster: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and postmaster.poll() is None:
        try:
            psycopg.connect(host=str(home), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL did not start:\n" + (home / "log").read_text(errors="replace"))


def _as_postgres() -> list[str]:
    """What turns root into the user that the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
