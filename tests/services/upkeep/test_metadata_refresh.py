"""Keys come and go by themselves from a pinned source; everything else is only proposed; nothing stops a login."""

import threading
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ostiary.domain.attempt import Outcome, TimelineEvent
from ostiary.domain.connection import Tile
from ostiary.kernel.http import HttpResponse
from ostiary.services.connection_form import SaveSaml
from ostiary.services.refusal_record import ask_source
from tests.services.upkeep.ground import DOWN, NOW, SSO_URL, URL, Publisher, a_certificate, second_server
from tests.storage.builders import an_attempt


def test_a_source_is_pinned_and_asked_soon_after_the_test_has_passed(ground):
    ground.work()
    assert [request.url for request in ground.publisher.asked] == [URL]
    assert ground.source.answered_at is not None
    assert ground.source.code is None
    assert ground.connection.serving.number == 1


def test_a_new_key_is_trusted_beside_the_old_one_by_a_revision_that_inherits_its_test(ground):
    old = ground.publisher.certificates[0]
    new = a_certificate()
    ground.work()
    ground.publisher.certificates = (old, new)
    ground.work(days=1)
    serving = ground.connection.serving
    assert serving.settings.certificates == (old.base64, new.base64)
    assert (serving.number, serving.tested_at, serving.tested_by) == (2, NOW, ground.owner.id)
    assert ground.connection.latest == serving
    assert (ground.source.came, ground.source.went) == ((new.fingerprint,), ())
    assert [(each["came"], each["revision"]) for each in ground.audited("connection.keys_refreshed")] == [
        ((new.fingerprint,), "2")
    ]
    assert ground.mails() == ["dana@acme.example: Okta has a new key"]


def test_a_key_that_came_by_itself_waits_for_an_owner(ground):
    new = a_certificate()
    ground.work()
    ground.publisher.certificates = (*ground.publisher.certificates, new)
    ground.work(days=1)
    assert ground.settings.unconfirmed == (new.base64,)
    assert ground.services.metadata_review.view(ground.connection).unconfirmed == (new.fingerprint,)


def test_a_key_that_has_gone_again_is_no_longer_waited_for(ground):
    """No test could confirm it: the provider signs with it no more. It stays unconfirmed all the same."""
    old, new = ground.publisher.certificates[0], a_certificate()
    ground.work()
    ground.publisher.certificates = (old, new)
    ground.work(days=1)
    ground.publisher.certificates = (old,)
    ground.work(days=1)
    assert ground.settings.unconfirmed == (new.base64,)
    assert ground.services.metadata_review.view(ground.connection).unconfirmed == ()


def test_saving_confirms_no_key_that_waits_for_an_owner(ground):
    new = a_certificate()
    ground.work()
    ground.publisher.certificates = (*ground.publisher.certificates, new)
    ground.work(days=1)
    form = SaveSaml(metadata_url=URL)
    ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=ground.actor)
    assert ground.connection.latest.settings.unconfirmed == (new.base64,)


def test_a_key_that_vanished_is_trusted_for_seven_days_and_then_dropped(ground):
    old, new = ground.publisher.certificates[0], a_certificate()
    ground.work()
    ground.publisher.certificates = (new,)
    ground.work(days=1)
    assert ground.settings.certificates == (old.base64, new.base64)
    assert list(ground.source.departing) == [old.fingerprint]
    for _ in range(6):
        ground.work(days=1)
    assert ground.settings.certificates == (old.base64, new.base64)
    ground.work(days=1)
    ground.work(days=1)
    assert ground.settings.certificates == (new.base64,)
    assert ground.source.went == (old.fingerprint,)
    assert ground.source.departing == {}
    assert [each["went"] for each in ground.audited("connection.keys_refreshed")] == [(old.fingerprint,), ()]


def test_a_key_that_is_published_again_stays(ground):
    old, new = ground.publisher.certificates[0], a_certificate()
    ground.work()
    ground.publisher.certificates = (new,)
    ground.work(days=1)
    ground.publisher.certificates = (old, new)
    ground.work(days=1)
    assert ground.source.departing == {}
    for _ in range(9):
        ground.work(days=1)
    assert set(ground.settings.certificates) == {old.base64, new.base64}


def test_a_key_that_people_still_sign_in_with_is_not_dropped(ground):
    old, new = ground.publisher.certificates[0], a_certificate()
    ground.work()
    ground.publisher.certificates = (new,)
    ground.work(days=1)
    for _ in range(9):
        _sign_in(ground, old.fingerprint)
        ground.work(days=1)
    assert old.base64 in ground.settings.certificates
    for _ in range(20):
        ground.work(days=1)
    assert ground.settings.certificates == (new.base64,)


def test_a_newer_revision_that_waits_for_its_test_gets_the_key_too_and_can_still_take_its_place(ground):
    new = a_certificate()
    ground.work()
    form = SaveSaml(metadata_url=URL, tile=Tile.REFUSE.value)
    ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=ground.actor)
    ground.publisher.certificates = (*ground.publisher.certificates, new)
    ground.work(days=1)
    serving, latest = ground.connection.serving, ground.connection.latest
    assert (serving.number, serving.settings.tile) == (3, Tile.CONVERT)
    assert (latest.number, latest.settings.tile, latest.tested_at) == (4, Tile.REFUSE, None)
    assert new.base64 in serving.settings.certificates
    assert new.base64 in latest.settings.certificates
    with ground.store.write() as tx:
        tx.connections.mark_tested(ground.connection_id, number=4, at=NOW, by=ground.owner.id, **ground.scope)
    assert ground.settings.tile is Tile.REFUSE


def test_another_sign_in_address_is_proposed_and_not_taken_over(ground):
    ground.work()
    ground.publisher.sso_url = "https://acme.okta.example/app/moved"
    ground.work(days=1)
    assert ground.settings.sso_url == SSO_URL
    view = ground.services.metadata_review.view(ground.connection)
    assert [(each.field, each.saved, each.published) for each in view.differences] == [
        ("sso_url", SSO_URL, "https://acme.okta.example/app/moved")
    ]


def test_another_issuer_brings_no_key_and_is_proposed_whole(ground):
    before = ground.settings
    ground.work()
    ground.publisher.issuer = "http://www.okta.example/somebody-else"
    ground.publisher.certificates = (a_certificate(),)
    ground.work(days=1)
    assert ground.settings == before
    view = ground.services.metadata_review.view(ground.connection)
    assert [each.field for each in view.differences] == ["idp_entity_id"]


def test_an_accepted_proposal_is_a_new_revision_that_waits_for_its_test(ground):
    ground.work()
    ground.publisher.issuer = "http://www.okta.example/exk2"
    ground.publisher.sso_url = "https://acme.okta.example/app/moved"
    new = a_certificate()
    ground.publisher.certificates = (new,)
    ground.work(days=1)
    review = ground.services.metadata_review
    assert review.accept(ground.connection_id, actor=ground.actor, **ground.scope)
    latest = ground.connection.latest
    assert ground.settings.sso_url == SSO_URL
    assert (latest.number, latest.tested_at) == (2, None)
    assert latest.settings.sso_url == "https://acme.okta.example/app/moved"
    assert latest.settings.idp_entity_id == "http://www.okta.example/exk2"
    assert latest.settings.certificates == (new.base64,)
    assert review.view(ground.connection).differences == ()


def test_a_proposal_that_was_put_aside_is_shown_again_only_when_it_changes(ground):
    ground.work()
    review = ground.services.metadata_review
    ground.publisher.sso_url = "https://acme.okta.example/app/moved"
    ground.work(days=1)
    review.put_aside(ground.connection_id, actor=ground.actor, **ground.scope)
    ground.work(days=1)
    assert review.view(ground.connection).differences == ()
    ground.publisher.sso_url = "https://acme.okta.example/app/moved-again"
    ground.work(days=1)
    assert [each.published for each in review.view(ground.connection).differences] == [
        "https://acme.okta.example/app/moved-again"
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (DOWN, "outbound.unreachable"),
        (HttpResponse(status=500, headers={}, body=b""), "outbound.status"),
        (HttpResponse(status=304, headers={}, body=b""), "outbound.status"),
        (HttpResponse(status=200, headers={}, body=b"<html><body>Sign in</body></html>"), "setup.metadata_is_html"),
        (HttpResponse(status=200, headers={}, body=b"%PDF"), "setup.metadata_unreadable"),
    ],
)
def test_a_source_that_gives_nothing_usable_changes_nothing_and_says_why(ground, answer, code):
    before = ground.connection
    ground.publisher.answers = answer
    ground.work()
    assert ground.connection == before
    assert (ground.source.code, ground.source.failures) == (code, 1)
    assert ground.source.answered_at is None


def test_a_source_that_is_down_is_asked_less_and_less_often(ground):
    ground.publisher.answers = DOWN
    ground.work()
    for _ in range(24 * 3):
        ground.work(minutes=20)
    assert 5 <= len(ground.publisher.asked) <= 10
    assert ground.source.failures == len(ground.publisher.asked)
    ground.publisher.answers = None
    ground.work(days=1)
    assert (ground.source.code, ground.source.failures) == (None, 0)


def test_a_document_out_of_date_brings_no_key(ground):
    before = ground.settings
    ground.publisher.attributes = 'validUntil="2026-03-03T09:00:00Z"'
    ground.publisher.certificates = (a_certificate(),)
    ground.work()
    assert ground.settings == before
    assert ground.source.code == "setup.metadata_outdated"


def test_a_weak_key_is_never_trusted_by_itself(ground):
    old = ground.publisher.certificates[0]
    weak = a_certificate(key=rsa.generate_private_key(public_exponent=65537, key_size=1024))  # noqa: S505 - what is refused
    ground.publisher.certificates = (old, weak)
    ground.work()
    assert ground.settings.certificates == (old.base64,)
    ground.publisher.certificates = (weak,)
    ground.work(days=1)
    assert ground.settings.certificates == (old.base64,)
    assert ground.source.code == "setup.certificate_weak"


@pytest.mark.parametrize(
    ("attributes", "least", "most"),
    [
        ("", timedelta(hours=10), timedelta(hours=12)),
        ('cacheDuration="PT1M"', timedelta(minutes=54), timedelta(hours=1)),
        ('cacheDuration="P30D"', timedelta(hours=21), timedelta(hours=24)),
        ('validUntil="2026-03-03T13:30:00Z"', timedelta(hours=3, minutes=30), timedelta(hours=4)),
    ],
)
def test_the_document_says_when_it_is_asked_for_again_within_bounds(ground, attributes, least, most):
    ground.publisher.attributes = attributes
    ground.work()
    assert least <= ground.source.due_at - ground.source.checked_at <= most


def test_a_document_that_has_not_changed_is_not_sent_again(ground):
    ground.publisher.etag = '"v1"'
    ground.work()
    ground.work(days=1)
    assert [request.headers.get("if-none-match") for request in ground.publisher.asked] == [None, '"v1"']
    assert ground.source.answered_at == ground.source.checked_at
    assert ground.source.checked_at > NOW + timedelta(hours=23)


def test_a_server_leaves_a_source_alone_while_another_one_asks_it(ground):
    """The first answer comes only after the second server has looked for work, and its admin has pressed the button."""
    ground.work()
    ground.clock.at += timedelta(days=1)
    gate = threading.Event()
    other_way_out = Publisher(certificates=ground.publisher.certificates)
    ground.publisher.waits_for = gate
    ground.publisher.asked.clear()
    refresh = ground.services.housekeeping.metadata_refresh
    first = threading.Thread(target=refresh.refresh_due, args=[ground.clock.at])
    first.start()
    while not ground.publisher.asked:
        pass
    with second_server(ground, fetch=other_way_out) as other:
        other.housekeeping.metadata_refresh.refresh_due(ground.clock.at)
        assert other.metadata_review.check_now(ground.connection_id, actor=ground.actor, **ground.scope) is False
    gate.set()
    first.join(20)
    assert (len(ground.publisher.asked), len(other_way_out.asked)) == (1, 0)


def test_of_two_servers_that_look_at_the_same_moment_one_asks(ground):
    ground.work()
    way_out = Publisher(certificates=ground.publisher.certificates)
    with second_server(ground, fetch=way_out) as other:
        for day in range(1, 6):
            ground.clock.at += timedelta(days=1)
            start = threading.Barrier(2)
            servers = [
                threading.Thread(target=_look, args=[services, start, ground.clock.at])
                for services in (ground.services, other)
            ]
            for each in servers:
                each.start()
            for each in servers:
                each.join(20)
            assert len(ground.publisher.asked) + len(way_out.asked) == 1 + day


def test_a_host_that_hangs_holds_up_no_job(ground):
    ground.work()
    gate = ground.publisher.waits_for = threading.Event()
    ground.clock.at += timedelta(days=1)
    refresh = ground.services.housekeeping.metadata_refresh
    refresh.refresh_due(ground.clock.at)
    assert refresh.errands.free == 7
    assert ground.source.lease_until is not None
    gate.set()
    while refresh.errands.free < 8:
        pass
    assert ground.source.lease_until is None


def test_an_unknown_key_at_a_login_makes_us_ask_once_in_ten_minutes(ground):
    ground.work()
    ground.publisher.asked.clear()
    for _ in range(20):
        with ground.store.write() as tx:
            ask_source(tx, ground.connection, code="saml.certificate_unknown", now=ground.clock.at)
        ground.work(seconds=10)
    assert len(ground.publisher.asked) == 1
    with ground.store.write() as tx:
        ask_source(tx, ground.connection, code="saml.audience_mismatch", now=ground.clock.at + timedelta(hours=1))
    ground.work()
    assert len(ground.publisher.asked) == 1
    ground.clock.at += timedelta(minutes=10)
    with ground.store.write() as tx:
        ask_source(tx, ground.connection, code="saml.certificate_expired", now=ground.clock.at)
    ground.work()
    assert len(ground.publisher.asked) == 2


def test_a_connection_whose_keys_are_pasted_asks_nobody(ground):
    ground.work()
    ground.publisher.asked.clear()
    form = SaveSaml(metadata_url=URL, keeps_fresh=False)
    ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=ground.actor)
    ground.publisher.asked.clear()
    with ground.store.write() as tx:
        tx.connections.mark_tested(ground.connection_id, number=2, at=NOW, by=ground.owner.id, **ground.scope)
    ground.work(days=2)
    assert ground.publisher.asked == []
    with ground.store.read() as tx:
        assert tx.metadata_sources.of(ground.connection_id, **ground.scope) is None


def test_check_now_asks_at_once_and_is_audited(ground):
    review = ground.services.metadata_review
    assert review.check_now(ground.connection_id, actor=ground.actor, **ground.scope)
    assert len(ground.publisher.asked) == 1
    assert len(ground.audited("connection.metadata_checked")) == 1
    assert ground.source.answered_at == ground.clock.at


def _look(services, start: threading.Barrier, now) -> None:
    start.wait(20)
    services.housekeeping.metadata_refresh.refresh_due(now)


def _sign_in(ground, fingerprint: str) -> None:
    at = ground.clock.at
    attempt = an_attempt(ground.connection, started_at=at, outcome=Outcome.SIGNED_IN, answered_at=at, finished_at=at)
    event = TimelineEvent(at=at, kind="checks_passed", facts={"fingerprint": fingerprint})
    with ground.store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.add_events(attempt.id, events=(event,), **ground.scope)
