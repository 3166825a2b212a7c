"""Enforcing and taking it back: what is refused, when it holds, what it ends, and that somebody always gets in."""

from datetime import date, datetime, timedelta

import pytest

from ostiary.domain.attempt import Purpose
from ostiary.domain.enforcement.errors import (
    ConnectionNotEnforced,
    EnforcedStill,
    EnforcementDateOutOfRange,
    LastWayIn,
    NotEnabled,
    SessionEnforced,
)
from ostiary.domain.enforcement.policy import require_taken
from ostiary.domain.errors import NotTested, PlanWithoutSso, SignInRequired
from ostiary.domain.organization import Plan
from ostiary.kernel.clock import FixedClock
from ostiary.services.answered import put_to_work
from ostiary.services.enforcement.ways_in import enforced_connections
from tests.services.enforcement.office import CLIENT, MOVED, Office
from tests.storage.builders import NOW, a_connection, a_revision, an_attempt


def test_it_holds_at_once_and_is_told_to_owners_and_admins(office: Office) -> None:
    office.link(office.admin, office.okta)
    assert office.enforce(office.okta) == NOW
    connection = office.connection(office.okta)
    assert (connection.enforced_at, connection.enforced_from, connection.enforced_by) == (NOW, NOW, office.admin.id)
    assert connection.is_enforced
    assert office.connection(office.onelogin).organization_enforces_from == NOW
    assert office.mails() == [
        ("dana@acme.example", "Okta is enforced from now on"),
        ("marcus@acme.example", "Okta is enforced from now on"),
    ]
    assert office.audited("connection.enforced") == [{"provider": "okta", "from": NOW.isoformat(timespec="seconds")}]
    assert office.stop(office.okta)
    assert not office.stop(office.okta)
    connection = office.connection(office.okta)
    assert (connection.enforced_at, connection.enforced_from, connection.enforced_by) == (None, None, None)
    assert connection.is_enabled
    assert [subject for _, subject in office.mails()] == ["Okta is no longer enforced"] * 2
    assert office.audited("connection.enforcement_stopped") == [{"provider": "okta"}]


def test_what_begins_now_holds_now_although_the_clock_moves(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.link(office.admin, office.okta)

    def moving(clock: FixedClock) -> datetime:
        clock.at += timedelta(microseconds=1)
        return clock.at

    monkeypatch.setattr(FixedClock, "now", moving)
    begun = office.services.enforcement.enforce(
        office.okta, organization=office.organization, begins_on=None, actor=office.actor
    )
    assert begun.holds_now
    later = (NOW + timedelta(days=2)).date()
    office.stop(office.okta)
    begun = office.services.enforcement.enforce(
        office.okta, organization=office.organization, begins_on=later, actor=office.actor
    )
    assert not begun.holds_now


def test_nobody_with_the_settings_means_no_enforcement(office: Office) -> None:
    with pytest.raises(LastWayIn):
        office.enforce(office.okta)
    office.link(office.admin, office.onelogin)
    with pytest.raises(LastWayIn):
        office.enforce(office.okta)
    with pytest.raises(LastWayIn):
        office.enforce(office.okta, days=7)
    assert office.mails() == []


def test_a_sign_in_by_earlier_settings_proves_nothing(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.clock.at += timedelta(hours=1)
    office.another_revision(office.okta)
    with pytest.raises(LastWayIn):
        office.enforce(office.okta)


def test_settings_that_wait_for_their_test_change_nothing(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    office.another_revision(office.okta, issuer=MOVED, tested=False)
    connection = office.connection(office.okta)
    assert connection.is_enforced
    assert connection.saml_serving is not None
    assert connection.saml_serving.idp_entity_id != MOVED
    require_taken(connection, office.organization, NOW)


def test_only_what_is_tested_and_enabled_can_be_enforced(office: Office) -> None:
    draft = a_connection(office.organization)
    with office.store.write() as tx:
        tx.connections.insert(draft)
        tx.connections.save_revision(a_revision(draft, by=office.owner), **office.scope)
    with pytest.raises(NotTested):
        office.enforce(draft.id)
    office.link(office.admin, office.okta)
    with office.store.write() as tx:
        tx.connections.set_enabled(office.okta, at=None, **office.scope)
    with pytest.raises(NotEnabled):
        office.enforce(office.okta)


@pytest.mark.parametrize("days", [-1, 0, 91, 4000])
def test_a_day_that_is_past_or_far_away_is_refused(office: Office, days: int) -> None:
    office.link(office.admin, office.okta)
    with pytest.raises(EnforcementDateOutOfRange) as refused:
        office.enforce(office.okta, days=days)
    assert (refused.value.earliest, refused.value.latest) == (date(2026, 11, 22), date(2027, 2, 19))


def test_a_day_to_come_holds_from_its_first_moment(office: Office) -> None:
    office.link(office.admin, office.okta)
    begins_at = office.enforce(office.okta, days=1)
    visitor = office.sign_in_by_password(office.owner)
    other = office.connection(office.onelogin)
    require_taken(other, office.organization, begins_at - timedelta(microseconds=1))
    with pytest.raises(ConnectionNotEnforced):
        require_taken(other, office.organization, begins_at)
    assert begins_at == NOW.replace(day=22, hour=0, minute=0, second=0, microsecond=0)
    assert visitor.account.id == office.owner.id


def test_a_second_one_opens_a_door_at_once_whatever_day_is_asked_for(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    office.clock.at += timedelta(hours=1)
    assert office.enforce(office.onelogin, days=30) == NOW + timedelta(hours=1)
    require_taken(office.connection(office.onelogin), office.organization, office.clock.at)


def test_without_sso_in_the_plan_nothing_is_enforced(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.services.organizations.set_plan(office.organization.id, Plan.STARTER)
    office.clock.at += timedelta(days=15)
    with pytest.raises(PlanWithoutSso):
        office.enforce(office.okta)


def test_a_session_of_another_way_ends_at_its_next_request_and_does_not_come_back(office: Office) -> None:
    office.link(office.admin, office.okta)
    sessions = office.services.sessions
    tokens = []
    for connection_id in (None, office.onelogin, office.okta):
        connection = office.connection(connection_id) if connection_id else None
        visitor = (
            office.sign_in_by(connection.id, office.admin) if connection else office.sign_in_by_password(office.admin)
        )
        tokens.append(visitor.session)
    office.enforce(office.okta)
    with office.store.read() as tx:
        kept = {session.id for session in tx.sessions.of_account(office.admin.id, **office.scope)}
    assert kept == {session.id for session in tokens}
    policy, connections = office.services.enforcement.policy(office.organization)
    assert [policy.takes_session(session) for session in tokens] == [False, False, True]
    assert [each.id for each in connections] == [office.okta]
    with pytest.raises(SignInRequired):
        sessions.require("")


def test_the_end_of_such_a_session_is_audited_and_said(office: Office) -> None:
    office.link(office.admin, office.okta)
    new = office.services.passwords.hash("a long enough password")
    person = office.hire("pat@acme.example", password_hash=new)
    session = office.services.passwords.sign_in(
        str(person.email), "a long enough password", client=CLIENT, replaces=None
    )
    office.enforce(office.okta)
    with pytest.raises(SessionEnforced):
        office.services.sessions.require(session.token)
    assert office.audited("session.ended") == [{"door": "enforcement", "account": person.id}]
    office.stop(office.okta)
    with pytest.raises(SignInRequired):
        office.services.sessions.require(session.token)


def test_taking_one_of_two_back_needs_a_way_in_by_the_other(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    office.enforce(office.onelogin)
    with pytest.raises(LastWayIn):
        office.stop(office.okta)
    for end in (office.services.connections.turn_off, office.services.connections.delete):
        with pytest.raises(EnforcedStill):
            end(office.okta, organization_id=office.organization.id, actor=office.actor)
        with pytest.raises(LastWayIn):
            end(office.okta, organization_id=office.organization.id, actor=office.actor, is_confirmed=True)
    assert office.connection(office.okta).is_enforced
    office.link(office.owner, office.onelogin)
    assert office.stop(office.okta)


def test_what_is_turned_off_or_deleted_is_enforced_no_longer(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    connections = office.services.connections
    connections.turn_off(office.okta, organization_id=office.organization.id, actor=office.actor, is_confirmed=True)
    connections.enable(office.okta, organization=office.organization, actor=office.actor)
    assert not office.connection(office.okta).is_enforced
    office.enforce(office.okta)
    connections.delete(office.okta, organization_id=office.organization.id, actor=office.actor, is_confirmed=True)
    with office.store.read() as tx:
        assert tx.enforcement.of(office.organization.id) == ()
    assert len(office.audited("connection.enforcement_stopped")) == 2


def test_a_tested_revision_of_another_issuer_ends_it_where_nobody_could_take_it_back(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.enforce(office.okta)
    office.clock.at += timedelta(hours=1)
    _pass_test_of_another_issuer(office)
    with office.store.read() as tx:
        assert enforced_connections(tx, office.organization.id) == ()
    assert office.audited("connection.enforcement_stopped") == [{"provider": "okta", "why": "nobody_gets_in"}]


def test_the_same_goes_on_where_somebody_gets_in_by_another_connection(office: Office) -> None:
    office.link(office.admin, office.okta)
    office.link(office.owner, office.onelogin)
    office.enforce(office.okta)
    office.enforce(office.onelogin)
    office.clock.at += timedelta(hours=1)
    _pass_test_of_another_issuer(office)
    with office.store.read() as tx:
        assert len(enforced_connections(tx, office.organization.id)) == 2


def _pass_test_of_another_issuer(office: Office) -> None:
    office.another_revision(office.okta, issuer=MOVED, tested=False)
    connection, now = office.connection(office.okta), office.clock.now()
    assert connection.latest is not None
    attempt = an_attempt(connection, purpose=Purpose.TEST, tested_by=office.admin.id)
    with office.store.write() as tx:
        put_to_work(
            tx, connection, connection.latest, attempt=attempt, letters=office.services.passwords.letters, now=now
        )
