"""HTTP as uvicorn speaks it, with bounds on the head of a request: it keeps a head of any size, and waits for ever."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
"""Bytes of request line and headers. A piece that the network hands over at once may be as large again."""
HEAD_SECONDS = 20.0
"""For a head, from the moment of the connection, or of its first byte where a request went before it."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    _head = 0
    _in_head = True
    _has_ended_one = False
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A browser, or somebody who only holds the place, has connected."""
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or of several."""
        if self._in_head and self._deadline is None:
            self._begin_head()
        self._has_ended_one = False
        super().data_received(data)
        # What came with the end of a request was mostly its body.
        if self._in_head and not self._has_ended_one:
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self._refuse(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """The head is whole: from here on the body has limits of its own."""
        self._in_head = False
        self._end_deadline()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole: what comes next is a head again."""
        self._in_head, self._head, self._has_ended_one = True, 0, True
        super().on_message_complete()

    def _begin_head(self) -> None:
        self._end_deadline()
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        # Browsers open connections that they may need later: one that has said nothing hears nothing.
        self._refuse(_TOO_SLOW if self._head else b"")

    def _refuse(self, answer: bytes) -> None:
        self._end_deadline()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
