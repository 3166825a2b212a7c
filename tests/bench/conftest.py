"""Says at the end of a run what was measured."""

import pytest

from tests.bench.figures import KEPT, RESULT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each figure on a line of its own."""
    for name, figures in KEPT.items():
        terminalreporter.write_line(name)
        for figure, value in figures.items():
            terminalreporter.write_line(f"  {figure.replace('_', ' '):<44} {value}")
    if KEPT:
        terminalreporter.write_line(f"Written to {RESULT}")
