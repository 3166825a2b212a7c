"""What waits in the outbox leaves: once, and without holding up what else a server does in the background."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ostiary.demo.mail_sink import MailSink
from ostiary.domain.mail import OutboxMail
from ostiary.kernel import ids
from ostiary.kernel.clock import FixedClock
from ostiary.outbound import Mailer
from ostiary.services.housekeeping import LEASE, MAIL_LASTS, Housekeeping
from tests.services.oidc.ground import RANDOM, Ground, a_ground


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme, with a clock that stands still."""
    with a_ground(tmp_path) as made:
        yield made


@dataclass
class Passing:
    """The clock of a mail server that takes its time with each mail: it moves the clock of everybody."""

    of_all: FixedClock
    takes: timedelta

    def now(self) -> datetime:
        self.of_all.at += self.takes
        return self.of_all.at


@contextmanager
def a_mail_server(ground: Ground, *, takes: timedelta) -> Iterator[tuple[MailSink, Housekeeping]]:
    sink = MailSink(clock=Passing(ground.clock, takes))
    sink.start()
    mailer = Mailer(host="127.0.0.1", port=sink.port, sender="sso@ringline.example", clock=FixedClock(ground.clock.at))
    try:
        yield sink, replace(ground.services.housekeeping, mailer=mailer)
    finally:
        sink.stop()


def put(ground: Ground, count: int) -> None:
    now = ground.clock.at
    with ground.store.write() as tx:
        for number in range(count):
            mail = OutboxMail(
                id=ids.event_id(RANDOM, now),
                to=f"p{number}@acme.example",
                subject="Hello",
                text="Hello.\n",
                created_at=now,
                **ground.scope,
            )
            tx.outbox.put(mail)


def test_a_slow_mail_server_holds_the_other_jobs_up_for_half_a_minute_and_no_mail_leaves_twice(ground: Ground) -> None:
    put(ground, 7)
    with a_mail_server(ground, takes=timedelta(seconds=11)) as (sink, housekeeping):
        began = ground.clock.at
        housekeeping.send_mail(began)
        assert len(sink.mails()) == 3
        assert ground.clock.at - began < MAIL_LASTS + timedelta(seconds=11)
        # What has not left is leased to nobody: another server takes it up at once.
        housekeeping.send_mail(ground.clock.at)
        housekeeping.send_mail(ground.clock.at)
        housekeeping.send_mail(ground.clock.at + LEASE)
        assert sorted(mail.to[0] for mail in sink.mails()) == [f"p{number}@acme.example" for number in range(7)]


def test_all_that_waits_leaves_in_one_run_where_the_server_is_quick(ground: Ground) -> None:
    put(ground, 150)
    with a_mail_server(ground, takes=timedelta(0)) as (sink, housekeeping):
        housekeeping.send_mail(ground.clock.at)
        assert len(sink.mails()) == 150
        assert ground.mails() == []


def test_a_mail_that_can_not_leave_now_waits_and_keeps_no_other_one_back(ground: Ground) -> None:
    put(ground, 3)
    with a_mail_server(ground, takes=timedelta(0)) as (_, housekeeping):
        pass
    housekeeping.send_mail(ground.clock.at)
    assert ground.mails() == []
    ground.clock.at += timedelta(minutes=1)
    assert len(ground.mails()) == 3
