"""Asks the DNS: for the TXT record that proves a domain, and for the addresses of a host before it is called."""

import socket
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import chain

import dns.exception
import dns.rdatatype
import dns.resolver
import dns.rrset

from ostiary.outbound.addresses import Address
from ostiary.outbound.deadline import Deadline
from ostiary.outbound.errors import DnsFailed, DnsTimedOut, NoRecord, NoSuchName

_LOCAL: tuple[Address, ...] = (ip_address("127.0.0.1"), ip_address("::1"))
_SYSTEM_LOOKUPS = 32


@dataclass(slots=True)
class Resolver:
    """Looks names up, at one DNS server (`address:port`) or as this machine is set up to."""

    server: str | None = None
    timeout: float = 5.0
    """Seconds for one look-up, retries included."""
    _asked: dns.resolver.Resolver | None = field(default=None, init=False, repr=False)
    # A look-up of the system can't be called off. So many may hang at once, then further ones are refused at once.
    _system: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_SYSTEM_LOOKUPS), init=False, repr=False
    )

    def txt(self, name: str) -> tuple[str, ...]:
        """The values of the TXT records at this name, each put together from its parts.

        Raises: `NoSuchName`, `NoRecord`, `DnsTimedOut`, `DnsFailed`.
        """
        answer = self._ask(name, kind="TXT", timeout=self.timeout)
        return tuple(b"".join(record.strings).decode("utf-8", errors="replace") for record in answer)

    def addresses(self, host: str, *, timeout: float | None = None) -> tuple[Address, ...]:
        """Every address of this host, IPv4 before IPv6. A set DNS server is asked alone, without /etc/hosts.

        Raises: `NoSuchName`, `NoRecord`, `DnsTimedOut`, `DnsFailed`.
        """
        seconds = self.timeout if timeout is None else min(timeout, self.timeout)
        if host == "localhost" or host.endswith(".localhost"):
            return _LOCAL  # RFC 6761, 6.3: never asked of any server
        if self.server is None:
            return self._addresses_by_system(host, seconds)
        deadline = Deadline.after(seconds)
        found: list[Address] = []
        for kind in ("A", "AAAA"):
            try:
                answer = self._ask(host, kind=kind, timeout=deadline.left)
            except NoRecord:
                continue
            found += [ip_address(str(record)) for record in answer]
        if not found:
            raise NoRecord(name=host, kind="A", found=())
        return tuple(found)

    def _ask(self, name: str, *, kind: str, timeout: float) -> dns.resolver.Answer:
        try:
            return self._resolver().resolve(name, kind, lifetime=max(timeout, 0.001), search=False)
        except dns.resolver.NXDOMAIN as error:
            # An alias to a name that does not exist: something does stand here.
            found = _instead([response.answer for response in error.kwargs["responses"].values()])
            raise (NoRecord(name=name, kind=kind, found=found) if found else NoSuchName(name=name)) from error
        except dns.resolver.NoAnswer as error:
            found = _instead([error.kwargs["response"].answer])
            raise NoRecord(name=name, kind=kind, found=found) from error
        except dns.exception.Timeout as error:
            raise DnsTimedOut(name=name, seconds=_whole(self.timeout)) from error
        except (dns.exception.DNSException, OSError) as error:
            raise DnsFailed(name=name) from error

    def _resolver(self) -> dns.resolver.Resolver:
        if self._asked is None:
            if self.server is None:
                asked = dns.resolver.Resolver(configure=True)
            else:
                address, _, port = self.server.rpartition(":")
                asked = dns.resolver.Resolver(configure=False)
                asked.nameservers = [address.strip("[]")]
                asked.port = int(port)
            asked.timeout = min(2.0, self.timeout)
            self._asked = asked
        return self._asked

    def _addresses_by_system(self, host: str, seconds: float) -> tuple[Address, ...]:
        if not self._system.acquire(blocking=False):
            raise DnsTimedOut(name=host, seconds=0)
        lookup = _SystemLookup(host, self._system)
        threading.Thread(target=lookup.run, name="look-up", daemon=True).start()
        if not lookup.ended.wait(seconds):
            raise DnsTimedOut(name=host, seconds=_whole(seconds))
        if lookup.error is not None:
            temporary = lookup.error.errno == socket.EAI_AGAIN
            raise (DnsFailed(name=host) if temporary else NoSuchName(name=host)) from lookup.error
        return lookup.found


@dataclass(slots=True)
class _SystemLookup:
    """One call of getaddrinfo, in a thread that may be left behind. It gives its place back when it ends."""

    host: str
    place: threading.BoundedSemaphore
    ended: threading.Event = field(default_factory=threading.Event)
    found: tuple[Address, ...] = ()
    error: OSError | None = None

    def run(self) -> None:
        try:
            entries = socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM)
            found = {ip_address(str(entry[4][0])) for entry in entries}
            self.found = tuple(sorted(found, key=lambda address: (address.version, int(address))))
        except UnicodeError as error:  # a label that Python's own IDNA codec refuses
            self.error = OSError(socket.EAI_NONAME, str(error))
        except OSError as error:
            self.error = error
        finally:
            self.place.release()
            self.ended.set()


def _whole(seconds: float) -> int:
    return max(1, round(seconds))


def _instead(answers: Iterable[Iterable[dns.rrset.RRset]]) -> tuple[str, ...]:
    """What these answers hold in place of the record, as `CNAME example.com`."""
    return tuple(
        f"{dns.rdatatype.to_text(records.rdtype)} {str(record).rstrip('.')}"
        for records in chain.from_iterable(answers)
        for record in records
    )
