"""Two admins who do the same at one moment, or one whose second click was as quick: neither meets a broken page."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from ostiary.domain.connection_key import KeyRole
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.errors import KeyStepMissed
from ostiary.kernel import ids
from ostiary.kernel.errors import Refusal
from ostiary.kernel.values import DomainName
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form.openid import SaveOpenId, form_of
from ostiary.services.connections import Saved
from ostiary.services.saml.keys import SigningKey, new_bundle
from ostiary.storage import Transaction
from tests.services.oidc.ground import NOW, RANDOM, Ground


@pytest.fixture
def actor(ground: Ground) -> Actor:
    return Actor.of(ground.owner, client_address="203.0.113.24")


def second_of_two(ground: Ground, first: Callable[[Transaction], object], second: Callable[[], object]) -> object:
    """What the second returned or refused, which began before the first was written down for good."""
    told: list[object] = []

    def run() -> None:
        try:
            told.append(second())
        except Refusal as refusal:
            told.append(refusal)

    other = threading.Thread(target=run)
    with ground.store.write() as tx:
        first(tx)
        other.start()
        other.join(timeout=0.7)
        assert told == []
    other.join()
    assert told, "it broke"
    return told[0]


def test_two_who_save_at_once_make_two_revisions(ground: Ground, actor: Actor) -> None:
    before, connections = ground.connection, ground.services.connections
    assert before.latest is not None
    settings = replace(before.latest.oidc, creates_accounts=not before.latest.oidc.creates_accounts)
    form: SaveOpenId = replace(form_of(before.latest.oidc), default_role="admin")
    saved = second_of_two(
        ground,
        lambda tx: connections.revisions.keep(tx, before, settings, actor=actor, now=NOW),
        lambda: connections.save(before.id, form, organization=ground.organization, actor=actor),
    )
    assert isinstance(saved, Saved)
    assert saved.connection.latest is not None
    assert (saved.connection.latest.number, saved.connection.latest.oidc.default_role.value) == (3, "admin")


def test_the_first_key_of_a_connection_is_made_once(ground: Ground) -> None:
    keys, connection, bundle = ground.services.key_rotation.keys, ground.connection, new_bundle(ground.connection, NOW)

    def first(tx: Transaction) -> None:
        tx.connections.hold(connection.id, **ground.scope)
        keys.insert(tx, connection, role=KeyRole.CURRENT, bundle=bundle, now=NOW)

    found = second_of_two(ground, first, lambda: keys.of(connection, NOW))
    assert isinstance(found, SigningKey)
    assert [each.key.certificate for each in keys.every(connection)] == [found.certificate]


def test_of_two_next_keys_the_second_is_told(ground: Ground, actor: Actor) -> None:
    rotation, connection = ground.services.key_rotation, ground.connection
    rotation.keys.of(connection, NOW)
    bundle = new_bundle(connection, NOW)

    def first(tx: Transaction) -> None:
        tx.connections.hold(connection.id, **ground.scope)
        rotation.keys.insert(tx, connection, role=KeyRole.NEXT, bundle=bundle, now=NOW)

    told = second_of_two(ground, first, lambda: rotation.prepare(connection.id, actor=actor, **ground.scope))
    assert isinstance(told, KeyStepMissed)


def test_a_domain_that_is_added_twice_has_one_challenge(ground: Ground, actor: Actor) -> None:
    name = DomainName.parse("other.example")
    added_first = EmailDomain(
        id=ids.domain_id(RANDOM),
        name=name,
        challenge="c" * 32,
        created_at=NOW,
        verified_at=None,
        checked_at=None,
        found=(),
        **ground.scope,
    )

    def first(tx: Transaction) -> None:
        tx.organizations.hold(ground.organization.id)
        tx.domains.insert(added_first)

    added = second_of_two(ground, first, lambda: ground.services.domains.add(str(name), actor=actor, **ground.scope))
    assert isinstance(added, EmailDomain)
    assert added.challenge == added_first.challenge
