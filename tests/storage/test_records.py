"""What is kept comes back as it was, on both engines, and never to another organization."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ostiary.domain.account import Role
from ostiary.domain.attempt import Outcome, Purpose, TimelineEvent
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.organization import Plan
from ostiary.kernel import ids
from ostiary.kernel.values import DomainName, EmailAddress
from ostiary.storage import AlreadyExists, AttemptFilter
from ostiary.storage.records.keys import StoredKey
from tests.storage.builders import (
    NOW,
    RANDOM,
    a_connection,
    a_domain,
    a_mail,
    a_revision,
    a_session,
    an_account,
    an_attempt,
    an_audit_event,
    an_identity,
    an_organization,
    ground,
    minutes,
)


def test_an_organization_comes_back_as_it_was(store):
    organization = an_organization(sso_until=NOW + timedelta(days=14), plan=Plan.STARTER)
    with store.write() as tx:
        tx.organizations.insert(organization)
    with store.read() as tx:
        assert tx.organizations.by_id(organization.id) == organization
        assert tx.organizations.by_slug(organization.slug) == organization
        assert tx.organizations.every() == (organization,)
        assert tx.organizations.by_slug("nobody") is None


def test_the_plan_of_an_organization_changes(store):
    organization = an_organization()
    until = NOW + timedelta(days=14)
    with store.write() as tx:
        tx.organizations.insert(organization)
        tx.organizations.set_plan(organization.id, plan=Plan.STARTER, since=NOW, sso_until=until)
    with store.read() as tx:
        assert tx.organizations.by_id(organization.id) == replace(organization, plan=Plan.STARTER, sso_until=until)


def test_a_deleted_organization_takes_everything_with_it(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.sessions.insert(a_session(g.account, token="t", connection=g.connection))
        tx.identities.insert(an_identity(g.account, g.connection))
        tx.attempts.insert(attempt)
        tx.audit.append(an_audit_event(g.organization))
        assert tx.organizations.delete(g.organization.id)
    with store.read() as tx:
        assert tx.connections.by_id(g.connection.id) is None
        assert tx.attempts.by_id(attempt.id) is None
        assert tx.sessions.by_token_hash(ids.fingerprint("t")) is None
        assert tx.audit.page(**g.scope) == ()


def test_an_account_comes_back_as_it_was(store):
    g = ground(store)
    with store.read() as tx:
        assert tx.accounts.by_id(g.account.id, **g.scope) == g.account
        assert tx.accounts.by_email(g.account.email.key, **g.scope) == g.account
        assert tx.accounts.by_email_anywhere(g.account.email.key) == (g.account,)
        assert tx.accounts.page(**g.scope) == (g.account,)


def test_an_account_changes(store):
    g = ground(store)
    with store.write() as tx:
        assert tx.accounts.set_password(g.account.id, password_hash="$argon2id$x", **g.scope)
        assert tx.accounts.set_role(g.account.id, role=Role.OWNER, **g.scope)
        assert tx.accounts.set_names(g.account.id, first_name="Ada", last_name="", **g.scope)
        assert tx.accounts.set_created_by(g.account.id, created_by=g.connection.id, **g.scope)
        assert tx.accounts.owners(**g.scope) == 1
        assert tx.accounts.are_at_least(1, **g.scope)
        assert not tx.accounts.are_at_least(100, **g.scope)
        changed = tx.accounts.by_id(g.account.id, **g.scope)
    assert changed == replace(g.account, password_hash="$argon2id$x", role=Role.OWNER, first_name="Ada", last_name="")


def test_the_address_of_a_closed_account_is_free(store):
    g = ground(store)
    successor = an_account(g.organization, email=g.account.email, created_at=NOW + minutes(1))
    with store.write() as tx:
        assert tx.accounts.deactivate(g.account.id, at=NOW, **g.scope)
        tx.accounts.insert(successor)
        assert tx.accounts.by_email(g.account.email.key, **g.scope) == successor
        assert tx.accounts.deactivate(successor.id, at=NOW, **g.scope)
        assert tx.accounts.by_email(g.account.email.key, **g.scope) == replace(successor, is_active=False)
        assert tx.accounts.by_email_anywhere(g.account.email.key) == ()


def test_two_active_accounts_of_an_organization_never_share_an_address(store):
    g = ground(store)
    shouted = EmailAddress.parse(str(g.account.email).upper())
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.accounts.insert(an_account(g.organization, email=shouted))
    elsewhere = ground(store)
    with store.write() as tx:
        tx.accounts.insert(an_account(elsewhere.organization, email=g.account.email))
        assert len(tx.accounts.by_email_anywhere(g.account.email.key)) == 2


def test_a_domain_is_claimed_by_many_and_verified_by_one(store):
    mine, theirs = ground(store), ground(store)
    claim, other = a_domain(mine.organization), a_domain(theirs.organization)
    with store.write() as tx:
        tx.domains.insert(claim)
        tx.domains.insert(other)
        assert tx.domains.verified_owner(claim.name) is None
        assert tx.domains.record_check(claim.id, found=("v=spf1",), checked_at=NOW, **mine.scope)
        assert tx.domains.mark_verified(claim.id, at=NOW, **mine.scope)
    verified = replace(claim, verified_at=NOW, checked_at=NOW, found=("v=spf1",))
    with store.read() as tx:
        assert tx.domains.verified_owner(DomainName("acme.example")) == verified
        assert tx.domains.of(mine.organization.id) == (verified,)
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.domains.mark_verified(other.id, at=NOW, **theirs.scope)
    with store.write() as tx:
        assert tx.domains.claim_due(limit=5, lease=minutes(5), now=NOW) == ()
        tomorrow = NOW + minutes(24 * 60)
        assert tx.domains.claim_due(limit=5, lease=minutes(5), now=tomorrow) == (verified,)
        assert tx.domains.claim_due(limit=5, lease=minutes(5), now=tomorrow) == (), "it is leased"
        assert tx.domains.mark_unverified(claim.id, **mine.scope)
        assert tx.domains.mark_verified(other.id, at=NOW, **theirs.scope)


def test_a_connection_comes_with_its_latest_and_its_serving_revision(store):
    g = ground(store)
    second = a_revision(g.connection, by=g.account, number=2, saved_at=NOW + minutes(1))
    with store.write() as tx:
        tx.connections.save_revision(second, **g.scope)
        assert tx.connections.confirm_access(g.connection.id, at=NOW, by=g.account.id, **g.scope)
    expected = replace(g.connection, latest=second, access_confirmed_at=NOW, access_confirmed_by=g.account.id)
    assert expected.serving is not None
    assert expected.serving.number == 1
    with store.read() as tx:
        assert tx.connections.by_id(g.connection.id) == expected
        assert tx.connections.of(g.organization.id) == (expected,)
        assert tx.connections.enabled_of(g.organization.id) == (expected,)


def test_a_revision_serves_after_its_test_and_an_older_one_never_takes_its_place(store):
    g = ground(store)
    with store.write() as tx:
        for number in (2, 3):
            tx.connections.save_revision(a_revision(g.connection, by=g.account, number=number), **g.scope)
        for number in (3, 2):
            assert tx.connections.mark_tested(g.connection.id, number=number, at=NOW, by=g.account.id, **g.scope)
        assert not tx.connections.mark_tested(g.connection.id, number=9, at=NOW, by=g.account.id, **g.scope)
        found = tx.connections.by_id(g.connection.id)
    assert found is not None
    assert found.serving is not None
    assert found.serving.number == 3


def test_a_number_of_a_revision_is_given_once(store):
    g = ground(store)
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.connections.save_revision(a_revision(g.connection, by=g.account), **g.scope)


def test_a_connection_that_was_on_remembers_it(store):
    g = ground(store)
    with store.write() as tx:
        assert tx.connections.set_enabled(g.connection.id, at=None, **g.scope)
        found = tx.connections.by_id(g.connection.id)
        assert tx.connections.enabled_of(g.organization.id) == ()
    assert found == replace(g.connection, enabled_at=None, was_ever_on=True)
    assert found is not None
    assert found.was_ever_on


def test_a_deleted_connection_takes_its_links_and_keys_and_leaves_its_story(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.identities.insert(an_identity(g.account, g.connection))
        tx.attempts.insert(attempt)
        tx.sessions.insert(a_session(g.account, token="t", connection=g.connection))
        assert tx.connections.delete(g.connection.id, **g.scope)
    with store.read() as tx:
        assert tx.connections.by_id(g.connection.id) is None
        assert tx.identities.all_of_account(g.account.id, **g.scope) == ()
        assert tx.attempts.by_id(attempt.id) == attempt
        assert tx.sessions.by_token_hash(ids.fingerprint("t")) is not None


def test_an_attempt_is_found_in_every_way(store):
    g = ground(store)
    attempt = an_attempt(g.connection, facts={"expected": "a", "received": ("b", "c")})
    with store.write() as tx:
        tx.attempts.insert(attempt)
    with store.read() as tx:
        assert tx.attempts.by_id(attempt.id) == attempt
        assert tx.attempts.by_request_id(g.connection.id, request_id=attempt.request_id) == attempt
        assert tx.attempts.by_reference(attempt.reference, **g.scope) == attempt
        assert tx.attempts.by_id(ids.attempt_id(RANDOM, NOW)) is None


def test_a_reference_is_given_once(store):
    g = ground(store)
    first = an_attempt(g.connection)
    with pytest.raises(AlreadyExists), store.write() as tx:  # noqa: PT012 - the whole transaction
        tx.attempts.insert(first)
        tx.attempts.insert(an_attempt(g.connection, reference=first.reference))


def test_an_attempt_ends_with_its_story(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    events = tuple(TimelineEvent(at=NOW + minutes(i), kind=f"k{i}", facts={"n": str(i)}) for i in range(3))
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.add_events(attempt.id, events=events[:2], **g.scope)
        tx.attempts.add_events(attempt.id, events=events[2:], **g.scope)
        assert tx.attempts.finish(
            attempt.id,
            outcome=Outcome.REFUSED,
            code="saml.audience_mismatch",
            facts={"expected": "e", "received": ("r",)},
            person="Dana",
            email=None,
            account_id=None,
            at=NOW,
            **g.scope,
        )
    with store.read() as tx:
        assert tx.attempts.timeline(attempt.id, **g.scope) == events
        assert tx.attempts.by_id(attempt.id) == replace(
            attempt,
            outcome=Outcome.REFUSED,
            code="saml.audience_mismatch",
            facts={"expected": "e", "received": ("r",)},
            person="Dana",
            finished_at=NOW,
        )
        assert tx.attempts.count_refused(g.connection.id, code="saml.audience_mismatch", since=NOW, **g.scope) == 1
        assert tx.attempts.count_refused(g.connection.id, code="login.no_answer", since=NOW, **g.scope) == 0


def test_a_failed_test_is_nobody_who_was_refused(store):
    g = ground(store)
    attempt = replace(an_attempt(g.connection), purpose=Purpose.TEST, outcome=Outcome.TEST_FAILED, code="saml.x")
    with store.write() as tx:
        tx.attempts.insert(attempt)
        assert tx.attempts.count_refused(g.connection.id, code="saml.x", since=NOW, **g.scope) == 0


def test_silence_ends_an_attempt_once_and_not_too_early(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    late = attempt.expires_at
    ending: dict[str, Any] = {"code": "login.no_answer", "facts": {"email": "dana@acme.example"}}
    with store.write() as tx:
        tx.attempts.insert(attempt)
        assert tx.attempts.waiting_past(late - minutes(1), limit=5) == ()
        assert tx.attempts.waiting_past(late, limit=5) == (attempt,)
        assert not tx.attempts.expire(attempt.id, at=late - minutes(1), **ending, **g.scope)
        assert tx.attempts.expire(attempt.id, at=late, **ending, **g.scope)
        assert not tx.attempts.expire(attempt.id, at=late, **ending, **g.scope)
        assert tx.attempts.waiting_past(late, limit=5) == ()
        assert not tx.attempts.end_waiting(attempt.id, at=late, **g.scope)
        found = tx.attempts.by_id(attempt.id)
    assert found == replace(attempt, outcome=Outcome.NO_ANSWER, finished_at=late, **ending)


def test_the_newest_test_and_the_newest_success_are_found(store):
    g = ground(store)
    early = an_attempt(g.connection, purpose=Purpose.TEST)
    late = an_attempt(g.connection, purpose=Purpose.TEST, started_at=NOW + minutes(1))
    success = an_attempt(g.connection, outcome=Outcome.SIGNED_IN, started_at=NOW + minutes(2))
    with store.write() as tx:
        assert tx.attempts.latest_test(g.connection.id, **g.scope) is None
        for attempt in (success, late, early):
            tx.attempts.insert(attempt)
        assert tx.attempts.latest_test(g.connection.id, **g.scope) == late
        assert tx.attempts.latest_success(g.connection.id, **g.scope) == success


def test_the_list_of_attempts_is_turned_in_both_directions(store):
    g = ground(store)
    attempts = [an_attempt(g.connection, started_at=NOW + minutes(i)) for i in range(5)]
    with store.write() as tx:
        for attempt in attempts:
            tx.attempts.insert(attempt)
    newest_first = tuple(reversed(attempts))
    with store.read() as tx:
        one = tx.attempts.page(AttemptFilter(), limit=2, **g.scope)
        two = tx.attempts.page(AttemptFilter(), cursor=one.older, limit=2, **g.scope)
        three = tx.attempts.page(AttemptFilter(), cursor=two.older, limit=2, **g.scope)
        back = tx.attempts.page(AttemptFilter(), cursor=three.newer, limit=2, **g.scope)
        strange = tx.attempts.page(AttemptFilter(), cursor="older.' OR 1=1", limit=2, **g.scope)
    assert (one.attempts, one.first, one.total, one.newer) == (newest_first[:2], 1, 5, None)
    assert (two.attempts, two.first) == (newest_first[2:4], 3)
    assert (three.attempts, three.first, three.older) == (newest_first[4:], 5, None)
    assert back == two
    assert strange == one


@pytest.mark.parametrize(
    ("wanted", "finds"),
    [
        (AttemptFilter(search="DANA@"), {"dana"}),
        (AttemptFilter(search="olga p"), {"olga"}),
        (AttemptFilter(search="saml.aud"), {"olga"}),
        (AttemptFilter(search="k7q2"), {"dana"}),
        (AttemptFilter(search="%"), set()),
        (AttemptFilter(search="_"), set()),
        (AttemptFilter(outcome=Outcome.REFUSED), {"olga"}),
        (AttemptFilter(since=NOW + minutes(1)), {"olga"}),
        (AttemptFilter(search="  "), {"dana", "olga"}),
    ],
)
def test_attempts_are_searched_and_filtered(store, wanted, finds):
    g = ground(store)
    dana = an_attempt(g.connection, email_hint="dana@acme.example", reference="K7Q2-9XMD")
    olga = an_attempt(
        g.connection,
        email_hint="o@acme.example",
        person="Olga Petrova",
        outcome=Outcome.REFUSED,
        code="saml.audience_mismatch",
        started_at=NOW + minutes(1),
    )
    with store.write() as tx:
        tx.attempts.insert(dana)
        tx.attempts.insert(olga)
        found = tx.attempts.page(wanted, **g.scope)
    names = {dana.id: "dana", olga.id: "olga"}
    assert {names[attempt.id] for attempt in found.attempts} == finds
    assert found.total == len(finds)


def test_messages_and_reports_are_kept_and_replaced(store):
    g = ground(store)
    attempt = an_attempt(g.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        assert tx.attempts.message(attempt.id, **g.scope) is None
        for message in (b"<first/>", b"<second/>"):
            tx.attempts.keep_message(attempt.id, message=message, kind="refusal", at=NOW, **g.scope)
            tx.attempts.save_report(attempt.id, report='{"checks": []}', **g.scope)
    with store.read() as tx:
        assert tx.attempts.message(attempt.id, **g.scope) == b"<second/>"
        assert tx.attempts.report(attempt.id, **g.scope) == '{"checks": []}'


def test_of_successes_the_last_twenty_messages_are_kept(store):
    g = ground(store)
    attempts = [an_attempt(g.connection, started_at=NOW + minutes(i)) for i in range(23)]
    with store.write() as tx:
        for attempt in attempts:
            tx.attempts.insert(attempt)
            kind = "refusal" if attempt is attempts[0] else "success"
            tx.attempts.keep_message(attempt.id, message=b"m", kind=kind, at=NOW, **g.scope)
    with store.read() as tx:
        kept = [i for i, attempt in enumerate(attempts) if tx.attempts.message(attempt.id, **g.scope)]
    assert kept == [0, *range(3, 23)]


def test_a_session_comes_back_moves_on_and_ends(store):
    g = ground(store)
    session = a_session(g.account, token="secret", connection=g.connection)
    with store.write() as tx:
        tx.sessions.insert(session)
    with store.read() as tx:
        assert tx.sessions.by_token_hash(ids.fingerprint("secret")) == session
        assert tx.sessions.by_token_hash("secret") is None
        assert tx.sessions.of_account(g.account.id, **g.scope) == (session,)
    with store.write() as tx:
        assert tx.sessions.touch(session.id, idle_until=NOW + minutes(300), **g.scope)
        moved = tx.sessions.by_token_hash(session.token_hash)
        assert moved == replace(session, idle_until=NOW + minutes(300))
        assert tx.sessions.end(session.id, **g.scope)
        assert not tx.sessions.end(session.id, **g.scope)
        assert tx.sessions.by_token_hash(session.token_hash) is None


def test_sessions_end_by_every_door(store):
    g = ground(store)
    of_subject = {"issuer": "http://www.okta.example/exk1", "subject": "dana@acme.example"}
    with store.write() as tx:
        tx.sessions.insert(a_session(g.account, token="a", connection=g.connection))
        tx.sessions.insert(a_session(g.account, token="b", connection=g.connection, session_index="_index-2"))
        tx.sessions.insert(a_session(g.account, token="c", connection=g.connection, subject="olga"))
        tx.sessions.insert(a_session(g.account, token="d"))
        assert tx.sessions.expire_subject(g.connection.id, **of_subject, **g.scope) == 2
        must = {s.token_hash for s in tx.sessions.of_account(g.account.id, **g.scope) if s.must_reauth}
        assert must == {ids.fingerprint("a"), ids.fingerprint("b")}
        assert tx.sessions.invalidate_index(g.connection.id, session_index="_index-2", **g.scope) == 1
        assert tx.sessions.invalidate_subject(g.connection.id, **of_subject, **g.scope) == 1
        assert tx.sessions.end_all(g.account.id, **g.scope) == 2
        assert tx.sessions.of_account(g.account.id, **g.scope) == ()


def test_a_link_is_found_by_exactly_its_subject(store):
    g = ground(store)
    link = an_identity(g.account, g.connection)
    with store.write() as tx:
        tx.identities.insert(link)
        find = tx.identities.by_subject
        assert find(g.connection.id, issuer=link.issuer, subject=link.subject, **g.scope) == link
        assert find(g.connection.id, issuer=link.issuer, subject=link.subject.upper(), **g.scope) is None
        # The border between the two texts is part of the key.
        assert find(g.connection.id, issuer=link.issuer + "d", subject=link.subject[1:], **g.scope) is None
        assert tx.identities.of_account(g.account.id, connection_id=g.connection.id, **g.scope) == link
        assert tx.identities.touch(link.id, email=EmailAddress.parse("d@acme.example"), at=NOW, **g.scope)
        touched = tx.identities.of_account(g.account.id, connection_id=g.connection.id, **g.scope)
    assert touched == replace(link, email=EmailAddress.parse("d@acme.example"), last_used_at=NOW)


def test_a_subject_of_any_length_is_linked_once(store):
    g = ground(store)
    link = an_identity(g.account, g.connection, subject="s" * 10_000)
    with store.write() as tx:
        tx.identities.insert(link)
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.identities.insert(an_identity(g.account, g.connection, subject="s" * 10_000))


def test_the_audit_log_is_read_from_its_end(store):
    g = ground(store)
    events = [an_audit_event(g.organization, at=NOW + minutes(i)) for i in range(3)]
    with store.write() as tx:
        for event in events:
            tx.audit.append(event)
        page = tx.audit.page(limit=2, **g.scope)
        assert page == (events[2], events[1])
        assert tx.audit.page(older_than=page[-1].id, limit=2, **g.scope) == (events[0],)


def test_a_connection_has_one_key_in_each_role(store):
    g = ground(store)
    of = {"connection_id": g.connection.id, "created_at": NOW, **g.scope}
    with store.write() as tx:
        assert tx.keys.current(g.connection.id, **g.scope) is None
        assert tx.keys.every(g.connection.id, **g.scope) == ()
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"first", **of)
        assert tx.keys.current(g.connection.id, **g.scope) == b"first"
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"second", **of)
    with store.write() as tx:
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"second", role=KeyRole.NEXT, **of)
        assert tx.keys.current(g.connection.id, **g.scope) == b"first"
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"third", role=KeyRole.NEXT, **of)


def test_the_next_key_takes_the_place_of_the_current_one(store):
    g = ground(store)
    of = {"connection_id": g.connection.id, "created_at": NOW, **g.scope}
    later = NOW + minutes(1)
    with store.write() as tx:
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"second", role=KeyRole.NEXT, **of)
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"first", **of)
        assert tx.keys.switch(g.connection.id, at=later, **g.scope)
        assert tx.keys.current(g.connection.id, **g.scope) == b"second"
        assert tx.keys.every(g.connection.id, **g.scope) == (
            StoredKey(role=KeyRole.CURRENT, bundle=b"second", created_at=NOW, changed_at=later),
            StoredKey(role=KeyRole.PREVIOUS, bundle=b"first", created_at=NOW, changed_at=later),
        )
        tx.keys.insert(ids.key_id(RANDOM), private_key=b"third", role=KeyRole.NEXT, **of)
    with pytest.raises(AlreadyExists), store.write() as tx:
        tx.keys.switch(g.connection.id, at=later, **g.scope)
    with store.write() as tx:
        # Nothing of the refused switch is left.
        assert tx.keys.current(g.connection.id, **g.scope) == b"second"
        assert tx.keys.delete(g.connection.id, role=KeyRole.PREVIOUS, **g.scope)
        assert not tx.keys.delete(g.connection.id, role=KeyRole.PREVIOUS, **g.scope)
        assert tx.keys.switch(g.connection.id, at=later, **g.scope)
        assert tx.keys.current(g.connection.id, **g.scope) == b"third"
        assert not tx.keys.switch(g.connection.id, at=later, **g.scope)
        assert tx.keys.current(g.connection.id, **g.scope) == b"third"


def test_mail_waits_is_claimed_and_leaves(store):
    g = ground(store)
    mail, later = a_mail(g.organization), a_mail(None, at=NOW + minutes(1))
    lease = minutes(2)
    with store.write() as tx:
        tx.outbox.put(mail)
        tx.outbox.put(later)
        (claimed,) = tx.outbox.claim(limit=5, lease=lease, now=NOW)
        assert (claimed.mail, claimed.attempts) == (mail, 1)
        assert tx.outbox.claim(limit=5, lease=lease, now=NOW) == ()
        assert tx.outbox.failed(mail.id, next_at=NOW + minutes(5), why="mail.unreachable")
        assert [due.mail for due in tx.outbox.claim(limit=5, lease=lease, now=NOW + minutes(4))] == [later]
        assert tx.outbox.sent(later.id)
        (again,) = tx.outbox.claim(limit=5, lease=lease, now=NOW + minutes(5))
        assert (again.mail, again.attempts) == (mail, 2)
        assert tx.outbox.failed(mail.id, next_at=None, why="mail.refused")
        assert tx.outbox.claim(limit=5, lease=lease, now=NOW + timedelta(days=9)) == ()


def test_a_claimed_mail_comes_back_when_its_server_died(store):
    with store.write() as tx:
        tx.outbox.put(a_mail(None))
        assert len(tx.outbox.claim(limit=5, lease=minutes(2), now=NOW)) == 1
        assert len(tx.outbox.claim(limit=5, lease=minutes(2), now=NOW + minutes(2))) == 1


def test_another_organizations_id_returns_nothing(store):
    """Everything that is asked with the wrong organization answers as if there were nothing (decision 8)."""
    g, stranger = ground(store), ground(store).scope
    attempt, session = an_attempt(g.connection), a_session(g.account, token="t", connection=g.connection)
    link, domain = an_identity(g.account, g.connection), a_domain(g.organization)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.keep_message(attempt.id, message=b"m", kind="test", at=NOW, **g.scope)
        tx.attempts.save_report(attempt.id, report="{}", **g.scope)
        tx.attempts.add_events(attempt.id, events=(TimelineEvent(at=NOW, kind="k", facts={}),), **g.scope)
        tx.sessions.insert(session)
        tx.identities.insert(link)
        tx.domains.insert(domain)
        tx.keys.insert(ids.key_id(RANDOM), connection_id=g.connection.id, private_key=b"k", created_at=NOW, **g.scope)
        assert _asked_by(tx, stranger, g, attempt, session, link, domain) == []
    with store.read() as tx:
        assert tx.attempts.message(attempt.id, **g.scope) == b"m"
        assert tx.connections.by_id(g.connection.id) == g.connection
        assert tx.sessions.by_token_hash(session.token_hash) == session


def _asked_by(tx, scope, g, attempt, session, link, domain):
    """Every answer with something in it."""
    subject = {"issuer": link.issuer, "subject": link.subject}
    answers = {
        "account": tx.accounts.by_id(g.account.id, **scope),
        "account by email": tx.accounts.by_email(g.account.email.key, **scope),
        "password": tx.accounts.set_password(g.account.id, password_hash="x", **scope),
        "role": tx.accounts.set_role(g.account.id, role=Role.OWNER, **scope),
        "names": tx.accounts.set_names(g.account.id, first_name="x", last_name="x", **scope),
        "deactivate": tx.accounts.deactivate(g.account.id, at=NOW, **scope),
        "domain": tx.domains.by_id(domain.id, **scope),
        "verify": tx.domains.mark_verified(domain.id, at=NOW, **scope),
        "plan domain": tx.domains.plan(domain.id, missing_since=None, due_at=NOW, **scope),
        "ask domain": tx.domains.ask(domain.id, due_at=NOW, **scope),
        "delete domain": tx.domains.delete(domain.id, **scope),
        "tested": tx.connections.mark_tested(g.connection.id, number=1, at=NOW, by=None, **scope),
        "enable": tx.connections.set_enabled(g.connection.id, at=None, **scope),
        "delete connection": tx.connections.delete(g.connection.id, **scope),
        "reference": tx.attempts.by_reference(attempt.reference, **scope),
        "consume": tx.attempts.consume(attempt.id, answered_at=NOW, **scope),
        "finish": tx.attempts.finish(attempt.id, outcome=Outcome.SIGNED_IN, at=NOW, **scope),
        "timeline": tx.attempts.timeline(attempt.id, **scope),
        "message": tx.attempts.message(attempt.id, **scope),
        "report": tx.attempts.report(attempt.id, **scope),
        "page": tx.attempts.page(AttemptFilter(), **scope).attempts,
        "touch": tx.sessions.touch(session.id, idle_until=NOW, **scope),
        "end": tx.sessions.end(session.id, **scope),
        "end all": tx.sessions.end_all(g.account.id, **scope),
        "invalidate": tx.sessions.invalidate_subject(g.connection.id, **subject, **scope),
        "link": tx.identities.by_subject(g.connection.id, **subject, **scope),
        "unlink": tx.identities.delete(link.id, **scope),
        "key": tx.keys.current(g.connection.id, **scope),
        "keys": tx.keys.every(g.connection.id, **scope),
        "switch keys": tx.keys.switch(g.connection.id, at=NOW, **scope),
        "delete key": tx.keys.delete(g.connection.id, role=KeyRole.CURRENT, **scope),
    }
    return [name for name, answer in answers.items() if answer]


def test_a_row_never_points_into_another_organization(store):
    """Foreign keys hold the organization too: a mistake in the code above can't tie a link across the border."""
    mine, theirs = ground(store), ground(store)
    for crossed in (
        an_identity(mine.account, theirs.connection),
        an_identity(mine.account, mine.connection, organization_id=theirs.organization.id),
    ):
        with pytest.raises(Exception, match=r"(?i)foreign key"), store.write() as tx:
            tx.identities.insert(crossed)
    draft = a_connection(mine.organization)
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.write() as tx:  # noqa: PT012 - the whole transaction
        tx.connections.insert(draft)
        tx.connections.save_revision(a_revision(draft, by=mine.account), **theirs.scope)


def test_a_message_is_never_kept_under_another_organization(store):
    mine, theirs = ground(store), ground(store)
    attempt = an_attempt(mine.connection)
    with store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.keep_message(attempt.id, message=b"mine", kind="test", at=NOW, **mine.scope)
    with pytest.raises(Exception, match=r"(?i)not.null"), store.write() as tx:
        tx.attempts.keep_message(attempt.id, message=b"theirs", kind="test", at=NOW, **theirs.scope)
    with store.read() as tx:
        assert tx.attempts.message(attempt.id, **mine.scope) == b"mine"
