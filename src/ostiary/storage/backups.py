"""Backup and restore, in one file that both engines read: so it is also the way from SQLite to PostgreSQL.

The file is gzip of one JSON value a line: a header, then for each table its columns and its rows, at the end the number
of rows and the hash of all lines before. Secrets are in it as they are in the database, sealed; the key is not.
"""

import base64
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    insert,
    select,
    text,
)

from ostiary.storage.columns import Moment
from ostiary.storage.engine import THREAD_PATIENCE_MS, Database
from ostiary.storage.errors import BackupExists, BackupUnreadable, RestoreNeedsEmpty, SchemaNewer
from ostiary.storage.schema import METADATA
from ostiary.storage.versions import known_versions, make_file, migrate, require_version, version_of

FORMAT = "ostiary-backup-1"
_BATCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# mypy: disallow-any-explicit=False
# The parameter of SQLAlchemy's Table is Any by default, and so is what the module `json` hands over.
_Json: TypeAlias = Any
_Convert: TypeAlias = Callable[[_Json], _Json]


def backup(database_url: str, target: Path) -> int:
    """Write everything as it stands at one moment to this file, also while servers write, and tell how many rows.

    The file is there whole or not at all, readable by its owner only.

    Raises: `BackupExists`, `StoreUnreachable`, `SchemaOlder`, `SchemaNewer`.
    """
    if target.exists():
        raise BackupExists(path=str(target))
    database = Database(database_url)
    beside = target.with_name(target.name + ".part")
    try:
        version = require_version(database)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
                count = _write(database, packed, version)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
        database.close()
    return count


def restore(database_url: str, source: Path) -> int:
    """Fill an empty database from this file, bring it up to this version, and tell how many rows.

    Raises: `BackupUnreadable`, `RestoreNeedsEmpty`, `SchemaNewer`, `StoreUnreachable`.
    """
    database = Database(database_url)
    try:
        version = _verify(source)  # the whole file is read before anything is touched
        _require_empty(database)
        if not database.is_postgres:
            make_file(database)
        migrate(database, to=version)
        count = _fill(database, source)
        migrate(database)
    finally:
        database.close()
    return count


# --- writing ----------------------------------------------------------------


def _write(database: Database, packed: gzip.GzipFile, version: str) -> int:
    hashed, count = hashlib.sha256(), 0

    def put(value: _Json) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        hashed.update(line)
        packed.write(line)

    put({"format": FORMAT, "schema": version})
    link = database.begin(writes=False, patience_ms=THREAD_PATIENCE_MS)
    try:
        for table in METADATA.sorted_tables:
            columns = [(column.name, _kind(column)) for column in table.columns]
            put({"table": table.name, "columns": columns})
            for row in _rows(link.core, _plain_table(table.name, columns)):
                put([_WRITERS[kind](value) for (_, kind), value in zip(columns, row, strict=True)])
                count += 1
    finally:
        database.give_back(link, is_usable=False)
    put({"rows": count, "sha256": hashed.hexdigest()})
    return count


def _rows(core: Connection, table: Table) -> Iterator[Sequence[_Json]]:
    """The rows of a table, a part at a time: a backup must not need the memory of the whole."""
    streamed = core.execution_options(stream_results=True, max_row_buffer=_BATCH)
    with streamed.execute(select(table)) as result:
        for row in result:
            yield tuple(row)


def _kind(column: Column[_Json]) -> str:
    match column.type:
        case Moment():
            return "moment"
        case LargeBinary():
            return "bytes"
        case Boolean():
            return "boolean"
        case Integer():
            return "integer"
        case _:
            return "text"


_TYPES = {"moment": Moment, "bytes": LargeBinary, "boolean": Boolean, "integer": Integer, "text": Text}


def _plain_table(name: str, columns: Sequence[tuple[str, str]]) -> Table:
    """The table with nothing but its columns, whichever version it is of."""
    return Table(name, MetaData(), *(Column(column, _TYPES[kind]()) for column, kind in columns))


def _as_is(value: _Json) -> _Json:
    return value


def _write_moment(value: datetime | None) -> int | None:
    return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)


def _write_bytes(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _read_moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def _read_bytes(value: str | None) -> bytes | None:
    return None if value is None else base64.b64decode(value, validate=True)


_WRITERS: dict[str, _Convert] = {
    "moment": _write_moment,
    "bytes": _write_bytes,
    "boolean": _as_is,
    "integer": _as_is,
    "text": _as_is,
}
_READERS: dict[str, _Convert] = {**_WRITERS, "moment": _read_moment, "bytes": _read_bytes}


# --- reading ----------------------------------------------------------------


def _verify(source: Path) -> str:
    """The version of the schema that was backed up, after the whole file was read. Raises: `BackupUnreadable`."""
    hashed, before = hashlib.sha256(), ""
    count, version, value = 0, None, None
    for line in _lines(source):
        before = hashed.hexdigest()
        hashed.update(line)
        value = _value(line, source)
        if version is None:
            version = _read_header(value, source)
        elif isinstance(value, list):
            count += 1
    if not isinstance(value, dict) or (value.get("rows"), value.get("sha256")) != (count, before):
        raise BackupUnreadable(path=str(source), why="its end is missing, or does not fit its content")
    return version or ""


def _lines(source: Path) -> Iterator[bytes]:
    try:
        with gzip.open(source, "rb") as file:
            yield from file
    except (OSError, EOFError, zlib.error) as error:
        raise BackupUnreadable(path=str(source), why=str(error)) from error


def _value(line: bytes, source: Path) -> _Json:
    try:
        return json.loads(line)
    except ValueError as error:
        raise BackupUnreadable(path=str(source), why="a line of it can't be read") from error


def _read_header(header: _Json, source: Path) -> str:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise BackupUnreadable(path=str(source), why="it does not begin like a backup")
    version, known = str(header.get("schema")), known_versions()
    if version not in known:
        raise SchemaNewer(database_version=version, known_version=known[-1])
    return version


def _require_empty(database: Database) -> None:
    if database.is_postgres or database.path.exists():
        if version_of(database) is None:
            return
        link = database.begin(writes=False, patience_ms=THREAD_PATIENCE_MS)
        try:
            is_empty = link.core.execute(text("SELECT NOT EXISTS (SELECT 1 FROM meta)")).scalar()
        finally:
            database.give_back(link, is_usable=False)
        if not is_empty:
            raise RestoreNeedsEmpty(database=database.name)


def _fill(database: Database, source: Path) -> int:
    """Load every row of a verified file in one transaction, and tell how many."""
    link = database.begin(writes=True, patience_ms=THREAD_PATIENCE_MS)
    try:
        count = _load(link.core, source)
        if database.is_postgres:
            _move_counters_on(link.core)
        link.raw.execute("COMMIT")
    finally:
        database.give_back(link, is_usable=False)
    return count


def _load(core: Connection, source: Path) -> int:
    table: Table | None = None
    readers: list[_Convert] = []
    batch: list[dict[str, _Json]] = []
    count = 0
    for line in _lines(source):
        value = _value(line, source)
        if isinstance(value, list) and table is not None:
            fields = zip(table.columns, readers, value, strict=True)
            batch.append({column.name: read(field) for column, read, field in fields})
        if table is not None and (len(batch) == _BATCH or (batch and not isinstance(value, list))):
            core.execute(insert(table).inline(), batch)
            count += len(batch)
            batch = []
        if "table" in value and isinstance(value, dict):
            table = _plain_table(value["table"], value["columns"])
            readers = [_READERS[kind] for _, kind in value["columns"]]
    return count


def _move_counters_on(core: Connection) -> None:
    """Rows came with their numbers, so PostgreSQL's own counters have not moved."""
    for table in METADATA.sorted_tables:
        for column in table.columns:
            if column.identity is not None:
                counter = func.pg_get_serial_sequence(table.name, column.name)
                highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
                core.execute(select(func.setval(counter, highest, False)))  # noqa: FBT003 - PostgreSQL's argument
