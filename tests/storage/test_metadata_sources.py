"""Sources of keys and the looks at connections: found by their index, by one server at a time, in one organization."""

from dataclasses import replace
from datetime import timedelta

from ostiary.domain.upkeep.metadata_source import MetadataSource
from ostiary.storage.records import metadata_sources, upkeep
from tests.storage.builders import NOW, a_metadata_source, ground, minutes
from tests.storage.test_indexes import _explain, _is_scan

LEASE = minutes(2)
MOMENTS = {"moment", "asked_before", "leased_until", "before", "held", "since"}


def test_a_source_comes_back_as_it_was_kept(store):
    g = ground(store)
    source = a_metadata_source(
        g.connection,
        facts={"host": "ä", "received": ("a", "b")},
        code="outbound.status",
        departing={"AA": NOW.isoformat()},
        proposal={"sso_url": "https://x.example"},
        came=("AA", "BB"),
        asked_at=NOW,
    )
    with store.write() as tx:
        tx.metadata_sources.pin(source)
        assert tx.metadata_sources.of(g.connection.id, **g.scope) == source
        assert tx.metadata_sources.every_of(g.organization.id) == (source,)


def test_the_same_url_stays_as_it_is_and_another_one_begins_anew(store):
    g = ground(store)
    first = a_metadata_source(g.connection, etag='"v1"', failures=3)
    with store.write() as tx:
        tx.metadata_sources.pin(first)
        tx.metadata_sources.pin(a_metadata_source(g.connection))
        assert tx.metadata_sources.of(g.connection.id, **g.scope) == first
        other = a_metadata_source(g.connection, url="https://other.example/metadata")
        tx.metadata_sources.pin(other)
        assert tx.metadata_sources.of(g.connection.id, **g.scope) == other


def test_a_source_is_claimed_by_one_and_comes_again_when_the_lease_has_ended(store):
    g = ground(store)
    with store.write() as tx:
        tx.metadata_sources.pin(a_metadata_source(g.connection))
        (claimed,) = tx.metadata_sources.claim(limit=5, lease=LEASE, now=NOW)
        assert tx.metadata_sources.claim(limit=5, lease=LEASE, now=NOW) == ()
        assert tx.metadata_sources.claim_one(g.connection.id, lease=LEASE, now=NOW, **g.scope) is None
        later = NOW + LEASE
        (again,) = tx.metadata_sources.claim(limit=5, lease=LEASE, now=later)
        # The first one was too slow: what it found must not take the place of what the second finds.
        assert tx.metadata_sources.save(replace(claimed, etag="old", due_at=later + minutes(60))) is False
        assert tx.metadata_sources.save(replace(again, etag="new", due_at=later + minutes(60))) is True
        kept = tx.metadata_sources.of(g.connection.id, **g.scope)
    assert (kept.etag, kept.lease_until) == ("new", None)


def test_what_is_asked_out_of_turn_while_it_is_asked_is_not_lost(store):
    g = ground(store)
    with store.write() as tx:
        tx.metadata_sources.pin(a_metadata_source(g.connection))
        (claimed,) = tx.metadata_sources.claim(limit=5, lease=LEASE, now=NOW)
        assert tx.metadata_sources.ask(g.connection.id, cooldown=minutes(10), now=NOW, **g.scope)
        tx.metadata_sources.save(replace(claimed, due_at=NOW + minutes(60)))
        kept = tx.metadata_sources.of(g.connection.id, **g.scope)
        assert (kept.asked_at, kept.due_at) == (NOW, NOW)
        (claimed,) = tx.metadata_sources.claim(limit=5, lease=LEASE, now=NOW)
        tx.metadata_sources.save(replace(claimed, due_at=NOW + minutes(60)))
        kept = tx.metadata_sources.of(g.connection.id, **g.scope)
    assert (kept.asked_at, kept.due_at) == (NOW, NOW + minutes(60))


def test_another_organization_reaches_no_source(store):
    g, stranger = ground(store), ground(store)
    source = a_metadata_source(g.connection)
    with store.write() as tx:
        tx.metadata_sources.pin(source)
        sources, theirs = tx.metadata_sources, stranger.scope
        assert sources.of(g.connection.id, **theirs) is None
        assert sources.every_of(stranger.organization.id) == ()
        assert sources.claim_one(g.connection.id, lease=LEASE, now=NOW, **theirs) is None
        assert sources.ask(g.connection.id, cooldown=minutes(10), now=NOW, **theirs) is False
        assert sources.put_aside(g.connection.id, **theirs) is False
        assert sources.unpin(g.connection.id, **theirs) is False
        foreign = MetadataSource.new(g.connection.id, url="https://evil.example", now=NOW, **theirs)
        sources.pin(foreign)
        assert sources.of(g.connection.id, **g.scope) == source


def test_other_settings_that_begin_to_serve_are_looked_at_at_once(store):
    g = ground(store)
    with store.write() as tx:
        assert tx.upkeep.claim(limit=5, lease=LEASE, now=NOW) == (g.connection.id,)
        assert tx.upkeep.claim(limit=5, lease=LEASE, now=NOW) == ()
        tx.upkeep.plan(g.connection.id, due_at=NOW + timedelta(days=1), **g.scope)
        tx.connections.mark_tested(g.connection.id, number=1, at=NOW, by=None, **g.scope)
        assert tx.upkeep.claim(limit=5, lease=LEASE, now=NOW) == (g.connection.id,)


def test_a_step_is_noted_once_and_never_backwards(store):
    g = ground(store)

    def notice(tx, days: int) -> bool:
        return tx.upkeep.notice(g.connection.id, fingerprint="AA", days=days, at=NOW, **g.scope)

    with store.write() as tx:
        assert [notice(tx, days) for days in (30, 30, 14, 30, 1, 0, 0)] == [True, False, True, False, True, True, False]


def test_no_statement_of_the_jobs_reads_a_whole_table(store):
    prepared = {
        "due sources": metadata_sources._CLAIM,
        "one source": metadata_sources._CLAIM_ONE,
        "sources of an organization": metadata_sources._EVERY,
        "asked out of turn": metadata_sources._ASK,
        "saved": metadata_sources._SAVE,
        "signers": metadata_sources._SIGNERS,
        "due connections": upkeep._CLAIM,
    }
    with store.write() as tx:
        if tx.run.is_postgres:
            tx.run.core.exec_driver_sql("SET LOCAL enable_seqscan = off")  # with few rows it is cheaper to read all
        scans = {name: [line for line in _plan(tx, each) if _is_scan(line)] for name, each in prepared.items()}
    assert {name: lines for name, lines in scans.items() if lines} == {}


def _plan(tx, prepared) -> list[str]:
    plan = prepared.plan(tx.run.core.dialect)
    values: dict[str, object] = {}
    for name, _ in plan._binders:
        column = name.removeprefix("its_")
        is_moment = name in MOMENTS or column.endswith("_at")
        is_facts = column in {"facts", "departing", "proposal", "came", "went"}
        is_number = name == "most" or column in {"failures", "interval_seconds", "read_revision"}
        values[name] = NOW if is_moment else {} if is_facts else 1 if is_number else "x"
    values.update({"its_is_put_aside": False} if "its_is_put_aside" in values else {})
    return _explain(tx, plan.sql, plan.parameters(values))
