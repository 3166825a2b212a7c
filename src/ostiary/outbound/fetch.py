"""The guarded transport: every URL that somebody else supplied is fetched here, and nowhere else (SSRF).

Rule of the file: the host is judged by its addresses, all of them, and the connection goes to one of exactly these.
No redirect is followed, no proxy of the environment is asked, no cookie is kept, and nothing is read without a limit.
"""

import re
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpcore2

from ostiary.kernel.clock import Clock
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.outbound.addresses import Address, AddressRule, Network, is_loopback, is_never_called, read_host
from ostiary.outbound.body import read_body
from ostiary.outbound.breaker import Breaker, Slots
from ostiary.outbound.deadline import Deadline
from ostiary.outbound.dns import Resolver
from ostiary.outbound.errors import (
    AddressRefused,
    AnswerUnreadable,
    Busy,
    DnsFailed,
    DnsTimedOut,
    FetchRefusal,
    NameUnresolved,
    NoRecord,
    NoSuchName,
    Redirected,
    Resting,
    TimedOut,
    TlsRefused,
    Unreachable,
    UrlRefused,
)
from ostiary.outbound.wire import PinnedBackend

LARGEST_BODY: Final = 2 * 1024 * 1024
_LONGEST_URL: Final = 2048
_PORTS: Final = {"https": 443, "http": 80}
_REDIRECTS: Final = frozenset({300, 301, 302, 303, 307, 308})
_USER_AGENT: Final = "Ostiary"
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "cookie", "expect"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how many at once, and how often in vain."""

    connect_seconds: float = 5.0
    total_seconds: float = 10.0
    patience_seconds: float = 2.0
    """How long a call waits for a free slot."""
    at_once: int = 2
    """Calls under way for one purpose."""
    waiting: int = 6
    """Calls that may wait for one purpose; further ones are refused at once."""
    at_once_in_all: int = 128
    timeouts_in_a_row: int = 3
    rest: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Where a call goes, with the one reading of the URL that is judged and used."""

    scheme: str
    host: str
    port: int
    path: bytes
    literal: Address | None

    @property
    def authority(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}").encode()


@dataclass(slots=True, kw_only=True)
class GuardedFetch:
    """The only `Fetch` of the product. May be shared by all threads; blocks the one that calls."""

    clock: Clock
    resolver: Resolver
    allowed_networks: Sequence[Network] = ()
    allow_loopback_http: bool = False
    """Loopback addresses may be called, over http too. For the demo and for tests."""
    limits: Limits = Limits()
    tls: ssl.SSLContext | None = None
    """What servers' certificates are checked with; the system's authorities when None."""
    _slots: Slots = field(init=False, repr=False)
    _breaker: Breaker = field(init=False, repr=False)
    _rule: AddressRule = field(init=False, repr=False)
    _tls_made: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        limits = self.limits
        self._slots = Slots(per_purpose=limits.at_once, total=limits.at_once_in_all, waiting_per_purpose=limits.waiting)
        self._breaker = Breaker(after=limits.timeouts_in_a_row, rest=limits.rest)
        self._rule = AddressRule(allowed_networks=tuple(self.allowed_networks), allow_loopback=self.allow_loopback_http)

    def __call__(self, request: HttpRequest, *, purpose: str, limit_bytes: int = LARGEST_BODY) -> HttpResponse:
        """The response, whatever its status, except a redirect. Its body is unpacked and at most `limit_bytes` long.

        Raises: the classes of `FetchRefusal`.
        """
        target = _read_url(request.url, allow_http=self.allow_loopback_http)
        key = (purpose, target.authority.decode())
        deadline = Deadline.after(self.limits.total_seconds)
        with self._slots.slot(purpose, patience=self.limits.patience_seconds) as has_slot:
            if not has_slot:
                raise Busy(host=target.host, at_once=self.limits.at_once)
            wait = self._breaker.wait_for(key, self.clock.now())
            if wait:
                raise Resting(host=target.host, wait_seconds=round(wait.total_seconds()) or 1)
            try:
                response = self._fetch(request, target, limit_bytes=limit_bytes, deadline=deadline)
            except TimedOut:
                self._breaker.timed_out(key, self.clock.now())
                raise
            except FetchRefusal:
                self._breaker.answered(key)
                raise
            self._breaker.answered(key)
            return response

    def _fetch(self, request: HttpRequest, target: _Target, *, limit_bytes: int, deadline: Deadline) -> HttpResponse:
        addresses = self._checked_addresses(target, deadline)
        backend = PinnedBackend(addresses, self.limits.connect_seconds, deadline)
        try:
            with (
                httpcore2.ConnectionPool(
                    ssl_context=self._tls_context(), max_connections=1, retries=0, network_backend=backend
                ) as pool,
                pool.stream(
                    request.method,
                    httpcore2.URL(
                        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path
                    ),
                    headers=_headers(request, target),
                    content=request.body,
                ) as answer,
            ):
                headers = _read_headers(answer.headers)
                if answer.status in _REDIRECTS and "location" in headers:
                    location = urljoin(request.url, headers["location"])[:_LONGEST_URL]
                    raise Redirected(host=target.host, status=answer.status, location=location)
                body = read_body(
                    answer.iter_stream(),
                    encoding=headers.pop("content-encoding", ""),
                    limit_bytes=limit_bytes,
                    host=target.host,
                )
                return HttpResponse(status=answer.status, headers=headers, body=body)
        except httpcore2.TimeoutException as error:
            raise TimedOut(host=target.host, seconds=_whole(self.limits.total_seconds)) from error
        except httpcore2.NetworkError as error:
            raise _network_refusal(error, target, addresses) from error
        except httpcore2.ProtocolError as error:
            raise AnswerUnreadable(host=target.host) from error

    def _checked_addresses(self, target: _Target, deadline: Deadline) -> tuple[Address, ...]:
        """Every address of the host, if every one of them may be called.

        One that may not is enough to refuse: an attacker's name may answer with a public and a private address.
        """
        addresses = (target.literal,) if target.literal else self._resolve(target.host, deadline)
        for address in addresses:
            if not self._rule.allows(address) or (target.scheme == "http" and not is_loopback(address)):
                raise AddressRefused(host=target.host, address=str(address))
        return addresses

    def _resolve(self, host: str, deadline: Deadline) -> tuple[Address, ...]:
        try:
            return self.resolver.addresses(host, timeout=min(self.limits.connect_seconds, deadline.left))
        except DnsTimedOut as error:
            raise TimedOut(host=host, seconds=_whole(self.limits.connect_seconds)) from error
        except (NoSuchName, NoRecord, DnsFailed) as error:
            raise NameUnresolved(host=host) from error

    def _tls_context(self) -> ssl.SSLContext:
        with self._tls_made:
            if self.tls is None:
                # Reading the authorities takes 20 ms: once, and not before the first call.
                self.tls = httpcore2.default_ssl_context()
                self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
            return self.tls


def _read_url(url: str, *, allow_http: bool) -> _Target:
    """The parts of the URL, read once, so that no second parser can see another host in it."""
    if len(url) > _LONGEST_URL:
        raise UrlRefused(url=url[:_LONGEST_URL], reason="too_long")
    if _CONTROL.search(url):
        raise UrlRefused(url=url, reason="characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlRefused(url=url, reason="not_a_url") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_http):
        raise UrlRefused(url=url, reason="not_https")
    if not parts.hostname or "@" in parts.netloc or port == 0:
        raise UrlRefused(url=url, reason="not_a_url")
    try:
        host = read_host(parts.hostname)
    except ValueError as error:
        raise UrlRefused(url=url, reason="not_a_url") from error
    if isinstance(host, str) and is_never_called(host):
        raise AddressRefused(host=host, address=host)
    return _Target(
        scheme=parts.scheme,
        host=str(host),
        port=port or _PORTS[parts.scheme],
        path=_path(parts),
        literal=None if isinstance(host, str) else host,
    )


def _path(parts: SplitResult) -> bytes:
    # What is already escaped stays as it is; what is not ASCII is escaped. The fragment is never sent.
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return (target + ("?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else "")).encode()


def _headers(request: HttpRequest, target: _Target) -> list[tuple[bytes, bytes]]:
    given = {name.lower(): value for name, value in request.headers.items() if name.lower() not in _OURS}
    given.setdefault("user-agent", _USER_AGENT)
    ours = {"host": target.authority.decode(), "accept-encoding": "gzip", "connection": "close"}
    if request.method == "POST":
        ours["content-length"] = str(len(request.body))
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in {**ours, **given}.items()]


def _read_headers(received: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by lower-case name; values of one name joined by commas (RFC 9110, 5.3). Cookies are dropped."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in received:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        if name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _network_refusal(
    error: httpcore2.NetworkError, target: _Target, addresses: Sequence[Address]
) -> TlsRefused | Unreachable:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsRefused(host=target.host, reason=cause.verify_message)
    if cause is not None:
        return TlsRefused(host=target.host, reason=(cause.reason or "").replace("_", " ").lower())
    return Unreachable(host=target.host, port=target.port, address=str(addresses[0]))


def _whole(seconds: float) -> int:
    return max(1, round(seconds))
