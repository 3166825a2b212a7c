"""Whatever is switched, in whatever order: somebody who may change the settings gets in."""

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.domain.attempt import Purpose
from ostiary.domain.enforcement.lockout import doors_of
from ostiary.domain.enforcement.policy import enforced_among, policy_of
from ostiary.domain.organization import Plan
from ostiary.kernel.errors import Refusal
from ostiary.services.answered import put_to_work
from tests.services.enforcement.office import ISSUER, MOVED, Office, an_office
from tests.storage.builders import an_attempt

CONNECTIONS = st.sampled_from(["okta", "onelogin"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enforce"), CONNECTIONS, st.sampled_from([None, 1, 30])),
        st.tuples(st.sampled_from(["stop", "turn off", "turn on", "delete"]), CONNECTIONS, st.none()),
        st.tuples(st.just("another issuer"), CONNECTIONS, st.sampled_from([ISSUER, MOVED])),
        st.tuples(st.just("come"), CONNECTIONS, st.sampled_from(["owner", "admin"])),
        st.tuples(st.just("plan"), st.sampled_from(["starter", "business"]), st.none()),
        st.tuples(st.just("wait"), st.just(""), st.sampled_from([1, 48, 24 * 40])),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, has_come=st.booleans())
def test_whatever_is_switched_somebody_with_the_settings_gets_in(
    steps: list[tuple[str, str, object]], has_come: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, an_office(Path(folder)) as office:
        if has_come:
            office.link(office.admin, office.okta)
            office.enforce(office.okta)
        for name, which, how in steps:
            # A refusal is an answer: what it refuses has not happened.
            with suppress(Refusal):
                _take(office, name, which, how)
            assert _gets_in(office), (name, which, how)


def _take(office: Office, name: str, which: str, how: object) -> None:
    connection_id = office.okta if which == "okta" else office.onelogin
    scope = {"organization_id": office.organization.id}
    connections = office.services.connections
    match name:
        case "enforce":
            office.enforce(connection_id, days=how if isinstance(how, int) else None)
        case "stop":
            office.stop(connection_id)
        case "turn off":
            connections.turn_off(connection_id, actor=office.actor, is_confirmed=True, **scope)
        case "turn on":
            connections.enable(connection_id, organization=office.reloaded, actor=office.actor)
        case "delete":
            connections.delete(connection_id, actor=office.actor, is_confirmed=True, **scope)
        case "another issuer":
            _pass_a_test(office, which, issuer=str(how))
        case "come":
            _come(office, which, who=str(how))
        case "plan":
            office.services.organizations.set_plan(office.organization.id, Plan(which))
        case "wait":
            assert isinstance(how, int)
            office.clock.at += timedelta(hours=how)
        case _:
            raise AssertionError(name)


def _pass_a_test(office: Office, which: str, *, issuer: str) -> None:
    """The admin saves settings with this issuer, and tests them."""
    connection_id = office.okta if which == "okta" else office.onelogin
    with office.store.read() as tx:
        if tx.connections.by_id(connection_id) is None:
            return
    office.another_revision(connection_id, issuer=issuer, tested=False)
    connection = office.connection(connection_id)
    assert connection.latest is not None
    attempt = an_attempt(connection, purpose=Purpose.TEST, tested_by=office.admin.id)
    with office.store.write() as tx:
        put_to_work(
            tx,
            connection,
            connection.latest,
            attempt=attempt,
            letters=office.services.passwords.letters,
            now=office.clock.now(),
        )


def _come(office: Office, which: str, *, who: str) -> None:
    """Somebody signs in by this connection: they are tied to it as it stands, if they were not tied to it before."""
    connection_id = office.okta if which == "okta" else office.onelogin
    account = office.owner if who == "owner" else office.admin
    with office.store.write() as tx:
        connection = tx.connections.by_id(connection_id)
        if connection is None or connection.saml_serving is None or not connection.is_enabled:
            return
        issuer = connection.saml_serving.idp_entity_id
        for link in tx.identities.all_of_account(account.id, **office.scope):
            if link.connection_id == connection_id:
                if link.issuer == issuer:
                    tx.identities.touch(link.id, email=account.email, at=office.clock.now(), **office.scope)
                return
    office.link(account, connection_id, issuer=issuer, at=office.clock.now())


def _gets_in(office: Office) -> bool:
    """Whether passwords are taken, or an owner or admin is tied to what counts, by the issuer that counts now."""
    with office.store.read() as tx:
        organization = tx.organizations.by_id(office.organization.id)
        assert organization is not None
        connections = tx.connections.of(organization.id)
        policy = policy_of(organization, enforced_among(connections), office.clock.now())
        if policy.takes_passwords:
            return True
        taken = [each for each in connections if policy.takes(each)]
        return any(
            (link.connection_id, link.issuer) == (door.connection_id, door.issuer)
            for account in (office.owner, office.admin)
            for link in tx.identities.all_of_account(account.id, **office.scope)
            for door in doors_of(taken)
        )
