"""Attempts to shut a company out of its own settings while single sign-on is enforced: by what is taken away."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.domain.account import Account, Role
from ostiary.domain.attempt import Purpose
from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.enforcement.lockout import doors_of
from ostiary.domain.openid.settings import Authentication, ClientSecret, OidcSettings, SubjectClaim
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import ConnectionId
from ostiary.outbound import Resolver
from ostiary.services.answered import put_to_work
from ostiary.services.audit_trail import Actor
from ostiary.services.enforcement.ways_in import enforced_connections, keep_a_way_in
from ostiary.services.oidc.saved_secrets import SavedSecrets
from ostiary.services.upkeep.domain_checks import DomainChecks
from ostiary.services.upkeep.errands import Errands
from ostiary.services.upkeep.letters import Letters
from ostiary.storage import Transaction, upgrade
from tests.outbound.local import a_dns_server
from tests.services.enforcement.office import Office, an_office
from tests.services.oidc.ground import PRODUCT, RANDOM, Ground, a_ground, add_connection
from tests.storage.builders import an_attempt, an_identity


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Acme with Okta and OneLogin, on both engines: which of two comes second is decided by the database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with an_office(tmp_path, database_url=url) as made:
        yield made


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on."""
    with a_ground(tmp_path, google_client_id="client-at-google") as made:
        yield made


# --- two at once ----------------------------------------------------------------


def test_two_who_take_the_last_two_ways_away_at_once_do_not_both_succeed(office: Office) -> None:
    dana, priya = office.owner, office.hire("priya@acme.example", role=Role.OWNER)
    _only_break_glass_is_left(office, dana, priya)
    roster = office.services.break_glass.roster
    told: list[object] = []

    def second() -> None:
        told.append(_outcome(lambda: roster.take_away(priya.id, by=dana, actor=office.actor)))

    other = threading.Thread(target=second)
    with office.store.write() as tx:
        _take_away(tx, dana)
        keep_a_way_in(tx, office.organization.id)
        other.start()
        other.join(timeout=0.3)
    other.join()
    assert [type(each) for each in told] == [LastWayIn]
    with office.store.read() as tx:
        assert tx.break_glass.proven_accounts(office.organization.id) == {priya.id}


def test_enforcing_while_the_only_way_in_is_taken_away_leaves_one_of_the_two_undone(office: Office) -> None:
    _make_proven(office, office.owner)
    told: list[object] = []
    enforcer = threading.Thread(target=lambda: told.append(_outcome(lambda: office.enforce(office.okta))))
    with office.store.write() as tx:
        _take_away(tx, office.owner)
        keep_a_way_in(tx, office.organization.id)
        enforcer.start()
        enforcer.join(timeout=0.3)
    enforcer.join()
    assert [type(each) for each in told] == [LastWayIn]


def test_a_connection_that_was_enforced_while_its_test_ran_shuts_nobody_out(office: Office) -> None:
    """The connection is read before the provider is called: what was enforced in between must count all the same."""
    office.link(office.owner, office.okta)
    office.another_revision(office.okta, issuer="http://www.okta.example/of-the-admin", tested=False)
    before = office.connection(office.okta)
    office.enforce(office.okta)
    assert before.latest is not None
    attempt = an_attempt(before, purpose=Purpose.TEST, tested_by=office.admin.id)
    with office.store.write() as tx:
        put_to_work(
            tx,
            before,
            before.latest,
            attempt=attempt,
            letters=office.services.passwords.letters,
            now=office.clock.now(),
        )
        assert enforced_connections(tx, office.organization.id) == ()


def test_another_claim_as_the_key_of_people_shuts_nobody_out(ground: Ground) -> None:
    """Everybody is tied to the connection by the claim before: passed by a test person, it would let nobody in."""
    _enforce(ground, ground.connection_id)
    before = ground.connection
    assert before.serving is not None
    settings = replace(before.serving.oidc, subject_claim=SubjectClaim.OID)
    revision = replace(before.serving, number=before.serving.number + 1, settings=settings, tested_at=None)
    attempt = an_attempt(before, purpose=Purpose.TEST, tested_by=ground.owner.id)
    with ground.store.write() as tx:
        tx.connections.save_revision(revision, **ground.scope)
        put_to_work(
            tx, before, revision, attempt=attempt, letters=ground.services.passwords.letters, now=ground.clock.now()
        )
        assert enforced_connections(tx, ground.organization.id) == ()


# --- what a connection can't do without --------------------------------------------


def test_the_only_secret_of_the_only_way_in_stays(ground: Ground) -> None:
    _enforce(ground, ground.connection_id)
    (secret,) = _secrets(ground)
    with pytest.raises(LastWayIn):
        _saved_secrets(ground).delete(ground.connection, secret, actor=_actor(ground))
    assert _secrets(ground) == (secret,)


def test_a_secret_that_is_not_needed_can_be_deleted(ground: Ground) -> None:
    ground.set_up(authentication=Authentication.PRIVATE_KEY_JWT)
    _enforce(ground, ground.connection_id)
    (secret,) = _secrets(ground)
    assert _saved_secrets(ground).delete(ground.connection, secret, actor=_actor(ground))


def test_where_nothing_is_enforced_the_only_secret_can_be_deleted(ground: Ground) -> None:
    (secret,) = _secrets(ground)
    assert _saved_secrets(ground).delete(ground.connection, secret, actor=_actor(ground))


def test_the_domain_by_which_google_lets_the_last_of_them_in_stays(ground: Ground) -> None:
    google = _google(ground)
    _enforce(ground, google.id)
    domains = ground.services.domains
    (domain,) = domains.of(ground.organization.id)
    with pytest.raises(LastWayIn):
        domains.remove(domain.id, actor=_actor(ground), **ground.scope)
    assert domains.of(ground.organization.id) == (domain,)


def test_a_domain_that_nobody_goes_by_can_be_removed(ground: Ground) -> None:
    _enforce(ground, ground.connection_id)
    domains = ground.services.domains
    (domain,) = domains.of(ground.organization.id)
    assert domains.remove(domain.id, actor=_actor(ground), **ground.scope)


def test_without_a_verified_domain_google_is_not_enforced(ground: Ground) -> None:
    google = _google(ground)
    domains = ground.services.domains
    (domain,) = domains.of(ground.organization.id)
    assert domains.remove(domain.id, actor=_actor(ground), **ground.scope)
    with pytest.raises(LastWayIn):
        _enforce(ground, google.id)


def test_a_domain_that_lapses_takes_the_enforcement_of_google_with_it(ground: Ground) -> None:
    _enforce(ground, _google(ground).id)
    with a_dns_server() as dns:
        checks = _domain_checks(ground, Resolver(server=dns.server))
        for _ in range(2):
            (domain,) = ground.services.domains.of(ground.organization.id)
            checks.check(domain)
            ground.clock.at += timedelta(days=60)
    (domain,) = ground.services.domains.of(ground.organization.id)
    assert not domain.is_verified
    with ground.store.write() as tx:
        assert enforced_connections(tx, ground.organization.id) == ()
        mails = [each.mail for each in tx.outbox.claim(limit=100, lease=timedelta(days=1), now=ground.clock.now())]
    (told,) = [mail for mail in mails if mail.subject == "Okta is no longer enforced"]
    assert told.to == str(ground.owner.email)
    assert f"{domain.name} no longer counts as yours, and without it no owner or admin would get in." in told.text


# --- steps ---------------------------------------------------------------------------


def _outcome(step: Callable[[], object]) -> object:
    try:
        return step()
    except Refusal as refusal:
        return refusal


def _make_proven(office: Office, account: Account) -> None:
    """An owner who has got in by a recovery code and has another."""
    now = office.clock.now()
    with office.store.write() as tx:
        tx.break_glass.insert(account.id, named_by=account.id, code_key=b"k" * 32, at=now, **office.scope)
        tx.recovery_codes.replace(account.id, hashes=["first", "second"], at=now, **office.scope)
        assert tx.recovery_codes.use(account.id, code_hash="first", at=now, **office.scope)


def _only_break_glass_is_left(office: Office, *owners: Account) -> None:
    for owner in owners:
        _make_proven(office, owner)
    office.enforce(office.okta)


def _take_away(tx: Transaction, account: Account) -> None:
    scope = {"organization_id": account.organization_id}
    tx.recovery_codes.delete(account.id, **scope)
    tx.break_glass.delete(account.id, **scope)


def _google(ground: Ground) -> Connection:
    """A connection of the operator's client, by which the owner has come."""
    settings = OidcSettings(issuer=ground.provider.issuer, client_id="", is_operators_client=True)
    connection_id = add_connection(ground.store, ground.organization, ground.owner, settings)
    with ground.store.read() as tx:
        found = tx.connections.by_id(connection_id)
    assert found is not None
    return found


def _enforce(ground: Ground, connection_id: str) -> None:
    """The owner comes by this connection, and enforces it."""
    now = ground.clock.now()
    with ground.store.write() as tx:
        connection = tx.connections.by_id(ConnectionId(connection_id))
        assert connection is not None
        (door,) = doors_of([connection])
        identity = an_identity(ground.owner, connection, issuer=door.issuer, created_at=now, last_used_at=now)
        tx.identities.insert(identity)
    ground.services.enforcement.enforce(
        connection.id, organization=ground.organization, begins_on=None, actor=_actor(ground)
    )


def _secrets(ground: Ground) -> tuple[ClientSecret, ...]:
    with ground.store.read() as tx:
        return tx.client_secrets.of(ground.connection_id, **ground.scope)


def _saved_secrets(ground: Ground) -> SavedSecrets:
    return SavedSecrets(store=ground.store, clock=ground.clock, audit=ground.services.connections.audit)


def _actor(ground: Ground) -> Actor:
    return Actor.of(ground.owner, client_address="203.0.113.24")


def _domain_checks(ground: Ground, resolver: Resolver) -> DomainChecks:
    return DomainChecks(
        store=ground.store,
        clock=ground.clock,
        random=RANDOM,
        resolver=resolver,
        audit=ground.services.connections.audit,
        letters=Letters(random=RANDOM, public_url=PRODUCT, product_name="Ringline"),
        errands=Errands(at_once=1),
    )
