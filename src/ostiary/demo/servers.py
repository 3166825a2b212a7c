"""The HTTP servers of the demo in one process, stopped by one signal."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from ostiary.cli.bounded_http import BoundedHttp

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_DRAIN_SECONDS = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One application, and the sockets at which it is reached."""

    app: "ASGIApp"
    sockets: Sequence[socket.socket]
    has_lifespan: bool = False


def serve(parts: Sequence[Part], *, when_ready: Callable[[], None]) -> int:
    """Serve them all until SIGTERM or Ctrl-C; a second Ctrl-C does not wait for requests under way.

    `when_ready` is called once, when all answer. Returns: the exit status.
    """
    servers = [_Server(_config(part)) for part in parts]
    with asyncio.Runner(loop_factory=servers[0].config.get_loop_factory()) as runner:
        return runner.run(_serve(list(zip(servers, parts, strict=True)), when_ready))


class _Server(uvicorn.Server):
    """A server that leaves the signals to `serve`: with several, each would take them from the one before."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def _config(part: Part) -> uvicorn.Config:
    return uvicorn.Config(
        part.app,
        lifespan="on" if part.has_lifespan else "off",
        http=BoundedHttp,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


async def _serve(pairs: Sequence[tuple[_Server, Part]], when_ready: Callable[[], None]) -> int:
    servers = [server for server, _ in pairs]

    def end_all() -> None:
        for server in servers:
            server.end()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, end_all)
    async with asyncio.TaskGroup() as group:
        for server, part in pairs:
            task = group.create_task(server.serve(sockets=list(part.sockets)))
            task.add_done_callback(lambda _: end_all())
        group.create_task(_tell(servers, when_ready))
    return 0 if all(server.started for server in servers) else 1


async def _tell(servers: Sequence[_Server], when_ready: Callable[[], None]) -> None:
    while not all(server.started for server in servers):
        if any(server.should_exit for server in servers):
            return
        await asyncio.sleep(0.01)
    when_ready()
