"""The log of a server: a line for each event on stderr, readable at a terminal, JSON elsewhere."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

_LONGEST = 512


def configure_log(stream: TextIO | None = None) -> None:
    """Let every event go to this stream (stderr). A traceback tells lines of code and never the values in them."""
    out = stream or sys.stderr
    # structlog's own default prints the variables of each frame: passwords and whole SAML responses (decision 18).
    last: list[structlog.typing.Processor]
    if out.isatty():
        last = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _printable,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=out),
    )


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Every text of the event, such as a path that anybody may ask for, without what steers a terminal; short."""
    return {name: _spelled(value) if isinstance(value, str) else value for name, value in event.items()}


def _spelled(text: str) -> str:
    cut = text[:_LONGEST]
    return cut if cut.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)
