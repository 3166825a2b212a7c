"""The guarded transport: every URL that somebody else supplied is fetched here, and nowhere else (SSRF).

Rule of the file: the host is judged by its addresses, all of them, and the connection goes to one of exactly these.
No redirect is followed, no proxy of the environment is asked, no cookie is kept, and nothing is read without a limit.
"""

import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from ostiary.kernel.clock import Clock
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.outbound.addresses import Address, AddressRule, Network, is_loopback
from ostiary.outbound.breaker import Breaker, Slots
from ostiary.outbound.deadline import Deadline, whole
from ostiary.outbound.dns import Resolver
from ostiary.outbound.errors import (
    AddressRefused,
    Busy,
    DnsFailed,
    DnsTimedOut,
    FetchRefusal,
    NameUnresolved,
    NoRecord,
    NoSuchName,
    PortRefused,
    Resting,
    TimedOut,
)
from ostiary.outbound.target import Target, read_url

USUAL_PORTS: Final = (443, 8443)
"""Where web servers answer over TLS: the usual one, and the one of a server that is not run as root (Keycloak)."""
LARGEST_BODY: Final = 2 * 1024 * 1024


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


@dataclass(slots=True, kw_only=True)
class GuardedFetch:
    """The only `Fetch` of the product. May be shared by all threads; blocks the one that calls."""

    clock: Clock
    resolver: Resolver
    allowed_networks: Sequence[Network] = ()
    allowed_ports: Sequence[int] = USUAL_PORTS
    allow_loopback_http: bool = False
    """Loopback addresses may be called, over http and at any port too. For the demo and for tests."""
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
        target = read_url(request.url, allow_http=self.allow_loopback_http)
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

    def _fetch(self, request: HttpRequest, target: Target, *, limit_bytes: int, deadline: Deadline) -> HttpResponse:
        # Loaded with the first call, not with the server: 60 ms that most processes never need at their start.
        from ostiary.outbound.exchange import Exchange

        addresses = self._checked_addresses(target, deadline)
        exchange = Exchange(
            target=target,
            addresses=addresses,
            connect_seconds=self.limits.connect_seconds,
            total_seconds=self.limits.total_seconds,
            deadline=deadline,
            limit_bytes=limit_bytes,
            tls=self._tls_context(),
        )
        return exchange.send(request)

    def _checked_addresses(self, target: Target, deadline: Deadline) -> tuple[Address, ...]:
        """Every address of the host, if every one of them may be called.

        One that may not is enough to refuse: an attacker's name may answer with a public and a private address.
        """
        addresses = (target.literal,) if target.literal else self._resolve(target.host, deadline)
        for address in addresses:
            if not self._rule.allows(address) or (target.scheme == "http" and not is_loopback(address)):
                raise AddressRefused(host=target.host, address=str(address))
        self._require_port(target, addresses)
        return addresses

    def _require_port(self, target: Target, addresses: tuple[Address, ...]) -> None:
        # A customer's URL with port 22 or 6379 would make us greet whatever listens there, from our own address.
        is_here = self.allow_loopback_http and all(is_loopback(address) for address in addresses)
        if target.port not in self.allowed_ports and not is_here:
            allowed = tuple(str(port) for port in self.allowed_ports)
            raise PortRefused(host=target.host, port=target.port, allowed=allowed)

    def _resolve(self, host: str, deadline: Deadline) -> tuple[Address, ...]:
        try:
            return self.resolver.addresses(host, timeout=min(self.limits.connect_seconds, deadline.left))
        except DnsTimedOut as error:
            raise TimedOut(host=host, seconds=whole(self.limits.connect_seconds)) from error
        except (NoSuchName, NoRecord, DnsFailed) as error:
            raise NameUnresolved(host=host) from error

    def _tls_context(self) -> ssl.SSLContext:
        with self._tls_made:
            if self.tls is None:
                # Reading the authorities takes 20 ms: once, and not before the first call.
                from ostiary.outbound.exchange import default_ssl_context

                self.tls = default_ssl_context()
                self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
            return self.tls
