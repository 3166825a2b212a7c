"""What a database says of itself: whose it is, and with which key it was sealed."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from ostiary.storage.errors import DemoDatabase, NotDemoDatabase
from ostiary.storage.schema import meta
from ostiary.storage.statements import Prepared, Statements
from ostiary.storage.vault import Vault

KIND = "kind"
KEY = "sealing_key"
_DEMO = "demo"
_SERVER = "server"

_GET = Prepared(select(meta.c.value).where(meta.c.name == bindparam("wanted")))
# The same text on both engines.
_SET = Prepared(
    insert(meta)
    .values(name=bindparam("wanted"), value=bindparam("new"))
    .on_conflict_do_update(index_elements=["name"], set_={"value": bindparam("new")})
)


def get(run: Statements, name: str) -> str | None:
    """What stands under this name."""
    row = run.one(_GET, wanted=name)
    return None if row is None else str(row[0])


def put(run: Statements, name: str, value: str) -> None:
    """Write it under this name."""
    run.change(_SET, wanted=name, new=value)


def check_kind(run: Statements, *, is_demo: bool, database: str) -> None:
    """Mark a new database as the demo's or a server's. Raises: `DemoDatabase`, `NotDemoDatabase`."""
    expected = _DEMO if is_demo else _SERVER
    found = get(run, KIND)
    if found is None:
        put(run, KIND, expected)
    elif found != expected:
        raise DemoDatabase(database=database) if found == _DEMO else NotDemoDatabase(database=database)


def check_key(run: Statements, vault: Vault) -> None:
    """Note the key of a new database; return if an older one's key is in the vault.

    Raises: `KeyMissing`, `KeyWrong`.
    """
    found = get(run, KEY)
    if found is None:
        vault.require_any()
        put(run, KEY, vault.current_key)
    else:
        vault.require(found)
