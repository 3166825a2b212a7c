"""SQL. One store on two engines: SQLite (embedded) and PostgreSQL. It keeps; it never judges and knows no HTTP.

Everything that touches a tenant's table takes the organization. Before it is known, only a connection, an attempt, a
token hash, a link, a slug or a domain is looked up; that gives the organization (decision 8).
"""

from ostiary.storage.backups import backup, restore
from ostiary.storage.errors import AlreadyExists, StorageRefusal, StoreBusy, StoreUnreachable
from ostiary.storage.records.attempt_list import AttemptFilter
from ostiary.storage.records.attempt_papers import MessageKind
from ostiary.storage.rotation import rotate
from ostiary.storage.store import Store, open_store
from ostiary.storage.transaction import Transaction
from ostiary.storage.vault import Vault, open_vault
from ostiary.storage.versions import upgrade

__all__ = [
    "open_store",
    "open_vault",
    "upgrade",
    "backup",
    "restore",
    "rotate",
    "Store",
    "Transaction",
    "Vault",
    "AttemptFilter",
    "MessageKind",
    "AlreadyExists",
    "StorageRefusal",
    "StoreBusy",
    "StoreUnreachable",
]
