"""A sealed value opens in its own place, with its own key, and nowhere else."""

import pytest
from sqlalchemy import select, update

from ostiary.kernel.randomness import SystemRandom
from ostiary.storage.errors import KeyExposed, KeyMissing, KeyUnreadable, KeyWrong, SealBroken
from ostiary.storage.schema import SEALED, attempt_messages
from ostiary.storage.vault import key_id_of, memory_vault, new_key, open_vault, read_keys, write_keys
from tests.storage.builders import NOW, RANDOM, an_attempt, ground

PLACE = {"table": "outbox", "column": "body", "row": "e1"}


def test_a_secret_comes_back_from_its_own_place():
    vault = memory_vault(RANDOM)
    for secret in (b"", b"secret", b"\x00" * 100_000):
        assert vault.open_sealed(vault.seal(secret, **PLACE), **PLACE) == secret


def test_two_seals_of_the_same_secret_differ():
    vault = memory_vault(RANDOM)
    assert vault.seal(b"secret", **PLACE) != vault.seal(b"secret", **PLACE)


@pytest.mark.parametrize("moved", [{"table": "links"}, {"column": "subject"}, {"row": "e2"}])
def test_a_secret_opens_in_no_other_place(moved):
    vault = memory_vault(RANDOM)
    with pytest.raises(SealBroken) as refused:
        vault.open_sealed(vault.seal(b"secret", **PLACE), **{**PLACE, **moved})
    assert refused.value.facts() == {**PLACE, **moved}


def test_a_changed_byte_anywhere_refuses():
    vault = memory_vault(RANDOM)
    sealed = vault.seal(b"secret", **PLACE)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises((SealBroken, KeyWrong)):
            vault.open_sealed(bytes(changed), **PLACE)
    for length in range(len(sealed)):
        with pytest.raises((SealBroken, KeyWrong)):
            vault.open_sealed(sealed[:length], **PLACE)


def test_another_key_is_told_from_a_broken_value():
    mine, theirs = memory_vault(RANDOM), memory_vault(RANDOM)
    with pytest.raises(KeyWrong) as refused:
        mine.open_sealed(theirs.seal(b"secret", **PLACE), **PLACE)
    assert refused.value.expected == theirs.current_key
    assert refused.value.received == mine.key_ids


def test_a_key_file_is_for_its_owner_only(key_file):
    write_keys(key_file, (new_key(RANDOM),))
    assert key_file.stat().st_mode & 0o777 == 0o600
    key_file.chmod(0o640)
    with pytest.raises(KeyExposed) as refused:
        open_vault(key_file, random=RANDOM)
    assert refused.value.mode == "0640"


@pytest.mark.parametrize(
    "text",
    ["", "# only words\n", "ostiary-sealing-key \n", "ostiary-sealing-key AAAA\n", "key " + "A" * 43 + "=\n", "\xff"],
)
def test_a_file_that_holds_no_key_is_refused(key_file, text):
    key_file.parent.mkdir()
    key_file.write_bytes(text.encode("latin-1"))
    key_file.chmod(0o600)
    with pytest.raises(KeyUnreadable):
        open_vault(key_file, random=RANDOM)


def test_a_key_file_that_is_not_there_is_refused_when_it_is_needed(key_file):
    vault = open_vault(key_file, random=RANDOM)
    with pytest.raises(KeyMissing):
        vault.require("abcd")
    with pytest.raises(KeyMissing):
        read_keys(key_file)


def test_a_running_vault_follows_its_file(key_file):
    first, second = new_key(RANDOM), new_key(RANDOM)
    write_keys(key_file, (first,))
    vault = open_vault(key_file, random=RANDOM)
    before = vault.seal(b"before", **PLACE)
    write_keys(key_file, (first, second))
    after = vault.seal(b"after", **PLACE)
    assert key_id_of(after) != key_id_of(before)
    assert (vault.open_sealed(before, **PLACE), vault.open_sealed(after, **PLACE)) == (b"before", b"after")
    write_keys(key_file, (second,))
    assert vault.open_sealed(after, **PLACE) == b"after"
    assert len(vault.key_ids) == 1


def test_a_vault_never_shows_its_keys(key_file):
    vault = open_vault(key_file, random=RANDOM)
    vault.require_any()
    assert "AESGCM" not in repr(vault)


def test_a_sealed_value_that_was_copied_to_another_tenant_does_not_open(store):
    mine, theirs = ground(store), ground(store)
    attempts = {id(g): an_attempt(g.connection) for g in (mine, theirs)}
    with store.write() as tx:
        for g in (mine, theirs):
            attempt = attempts[id(g)]
            tx.attempts.insert(attempt)
            tx.attempts.keep_message(attempt.id, message=b"of mine", kind="test", at=NOW, **g.scope)
    stolen, target = attempts[id(mine)], attempts[id(theirs)]
    body = attempt_messages.c.body
    with store.write() as tx:
        ((sealed,),) = tx.run.rows(select(body).where(attempt_messages.c.attempt_id == stolen.id))
        assert b"of mine" not in sealed
        tx.run.core.execute(
            update(attempt_messages).where(attempt_messages.c.attempt_id == target.id).values(body=sealed)
        )
    with pytest.raises(SealBroken), store.read() as tx:
        tx.attempts.message(target.id, **theirs.scope)


def test_the_list_of_sealed_columns_names_every_one():
    """Whatever is bytes is sealed, but what is public: a column that the rotation does not know would be lost."""
    from sqlalchemy import LargeBinary

    from ostiary.storage.schema import METADATA

    binary = {
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {(table.name, column) for table, _, column in SEALED} == binary - {("passkeys", "public_key")}


def test_the_random_source_is_the_operating_systems():
    assert open_vault.__kwdefaults__ is None
    assert len(new_key(SystemRandom())) == 32
