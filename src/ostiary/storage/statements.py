"""Statements that are compiled once for each engine and then run on the raw connection, without SQLAlchemy's machinery.

A login runs about ten of them, and SQLAlchemy's own execution costs several times what the statement itself does. The
text is SQLAlchemy's all the same, so both ways share one schema, one connection and one transaction.
Upserts are written with PostgreSQL's `insert`: SQLAlchemy writes the same text for SQLite.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Connection, Delete, Dialect, Executable, Insert, Select, Update
from sqlalchemy.sql.compiler import SQLCompiler

from ostiary.storage.errors import AlreadyExists, StatementBroken, StoreBusy, StoreUnreachable
from ostiary.storage.vault import Vault

# A row is what the driver hands over: the readers in `records` give every value its type.
Row: TypeAlias = Sequence[Any]  # type: ignore[explicit-any]
_Convert: TypeAlias = Callable[[Any], Any]  # type: ignore[explicit-any]

_UNIQUE_VIOLATION = "23505"
_BUSY_STATES = frozenset({"40P01", "40001", "55P03", "57014"})
"""Deadlock, serialization failure, lock timeout, statement timeout."""
_SQLITE_UNIQUE = frozenset({1555, 2067, 2579})
"""SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID."""
_SQLITE_BUSY = 5
_SQLITE_LOST = frozenset({8, 10, 11, 13, 14, 26})
"""SQLITE_READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB."""
_OURS = {"DataError", "ProgrammingError"}
"""What psycopg refuses to send at all, as a NUL in a text: the server is well, the statement is not."""
_LOST_CLASSES = frozenset({"08", "53", "57", "58", "XX"})
"""Connection, resources, operator intervention, system error, internal error."""


class RawCursor(Protocol):
    """What both drivers give back."""

    rowcount: int

    def fetchone(self) -> Row | None:
        """The next row."""
        ...

    def fetchall(self) -> list[Row]:
        """All rows that are left."""
        ...


class RawConnection(Protocol):
    """What both drivers' connections can do."""

    def execute(self, sql: str, parameters: object = ..., /) -> RawCursor:
        """Run one statement."""
        ...


class _Plan:
    """One statement for one engine: its text, and how its values go in and come out."""

    __slots__ = ("_binders", "_constants", "_converters", "_is_positional", "sql")

    def __init__(self, statement: Executable, dialect: Dialect, column_keys: Sequence[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=column_keys)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - tells the checker what compile returns
        self.sql = compiled.string
        if "POSTCOMPILE" in self.sql:
            raise TypeError("a list of values has no fixed text: run it through `core`")
        self._is_positional = dialect.positional
        names = list(compiled.positiontup or ()) if self._is_positional else list(compiled.binds)
        self._constants: dict[str, object] = {}
        binders: list[tuple[str, _Convert | None]] = []
        for name in names:
            bind = compiled.binds[name]
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required and bind.value is not None:
                self._constants[name] = convert(bind.value) if convert else bind.value
            binders.append((name, convert))
        self._binders = tuple(binders)
        self._converters = _converters(statement, dialect)

    def parameters(self, values: Mapping[str, object]) -> object:
        """The values as the driver takes them."""
        constants = self._constants
        if self._is_positional:
            return [
                constants[name] if name in constants else convert(values[name]) if convert else values[name]
                for name, convert in self._binders
            ]
        return {
            name: constants[name] if name in constants else convert(values[name]) if convert else values[name]
            for name, convert in self._binders
        }

    def read(self, row: Row) -> Row:
        """The row with every value converted."""
        values = list(row)
        for index, convert in self._converters:
            values[index] = convert(values[index])
        return values


def _converters(statement: Executable, dialect: Dialect) -> tuple[tuple[int, _Convert], ...]:
    if not isinstance(statement, Select | Insert | Update | Delete):
        return ()
    found: list[tuple[int, _Convert]] = []
    for index, column in enumerate(statement.exported_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            found.append((index, convert))
    return tuple(found)


class Prepared:
    """A statement with named parameters, compiled when it is first run on an engine."""

    __slots__ = ("_column_keys", "_plans", "_statement")

    def __init__(self, statement: Executable, *, columns: Sequence[str] | None = None) -> None:
        """Keep the statement. `columns` are those that an insert without values fills."""
        self._statement = statement
        self._column_keys = columns
        self._plans: dict[str, _Plan] = {}

    def plan(self, dialect: Dialect) -> _Plan:
        """The statement for this engine."""
        found = self._plans.get(dialect.name)
        if found is None:
            found = self._plans[dialect.name] = _Plan(self._statement, dialect, self._column_keys)
        return found


class Statements:
    """Runs statements inside one transaction. Useless after its end."""

    __slots__ = ("_core", "_dialect", "_raw", "vault")

    def __init__(self, raw: RawConnection, *, core: Connection, vault: Vault) -> None:
        self._raw = raw
        self._core: Connection | None = core
        self._dialect = core.dialect
        self.vault = vault

    @property
    def core(self) -> Connection:
        """The same connection in the same transaction, for statements that are put together at run time."""
        if self._core is None:
            raise RuntimeError("this transaction is over")
        return self._core

    @property
    def is_postgres(self) -> bool:
        """Whether the engine is PostgreSQL."""
        return self._dialect.name == "postgresql"

    def one(self, prepared: Prepared, **values: object) -> Row | None:
        """The first row, or None."""
        plan = prepared.plan(self._dialect)
        row = self._run(plan, values).fetchone()
        return None if row is None else plan.read(row)

    def every(self, prepared: Prepared, **values: object) -> list[Row]:
        """All rows."""
        plan = prepared.plan(self._dialect)
        return [plan.read(row) for row in self._run(plan, values).fetchall()]

    def change(self, prepared: Prepared, **values: object) -> int:
        """How many rows were changed. Raises: `AlreadyExists`, `StoreBusy`."""
        return self._run(prepared.plan(self._dialect), values).rowcount

    def rows(self, statement: Select[Any]) -> Sequence[Row]:  # type: ignore[explicit-any]
        """All rows of a statement that was put together at run time."""
        return self.core.execute(statement).all()

    def end(self) -> None:
        """Make this object useless: its connection now serves other transactions."""
        self._core = None
        self._raw = _OVER

    def _run(self, plan: _Plan, values: Mapping[str, object]) -> RawCursor:
        try:
            return self._raw.execute(plan.sql, plan.parameters(values))
        except Exception as error:
            translated = translate(error)
            if translated is error:
                raise
            raise translated from None  # the driver's own text quotes values, which must not reach a log


class _Over:
    """Stands in for the connection of a transaction that has ended."""

    def execute(self, sql: str, parameters: object = (), /) -> RawCursor:
        """Nothing. Raises: `RuntimeError`, always."""
        del sql, parameters
        raise RuntimeError("this transaction is over")


_OVER = _Over()


def translate(error: Exception) -> Exception:
    """What a driver's error means to us, or the same error if it is none. Knows psycopg's without importing it."""
    original = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's
    if type(original).__module__.startswith("psycopg"):
        return _of_postgres(original)
    code = getattr(original, "sqlite_errorcode", None)
    return _of_sqlite(original, code) if isinstance(code, int) else error


def _of_postgres(error: Exception) -> Exception:
    state = getattr(error, "sqlstate", None)
    described = getattr(error, "diag", None)
    summary = str(getattr(described, "message_primary", None) or type(error).__name__)
    if state == _UNIQUE_VIOLATION:
        return AlreadyExists(what=str(getattr(described, "table_name", "")))
    if state in _BUSY_STATES:
        return StoreBusy(waited_ms=0)
    if state is None and type(error).__name__ in _OURS:
        return StatementBroken(summary)
    if state is None or state[:2] in _LOST_CLASSES:
        return StoreUnreachable(database="", why=summary)
    return StatementBroken(f"{state} {summary}")


def _of_sqlite(error: Exception, code: int) -> Exception:
    if code in _SQLITE_UNIQUE:
        # UNIQUE constraint failed: accounts.organization_id, accounts.email_key
        return AlreadyExists(what=str(error).rpartition(": ")[2].partition(".")[0])
    if code & 0xFF == _SQLITE_BUSY:
        return StoreBusy(waited_ms=0)
    if code & 0xFF in _SQLITE_LOST:
        return StoreUnreachable(database="", why=str(error))
    return StatementBroken(str(error))
