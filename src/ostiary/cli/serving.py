"""A server process: the ASGI application, the thread beside it, and a clean stop on SIGTERM."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import uvicorn
from uvicorn.supervisors import Multiprocess

from ostiary.cli.background import Background
from ostiary.cli.bounded_http import BoundedHttp
from ostiary.cli.log import configure_log
from ostiary.config import Settings, read_settings
from ostiary.services import Services
from ostiary.web import Rim, build_app
from ostiary.wiring import build

DRAIN_SECONDS = 20
"""How long requests under way may take to finish after SIGTERM."""


def create_app() -> Rim:
    """The application for any ASGI server: `uvicorn --factory ostiary.cli.serving:create_app`."""
    return application(build(read_settings(os.environ)))


def application(services: Services) -> Rim:
    """The application on these services; the background thread starts and stops with it."""
    configure_log()

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        background = Background(services.housekeeping)
        background.start()
        try:
            yield
        finally:
            background.stop()
            services.close()

    return build_app(services, lifespan=lifespan)


def run(settings: Settings) -> int:
    """Serve until stopped. Returns the exit status."""
    # Opened before anything is announced: a database that can't be served is said in words, and nothing else is.
    services = build(settings)
    print(f"Ostiary serves {settings.public_url} at {settings.host}:{settings.port}")
    if settings.workers > 1:
        services.close()  # each worker opens its own
        config = _config("ostiary.cli.serving:create_app", settings)
        sock = config.bind_socket()
        Multiprocess(config, sockets=[sock]).run()
        return 0
    # uvicorn sends itself the signal once more when all is done: a clean stop would look like a death by signal.
    signal.signal(signal.SIGTERM, _end)
    server = uvicorn.Server(_config(application(services), settings))
    server.run()
    return 0 if server.started else 1


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _config(app: Rim | str, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.workers,
        host=settings.host,
        port=settings.port,
        http=BoundedHttp,
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # believed only from OSTIARY_TRUSTED_PROXIES, and read by the rim
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
