"""What an organization takes at sign-in: by what is switched on, by the plan, and by the day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import ConnectionNotEnforced
from ostiary.domain.enforcement.policy import Enforced, enforced_among, policy_of, require_taken
from ostiary.domain.errors import ConnectionOff, PlanWithoutSso
from ostiary.domain.organization import Organization, Plan
from ostiary.domain.routing import Choose, UseConnection, UsePassword, route
from ostiary.kernel.ids import ConnectionId
from tests.storage.builders import a_connection, a_revision, a_session, an_account, an_organization

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAYS = st.integers(min_value=-3, max_value=3).map(lambda days: timedelta(days=days))
SWITCHES = st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | DAYS), max_size=4)
"""Of each connection: whether it was tested, is enabled, and from when on it is enforced."""
PLANS = st.sampled_from(["business", "grace", "starter"])


@given(switches=SWITCHES, plan=PLANS, after=DAYS)
def test_whatever_is_switched_some_door_is_open(
    switches: list[tuple[bool, bool, timedelta | None]], plan: str, after: timedelta
) -> None:
    """Either passwords are taken, or some connection that works is: no combination of switches closes them all."""
    organization, connections, now = _organization(plan), [], NOW + after
    connections = _connections(organization, switches)
    policy = policy_of(organization, enforced_among(connections), now)
    taken = [each for each in connections if policy.takes(each)]
    assert policy.takes_passwords or taken
    assert policy.takes_passwords or all(each.is_enforced for each in taken)
    # Where people are led to is what is taken: the page offers no door that is closed.
    match route(organization, connections, now):
        case UseConnection(only):
            assert taken == [only]
        case Choose(_, several):
            assert list(several) == taken
        case UsePassword():
            assert policy.takes_passwords


@given(switches=SWITCHES, plan=PLANS, after=DAYS)
def test_every_door_of_a_connection_agrees_with_the_policy(
    switches: list[tuple[bool, bool, timedelta | None]], plan: str, after: timedelta
) -> None:
    """A start and an answer ask the connection alone, which knows its neighbours' day."""
    organization, now = _organization(plan), NOW + after
    connections = _connections(organization, switches)
    policy = policy_of(organization, enforced_among(connections), now)
    for connection in connections:
        try:
            require_taken(connection, organization, now)
            is_taken = True
        except (ConnectionOff, ConnectionNotEnforced, PlanWithoutSso):
            is_taken = False
        assert is_taken == (policy.takes(connection) and organization.includes_sso(now))


def test_nothing_enforced_takes_everything() -> None:
    policy = policy_of(an_organization(), (), NOW)
    assert (policy.is_in_force, policy.begins_at, policy.takes_passwords) == (False, None, True)


@pytest.mark.parametrize(("before", "is_in_force"), [(0, True), (1, False), (-1, True)])
def test_the_day_itself_counts(before: int, is_in_force: bool) -> None:
    begins_at = NOW + timedelta(microseconds=before)
    policy = policy_of(an_organization(), [Enforced(connection_id=ConnectionId("c1"), begins_at=begins_at)], NOW)
    assert policy.is_in_force is is_in_force


@pytest.mark.parametrize("apart", [-120, -1, 1, 120])
def test_two_servers_whose_clocks_differ_both_take_what_is_enforced(apart: int) -> None:
    """While they are apart one of them takes passwords and the other does not; nobody is left without a door."""
    organization = an_organization()
    enforced, enabled = _connections(organization, [(True, True, timedelta(0)), (True, True, None)])
    for now in (NOW, NOW + timedelta(seconds=apart)):
        policy = policy_of(organization, enforced_among([enforced, enabled]), now)
        assert policy.takes(enforced)
        assert policy.takes(enabled) == policy.takes_passwords == (now < NOW)


def test_it_ends_with_the_plan_and_its_days_of_grace() -> None:
    organization = an_organization(plan=Plan.STARTER, sso_until=NOW)
    enforced = [Enforced(connection_id=ConnectionId("c1"), begins_at=NOW - timedelta(days=9))]
    assert policy_of(organization, enforced, NOW - timedelta(seconds=1)).is_in_force
    assert policy_of(organization, enforced, NOW).takes_passwords


def test_one_whose_day_is_to_come_counts_as_soon_as_another_is_in_force() -> None:
    organization = an_organization()
    now_and_later = _connections(organization, [(True, True, timedelta(0)), (True, True, timedelta(days=2))])
    policy = policy_of(organization, enforced_among(now_and_later), NOW)
    assert [policy.takes(each) for each in now_and_later] == [True, True]


def test_a_session_goes_on_by_how_it_began() -> None:
    organization = an_organization()
    enforced, enabled = _connections(organization, [(True, True, timedelta(0)), (True, True, None)])
    policy = policy_of(organization, enforced_among([enforced, enabled]), NOW)
    account = an_account(organization)
    began = {
        "enforced": a_session(account, token="1", connection=enforced),
        "enabled": a_session(account, token="2", connection=enabled),
        "password": a_session(account, token="3", amr=("pwd",)),
        "recovery code": a_session(account, token="4", amr=("pwd", "recovery_code")),
        "passkey": a_session(account, token="5", amr=("passkey",)),
        # What a provider claims as its methods opens nothing.
        "claimed": a_session(account, token="6", connection=enabled, amr=("passkey", "recovery_code")),
    }
    goes_on = {name for name, session in began.items() if policy.takes_session(session)}
    assert goes_on == {"enforced", "recovery code", "passkey"}


def _organization(plan: str) -> Organization:
    if plan == "business":
        return an_organization()
    until = NOW + timedelta(days=1) if plan == "grace" else None
    return an_organization(plan=Plan.STARTER, sso_until=until)


def _connections(organization: Organization, switches: list[tuple[bool, bool, timedelta | None]]) -> list[Connection]:
    """The connections, each of which knows from when on the organization enforces, as the store tells it."""
    account = an_account(organization)
    begins = [
        NOW + from_when for tested, enabled, from_when in switches if tested and enabled and from_when is not None
    ]
    made = []
    for tested, enabled, from_when in switches:
        draft = a_connection(organization)
        revision = a_revision(draft, by=account, tested_at=NOW if tested else None)
        made.append(
            a_connection(
                organization,
                id=draft.id,
                latest=revision,
                serving=revision if tested else None,
                enabled_at=NOW if enabled else None,
                enforced_from=None if from_when is None else NOW + from_when,
                organization_enforces_from=min(begins, default=None),
            )
        )
    return made
