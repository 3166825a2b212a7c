"""One request and its answer on a connection to a checked address. Loads the HTTP library; `fetch` judges first."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import httpcore2
from httpcore2 import default_ssl_context

from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.outbound.addresses import Address
from ostiary.outbound.body import read_body
from ostiary.outbound.deadline import Deadline, whole
from ostiary.outbound.errors import AnswerUnreadable, Redirected, TimedOut, TlsRefused, Unreachable
from ostiary.outbound.target import LONGEST_URL, Target
from ostiary.outbound.wire import PinnedBackend

__all__ = ["Exchange", "default_ssl_context"]

_REDIRECTS: Final = frozenset({300, 301, 302, 303, 307, 308})
_USER_AGENT: Final = "Ostiary"
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "cookie", "expect"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Everything that has been decided about one call."""

    target: Target
    addresses: Sequence[Address]
    connect_seconds: float
    total_seconds: float
    deadline: Deadline
    limit_bytes: int
    tls: ssl.SSLContext

    def send(self, request: HttpRequest) -> HttpResponse:
        """The answer, whatever its status, except a redirect.

        Raises: `Redirected`, `TimedOut`, `TlsRefused`, `Unreachable`, `TooLarge`, `AnswerUnreadable`.
        """
        target = self.target
        backend = PinnedBackend(self.addresses, self.connect_seconds, self.deadline)
        url = httpcore2.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path
        )
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self.tls, max_connections=1, network_backend=backend) as pool,
                pool.stream(request.method, url, headers=_headers(request, target), content=request.body) as answer,
            ):
                return self._read(answer, request.url)
        except httpcore2.TimeoutException as error:
            raise TimedOut(host=target.host, seconds=whole(self.total_seconds)) from error
        except httpcore2.NetworkError as error:
            raise self._network_refusal(error) from error
        except httpcore2.ProtocolError as error:
            raise AnswerUnreadable(host=target.host) from error

    def _read(self, answer: httpcore2.Response, url: str) -> HttpResponse:
        headers = _read_headers(answer.headers)
        if answer.status in _REDIRECTS and "location" in headers:
            location = urljoin(url, headers["location"])[:LONGEST_URL]
            raise Redirected(host=self.target.host, status=answer.status, location=location)
        body = read_body(
            answer.iter_stream(),
            encoding=headers.pop("content-encoding", ""),
            limit_bytes=self.limit_bytes,
            host=self.target.host,
        )
        return HttpResponse(status=answer.status, headers=headers, body=body)

    def _network_refusal(self, error: httpcore2.NetworkError) -> TlsRefused | Unreachable:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsRefused(host=self.target.host, reason=cause.verify_message)
        if cause is not None:
            return TlsRefused(host=self.target.host, reason=(cause.reason or "").replace("_", " ").lower())
        return Unreachable(host=self.target.host, port=self.target.port, address=str(self.addresses[0]))


def _headers(request: HttpRequest, target: Target) -> list[tuple[bytes, bytes]]:
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
