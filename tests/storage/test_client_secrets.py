"""Client secrets: sealed, two of an issuer, opened for that issuer alone, and in one organization."""

from dataclasses import replace

from ostiary.domain.openid.settings import ClientSecret
from ostiary.kernel.ids import KeyId
from ostiary.storage.schema import client_secrets
from tests.storage.builders import NOW, ground, minutes

ISSUER, OTHER = "https://op.example", "https://other.example"


def a_secret(g, number: int = 1, *, issuer: str = ISSUER, **changes) -> ClientSecret:
    """The secret of this number, made that many minutes after the beginning."""
    made = ClientSecret(
        id=KeyId(f"k{issuer[8:11]}{number}"),
        organization_id=g.organization.id,
        connection_id=g.connection.id,
        created_at=NOW + minutes(number),
        created_by="Dana",
        expires_at=NOW + minutes(60),
        issuer=issuer,
    )
    return replace(made, **changes)


def values(tx, g, issuer: str) -> list[str]:
    return [each.value for each in tx.client_secrets.opened(g.connection.id, issuer=issuer, **g.scope)]


def test_a_secret_comes_back_as_it_was_kept_and_without_its_value(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g), value="s3cret")
        assert tx.client_secrets.of(g.connection.id, **g.scope) == (a_secret(g),)
        assert b"s3cret" not in tx.run.rows(client_secrets.select())[0].secret


def test_two_of_an_issuer_stay_and_those_of_another_do_not_count(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g, 1, issuer=OTHER), value="other")
        for number in (2, 3, 4):
            tx.client_secrets.add(a_secret(g, number), value=f"secret-{number}")
        assert values(tx, g, ISSUER) == ["secret-4", "secret-3"]
        assert values(tx, g, OTHER) == ["other"]


def test_the_secret_that_the_provider_took_last_outlives_those_that_it_never_took(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g, 1), value="works")
        tx.client_secrets.note_use(g.connection.id, secret_id=a_secret(g, 1).id, at=NOW + minutes(1), **g.scope)
        for number in (2, 3):
            tx.client_secrets.add(a_secret(g, number), value=f"amiss-{number}")
        assert values(tx, g, ISSUER) == ["amiss-3", "works"]
        tx.client_secrets.note_use(g.connection.id, secret_id=a_secret(g, 3).id, at=NOW + minutes(4), **g.scope)
        tx.client_secrets.add(a_secret(g, 5), value="next")
        assert values(tx, g, ISSUER) == ["next", "amiss-3"]


def test_a_secret_is_opened_for_its_issuer_and_one_of_an_older_version_for_any(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g, 1), value="ours")
        tx.client_secrets.add(a_secret(g, 2, issuer="", id=KeyId("kold")), value="old")
        assert values(tx, g, ISSUER) == ["old", "ours"]
        assert values(tx, g, OTHER) == ["old"]


def test_what_belongs_to_other_issuers_is_forgotten(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g, 1), value="ours")
        tx.client_secrets.add(a_secret(g, 2, issuer=OTHER), value="other")
        tx.client_secrets.add(a_secret(g, 3, issuer="", id=KeyId("kold")), value="old")
        tx.client_secrets.keep_only(g.connection.id, issuers={ISSUER}, **g.scope)
        assert {each.issuer for each in tx.client_secrets.of(g.connection.id, **g.scope)} == {ISSUER, ""}


def test_the_use_of_a_secret_is_noted(store):
    g = ground(store)
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g), value="s3cret")
        tx.client_secrets.note_use(g.connection.id, secret_id=a_secret(g).id, at=NOW + minutes(5), **g.scope)
        (opened,) = tx.client_secrets.opened(g.connection.id, issuer=ISSUER, **g.scope)
        assert opened.used_at == NOW + minutes(5)
        assert tx.client_secrets.of(g.connection.id, **g.scope)[0].used_at == NOW + minutes(5)


def test_another_organization_sees_notes_and_deletes_none(store):
    g, stranger = ground(store), ground(store).scope
    with store.write() as tx:
        tx.client_secrets.add(a_secret(g), value="s3cret")
        assert tx.client_secrets.of(g.connection.id, **stranger) == ()
        assert tx.client_secrets.opened(g.connection.id, issuer=ISSUER, **stranger) == ()
        tx.client_secrets.note_use(g.connection.id, secret_id=a_secret(g).id, at=NOW, **stranger)
        tx.client_secrets.keep_only(g.connection.id, issuers=(), **stranger)
        assert tx.client_secrets.delete(g.connection.id, secret_id=a_secret(g).id, **stranger) is False
        assert tx.client_secrets.of(g.connection.id, **g.scope) == (a_secret(g),)


def test_those_of_an_organization_are_of_all_its_connections_and_of_nobody_elses(store):
    g, stranger = ground(store), ground(store)
    with store.write() as tx:
        for number in (1, 2):
            tx.client_secrets.add(a_secret(g, number), value="s")
        tx.client_secrets.add(a_secret(stranger, 3, issuer=OTHER), value="s")
        found = tx.client_secrets.of_organization(g.organization.id)
        assert found == tx.client_secrets.of(g.connection.id, **g.scope)
        assert [each.created_at for each in found] == [NOW + minutes(2), NOW + minutes(1)]
