"""One connection to a checked address, with one deadline for everything that happens on it."""

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import httpcore2

from ostiary.outbound.addresses import Address
from ostiary.outbound.deadline import Deadline

SocketOptions = Iterable[httpcore2.SOCKET_OPTION]


@dataclass(slots=True)
class PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the addresses that were checked, whatever the host name says by now (DNS rebinding)."""

    addresses: Sequence[Address]
    connect_seconds: float
    deadline: Deadline

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name is for TLS; the address comes from the check
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address that accepts one. Raises: what the last of them raised."""
        connecting = Deadline.after(min(self.connect_seconds, self.deadline.left))
        last: httpcore2.ConnectError | httpcore2.ConnectTimeout = httpcore2.ConnectTimeout()
        for tried, address in enumerate(self.addresses):
            if connecting.is_over:
                break
            share = connecting.left / (len(self.addresses) - tried)
            try:
                stream = httpcore2.SyncBackend().connect_tcp(
                    str(address), port, timeout=share, local_address=local_address, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
            else:
                return TimedStream(stream, self.deadline, connecting)
        raise last


@dataclass(slots=True)
class TimedStream(httpcore2.NetworkStream):
    """A stream whose reads and writes end at the deadline together: a byte now and then does not prolong it."""

    stream: httpcore2.NetworkStream
    deadline: Deadline
    connecting: Deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline decides
        """At most so many bytes. Raises: `httpcore2.ReadTimeout`, `httpcore2.ReadError`."""
        return self.stream.read(max_bytes, self._left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline decides
        """Send these bytes. Raises: `httpcore2.WriteTimeout`, `httpcore2.WriteError`."""
        self.stream.write(buffer, self._left(httpcore2.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same stream inside TLS. Raises: `httpcore2.ConnectTimeout`, `httpcore2.ConnectError`."""
        del timeout
        if self.connecting.is_over:
            raise httpcore2.ConnectTimeout
        inside = self.stream.start_tls(ssl_context, server_hostname, self.connecting.left)
        return TimedStream(inside, self.deadline, self.connecting)

    def close(self) -> None:
        """End the connection."""
        self.stream.close()

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks of a stream: its socket, its TLS object."""
        return self.stream.get_extra_info(info)

    def _left(self, over: type[httpcore2.ReadTimeout | httpcore2.WriteTimeout]) -> float:
        left = self.deadline.left
        if left <= 0.0:
            raise over
        return left
