"""Why a call to the outside was refused or came to nothing: a class for each reason, with its facts."""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.kernel.errors import Refusal


class FetchRefusal(Refusal):
    """A URL that someone else supplied was not fetched, or gave nothing usable."""


class DnsRefusal(Refusal):
    """The DNS gave no answer to build on."""


class MailRefusal(Refusal):
    """A mail did not leave."""


# --- fetching ---------------------------------------------------------------


@dataclass(eq=False)
class UrlRefused(FetchRefusal):
    """The URL is not https, or not a plain URL with a host."""

    code: ClassVar[str] = "outbound.url_refused"
    url: str
    reason: str


@dataclass(eq=False)
class AddressRefused(FetchRefusal):
    """The host leads into a private network, to this machine, or to a cloud's metadata service (SSRF)."""

    code: ClassVar[str] = "outbound.address_refused"
    host: str
    address: str


@dataclass(eq=False)
class PortRefused(FetchRefusal):
    """The port is none at which web servers answer: a URL must not make us speak to a mail server or a database."""

    code: ClassVar[str] = "outbound.port_refused"
    host: str
    port: int
    allowed: tuple[str, ...]


@dataclass(eq=False)
class NameUnresolved(FetchRefusal):
    """The host name has no address."""

    code: ClassVar[str] = "outbound.name_unresolved"
    host: str


@dataclass(eq=False)
class Unreachable(FetchRefusal):
    """Nobody accepted the connection, or it broke off."""

    code: ClassVar[str] = "outbound.unreachable"
    host: str
    port: int
    address: str


@dataclass(eq=False)
class TlsRefused(FetchRefusal):
    """The server's certificate is not one that we trust for this host, or no TLS was spoken."""

    code: ClassVar[str] = "outbound.tls_refused"
    host: str
    reason: str


@dataclass(eq=False)
class TimedOut(FetchRefusal):
    """No whole answer came in time."""

    code: ClassVar[str] = "outbound.timed_out"
    host: str
    seconds: int


@dataclass(eq=False)
class TooLarge(FetchRefusal):
    """The answer is larger than we read, counted as sent or as unpacked."""

    code: ClassVar[str] = "outbound.too_large"
    host: str
    limit_bytes: int


@dataclass(eq=False)
class Redirected(FetchRefusal):
    """The answer sends us elsewhere. A redirect is never followed: its target is another URL to judge."""

    code: ClassVar[str] = "outbound.redirected"
    host: str
    status: int
    location: str


@dataclass(eq=False)
class StatusRefused(FetchRefusal):
    """The answer's status says that what was asked for is not there."""

    code: ClassVar[str] = "outbound.status"
    host: str
    status: int


@dataclass(eq=False)
class AnswerUnreadable(FetchRefusal):
    """What came back is no HTTP, or is packed in a way that we did not ask for."""

    code: ClassVar[str] = "outbound.answer_unreadable"
    host: str


@dataclass(eq=False)
class Busy(FetchRefusal):
    """As many calls as we allow at once are already waiting for this connection's provider, or in all."""

    code: ClassVar[str] = "outbound.busy"
    host: str
    at_once: int


@dataclass(eq=False)
class Resting(FetchRefusal):
    """The last calls to this host got no answer in time, so it is left alone for a while."""

    code: ClassVar[str] = "outbound.resting"
    host: str
    wait_seconds: int


# --- DNS --------------------------------------------------------------------


@dataclass(eq=False)
class NoSuchName(DnsRefusal):
    """The DNS knows no record of any kind at this name (NXDOMAIN)."""

    code: ClassVar[str] = "dns.no_such_name"
    name: str


@dataclass(eq=False)
class NoRecord(DnsRefusal):
    """The name exists, but has no record of the kind that was asked for."""

    code: ClassVar[str] = "dns.no_record"
    name: str
    kind: str
    found: tuple[str, ...]
    """What stands there in its place, as `CNAME example.com`."""


@dataclass(eq=False)
class DnsTimedOut(DnsRefusal):
    """No DNS server answered in time."""

    code: ClassVar[str] = "dns.timed_out"
    name: str
    seconds: int


@dataclass(eq=False)
class DnsFailed(DnsRefusal):
    """The DNS servers answered with a failure, mostly because those of the domain itself are broken (SERVFAIL)."""

    code: ClassVar[str] = "dns.failed"
    name: str


# --- mail -------------------------------------------------------------------


@dataclass(eq=False)
class MailRefused(MailRefusal):
    """The mail server refuses this mail for good, or its address can't be written to. Trying again changes nothing."""

    code: ClassVar[str] = "mail.refused"
    to: str
    reply: str


@dataclass(eq=False)
class MailUnreachable(MailRefusal):
    """The mail server can't be reached, or says that it will take the mail later."""

    code: ClassVar[str] = "mail.unreachable"
    server: str
    reply: str
