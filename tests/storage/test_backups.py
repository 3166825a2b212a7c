"""A backup is whole or not there, holds one moment, restores on either engine, and is useless without the key."""

import gzip
import json
import threading

import pytest
from sqlalchemy import select

from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.openid.possession import Possession
from ostiary.domain.openid.provider_document import ProviderDocument
from ostiary.domain.openid.settings import ClientSecret
from ostiary.kernel.randomness import SystemRandom
from ostiary.storage import backup, open_store, open_vault, restore
from ostiary.storage.engine import Database
from ostiary.storage.errors import BackupExists, BackupUnreadable, RestoreNeedsEmpty, SchemaNewer
from ostiary.storage.schema import METADATA
from tests.storage.builders import (
    NOW,
    a_domain,
    a_mail,
    a_metadata_source,
    a_session,
    an_attempt,
    an_audit_event,
    an_identity,
    an_organization,
    ground,
    minutes,
)
from tests.storage.test_break_glass import a_passkey
from tests.storage.test_logouts import a_logout


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def other_url(request, tmp_path):
    """The address of another empty database, of either engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other' / 'ostiary.db'}"
        return
    with request.getfixturevalue("postgres_server").database() as url:
        yield url


def test_everything_comes_back_on_either_engine(store, database_url, other_url, key_file, tmp_path):
    g, attempt = _furnish(store)
    target = tmp_path / "backup.gz"
    count = backup(database_url, target)
    assert target.stat().st_mode & 0o077 == 0
    assert restore(other_url, target) == count
    expected = _everything(store)
    restored = open_store(other_url, vault=open_vault(key_file, random=SystemRandom()), is_demo=False)
    assert _everything(restored) == expected
    assert sum(len(rows) for rows in expected.values()) == count
    assert all(rows for name, rows in expected.items() if name not in {"links", "throttle", "replays", "jobs"})
    with restored.write() as tx:
        assert tx.attempts.message(attempt.id, **g.scope) == b"<whole/>"
        # The counter of the timeline has moved on: the next line gets a number of its own.
        before = tx.attempts.timeline(attempt.id, **g.scope)
        tx.attempts.add_events(attempt.id, events=before, **g.scope)
        assert tx.attempts.timeline(attempt.id, **g.scope) == before * 2
    restored.close()


def test_a_backup_shows_one_moment_of_a_server_that_writes(store, database_url, tmp_path):
    """An account is never in it without its organization, whatever is committed meanwhile."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            ground(store)

    server = threading.Thread(target=serve)
    server.start()
    for number in range(3):
        backup(database_url, tmp_path / f"{number}.gz")
    stop.set()
    server.join()
    for number in range(3):
        restore(f"sqlite:///{tmp_path / str(number) / 'ostiary.db'}", tmp_path / f"{number}.gz")


def test_neither_the_key_nor_a_secret_in_the_clear_is_in_a_backup(store, database_url, key_file, tmp_path):
    _furnish(store)
    backup(database_url, tmp_path / "backup.gz")
    content = gzip.decompress((tmp_path / "backup.gz").read_bytes())
    assert b"dana@acme.example" in content
    for secret in (b"<whole/>", b"password/set?link=", b"ostiary-sealing-key", key_file.read_bytes().split()[-1]):
        assert secret not in content


def test_a_backup_takes_the_place_of_no_other_one(store, database_url, tmp_path):
    """The second of two of one name is refused, and the first stays as it is."""
    target = tmp_path / "backup.gz"
    backup(database_url, target)
    kept = target.read_bytes()
    with pytest.raises(BackupExists):
        backup(database_url, target)
    assert target.read_bytes() == kept


def test_a_database_with_something_in_it_is_never_overwritten(store, database_url, tmp_path):
    ground(store)
    backup(database_url, tmp_path / "backup.gz")
    with pytest.raises(RestoreNeedsEmpty):
        restore(database_url, tmp_path / "backup.gz")


@pytest.mark.parametrize("damage", ["cut", "flipped", "a line less", "a line more", "no gzip", "nothing", "not there"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_backup_restores_nothing(store, database_url, other_url, tmp_path, damage):
    _furnish(store)
    source = tmp_path / "backup.gz"
    backup(database_url, source)
    whole = source.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    match damage:
        case "cut":
            source.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            source.write_bytes(whole[:600] + bytes([whole[600] ^ 1]) + whole[601:])
        case "a line less":
            source.write_bytes(gzip.compress(b"".join(lines[:5] + lines[6:])))
        case "a line more":
            source.write_bytes(gzip.compress(b"".join(lines[:-1])))
        case "no gzip":
            source.write_bytes(b"".join(lines))
        case "nothing":
            source.write_bytes(b"")
        case "not there":
            source.unlink()
        case _:
            pytest.fail(damage)
    with pytest.raises(BackupUnreadable):
        restore(other_url, source)
    # What was refused left nothing behind: the whole backup goes in afterwards.
    source.write_bytes(whole)
    assert restore(other_url, source) > 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_version_is_refused(store, database_url, other_url, tmp_path):
    backup(database_url, tmp_path / "backup.gz")
    lines = gzip.decompress((tmp_path / "backup.gz").read_bytes()).splitlines(keepends=True)
    header = json.dumps({"format": "ostiary-backup-1", "schema": "9999"}).encode() + b"\n"
    (tmp_path / "newer.gz").write_bytes(gzip.compress(header + b"".join(lines[1:])))
    with pytest.raises(SchemaNewer):
        restore(other_url, tmp_path / "newer.gz")


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(Exception, match=r"storage\."):
        backup(f"sqlite:///{tmp_path / 'nowhere' / 'ostiary.db'}", tmp_path / "backup.gz")
    assert list(tmp_path.glob("backup*")) == []


def _furnish(store):
    g = ground(store)
    attempt = an_attempt(g.connection, facts={"received": ("ä", "b")})
    event = TimelineEvent(at=NOW, kind="left", facts={})
    with store.write() as tx:
        tx.organizations.insert(an_organization())
        tx.domains.insert(a_domain(g.organization, found=("v=spf1 -all",)))
        tx.attempts.insert(attempt)
        tx.attempts.add_events(attempt.id, events=(event, event), **g.scope)
        tx.attempts.keep_message(attempt.id, message=b"<whole/>", kind="success", at=NOW, **g.scope)
        tx.attempts.save_report(attempt.id, report="{}", **g.scope)
        tx.sessions.insert(a_session(g.account, token="t", connection=g.connection))
        tx.identities.insert(an_identity(g.account, g.connection))
        tx.audit.append(an_audit_event(g.organization))
        tx.keys.insert(_key_id(), connection_id=g.connection.id, private_key=b"pem", created_at=NOW, **g.scope)
        tx.outbox.put(a_mail(g.organization))
        tx.metadata_sources.pin(a_metadata_source(g.connection))
        tx.logouts.insert(a_logout(g))
        tx.upkeep.notice(g.connection.id, fingerprint="AA:BB", days=14, at=NOW, **g.scope)
        tx.links.insert("h", account_id=g.account.id, purpose="reset", expires_at=NOW + minutes(1), **g.scope)
        tx.replays.remember(g.connection.id, issuer="i", assertion_id="a", until=NOW)
        _speak_openid(tx, g, attempt)
        tx.break_glass.insert(g.account.id, named_by=g.account.id, code_key=b"k", at=NOW, **g.scope)
        tx.recovery_codes.replace(g.account.id, hashes=("h",), at=NOW, **g.scope)
        tx.passkeys.insert(a_passkey(g.account))
        tx.throttle.hit("k", window=minutes(1), now=NOW)
        tx.jobs.schedule("purge", due_at=NOW, payload={"a": ("b",)}, now=NOW)
    return g, attempt


def _speak_openid(tx, g, attempt):
    """A row in each table that only OpenID Connect writes."""
    tx.attempt_secrets.insert(attempt.id, secrets="{}", expires_at=NOW, **g.scope)
    secret = ClientSecret(
        id=_key_id(), connection_id=g.connection.id, created_at=NOW, created_by="dana", expires_at=None, **g.scope
    )
    tx.client_secrets.add(secret, value="s")
    tx.provider_documents.save(
        ProviderDocument(
            connection_id=g.connection.id,
            issuer="https://op.example",
            metadata="{}",
            keys="{}",
            fetched_at=NOW,
            fresh_until=NOW,
            stale_until=NOW,
            forced_at=None,
            unknown_keys={},
            **g.scope,
        )
    )
    tx.possessions.insert(
        Possession(
            attempt_id=attempt.id, account_id=g.account.id, body="{}", code_hash="", tries=0, expires_at=NOW, **g.scope
        )
    )
    session = a_session(g.account, token="o", connection=g.connection)
    tx.sessions.insert(session)
    tx.session_tokens.insert(session.id, id_token="t", **g.scope)


def _everything(store):
    with store.read() as tx:
        return {
            table.name: sorted(map(repr, map(tuple, tx.run.rows(select(table))))) for table in METADATA.sorted_tables
        }


def _key_id():
    from ostiary.kernel import ids
    from tests.storage.builders import RANDOM

    return ids.key_id(RANDOM)


def test_the_path_of_a_backup_is_no_database(tmp_path):
    assert Database(f"sqlite:///{tmp_path / 'x.db'}").path == tmp_path / "x.db"
