"""A thread for one step, beside those in which the pages are made."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_a_thread(step: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """What the step returns or raises. The threads of the pages are 40, and what waits outside must take none."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[_T] = loop.create_future()

    def run() -> None:
        try:
            result = step(*arguments, **named)
        except BaseException as error:  # noqa: BLE001 - it is raised where the step is waited for
            _tell(loop, ended.set_exception, error)
        else:
            _tell(loop, ended.set_result, result)

    threading.Thread(target=copy_context().run, args=(run,), name="calls out", daemon=True).start()
    return await ended


def _tell(loop: asyncio.AbstractEventLoop, say: Callable[[_T], None], what: _T) -> None:
    def now() -> None:
        with suppress(asyncio.InvalidStateError):  # the request was given up meanwhile
            say(what)

    with suppress(RuntimeError):  # the server has stopped, and nobody waits any more
        loop.call_soon_threadsafe(now)
