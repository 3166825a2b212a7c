"""Seals secrets: version | key id | nonce | ciphertext (AES-256-GCM), bound to table, column and row (decision 13).

A value that was sealed for one row opens nowhere else, so nothing can be swapped between tenants by whoever can write
to the database.
"""

import base64
import binascii
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ostiary.kernel.randomness import Random
from ostiary.storage.errors import KeyExposed, KeyMissing, KeyUnreadable, KeyWrong, SealBroken

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_HEADER = len(_VERSION) + _KEY_ID_BYTES + _NONCE_BYTES
_KEY_BYTES = 32
_LINE = "ostiary-sealing-key"
_PREFACE = (
    "# Sealing keys of Ostiary. Whoever has this file and the database can read the secrets in it.\n"
    "# Keep a copy apart from the backups of the database: without it they can't be opened. The last key seals.\n"
)


@dataclass(slots=True)
class Vault:
    """Seals and opens. Reads its key file again when that has changed, so that a running server follows a rotation."""

    path: Path | None
    random: Random
    _keys: dict[str, AESGCM] = field(default_factory=dict, repr=False)
    _current: str = ""
    _read_at: tuple[int, int] = (0, 0)

    @property
    def current_key(self) -> str:
        """Id of the key that seals."""
        self._follow_file()
        return self._current

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys that open, the sealing one last."""
        self._follow_file()
        return tuple(self._keys)

    def seal(self, secret: bytes, *, table: str, column: str, row: str) -> bytes:
        """The secret, sealed for exactly this place."""
        key_id = self.current_key
        nonce = self.random.token(_NONCE_BYTES)
        sealed = self._keys[key_id].encrypt(nonce, secret, _place(table, column, row))
        return b"".join((_VERSION, bytes.fromhex(key_id), nonce, sealed))

    def open_sealed(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """The secret. Raises: `SealBroken`, `KeyWrong`."""
        if len(sealed) < _HEADER or sealed[:1] != _VERSION:
            raise SealBroken(table=table, column=column, row=row)
        key = self._keys.get(key_id_of(sealed))
        if key is None:
            self._follow_file()
            key = self._keys.get(key_id_of(sealed))
        if key is None:
            raise KeyWrong(expected=key_id_of(sealed), received=tuple(self._keys))
        nonce = sealed[1 + _KEY_ID_BYTES : _HEADER]
        try:
            return key.decrypt(nonce, sealed[_HEADER:], _place(table, column, row))
        except InvalidTag as error:
            raise SealBroken(table=table, column=column, row=row) from error

    def require(self, key_id: str) -> None:
        """Return if this key is in the file. Raises: `KeyMissing`, `KeyWrong`."""
        if self.path is not None and not self._keys:
            raise KeyMissing(key_file=str(self.path))
        if key_id not in self.key_ids:
            raise KeyWrong(expected=key_id, received=self.key_ids)

    def require_any(self) -> None:
        """Make the key file if there is none. Only for a database that holds nothing sealed yet."""
        if self.path is not None and not self._keys:
            write_keys(self.path, (new_key(self.random),))
            self.reload()

    def reload(self) -> None:
        """Read the key file. Raises: `KeyMissing`, `KeyUnreadable`, `KeyExposed`."""
        if self.path is None:
            return
        keys = read_keys(self.path)
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        self._current = key_id(keys[-1])
        self._read_at = _stamp(self.path)

    def _follow_file(self) -> None:
        if self.path is not None and _stamp(self.path) not in {self._read_at, (0, 0)}:
            self.reload()


def open_vault(path: Path, *, random: Random) -> Vault:
    """The vault with the keys of this file; without keys while there is no file.

    Whether one may be made is the store's to say: a new database gets a new key, an old one has lost its own.

    Raises: `KeyUnreadable`, `KeyExposed`.
    """
    vault = Vault(path=path, random=random)
    with suppress(KeyMissing):
        vault.reload()
    return vault


def memory_vault(random: Random) -> Vault:
    """A vault whose key is nowhere but in this process. For tests."""
    key = new_key(random)
    return Vault(path=None, random=random, _keys={key_id(key): AESGCM(key)}, _current=key_id(key))


def key_id_of(sealed: bytes) -> str:
    """Id of the key that sealed this value."""
    return sealed[1 : 1 + _KEY_ID_BYTES].hex()


def key_id(key: bytes) -> str:
    """The id of a key: a part of its hash, so that a wrong key is told from a broken value."""
    return hashlib.sha256(b"ostiary key id" + key).digest()[:_KEY_ID_BYTES].hex()


def new_key(random: Random) -> bytes:
    """A new key."""
    return random.token(_KEY_BYTES)


def read_keys(path: Path) -> tuple[bytes, ...]:
    """The keys of a file, the sealing one last. Raises: `KeyMissing`, `KeyUnreadable`, `KeyExposed`."""
    try:
        text = path.read_text(encoding="ascii")
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError as error:
        raise KeyMissing(key_file=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnreadable(key_file=str(path)) from error
    if mode & 0o077:
        raise KeyExposed(key_file=str(path), mode=f"{mode:04o}")
    keys = tuple(_key_in(line, path) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if not keys:
        raise KeyUnreadable(key_file=str(path))
    return keys


def write_keys(path: Path, keys: tuple[bytes, ...]) -> None:
    """Replace the file by one with these keys, at once: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = "".join(f"{_LINE} {base64.b64encode(key).decode()}\n" for key in keys)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_PREFACE + lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key_in(line: str, path: Path) -> bytes:
    name, _, encoded = line.strip().partition(" ")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise KeyUnreadable(key_file=str(path)) from error
    if name != _LINE or len(key) != _KEY_BYTES:
        raise KeyUnreadable(key_file=str(path))
    return key


def _place(table: str, column: str, row: str) -> bytes:
    return f"{table}/{column}/{row}".encode()


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when the file is replaced; (0, 0) while it is not there: what was read stays in use."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino)
