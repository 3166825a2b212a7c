"""What a second look at failed tests may change (decision 16)."""

from pathlib import Path

from scripts import results
from scripts.results import Outcome


def a_report(path: Path, **failures: str) -> Path:
    results.write_report(path, name="tests.some", cases=[(name, 1.0, text) for name, text in failures.items()])
    return path


def test_who_passes_alone_is_acquitted_and_the_first_failure_is_kept(tmp_path: Path) -> None:
    first = a_report(tmp_path / "first.xml", passes="", by_chance="too late", broken="wrong", not_run_again="wrong")
    second = a_report(tmp_path / "second.xml", by_chance="", broken="wrong again", another="")
    assert results.acquit(first, second=second) == ["tests.some::by_chance"]
    outcome = Outcome(suite="some", about="", report=first)
    assert results.read_report(outcome) == []
    assert (outcome.passed, outcome.failed) == (2, 2)
    assert "<flakyFailure" in first.read_text()
    assert "too late" in first.read_text()


def test_without_a_second_report_nobody_is_acquitted(tmp_path: Path) -> None:
    first = a_report(tmp_path / "first.xml", broken="wrong")
    assert results.acquit(first, second=tmp_path / "none.xml") == []
    assert "flakyFailure" not in first.read_text()
