"""What a stranger sends does not write, steer or fill the operator's log."""

import io

import structlog

from ostiary.cli.log import configure_log


class Terminal(io.StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


def logged(path: str, *, at: io.StringIO) -> str:
    configure_log(at)
    structlog.get_logger().info("web.refused", code="request.page_unknown", path=path)
    return at.getvalue()


def test_a_path_does_not_steer_a_terminal() -> None:
    """ESC and BEL move the cursor, set the title, and in some terminals the clipboard."""
    plain = logged("/x", at=Terminal())
    steered = logged("/x\x1b]0;owned\x07\x9b2J\u202e", at=Terminal())
    assert steered.count("\x1b") == plain.count("\x1b")
    assert not {"\x07", "\x9b", "\u202e"} & set(steered)
    assert "x1b" in steered


def test_a_path_does_not_write_a_line_of_its_own() -> None:
    for stream in (Terminal(), io.StringIO()):
        assert logged("/x\n\r\x85\u2028level=error", at=stream).strip().splitlines()[1:] == []


def test_a_path_does_not_fill_the_disk() -> None:
    assert len(logged("/" + "x" * 60_000, at=io.StringIO())) < 1_000
