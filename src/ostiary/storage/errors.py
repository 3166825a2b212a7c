"""Why the store refuses: a class for each reason, with its facts."""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.kernel.errors import Refusal


@dataclass
class AlreadyExists(Exception):
    """A row that has to be unique is there already. The transaction can only be rolled back now."""

    what: str
    """The table, as it is called in the schema."""

    def __str__(self) -> str:
        return f"{self.what}: such a row exists"

    __hash__ = Exception.__hash__


class StatementBroken(Exception):
    """The database did not take a statement: a mistake of ours. Says which, without the values: they are people's."""


class StorageRefusal(Refusal):
    """The store can't be used, or not now. The operator reads it."""


@dataclass(eq=False)
class StoreBusy(StorageRefusal):
    """Somebody else held the write lock for longer than the patience given. Nothing was changed."""

    code: ClassVar[str] = "storage.busy"
    waited_ms: int


@dataclass(eq=False)
class StoreUnreachable(StorageRefusal):
    """The database does not answer, or its file can't be opened."""

    code: ClassVar[str] = "storage.unreachable"
    database: str
    why: str


@dataclass(eq=False)
class KeyMissing(StorageRefusal):
    """There is a database, but the file with the key that it was sealed with is not there."""

    code: ClassVar[str] = "storage.key_missing"
    key_file: str


@dataclass(eq=False)
class KeyUnreadable(StorageRefusal):
    """The key file is there, but it holds no key in the form that we write."""

    code: ClassVar[str] = "storage.key_unreadable"
    key_file: str


@dataclass(eq=False)
class KeyExposed(StorageRefusal):
    """Others than its owner may read the key file."""

    code: ClassVar[str] = "storage.key_exposed"
    key_file: str
    mode: str


@dataclass(eq=False)
class KeyWrong(StorageRefusal):
    """The database was sealed with a key that is not in the key file."""

    code: ClassVar[str] = "storage.key_wrong"
    expected: str
    """Id of the key that the database was sealed with."""
    received: tuple[str, ...]
    """Ids of the keys in the file."""


@dataclass(eq=False)
class SealBroken(StorageRefusal):
    """A sealed value does not open: it was changed, or it stands in another row than the one it was sealed for."""

    code: ClassVar[str] = "storage.seal_broken"
    table: str
    column: str
    row: str


@dataclass(eq=False)
class SchemaNewer(StorageRefusal):
    """A newer version of the product has written this database."""

    code: ClassVar[str] = "storage.schema_newer"
    database_version: str
    known_version: str


@dataclass(eq=False)
class SchemaOlder(StorageRefusal):
    """The database has to be upgraded first. Only PostgreSQL says so: the embedded one is upgraded at start."""

    code: ClassVar[str] = "storage.schema_older"
    database_version: str
    known_version: str


@dataclass(eq=False)
class DemoDatabase(StorageRefusal):
    """The demo made this database; a server does not open it, because everyone knows its passwords."""

    code: ClassVar[str] = "storage.demo_database"
    database: str


@dataclass(eq=False)
class NotDemoDatabase(StorageRefusal):
    """A server made this database; the demo does not touch it."""

    code: ClassVar[str] = "storage.not_demo_database"
    database: str


@dataclass(eq=False)
class BackupUnreadable(StorageRefusal):
    """The file is no backup of this product, or only a part of one."""

    code: ClassVar[str] = "storage.backup_unreadable"
    path: str
    why: str


@dataclass(eq=False)
class BackupExists(StorageRefusal):
    """There is a file of this name already: a backup never takes the place of another one."""

    code: ClassVar[str] = "storage.backup_exists"
    path: str


@dataclass(eq=False)
class RestoreNeedsEmpty(StorageRefusal):
    """A backup is restored into an empty database only: nothing is ever overwritten."""

    code: ClassVar[str] = "storage.restore_needs_empty"
    database: str
