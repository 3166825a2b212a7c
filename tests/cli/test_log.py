import io
import json

import pytest
import structlog

from ostiary.cli.log import configure_log


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    structlog.reset_defaults()


def log_a_bug() -> None:
    password = ["correct", "horse", "battery", "staple"]
    try:
        password.remove("battery-staple")
    except ValueError:
        structlog.get_logger("x").exception("web.broken", reference="K7Q2-9XMD")


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_a_traceback_in_the_log_holds_no_values(stream):
    configure_log(stream)
    log_a_bug()
    said = stream.getvalue()
    assert "horse" not in said
    assert "K7Q2-9XMD" in said
    assert "ValueError" in said
    assert "in log_a_bug" in said


def test_a_log_that_goes_into_a_file_is_one_json_object_a_line():
    stream = io.StringIO()
    configure_log(stream)
    log_a_bug()
    structlog.get_logger("x").info("web.refused", code="login.no_answer")
    bug, refusal = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (bug["event"], bug["level"], bug["reference"]) == ("web.broken", "error", "K7Q2-9XMD")
    assert (refusal["event"], refusal["code"]) == ("web.refused", "login.no_answer")
    assert refusal["timestamp"].endswith("Z")
