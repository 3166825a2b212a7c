"""A small DNS server of the demo: real questions over UDP and TCP, a few records of its own, NXDOMAIN for the rest."""

import json
import socket
import socketserver
import struct
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from ostiary.kernel.clock import Clock

_HOST = "127.0.0.1"
_TTL = 1
"""Seconds. A record that was just set is wanted now."""
_QUESTIONS_KEPT = 50
_TXT_PART = 255
_UDP_WITHOUT_EDNS = 512
_TCP_SECONDS = 5.0
_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. Its name is in lower case and without the dot at the end."""

    name: str
    value: str
    kind: str = "TXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked, and what was answered in a word."""

    name: str
    kind: str
    answer: str
    at: datetime


@dataclass(kw_only=True)
class DnsServer:
    """Answers on loopback, from memory. With a path its records outlive it."""

    clock: Clock
    port: int = 0
    """0 takes a free one; after `start` this is the port that was taken."""
    path: Path | None = None
    _records: list[Record] = field(default_factory=list, init=False)
    _questions: deque[Question] = field(default_factory=lambda: deque(maxlen=_QUESTIONS_KEPT), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _servers: tuple[socketserver.BaseServer, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            self._records = [Record(**entry) for entry in json.loads(self.path.read_text(encoding="utf-8"))]

    @property
    def server(self) -> str:
        """Where it answers, as OSTIARY_DNS_SERVER wants it."""
        return f"{_HOST}:{self.port}"

    def start(self) -> None:
        """Answer from now on, in threads of its own. Raises: `OSError` if the port is taken."""
        self.port, self._servers = _bound(self)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), name="dns", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = ()

    def add(self, name: str, *, value: str, kind: str = "TXT") -> None:
        """Set one more record at this name. The same one twice is one."""
        record = Record(name=_plain(name), value=value, kind=kind)
        with self._lock:
            if record not in self._records:
                self._records.append(record)
                self._keep()

    def set_txt(self, name: str, values: Sequence[str]) -> None:
        """Let these be the TXT records of this name, and no others."""
        plain = _plain(name)
        with self._lock:
            others = [record for record in self._records if (record.name, record.kind) != (plain, "TXT")]
            self._records = [*others, *(Record(name=plain, value=value) for value in values)]
            self._keep()

    def remove(self, name: str, *, value: str | None = None) -> None:
        """Remove the record of this value, or all records of this name."""
        plain = _plain(name)
        with self._lock:
            self._records = [
                record for record in self._records if record.name != plain or value not in {None, record.value}
            ]
            self._keep()

    def records(self) -> tuple[Record, ...]:
        """Every record, by name."""
        with self._lock:
            return tuple(sorted(self._records, key=lambda record: (record.name, record.kind, record.value)))

    def questions(self) -> tuple[Question, ...]:
        """The last questions that arrived, the newest first."""
        with self._lock:
            return tuple(reversed(self._questions))

    def _answer(self, wire: bytes, *, largest: int | None) -> bytes | None:
        """The answer to one question; None for what is no question. Over UDP it is cut at `largest` bytes."""
        try:
            query = dns.message.from_wire(wire)
            asked = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        name, kind = _plain(asked.name.to_text()), dns.rdatatype.to_text(asked.rdtype)
        found = self._find(name, kind)
        # RFC 1034, 3.6.2: an alias is answered whatever was asked for.
        instead = [] if found else self._find(name, "CNAME")
        if found:
            response.answer = [_record_set(asked.name, asked.rdtype, [record.value for record in found])]
        elif instead:
            response.answer = [_record_set(asked.name, dns.rdatatype.CNAME, [instead[0].value])]
        elif not self._exists(name):
            response.set_rcode(dns.rcode.NXDOMAIN)
        self._remember(name, kind, found, response.rcode())
        if largest is None:
            return response.to_wire()
        try:
            return response.to_wire(max_size=max(_UDP_WITHOUT_EDNS, min(largest, query.payload)))
        except dns.exception.TooBig:
            response.answer = []
            response.flags |= dns.flags.TC  # ask again over TCP
            return response.to_wire()

    def _find(self, name: str, kind: str) -> Sequence[Record]:
        with self._lock:
            return [record for record in self._records if (record.name, record.kind) == (name, kind)]

    def _exists(self, name: str) -> bool:
        """Whether anything stands at this name or below it (RFC 8020: the name above a record exists too)."""
        with self._lock:
            return any(record.name == name or record.name.endswith("." + name) for record in self._records)

    def _remember(self, name: str, kind: str, found: Sequence[Record], rcode: dns.rcode.Rcode) -> None:
        count = f"{len(found)} record" + ("" if len(found) == 1 else "s")
        answer = "no such name" if rcode == dns.rcode.NXDOMAIN else count if found else f"no {kind} record"
        with self._lock:
            self._questions.append(Question(name=name, kind=kind, answer=answer, at=self.clock.now()))

    def _keep(self) -> None:
        if self.path is None:
            return
        entries = [{"name": record.name, "value": record.value, "kind": record.kind} for record in self._records]
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(entries, indent=1), encoding="utf-8")
        beside.replace(self.path)  # never a half-written file


def _plain(name: str) -> str:
    return name.strip().rstrip(".").lower()


def _record_set(name: dns.name.Name, kind: dns.rdatatype.RdataType, values: Sequence[str]) -> dns.rrset.RRset:
    texts = [_quoted(value) if kind == dns.rdatatype.TXT else value for value in values]
    return dns.rrset.from_text_list(name, _TTL, dns.rdataclass.IN, kind, texts)


def _quoted(value: str) -> str:
    """The value as a zone file writes it: in parts of at most 255 bytes, every byte beyond plain letters escaped."""
    raw = value.encode()
    parts = [raw[start : start + _TXT_PART] for start in range(0, len(raw) or 1, _TXT_PART)]
    return " ".join('"' + "".join(f"\\{byte:03d}" for byte in part) + '"' for part in parts)


def _bound(answering: DnsServer) -> tuple[int, tuple[socketserver.BaseServer, ...]]:
    """The port, with a server of TCP and one of UDP there. Free for TCP may be taken for UDP, so a few are tried."""
    for _ in range(1 if answering.port else _TRIES):
        over_tcp = _OverTcp((_HOST, answering.port), answering)
        port = over_tcp.socket.getsockname()[1]
        try:
            return port, (over_tcp, _OverUdp((_HOST, port), answering))
        except OSError as error:
            over_tcp.server_close()
            taken = error
    raise taken


class _UdpQuestion(socketserver.BaseRequestHandler):
    server: "_OverUdp"
    request: tuple[bytes, socket.socket]

    def handle(self) -> None:
        wire, back = self.request
        answer = self.server.answering._answer(wire, largest=4096)  # noqa: SLF001 - the other half of the same thing
        if answer is not None:
            back.sendto(answer, self.client_address)


class _TcpQuestions(socketserver.BaseRequestHandler):
    server: "_OverTcp"
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(_TCP_SECONDS)
        stream = self.request.makefile("rb")
        try:
            while len(length := stream.read(2)) == 2:  # noqa: PLR2004 - RFC 1035, 4.2.2: two bytes of length
                wire = stream.read(struct.unpack("!H", length)[0])
                answer = self.server.answering._answer(wire, largest=None)  # noqa: SLF001 - as above
                if answer is None:
                    return
                self.request.sendall(struct.pack("!H", len(answer)) + answer)
        except OSError:
            return


class _OverUdp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 4096

    def __init__(self, address: tuple[str, int], answering: DnsServer) -> None:
        self.answering = answering
        super().__init__(address, _UdpQuestion)


class _OverTcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], answering: DnsServer) -> None:
        self.answering = answering
        super().__init__(address, _TcpQuestions)
