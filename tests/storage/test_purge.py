"""What is no longer kept goes, in batches; everything else stays (decision 18)."""

from datetime import timedelta

from ostiary.domain.attempt import TimelineEvent
from ostiary.kernel import ids
from tests.storage.builders import NOW, a_mail, a_session, an_attempt, an_audit_event, ground, minutes

DAY = timedelta(days=1)


def test_attempts_go_after_ninety_days_with_everything_of_theirs(store):
    g = ground(store)
    old = an_attempt(g.connection, started_at=NOW - 90 * DAY)
    young = an_attempt(g.connection, started_at=NOW - 89 * DAY)
    with store.write() as tx:
        for attempt in (old, young):
            tx.attempts.insert(attempt)
            tx.attempts.keep_message(attempt.id, message=b"m", kind="success", at=NOW, **g.scope)
            tx.attempts.save_report(attempt.id, report="r", **g.scope)
            tx.attempts.add_events(attempt.id, events=(TimelineEvent(at=NOW, kind="k", facts={}),), **g.scope)
        assert tx.purge(limit=10, now=NOW) == 1
        assert tx.attempts.by_id(old.id) is None
        assert tx.attempts.report(old.id, **g.scope) is None
        assert tx.attempts.timeline(old.id, **g.scope) == ()
        assert tx.attempts.by_id(young.id) == young
        assert tx.attempts.message(young.id, **g.scope) == b"m"
        assert tx.purge(limit=10, now=NOW) == 0


def test_messages_of_refusals_go_after_thirty_days_and_the_facts_stay(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.keep_message(attempt.id, message=b"m", kind="refusal", at=NOW, **g.scope)
        assert tx.purge(limit=10, now=NOW + 30 * DAY - minutes(1)) == 0
        assert tx.purge(limit=10, now=NOW + 30 * DAY) == 1
        assert tx.attempts.message(attempt.id, **g.scope) is None
        assert tx.attempts.by_id(attempt.id) == attempt


def test_what_has_ended_goes_and_what_is_alive_stays(store):
    g = ground(store)
    with store.write() as tx:
        ended = a_session(g.account, token="ended", idle_until=NOW - 2 * DAY)
        alive = a_session(g.account, token="alive")
        for session in (ended, alive):
            tx.sessions.insert(session)
        for name, until in (("old", NOW), ("new", NOW + minutes(1))):
            tx.replays.remember(g.connection.id, issuer="i", assertion_id=name, until=until)
            tx.links.insert(name, account_id=g.account.id, purpose="reset", expires_at=until, **g.scope)
            tx.throttle.hit(name, window=until - NOW + minutes(1), now=NOW - minutes(1))
        tx.outbox.put(a_mail(g.organization, at=NOW - 31 * DAY))
        tx.audit.append(an_audit_event(g.organization, at=NOW - 4000 * DAY))
        tx.jobs.schedule("purge", due_at=NOW - 40 * DAY, now=NOW)
        assert tx.purge(limit=10, now=NOW) == 5
        assert tx.sessions.of_account(g.account.id, **g.scope) == (alive,)
        assert not tx.replays.is_known(g.connection.id, issuer="i", assertion_id="old")
        assert tx.replays.is_known(g.connection.id, issuer="i", assertion_id="new")
        assert tx.links.peek("new", now=NOW) is not None
        assert tx.throttle.hit("new", window=minutes(1), now=NOW) == 2
        assert len(tx.audit.page(**g.scope)) == 1
        assert tx.jobs.count_due(NOW) == 1


def test_a_purge_goes_on_batch_by_batch(store):
    g = ground(store)
    with store.write() as tx:
        for _ in range(5):
            tx.attempts.insert(an_attempt(g.connection, started_at=NOW - 100 * DAY))
        for number in range(5):
            tx.replays.remember(g.connection.id, issuer="i", assertion_id=str(number), until=NOW)
    removed = []
    for _ in range(4):
        with store.write() as tx:
            removed.append(tx.purge(limit=2, now=NOW))
    assert removed == [4, 4, 2, 0]


def test_a_session_is_found_by_its_token_until_it_is_purged(store):
    g = ground(store)
    session = a_session(g.account, token="t")
    with store.write() as tx:
        tx.sessions.insert(session)
        assert tx.purge(limit=10, now=session.not_after + minutes(1)) == 0
        assert tx.sessions.by_token_hash(ids.fingerprint("t")) == session
        assert tx.purge(limit=10, now=session.not_after + DAY) == 1
        assert tx.sessions.by_token_hash(ids.fingerprint("t")) is None
