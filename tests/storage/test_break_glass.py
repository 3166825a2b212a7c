"""Who gets in while the identity provider is down: kept, counted, used once, and proven by use."""

from dataclasses import replace
from datetime import datetime

import pytest

from ostiary.domain.account import Role
from ostiary.domain.break_glass.holder import Passkey, State, Way
from ostiary.kernel import ids
from ostiary.kernel.randomness import SystemRandom
from ostiary.storage.errors import AlreadyExists
from ostiary.storage.schema import break_glass
from tests.storage.builders import NOW, an_account, ground, minutes

RANDOM = SystemRandom()


def a_passkey(account, **given) -> Passkey:
    values = {
        "id": ids.key_id(RANDOM),
        "organization_id": account.organization_id,
        "account_id": account.id,
        "credential_id": ids.secret(RANDOM),
        "public_key": b"\xa5cose",
        "sign_count": 7,
        "transports": ("internal", "hybrid"),
        "name": "Dana's key",
        "added_at": NOW,
        "last_used_at": None,
        "stopped_at": None,
    }
    return Passkey(**{**values, **given})


def an_owner(tx, g, **given):
    owner = an_account(g.organization, role=Role.OWNER, **given)
    tx.accounts.insert(owner)
    return owner


def named(tx, g, *, hashes: tuple[str, ...] = ("one", "two"), at: datetime = NOW):
    owner = an_owner(tx, g)
    tx.break_glass.insert(owner.id, named_by=g.account.id, code_key=b"k" * 32, at=at, **g.scope)
    tx.recovery_codes.replace(owner.id, hashes=hashes, at=at, **g.scope)
    return owner


def test_somebody_is_proven_by_a_use_of_what_they_still_hold(store):
    g = ground(store)
    with store.write() as tx:
        owner = named(tx, g)
        assert tx.break_glass.proven_accounts(g.organization.id) == set()
        (holder,) = tx.break_glass.of(g.organization.id)
        assert (holder.state, holder.codes_left, holder.proven_by) == (State.NOT_PROVEN, 2, None)
        assert tx.recovery_codes.use(owner.id, code_hash="one", at=NOW + minutes(1), **g.scope)
        assert tx.break_glass.proven_accounts(g.organization.id) == {owner.id}
        holder = tx.break_glass.by_account(owner.id, **g.scope)
        assert holder is not None
        assert (holder.state, holder.codes_left, holder.proven_by) == (State.PROVEN, 1, Way.RECOVERY_CODE)
        assert holder.last_used_at == NOW + minutes(1)
        # The last one gone, there is nothing left to get in by.
        assert tx.recovery_codes.use(owner.id, code_hash="two", at=NOW, **g.scope)
        assert tx.break_glass.proven_accounts(g.organization.id) == set()
        (holder,) = tx.break_glass.of(g.organization.id)
        assert holder.state is State.NOTHING_TO_USE
        # A passkey that has signed in proves too, until it is stopped; a new set of codes proves nothing by itself.
        passkey = a_passkey(owner)
        tx.passkeys.insert(passkey)
        assert tx.break_glass.proven_accounts(g.organization.id) == set()
        assert tx.passkeys.used(passkey, sign_count=8, at=NOW + minutes(2))
        assert tx.break_glass.proven_accounts(g.organization.id) == {owner.id}
        tx.recovery_codes.replace(owner.id, hashes=("three",), at=NOW, **g.scope)
        (holder,) = tx.break_glass.of(g.organization.id)
        assert (holder.proven_by, holder.codes_left, holder.passkeys) == (Way.PASSKEY, 1, 1)
        assert tx.passkeys.stop(passkey, at=NOW)
        assert tx.break_glass.proven_accounts(g.organization.id) == set()
        (holder,) = tx.break_glass.of(g.organization.id)
        assert (holder.state, holder.passkeys) == (State.NOT_PROVEN, 0)


def test_who_loses_the_role_or_the_account_is_no_longer_proven(store):
    for loses in ("role", "account"):
        g = ground(store)
        with store.write() as tx:
            owner = named(tx, g)
            tx.recovery_codes.use(owner.id, code_hash="one", at=NOW, **g.scope)
            if loses == "role":
                tx.accounts.set_role(owner.id, role=Role.ADMIN, **g.scope)
            else:
                tx.accounts.deactivate(owner.id, at=NOW, **g.scope)
            assert tx.break_glass.proven_accounts(g.organization.id) == set()
            (holder,) = tx.break_glass.of(g.organization.id)
            assert holder.state is State.ENDED
            assert owner.id not in {each.id for each in tx.break_glass.owners(g.organization.id)}


def test_a_code_is_used_once_and_an_earlier_set_not_at_all(store):
    g = ground(store)
    with store.write() as tx:
        owner = named(tx, g)
        assert tx.recovery_codes.use(owner.id, code_hash="one", at=NOW, **g.scope)
        assert not tx.recovery_codes.use(owner.id, code_hash="one", at=NOW, **g.scope)
        tx.recovery_codes.replace(owner.id, hashes=("three",), at=NOW, **g.scope)
        assert not tx.recovery_codes.use(owner.id, code_hash="two", at=NOW, **g.scope)
        assert tx.recovery_codes.use(owner.id, code_hash="three", at=NOW, **g.scope)


def test_a_passkey_is_found_by_its_credential_and_its_count_moves_on_once(store):
    g = ground(store)
    with store.write() as tx:
        owner = named(tx, g)
        passkey = a_passkey(owner)
        tx.passkeys.insert(passkey)
        assert tx.passkeys.by_credential(passkey.credential_id) == passkey
        assert tx.passkeys.by_credential("another") is None
        assert tx.passkeys.used(passkey, sign_count=2**32 - 1, at=NOW)
        assert not tx.passkeys.used(passkey, sign_count=9, at=NOW), "read before the other use"
        now_held = tx.passkeys.of(owner.id, **g.scope)[0]
        assert now_held == replace(passkey, sign_count=2**32 - 1, last_used_at=NOW)
        assert tx.passkeys.stop(now_held, at=NOW)
        assert not tx.passkeys.stop(now_held, at=NOW)
        assert not tx.passkeys.used(now_held, sign_count=10, at=NOW), "stopped"


def test_nobody_registers_a_credential_that_somebody_has(store):
    g, other = ground(store), ground(store)
    with store.write() as tx:
        mine, theirs = named(tx, g), named(tx, other)
        passkey = a_passkey(mine)
        tx.passkeys.insert(passkey)
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.passkeys.insert(a_passkey(theirs, credential_id=passkey.credential_id))


def test_the_key_of_the_codes_is_sealed_and_goes_with_the_name(store):
    g = ground(store)
    with store.write() as tx:
        owner = named(tx, g)
        assert tx.break_glass.code_key(owner.id, **g.scope) == b"k" * 32
        assert b"k" * 8 not in tx.run.rows(break_glass.select())[0].code_key
        assert tx.break_glass.set_code_key(owner.id, code_key=b"n" * 32, **g.scope)
        assert tx.break_glass.code_key(owner.id, **g.scope) == b"n" * 32
        assert tx.break_glass.delete(owner.id, **g.scope)
        assert tx.break_glass.of(g.organization.id) == ()
        assert tx.break_glass.code_key(owner.id, **g.scope) is None
        assert tx.recovery_codes.delete(owner.id, **g.scope) == 2


def test_nothing_of_it_is_seen_or_changed_by_another_organization(store):
    g, stranger = ground(store), ground(store)
    with store.write() as tx:
        owner = named(tx, g)
        passkey = a_passkey(owner)
        tx.passkeys.insert(passkey)
        tx.recovery_codes.use(owner.id, code_hash="one", at=NOW, **g.scope)
        before = tx.break_glass.of(g.organization.id)
        scope = stranger.scope
        foreign = replace(passkey, organization_id=stranger.organization.id)
        answers = {
            "proven": tx.break_glass.proven_accounts(stranger.organization.id),
            "of": tx.break_glass.of(stranger.organization.id),
            "by account": tx.break_glass.by_account(owner.id, **scope),
            "owners": [each for each in tx.break_glass.owners(stranger.organization.id) if each.id == owner.id],
            "code key": tx.break_glass.code_key(owner.id, **scope),
            "set code key": tx.break_glass.set_code_key(owner.id, code_key=b"x", **scope),
            "take away": tx.break_glass.delete(owner.id, **scope),
            "use a code": tx.recovery_codes.use(owner.id, code_hash="two", at=NOW, **scope),
            "end the codes": tx.recovery_codes.delete(owner.id, **scope),
            "passkeys": tx.passkeys.of(owner.id, **scope),
            "use the passkey": tx.passkeys.used(foreign, sign_count=8, at=NOW),
            "stop the passkey": tx.passkeys.stop(foreign, at=NOW),
            "remove the passkey": tx.passkeys.delete(passkey.id, account_id=owner.id, **scope),
            "remove all": tx.passkeys.delete_all(owner.id, **scope),
        }
        assert [name for name, answer in answers.items() if answer] == []
        assert tx.break_glass.of(g.organization.id) == before
