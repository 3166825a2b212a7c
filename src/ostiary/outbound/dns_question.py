"""One question to the DNS, and its answer as text. The one file of `outbound` that knows dnspython."""

from collections.abc import Iterable
from itertools import chain

import dns.exception
import dns.rdata
import dns.rdatatype
import dns.resolver
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

from ostiary.outbound.deadline import whole
from ostiary.outbound.errors import DnsFailed, DnsTimedOut, NoRecord, NoSuchName

Asker = dns.resolver.Resolver
_ONE_TRY = 2.0


def asker(server: str | None, *, timeout: float, name: str) -> Asker:
    """Who asks: the server at this `address:port` alone, or those that this machine is set up with.

    Raises: `DnsFailed` if the machine names none; it then tells the `name` that was to be asked for.
    """
    try:
        asks = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration as error:
        raise DnsFailed(name=name) from error
    if server is not None:
        address, _, port = server.rpartition(":")
        asks.nameservers = [address.strip("[]")]
        asks.port = int(port)
    asks.timeout, asks.lifetime = min(_ONE_TRY, timeout), timeout
    return asks


def ask(asks: Asker, name: str, *, kind: str, timeout: float) -> tuple[str, ...]:
    """The records of this kind at this name, as text; a TXT record put together from its parts.

    Raises: `NoSuchName`, `NoRecord`, `DnsTimedOut`, `DnsFailed`.
    """
    try:
        answer = asks.resolve(name, kind, lifetime=max(timeout, 0.001), search=False)
    except dns.resolver.NXDOMAIN as error:
        # An alias to a name that does not exist: something does stand here.
        found = _instead(response.answer for response in error.kwargs["responses"].values())
        raise (NoRecord(name=name, kind=kind, found=found) if found else NoSuchName(name=name)) from error
    except dns.resolver.NoAnswer as error:
        found = _instead([error.kwargs["response"].answer])
        raise NoRecord(name=name, kind=kind, found=found) from error
    except dns.exception.Timeout as error:
        raise DnsTimedOut(name=name, seconds=whole(asks.lifetime)) from error
    except (dns.exception.DNSException, OSError) as error:
        raise DnsFailed(name=name) from error
    return tuple(_text(record) for record in answer)


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", errors="replace")
    return record.to_text().rstrip(".")


def _instead(answers: Iterable[Iterable[dns.rrset.RRset]]) -> tuple[str, ...]:
    """What these answers hold in place of the record, as `CNAME example.com`."""
    return tuple(
        f"{dns.rdatatype.to_text(records.rdtype)} {_text(record)}"
        for records in chain.from_iterable(answers)
        for record in records
    )
