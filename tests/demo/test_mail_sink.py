import smtplib
import socket
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from ostiary.demo.mail_sink import MailSink, ReceivedMail
from ostiary.kernel.clock import FixedClock

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def send(sink: MailSink, *, subject: str = "Hello", html: str = "") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sso@ostiary.example", "ann@acme.example", subject
    mail.set_content("Grüß Gott\n")
    if html:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="test.example", timeout=30) as server:
        server.send_message(mail)


@pytest.fixture
def sink(tmp_path):
    sink = MailSink(clock=FixedClock(NOW), path=tmp_path / "mail")
    sink.start()
    yield sink
    sink.stop()


def test_a_mail_is_kept_as_it_can_be_read(sink):
    send(sink, subject="Grüße")
    assert sink.mails() == (
        ReceivedMail(
            id="000001",
            sender="sso@ostiary.example",
            to=("ann@acme.example",),
            subject="Grüße",
            text="Grüß Gott\n",
            at=NOW,
        ),
    )


def test_of_a_mail_in_two_forms_the_plain_one_is_kept(sink):
    send(sink, html="<p>Not this</p>")
    assert [mail.text for mail in sink.mails()] == ["Grüß Gott\n"]


def test_the_newest_comes_first_and_the_oldest_go(tmp_path):
    sink = MailSink(clock=FixedClock(NOW), path=tmp_path / "mail", keeps=3)
    sink.start()
    for number in range(5):
        send(sink, subject=f"Mail {number}")
    sink.stop()
    assert [mail.subject for mail in sink.mails()] == ["Mail 4", "Mail 3", "Mail 2"]
    assert sorted(file.name for file in (tmp_path / "mail").iterdir()) == ["000003.json", "000004.json", "000005.json"]


def test_mails_outlive_the_sink_and_are_numbered_on(sink, tmp_path):
    send(sink, subject="Before")
    sink.stop()
    again = MailSink(clock=FixedClock(NOW), path=tmp_path / "mail")
    again.start()
    send(again, subject="After")
    again.stop()
    assert [(mail.id, mail.subject) for mail in again.mails()] == [("000002", "After"), ("000001", "Before")]


def test_what_is_no_mail_at_all_is_kept_too(sink):
    with smtplib.SMTP("127.0.0.1", sink.port, local_hostname="test.example", timeout=30) as server:
        server.sendmail("a@b.example", ["c@d.example"], b"\xff\xfe no header, no text")
    assert [mail.to for mail in sink.mails()] == [("c@d.example",)]


def test_a_port_that_is_taken_is_an_error_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        MailSink(clock=FixedClock(NOW), port=taken.getsockname()[1]).start()
