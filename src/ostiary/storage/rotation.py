"""Changes the sealing key: a new one is added to the file, every secret is sealed anew, the old one is removed.

It can be stopped at any moment and started again: until the end the file holds both keys, and a running server follows
the file. Servers on several machines each need the new file before the old key goes: see docs/operate.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, select, text, update

from ostiary.kernel.randomness import Random
from ostiary.storage import meta
from ostiary.storage.engine import Database
from ostiary.storage.schema import SEALED
from ostiary.storage.store import Store
from ostiary.storage.transaction import Transaction
from ostiary.storage.vault import Vault, key_id_of, new_key, open_vault, read_keys, write_keys

# mypy: disallow-any-explicit=False
# The parameter of SQLAlchemy's Table is Any by default.
_BATCH = 200

_PATIENCE_MS = 60_000
"""An operator's command waits for a server that writes without a pause; a sign-in would not."""


def rotate(database_url: str, *, key_file: Path, random: Random) -> int:
    """How many secrets were sealed with the new key. Goes on where an interrupted rotation was left.

    Raises: `KeyMissing`, `KeyWrong`, `KeyUnreadable`, `KeyExposed`, `SealBroken`, `StoreUnreachable`.
    """
    vault = open_vault(key_file, random=random)
    store = Store(Database(database_url), vault=vault)
    try:
        with store.read() as tx:
            sealed_with = meta.get(tx.run, meta.KEY)
        vault.require(sealed_with or "")
        if sealed_with == vault.current_key:
            write_keys(key_file, (*read_keys(key_file), new_key(random)))
            vault.reload()
        count = sum(_reseal_table(store, sealed) for sealed in _sealed())
        return count + _finish(store, key_file)
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A column of sealed values."""

    table: Table
    key: str
    column: str


def _sealed() -> tuple[_Sealed, ...]:
    return tuple(_Sealed(table, key, column) for table, key, column in SEALED)


def _reseal_table(store: Store, sealed: _Sealed) -> int:
    """Seal a column anew in small transactions, and tell how many values that were."""
    after, count = "", 0
    while True:
        with store.write(patience_ms=_PATIENCE_MS) as tx:
            last, changed = _reseal_batch(tx, store.vault, sealed, after)
        count += changed
        if last is None:
            return count
        after = last


def _reseal_batch(tx: Transaction, vault: Vault, sealed: _Sealed, after: str) -> tuple[str | None, int]:
    """The last key of the batch, None after the last batch, and how many values were sealed anew."""
    key, column = sealed.table.c[sealed.key], sealed.table.c[sealed.column]
    rows = tx.run.rows(select(key, column).where(key > after).order_by(key).limit(_BATCH).with_for_update())
    changed = 0
    for row_key, value in rows:
        if key_id_of(value) == vault.current_key:
            continue
        place = {"table": sealed.table.name, "column": sealed.column, "row": row_key}
        fresh = vault.seal(vault.open_sealed(value, **place), **place)
        tx.run.core.execute(update(sealed.table).where(key == row_key).values({column: fresh}))
        changed += 1
    return (rows[-1][0] if len(rows) == _BATCH else None), changed


def _finish(store: Store, key_file: Path) -> int:
    """Seal anew what was written with the old key meanwhile, while nobody else can write; then drop the old key."""
    count = 0
    with store.write(patience_ms=_PATIENCE_MS) as tx:
        if tx.run.is_postgres:
            names = ", ".join(sealed.table.name for sealed in _sealed())
            tx.run.core.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        for sealed in _sealed():
            after: str | None = ""
            while after is not None:
                after, changed = _reseal_batch(tx, store.vault, sealed, after)
                count += changed
        meta.put(tx.run, meta.KEY, store.vault.current_key)
    write_keys(key_file, read_keys(key_file)[-1:])
    return count
