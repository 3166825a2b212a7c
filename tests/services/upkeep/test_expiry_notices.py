"""Owners and admins hear of a certificate's end 30, 14, 7 and 1 days before, and when it has come: each step once."""

from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.domain.account import Role
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.upkeep import expiry
from ostiary.services.connection_form import SaveSaml
from ostiary.storage import upgrade
from tests.services.upkeep.ground import NOW, URL, Ground, a_certificate, a_ground, second_server
from tests.storage.builders import an_account


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ending(request: pytest.FixtureRequest, tmp_path: Path):
    """The same, with a certificate that ends in 40 days."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    if url:
        upgrade(url)
    with a_ground(tmp_path, database_url=url, certificate=a_certificate(ends=NOW + timedelta(days=40))) as made:
        yield made


def test_each_step_is_told_once_by_mail_and_in_the_audit_log(ending):
    told: list[tuple[int, list[str]]] = []
    for day in range(45):
        ending.work(hours=24)
        mails = ending.mails()
        if mails:
            told.append((day + 1, mails))
    to = "dana@acme.example: Okta's certificate"
    assert told == [
        (10, [f"{to} expires in 30 days"]),
        (26, [f"{to} expires in 14 days"]),
        (33, [f"{to} expires in 7 days"]),
        (39, [f"{to} expires in 1 day"]),
        (40, [f"{to} has expired"]),
    ]
    facts = {"whose": "provider", "fingerprint": ending.publisher.certificates[0].fingerprint}
    ends = {"not_after": (NOW + timedelta(days=40)).isoformat()}
    assert ending.audited("certificate.expires_soon") == [facts | ends | {"days": d} for d in ("1", "7", "14", "30")]
    assert ending.audited("certificate.expired") == [facts | ends | {"days": "0"}]


def test_a_step_is_told_on_time_and_not_with_the_next_daily_look(ending):
    ending.work(days=9, hours=23, minutes=58)
    assert ending.mails() == []
    ending.work(minutes=3)
    assert ending.mails() == ["dana@acme.example: Okta's certificate expires in 30 days"]


def test_a_connection_that_is_found_late_hears_of_the_nearest_step_alone(ending):
    ending.work(days=35)
    assert ending.mails() == ["dana@acme.example: Okta's certificate expires in 5 days"]
    assert [each["days"] for each in ending.audited("certificate.expires_soon")] == ["7"]


def test_a_newer_key_in_between_stops_the_steps(ending):
    ending.work(days=20)
    assert ending.mails() == ["dana@acme.example: Okta's certificate expires in 20 days"]
    ending.publisher.certificates = (*ending.publisher.certificates, a_certificate())
    ending.work(days=1)
    assert ending.mails() == ["dana@acme.example: Okta has a new key"]
    for _ in range(25):
        ending.work(days=1)
    assert ending.mails() == []


def test_owners_and_admins_are_told_and_nobody_else(ending):
    with ending.store.write() as tx:
        for name, role, is_active in (
            ("ada", Role.ADMIN, True),
            ("mem", Role.MEMBER, True),
            ("off", Role.ADMIN, False),
        ):
            account = an_account(ending.organization, role=role, is_active=is_active, first_name=name)
            tx.accounts.insert(account)
    ending.work(days=35)
    assert len(ending.mails()) == 2


def test_two_servers_tell_of_a_step_once_between_them(ending):
    ending.clock.at += timedelta(days=35)
    with second_server(ending, fetch=ending.publisher) as other:
        for services in (ending.services, other):
            with ending.store.write() as tx:
                tx.upkeep.plan(ending.connection_id, due_at=ending.clock.at, **ending.scope)
            services.housekeeping.daily_round.look_after_due(ending.clock.at)
    assert len(ending.mails()) == 1


def test_a_connection_that_is_off_is_left_alone(ending):
    with ending.store.write() as tx:
        tx.connections.set_enabled(ending.connection_id, at=None, **ending.scope)
    ending.work(days=35)
    assert ending.mails() == []


def test_our_own_certificate_is_told_of_where_the_provider_uses_it(ground):
    _use_own_keys(ground)
    own = _own_certificate_ends(ground)
    ground.clock.at = own - timedelta(days=10)
    ground.publisher.certificates = (a_certificate(ends=own + timedelta(days=3650)),)
    _use_own_keys(ground)
    ground.mails()
    with ground.store.write() as tx:
        tx.upkeep.plan(ground.connection_id, due_at=ground.clock.at, **ground.scope)
    ground.services.housekeeping.daily_round.look_after_due(ground.clock.at)
    assert [mail for mail in ground.mails() if "own certificate" in mail] == [
        "dana@acme.example: Ringline's own certificate for Okta expires in 10 days"
    ]
    assert [each["whose"] for each in ground.audited("certificate.expires_soon")] == ["ours"]


def test_the_work_grows_with_what_is_due_and_not_with_what_there_is(ground):
    ground.work()
    with ground.store.write() as tx:
        assert tx.upkeep.claim(limit=50, lease=timedelta(minutes=1), now=ground.clock.at) == ()
        assert tx.metadata_sources.claim(limit=50, lease=timedelta(minutes=1), now=ground.clock.at) == ()


@pytest.mark.parametrize(
    ("left", "step", "words"),
    [
        (timedelta(days=31), None, "expires in 31 days"),
        (timedelta(days=30), 30, "expires in 30 days"),
        (timedelta(days=14, seconds=1), 30, "expires in 14 days"),
        (timedelta(days=14), 14, "expires in 14 days"),
        (timedelta(days=1), 1, "expires in 1 day"),
        (timedelta(hours=3), 1, "expires today"),
        (timedelta(hours=15), 1, "expires in 1 day"),
        (timedelta(days=1, hours=15), 7, "expires in 2 days"),
        (timedelta(0), 0, "has expired"),
        (timedelta(days=-400), 0, "has expired"),
    ],
)
def test_the_steps_and_their_words(left, step, words):
    assert (expiry.step_of(NOW + left, NOW), expiry.in_words(NOW + left, NOW)) == (step, words)


def _use_own_keys(ground: Ground) -> None:
    form = SaveSaml(metadata_url=URL, signs_requests=True)
    ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=ground.actor)
    latest = ground.connection.latest
    assert latest is not None
    with ground.store.write() as tx:
        tx.connections.mark_tested(
            ground.connection_id, number=latest.number, at=ground.clock.at, by=ground.owner.id, **ground.scope
        )


def _own_certificate_ends(ground: Ground):
    ground.services.connections.sp_metadata(ground.connection_id)
    with ground.store.read() as tx:
        (key,) = tx.keys.every(ground.connection_id, **ground.scope)
    assert key.role is KeyRole.CURRENT
    from ostiary.services.upkeep.expiry_notices import _certificate

    return _certificate(key.bundle).not_after
