"""Asks the DNS: for the TXT record that proves a domain, and for the addresses of a host before it is called."""

import socket
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ostiary.outbound.addresses import Address
from ostiary.outbound.deadline import Deadline, whole
from ostiary.outbound.errors import DnsFailed, DnsTimedOut, NoRecord, NoSuchName

if TYPE_CHECKING:
    from ostiary.outbound.dns_question import Asker

_LOCAL: tuple[Address, ...] = (ip_address("127.0.0.1"), ip_address("::1"))
_SYSTEM_LOOKUPS = 32


@dataclass(slots=True)
class Resolver:
    """Looks names up, at one DNS server (`address:port`) or as this machine is set up to."""

    server: str | None = None
    timeout: float = 5.0
    """Seconds for one look-up, retries included."""
    _asker: "Asker | None" = field(default=None, init=False, repr=False)
    # A look-up of the system can't be called off. So many may hang at once, then further ones are refused at once.
    _system: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_SYSTEM_LOOKUPS), init=False, repr=False
    )

    def txt(self, name: str) -> tuple[str, ...]:
        """The values of the TXT records at this name, each put together from its parts.

        Raises: `NoSuchName`, `NoRecord`, `DnsTimedOut`, `DnsFailed`.
        """
        return self._ask(name, kind="TXT", timeout=self.timeout)

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
                found += map(ip_address, self._ask(host, kind=kind, timeout=deadline.left))
            except NoRecord:
                continue
        if not found:
            raise NoRecord(name=host, kind="A", found=())
        return tuple(found)

    def _ask(self, name: str, *, kind: str, timeout: float) -> tuple[str, ...]:
        # Loaded with the first question, not with the server: dnspython takes 60 ms.
        from ostiary.outbound.dns_question import ask, asker

        if self._asker is None:
            self._asker = asker(self.server, timeout=self.timeout, name=name)
        return ask(self._asker, name, kind=kind, timeout=timeout)

    def _addresses_by_system(self, host: str, seconds: float) -> tuple[Address, ...]:
        if not self._system.acquire(blocking=False):
            raise DnsTimedOut(name=host, seconds=0)
        lookup = _SystemLookup(host, self._system)
        threading.Thread(target=lookup.run, name="look-up", daemon=True).start()
        if not lookup.ended.wait(seconds):
            raise DnsTimedOut(name=host, seconds=whole(seconds))
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
