"""Hands a mail to the operator's mail server (SMTP), within a deadline."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from ostiary.kernel.clock import Clock, SystemClock
from ostiary.kernel.values import EmailAddress
from ostiary.outbound.errors import MailRefused, MailUnreachable

_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A plain text mail to one person."""

    to: str
    subject: str
    text: str
    message_id: str
    """The same for each try, so that a mail server can tell a second copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """Sends mail through one server."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    is_implicit_tls: bool = False
    """TLS from the first byte (smtps://)."""
    requires_starttls: bool = False
    """STARTTLS before anything else is said. Always so where a password would be sent."""
    timeout: float = 10.0
    clock: Clock = field(default_factory=SystemClock)
    tls: ssl.SSLContext | None = None

    @classmethod
    def from_url(cls, url: str, *, sender: str) -> Self:
        """The mailer of `smtp://user:password@host:port?starttls=required` or `smtps://…`. Raises: `ValueError`."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("has to be smtp://host:port or smtps://host:port")
        is_implicit = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if is_implicit else 587 if parts.username else 25),
            sender=sender,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            is_implicit_tls=is_implicit,
            requires_starttls=parse_qs(parts.query).get("starttls") == ["required"],
        )

    def send(self, message: Message) -> None:
        """Returns when the server has taken the mail.

        Raises: `MailRefused` if it never will, `MailUnreachable` if it may later.
        """
        written = self._write(message)
        with self._conversation() as server:
            try:
                # As bytes of our own: smtplib's send_message writes ">From" where a line begins with "From".
                server.sendmail(self.sender, str(EmailAddress.parse(message.to)), written.as_bytes())
            except smtplib.SMTPRecipientsRefused as error:
                code, reply = next(iter(error.recipients.values()))
                raise self._refusal(message, code, reply) from error
            except smtplib.SMTPResponseException as error:
                raise self._refusal(message, error.smtp_code, error.smtp_error) from error
            except (OSError, smtplib.SMTPException) as error:
                raise self._unreachable(type(error).__name__) from error
            _leave(server)

    def _write(self, message: Message) -> "EmailMessage[str, object]":
        """The mail as it is sent. A line break in an address or the subject can't begin another header."""
        written = EmailMessage(policy=SMTP)
        try:
            to = EmailAddress.parse(message.to)
            written["From"] = self.sender
            written["To"] = MailAddress(username=to.local, domain=str(to.domain))
            written["Subject"] = message.subject
            written["Date"] = format_datetime(self.clock.now())
            written["Message-ID"] = f"<{message.message_id}@{self.sender.rpartition('@')[2]}>"
            written["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer
        except (ValueError, MessageError) as error:
            raise MailRefused(to=message.to, reply="") from error
        written.set_content(message.text)
        return written

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        """A server that knows us and waits for a mail.

        What goes wrong up to there, a wrong password too, says nothing about the mail: it may leave later.
        """
        server: smtplib.SMTP | None = None
        try:
            try:
                server = self._connect()
                self._introduce(server)
            except smtplib.SMTPResponseException as error:
                raise self._unreachable(f"{error.smtp_code} {_text(error.smtp_error)}") from error
            except (OSError, smtplib.SMTPException) as error:
                raise self._unreachable(type(error).__name__) from error
            yield server
        finally:
            if server is not None:
                server.close()

    def _connect(self) -> smtplib.SMTP:
        # Named after the sender: left to itself, smtplib asks the DNS for the name of this machine first.
        name = self.sender.rpartition("@")[2]
        if self.is_implicit_tls:
            return smtplib.SMTP_SSL(
                self.host, self.port, local_hostname=name, timeout=self.timeout, context=self._verifying()
            )
        return smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout)

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if not self.is_implicit_tls:
            if self.requires_starttls or self.user:
                server.starttls(context=self._verifying())  # raises when there is none: no password in the clear
            elif server.has_extn("starttls"):
                server.starttls(context=_unverified())
        if self.user:
            server.login(self.user, self.password)

    def _verifying(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    def _refusal(self, message: Message, code: int, reply: bytes | str) -> MailRefused | MailUnreachable:
        if code in _PERMANENT:
            return MailRefused(to=message.to, reply=f"{code} {_text(reply)}")
        return self._unreachable(f"{code} {_text(reply)}")

    def _unreachable(self, reply: bytes | str) -> MailUnreachable:
        return MailUnreachable(server=f"{self.host}:{self.port}", reply=_text(reply))


def _leave(server: smtplib.SMTP) -> None:
    """Say good-bye. The mail has been taken by now: a server that is rude at the end must not get it a second time."""
    with suppress(OSError, smtplib.SMTPException):
        server.quit()


def _unverified() -> ssl.SSLContext:
    """For STARTTLS that nobody asked for, at a relay of the own network whose certificate is mostly self-signed.

    Whoever could stand between could as well strike out the offer; TLS without a check is still better than none.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _text(reply: bytes | str) -> str:
    """The server's own words, at most one line of them."""
    text = reply.decode("utf-8", errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:200]
