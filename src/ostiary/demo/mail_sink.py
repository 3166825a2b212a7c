"""A mail server of the demo that delivers nothing: it keeps the last mails, to be read on the mailbox page."""

import asyncio
import json
import socket
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, Envelope, Session

from ostiary.kernel.clock import Clock

if TYPE_CHECKING:
    from email.message import EmailMessage

_HOST = "127.0.0.1"
_LARGEST = 1024 * 1024
_START_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A mail that arrived. `id` grows with time."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    at: datetime


@dataclass(kw_only=True)
class MailSink:
    """Takes every mail on loopback. With a path (a folder) the mails outlive it."""

    clock: Clock
    port: int = 0
    """0 takes a free one; after `start` this is the port that was taken."""
    path: Path | None = None
    keeps: int = 200
    """How many mails; the oldest go first."""
    _mails: deque[ReceivedMail] = field(default_factory=deque, init=False)
    _count: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.path is not None:
            self.path.mkdir(parents=True, exist_ok=True)
            self._mails.extend(_kept_mail(file) for file in sorted(self.path.glob("*.json")))
            self._count = int(self._mails[-1].id) if self._mails else 0

    @property
    def url(self) -> str:
        """Where it takes mail, as OSTIARY_SMTP_URL wants it."""
        return f"smtp://{_HOST}:{self.port}"

    def start(self) -> None:
        """Take mail from now on, in a thread of its own. Raises: `OSError` if the port is taken."""
        listening = socket.create_server((_HOST, self.port), reuse_port=False)
        self.port = listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(self._loop, listening, ready), name="mail-sink", daemon=True
        )
        self._thread.start()
        ready.wait(_START_SECONDS)

    def stop(self) -> None:
        """Take no more mail."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop = self._thread = None

    def mails(self) -> tuple[ReceivedMail, ...]:
        """The last mails, the newest first."""
        with self._lock:
            return tuple(reversed(self._mails))

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep the mail. What is said to the sender comes back."""
        content = envelope.content
        self._keep(
            message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default),
            sender=envelope.mail_from or "",
            to=tuple(envelope.rcpt_tos),
        )
        return "250 2.0.0 Kept, and delivered to nobody"

    def _keep(self, message: "EmailMessage[str, str]", *, sender: str, to: tuple[str, ...]) -> None:
        body = message.get_body(preferencelist=("plain", "html"))
        with self._lock:
            self._count += 1
            mail = ReceivedMail(
                id=f"{self._count:06d}",
                sender=str(message["From"] or sender),
                to=to,
                subject=str(message["Subject"] or ""),
                text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
                at=self.clock.now(),
            )
            self._mails.append(mail)
            if self.path is not None:
                kept = asdict(mail) | {"at": mail.at.isoformat()}
                (self.path / f"{mail.id}.json").write_text(json.dumps(kept), encoding="utf-8")
            while len(self._mails) > self.keeps:
                oldest = self._mails.popleft()
                if self.path is not None:
                    (self.path / f"{oldest.id}.json").unlink(missing_ok=True)

    def _serve(self, loop: asyncio.AbstractEventLoop, listening: socket.socket, ready: threading.Event) -> None:
        server = loop.run_until_complete(loop.create_server(lambda: self._protocol(loop), sock=listening))
        loop.call_soon(ready.set)
        try:
            loop.run_forever()
        finally:
            server.close()
            loop.run_until_complete(_end_conversations())
            loop.close()

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        return SMTP(self, loop=loop, hostname="localhost", ident="Ostiary demo", data_size_limit=_LARGEST)


async def _end_conversations() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _kept_mail(file: Path) -> ReceivedMail:
    kept = json.loads(file.read_text(encoding="utf-8"))
    return ReceivedMail(**{**kept, "to": tuple(kept["to"]), "at": datetime.fromisoformat(kept["at"])})
