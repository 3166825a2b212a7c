"""Two at the same moment, on both engines: what the second gets while the first has not ended yet."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.account import Account, Role
from ostiary.domain.break_glass.errors import OwnersOnly
from ostiary.domain.break_glass.holder import Passkey
from ostiary.domain.errors import LinkedToAnother, OwnPasswordRefused
from ostiary.kernel import ids
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor
from ostiary.services.oidc.saved_secrets import SavedSecrets
from ostiary.services.refusal_record import LoginRefused
from ostiary.storage import Store, Transaction, upgrade
from tests.journeys.world import PASSWORD, PRODUCT, a_world
from tests.services.break_glass.authenticator import Authenticator
from tests.services.break_glass.ground import SESSION, Emergency, an_emergency
from tests.services.oidc.ground import RANDOM, Ground, a_ground
from tests.storage.builders import a_session, an_account, an_identity

NOT_YET = 0.3
"""Seconds in which the second gets as far as it can."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Empty for the embedded database."""
    url = str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    return url


@pytest.fixture
def emergency(tmp_path: Path, database_url: str) -> Iterator[Emergency]:
    """Acme with two owners, of whom Priya was named."""
    with a_world(tmp_path, database_url=database_url) as world:
        made = an_emergency(world)
        made.name()
        yield made


@pytest.fixture
def ground(tmp_path: Path, database_url: str) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on."""
    with a_ground(tmp_path, database_url=database_url) as made:
        yield made


# --- break-glass access -------------------------------------------------------------


def test_a_passkey_that_comes_while_the_access_is_taken_away_opens_nothing_later(emergency: Emergency) -> None:
    """It would wait, seen by nobody, until somebody names this owner again."""
    asked = emergency.service.keyring.begin(emergency.priya, PASSWORD, session_id=SESSION, client=emergency.browser())
    answer = Authenticator(origin=PRODUCT).make(asked.options)

    def take_away(tx: Transaction) -> None:
        tx.organizations.hold(emergency.world.acme.id)
        tx.passkeys.delete_all(emergency.priya.id, **emergency.scope)
        tx.break_glass.delete(emergency.priya.id, **emergency.scope)

    def add() -> object:
        actor = Actor.of(emergency.priya, client_address="")
        return emergency.service.keyring.add(
            emergency.priya, answer, sealed=asked.sealed, name="", session_id=SESSION, actor=actor
        )

    assert isinstance(_second(emergency.world.store, first=take_away, second=add), OwnersOnly)
    assert _passkeys(emergency) == ()


def test_access_that_is_taken_away_while_a_passkey_comes_takes_it_along(emergency: Emergency) -> None:
    dana, priya = emergency.world.dana, emergency.priya

    def add(tx: Transaction) -> None:
        tx.organizations.hold(emergency.world.acme.id)
        tx.passkeys.insert(_a_passkey(priya))

    def take_away() -> object:
        return emergency.service.roster.take_away(priya.id, by=dana, actor=Actor.of(dana, client_address=""))

    assert _second(emergency.world.store, first=add, second=take_away) is True
    assert _passkeys(emergency) == ()


def test_a_first_password_that_was_set_at_this_moment_is_not_replaced(emergency: Emergency) -> None:
    """By the owner with the link of a mail, say, while whoever has their session chooses one with codes."""
    owner = _without_password(emergency)
    emergency.name(owner)

    def by_link(tx: Transaction) -> None:
        tx.links.withdraw(owner.id, **emergency.scope)
        tx.accounts.set_password(owner.id, password_hash="the owner's own", **emergency.scope)

    def with_codes() -> object:
        now = emergency.world.clock.at
        session = a_session(owner, token="t", connection_id=ConnectionId("c1"), created_at=now, auth_time=now)
        actor = Actor.of(owner, client_address="")
        return emergency.service.codes.make_after_sign_in(owner, "a sentence of my own", session=session, actor=actor)

    told = _second(emergency.world.store, first=by_link, second=with_codes)
    assert isinstance(told, OwnPasswordRefused)
    assert _stored(emergency, owner).password_hash == "the owner's own"
    with emergency.world.store.read() as tx:
        holder = tx.break_glass.by_account(owner.id, **emergency.scope)
    assert holder is not None
    assert holder.codes_left == 0


# --- first sign-ins ---------------------------------------------------------------------


def test_two_subjects_that_claim_one_address_at_once_do_not_both_get_its_account(ground: Ground) -> None:
    """Otherwise a colleague who writes Jane's address at the provider comes in unseen, for hers goes on to work."""
    jane = an_account(ground.organization, email=EmailAddress.parse("jane@acme.example"))
    with ground.store.write() as tx:
        tx.accounts.insert(jane)

    def colleague(tx: Transaction) -> None:
        tx.organizations.hold(ground.organization.id)
        theirs = an_identity(jane, ground.connection, issuer=ground.provider.issuer, subject="00u-colleague")
        tx.identities.insert(theirs)

    claims = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}
    told = _second(ground.store, first=colleague, second=lambda: ground.try_in(**claims))
    assert isinstance(told, LoginRefused)
    assert isinstance(told.refusal, LinkedToAnother)


# --- who waits for whom ---------------------------------------------------------------


def test_a_domain_that_is_given_up_while_it_lapses_holds_nobody_up(ground: Ground) -> None:
    (domain,) = ground.services.domains.of(ground.organization.id)
    told = _second(
        ground.store,
        first=lambda tx: tx.organizations.hold(ground.organization.id),
        second=lambda: ground.services.domains.remove(domain.id, actor=_actor(ground), **ground.scope),
        then=lambda tx: tx.domains.mark_unverified(domain.id, **ground.scope),
    )
    assert told is True
    assert ground.services.domains.of(ground.organization.id) == ()


def test_a_secret_that_is_deleted_while_its_connection_is_holds_nobody_up(ground: Ground) -> None:
    connection = ground.connection
    with ground.store.read() as tx:
        (secret,) = tx.client_secrets.of(connection.id, **ground.scope)
    saved = SavedSecrets(store=ground.store, clock=ground.clock, audit=ground.services.connections.audit)
    told = _second(
        ground.store,
        first=lambda tx: tx.organizations.hold(ground.organization.id),
        second=lambda: saved.delete(connection, secret, actor=_actor(ground)),
        then=lambda tx: tx.connections.delete(connection.id, **ground.scope),
    )
    assert told is False


# --- steps ---------------------------------------------------------------------------


def _second(
    store: Store,
    *,
    first: Callable[[Transaction], object],
    second: Callable[[], object],
    then: Callable[[Transaction], object] = lambda _: None,
) -> object:
    """What the second comes to, which begins when the first has done half of its work."""
    told: list[object] = []
    other = threading.Thread(target=lambda: told.append(_outcome(second)))
    try:
        with store.write() as tx:
            first(tx)
            other.start()
            other.join(timeout=NOT_YET)
            then(tx)
    finally:
        other.join()
    return told[0]


def _outcome(step: Callable[[], object]) -> object:
    try:
        return step()
    except Refusal as refusal:
        return refusal


def _passkeys(emergency: Emergency) -> tuple[Passkey, ...]:
    with emergency.world.store.read() as tx:
        return tx.passkeys.of(emergency.priya.id, **emergency.scope)


def _a_passkey(account: Account) -> Passkey:
    return Passkey(
        id=ids.key_id(RANDOM),
        organization_id=account.organization_id,
        account_id=account.id,
        credential_id="a-credential",
        public_key=b"k",
        sign_count=0,
        transports=(),
        name="The key in the safe",
        added_at=account.created_at,
        last_used_at=None,
        stopped_at=None,
    )


def _without_password(emergency: Emergency) -> Account:
    owner = emergency.world.add_account("sam.ito@acme.example", role=Role.OWNER)
    none: Any = None  # no page takes a password away
    with emergency.world.store.write() as tx:
        tx.accounts.set_password(owner.id, password_hash=none, **emergency.scope)
    return replace(owner, password_hash=None)


def _stored(emergency: Emergency, account: Account) -> Account:
    with emergency.world.store.read() as tx:
        found = tx.accounts.by_id(account.id, **emergency.scope)
    assert found is not None
    return found


def _actor(ground: Ground) -> Actor:
    return Actor.of(ground.owner, client_address="203.0.113.24")
