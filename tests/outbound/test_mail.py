import socket
import ssl
from email import message_from_bytes, policy

import pytest

from ostiary.demo.mail_sink import MailSink
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.errors import Refusal
from ostiary.outbound import Mailer, Message
from tests.outbound.local import NOW, Authority, a_server

MESSAGE = Message(
    to="ann@acme.example",
    subject="Set a new password",
    text="Follow this link:\nhttps://x.example/1\n",
    message_id="e1",
)


def a_message(**changes: str) -> Message:
    values = {"to": MESSAGE.to, "subject": MESSAGE.subject, "text": MESSAGE.text, "message_id": MESSAGE.message_id}
    return Message(**{**values, **changes})


@pytest.fixture
def sink():
    sink = MailSink(clock=FixedClock(NOW))
    sink.start()
    yield sink
    sink.stop()


def mailer_for(port: int, **more) -> Mailer:
    return Mailer(host="127.0.0.1", port=port, sender="sso@ostiary.example", timeout=10, clock=FixedClock(NOW), **more)


def refusal_of(mailer: Mailer, message: Message = MESSAGE) -> tuple[str, dict]:
    with pytest.raises(Refusal) as caught:
        mailer.send(message)
    return caught.value.code, caught.value.facts()


def test_a_mail_arrives_as_it_was_written(sink):
    text = "Grüß Gott,\n\nhttps://x.example/" + "a" * 300 + "\n.\nA dot alone ended nothing.\n"
    mailer_for(sink.port).send(a_message(subject=" ".join(["Grüße aus Köln"] * 8), text=text))
    [mail] = sink.mails()
    assert (mail.sender, mail.to, mail.text) == ("sso@ostiary.example", ("ann@acme.example",), text)
    assert mail.subject == " ".join(["Grüße aus Köln"] * 8)


def test_a_line_that_begins_with_from_stays_as_it_is(sink):
    text = "From 28 November on, passwords are refused.\n\nFrom then on, only SSO.\n"
    mailer_for(sink.port).send(a_message(text=text))
    assert [mail.text for mail in sink.mails()] == [text]


def test_the_mail_on_the_wire_is_plain_text_with_our_id_and_date():
    with a_mail_server() as server:
        mailer_for(server.port).send(MESSAGE)
    written = message_from_bytes(server.taken[0], policy=policy.default)
    assert written.get_content_type() == "text/plain"
    assert written["Message-ID"] == "<e1@ostiary.example>"
    assert written["Date"] == "Sat, 21 Nov 2026 10:00:00 +0000"
    assert written["Auto-Submitted"] == "auto-generated"
    assert server.said[0] == "ehlo ostiary.example"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\r\nBcc: everyone@acme.example"},
        {"subject": "Hello\nBcc: everyone@acme.example"},
        {"to": "ann@acme.example\r\nBcc: everyone@acme.example"},
        {"to": "ann@acme.example, everyone@acme.example"},
        {"to": "Ann <ann@acme.example>"},
        {"to": "ann"},
        {"message_id": "e1>\r\nBcc: everyone@acme.example\r\nX: <"},
    ],
)
def test_nothing_in_a_mail_can_add_a_header_or_a_reader(sink, changes):
    code, _ = refusal_of(mailer_for(sink.port), a_message(**changes))
    assert code == "mail.refused"
    assert sink.mails() == ()


@pytest.mark.parametrize(
    ("at", "reply", "code"),
    [
        ("RCPT", "550 5.1.1 No such user", "mail.refused"),
        ("RCPT", "451 4.7.1 Greylisted", "mail.unreachable"),
        ("MAIL", "552 5.2.3 Too large", "mail.refused"),
        ("DATA", "421 4.3.2 Going down", "mail.unreachable"),
        ("end of the text", "554 5.7.1 Spam", "mail.refused"),
        ("end of the text", "452 4.2.2 Mailbox full", "mail.unreachable"),
        ("greeting", "554 No service", "mail.unreachable"),
    ],
)
def test_a_refusal_for_good_differs_from_one_for_now(at, reply, code):
    with a_mail_server(replies={at: reply}) as server:
        refused, facts = refusal_of(mailer_for(server.port))
    assert (refused, facts["reply"]) == (code, reply)


def test_a_rude_good_bye_does_not_make_a_second_copy():
    with a_mail_server(replies={"QUIT": "421 4.3.2 Going down"}) as server:
        mailer_for(server.port).send(MESSAGE)
    assert len(server.taken) == 1


def test_nobody_there_and_a_silent_server_are_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    expected = {"server": f"127.0.0.1:{port}", "reply": "ConnectionRefusedError"}
    assert refusal_of(mailer_for(port)) == ("mail.unreachable", expected)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer = Mailer(host="127.0.0.1", port=silent.getsockname()[1], sender="a@b.example", timeout=0.2)
        assert refusal_of(mailer)[0] == "mail.unreachable"


def test_a_password_is_never_sent_in_the_clear():
    with a_mail_server() as server:
        refused, _ = refusal_of(mailer_for(server.port, user="us", password="secret"))
    assert refused == "mail.unreachable"
    assert [line.split()[0] for line in server.said] == ["ehlo"]


def test_mail_leaves_inside_tls_from_the_first_byte(tmp_path):
    authority = Authority(tmp_path)
    with a_mail_server(tls=authority.server("localhost")) as server:
        mailer = Mailer(
            host="localhost",
            port=server.port,
            sender="sso@ostiary.example",
            user="us",
            password="secret",
            is_implicit_tls=True,
            timeout=10,
            tls=authority.trusting(),
        )
        mailer.send(MESSAGE)
    assert len(server.taken) == 1
    assert any(line.startswith("AUTH PLAIN") for line in server.said)


def test_a_mail_server_with_a_stranger_s_certificate_gets_no_password(tmp_path):
    with a_mail_server(tls=Authority(tmp_path).server("localhost")) as server:
        mailer = Mailer(host="localhost", port=server.port, sender="a@b.example", user="us", password="secret",
                        is_implicit_tls=True, timeout=10)  # fmt: skip
        assert refusal_of(mailer)[0] == "mail.unreachable"
    assert server.said == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://relay.example", ("relay.example", 25, "", "", False, False)),
        ("smtp://127.0.0.1:8025", ("127.0.0.1", 8025, "", "", False, False)),
        ("smtp://us:p%40ss@relay.example", ("relay.example", 587, "us", "p@ss", False, False)),
        ("smtps://us:x@relay.example", ("relay.example", 465, "us", "x", True, False)),
        ("smtp://relay.example?starttls=required", ("relay.example", 25, "", "", False, True)),
    ],
)
def test_the_settings_are_read_from_a_url(url, expected):
    mailer = Mailer.from_url(url, sender="a@b.example")
    assert (
        mailer.host, mailer.port, mailer.user, mailer.password, mailer.is_implicit_tls, mailer.requires_starttls
    ) == expected  # fmt: skip


@pytest.mark.parametrize("url", ["http://relay.example", "smtp://", "relay.example:25"])
def test_another_url_is_refused(url):
    with pytest.raises(ValueError, match="smtp://host:port"):
        Mailer.from_url(url, sender="a@b.example")


# --- a mail server that answers as told -------------------------------------


class a_mail_server:  # noqa: N801 - reads as a sentence
    """A real conversation over a real socket; `replies` changes what is said at one step of it."""

    def __init__(self, *, replies: dict[str, str] | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.replies = replies or {}
        self.said: list[str] = []
        self.taken: list[bytes] = []
        self._server = a_server(self._talk, tls=tls, reads_first=False)

    def __enter__(self):
        self.port = self._server.__enter__().port
        return self

    def __exit__(self, *error):
        self._server.__exit__(*error)

    def _talk(self, connection: socket.socket, _request: bytes) -> None:
        def say(step: str, usual: str) -> None:
            connection.sendall((self.replies.get(step, usual) + "\r\n").encode())

        say("greeting", "220 mail.example ESMTP")
        with connection.makefile("rb") as lines:
            for line in lines:
                self.said.append(line.decode().strip())
                step = self.said[-1].split()[0].upper()
                if step == "DATA":
                    say(step, "354 Go on")
                    if step in self.replies:
                        continue
                    self.taken.append(b"".join(iter(lines.readline, b".\r\n")))
                    say("end of the text", "250 Taken")
                elif step == "EHLO":
                    connection.sendall(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
                else:
                    say(step, {"QUIT": "221 Bye", "AUTH": "235 Welcome"}.get(step, "250 Fine"))
