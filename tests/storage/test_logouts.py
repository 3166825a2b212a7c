"""Logouts that we asked for are answered once; a session keeps the name by which its provider knows the person."""

import threading
from datetime import timedelta

import pytest

from ostiary import saml
from ostiary.domain.session import LOGOUT_LIFETIME, Logout, LogoutOutcome
from ostiary.kernel import ids
from tests.storage.builders import NOW, RANDOM, Ground, a_session, ground

NAME_ID = saml.NameId(
    value="Dana “d” \U0001f511",
    format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    name_qualifier="https://idp.example",
    sp_name_qualifier="https://sp.example",
)


def a_logout(g: Ground) -> Logout:
    return Logout(
        id=ids.request_id(RANDOM),
        organization_id=g.organization.id,
        connection_id=g.connection.id,
        account_id=g.account.id,
        person="Dana Ольга",
        email="dana@acme.example",
        started_at=NOW,
        expires_at=NOW + LOGOUT_LIFETIME,
        answered_at=None,
        outcome=LogoutOutcome.WAITING,
        code=None,
    )


def answered(store, g: Ground, logout: Logout, *, at=NOW, **given) -> bool:
    usual = {"connection_id": g.connection.id, "outcome": LogoutOutcome.SIGNED_OUT, "code": None, **g.scope}
    with store.write() as tx:
        return bool(tx.logouts.answer(logout.id, at=at, **{**usual, **given}))


def test_a_logout_is_kept_and_answered_once(store):
    g = ground(store)
    logout = a_logout(g)
    with store.write() as tx:
        tx.logouts.insert(logout)
        assert tx.logouts.by_id(logout.id) == logout
        assert tx.logouts.by_id("_other") is None
    assert answered(store, g, logout, outcome=LogoutOutcome.NOT_SIGNED_OUT, code="saml.logout_denied")
    assert not answered(store, g, logout)
    with store.read() as tx:
        kept = tx.logouts.by_id(logout.id)
    assert kept is not None
    assert (kept.outcome, kept.code, kept.answered_at) == (LogoutOutcome.NOT_SIGNED_OUT, "saml.logout_denied", NOW)


def test_of_many_answers_at_once_one_counts(store):
    g = ground(store)
    logout = a_logout(g)
    with store.write() as tx:
        tx.logouts.insert(logout)
    won: list[bool] = []
    threads = [threading.Thread(target=lambda: won.append(answered(store, g, logout))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(won) == [False, False, False, True]


def test_no_other_connection_or_organization_answers_it_and_nobody_after_its_time(store):
    g, other = ground(store), ground(store)
    logout = a_logout(g)
    with store.write() as tx:
        tx.logouts.insert(logout)
    assert not answered(store, g, logout, connection_id=other.connection.id)
    assert not answered(store, g, logout, organization_id=other.organization.id)
    assert not answered(store, g, logout, at=NOW + LOGOUT_LIFETIME)
    assert answered(store, g, logout, at=NOW + LOGOUT_LIFETIME - timedelta(seconds=1))


def test_a_logout_goes_a_day_after_its_time(store):
    g = ground(store)
    logout = a_logout(g)
    with store.write() as tx:
        tx.logouts.insert(logout)
        end = logout.expires_at + timedelta(days=1)
        assert tx.purge(limit=10, now=end - timedelta(seconds=1)) == 0
        assert tx.purge(limit=10, now=end) == 1
        assert tx.logouts.by_id(logout.id) is None


def test_a_session_keeps_the_name_letter_by_letter(store):
    g = ground(store)
    named = a_session(g.account, token="a", connection=g.connection, name_id=NAME_ID)
    nameless = a_session(g.account, token="b", connection=g.connection)
    with store.write() as tx:
        tx.sessions.insert(named)
        tx.sessions.insert(nameless)
        assert tx.sessions.by_token_hash(named.token_hash) == named
        assert tx.sessions.by_token_hash(nameless.token_hash) == nameless


@pytest.mark.parametrize("states_format", [True, False])
def test_a_format_that_was_not_named_is_not_named_later(store, states_format):
    g = ground(store)
    name_id = saml.NameId(value="d", format=saml.NAME_ID_UNSPECIFIED, states_format=states_format)
    session = a_session(g.account, token="a", connection=g.connection, name_id=name_id)
    with store.write() as tx:
        tx.sessions.insert(session)
        kept = tx.sessions.by_token_hash(session.token_hash)
    assert kept is not None
    assert kept.name_id == name_id
    assert kept.name_id.states_format is states_format


def test_the_sessions_of_a_subject_are_those_of_one_connection(store):
    g, other = ground(store), ground(store)
    mine = a_session(g.account, token="a", connection=g.connection)
    another = a_session(g.account, token="b", connection=g.connection, subject="somebody@acme.example")
    theirs = a_session(other.account, token="c", connection=other.connection)
    with store.write() as tx:
        for session in (mine, another, theirs):
            tx.sessions.insert(session)
        assert mine.issuer is not None
        assert mine.subject is not None
        subject = {"issuer": mine.issuer, "subject": mine.subject}
        assert tx.sessions.of_subject(g.connection.id, **subject, **g.scope) == (mine,)
        assert tx.sessions.of_subject(g.connection.id, **subject, **other.scope) == ()
