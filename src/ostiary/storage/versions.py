"""Brings a database to the schema of this version. Alembic is imported only when there is something to do.

SQLite is upgraded at start, after a copy of the file; PostgreSQL by command, under an advisory lock (decision 17).
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from ostiary.storage.engine import Database
from ostiary.storage.errors import SchemaNewer, SchemaOlder, StoreUnreachable

_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION_TABLE = "alembic_version"
_ADVISORY_LOCK = 7_305_803_517
"""Any number, as long as every replica takes the same."""


def known_versions() -> tuple[str, ...]:
    """The versions of the schema that this product knows, in order, such as 0001."""
    return tuple(sorted(path.name[:4] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")))


def version_of(database: Database) -> str | None:
    """The version of the database's schema; None for an empty database. Raises: `StoreUnreachable`."""
    link = database.take()
    try:
        return _version(link.core)
    finally:
        link.core.rollback()
        database.give_back(link, is_usable=True)


def bring_up_to_date(database: Database) -> None:
    """Upgrade an SQLite database, make a new one. Raises: `SchemaNewer`, `SchemaOlder` (PostgreSQL only)."""
    if not database.is_postgres:
        make_file(database)
    known = known_versions()
    found = version_of(database)
    if found == known[-1]:
        return
    _refuse_newer(found, known)
    if database.is_postgres:
        raise SchemaOlder(database_version=found or "", known_version=known[-1])
    if found is not None:
        _copy_before(database, found)
    migrate(database)


def upgrade(database_url: str) -> str:
    """Bring the database at this URL up to this version, of either engine, and tell which that is.

    Raises: `SchemaNewer`, `StoreUnreachable`.
    """
    database = Database(database_url)
    try:
        if not database.is_postgres:
            bring_up_to_date(database)
        return migrate(database)
    finally:
        database.close()


def migrate(database: Database, *, to: str = "head") -> str:
    """Run the migrations up to this version, all of them or none, and tell the version. Raises: `SchemaNewer`."""
    from alembic import command
    from alembic.config import Config

    link = database.take()
    try:
        _lock(link.core, is_postgres=database.is_postgres)
        _refuse_newer(_version(link.core), known_versions())  # under the lock: another replica may just have been here
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = link.core
        command.upgrade(config, to)
        version = _version(link.core)
        link.core.exec_driver_sql("COMMIT")
    finally:
        database.give_back(link, is_usable=False)
    return version or ""


def require_version(database: Database) -> str:
    """The version of the schema, if it is this product's own. Raises: `SchemaOlder`, `SchemaNewer`."""
    known, found = known_versions(), version_of(database)
    _refuse_newer(found, known)
    if found != known[-1]:
        raise SchemaOlder(database_version=found or "", known_version=known[-1])
    return found


def _lock(core: Connection, *, is_postgres: bool) -> None:
    """Begin a transaction in which nobody else upgrades. It holds the whole upgrade: all of it or nothing."""
    if is_postgres:
        core.exec_driver_sql("BEGIN")
        # A long migration may take its time, and another replica's upgrade waits for its end.
        core.exec_driver_sql("SET LOCAL statement_timeout = 0")
        core.exec_driver_sql("SET LOCAL lock_timeout = 0")
        core.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
    else:
        core.exec_driver_sql("BEGIN IMMEDIATE")


def _version(core: Connection) -> str | None:
    if not inspect(core).has_table(_VERSION_TABLE):
        return None
    found = core.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return None if found is None else str(found)


def _refuse_newer(found: str | None, known: tuple[str, ...]) -> None:
    if found is not None and found not in known:
        raise SchemaNewer(database_version=found, known_version=known[-1])


def make_file(database: Database) -> None:
    """Make the folder and the file of an SQLite database, for their owner only. Raises: `StoreUnreachable`."""
    try:
        database.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database.path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnreachable(database=database.name, why=str(error)) from error


def _copy_before(database: Database, version: str) -> None:
    """Copy the file beside itself, so that a failed upgrade costs nothing."""
    target = database.path.with_name(f"{database.path.name}.before-{known_versions()[-1]}-was-{version}")
    target.unlink(missing_ok=True)
    link = database.take()
    try:
        link.core.execute(text("VACUUM INTO :target"), {"target": str(target)})
    finally:
        link.core.rollback()
        database.give_back(link, is_usable=True)
    target.chmod(0o600)
