"""Results of suites: read from JUnit files, merged into one, and told as a table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of one suite."""

    suite: str
    about: str
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    remarks: list[str] = field(default_factory=list)
    has_run: bool = True
    report: Path | None = None


def read_report(outcome: Outcome) -> list[str]:
    """Count the cases of the suite's JUnit file into the outcome; returns the reasons for skipping, one a case."""
    reasons: list[str] = []
    if outcome.report is None or not outcome.report.exists():
        return reasons
    for case in _read(outcome.report).iter("testcase"):
        skipped = case.find("skipped")
        if _faults(case):
            outcome.failed += 1
        elif skipped is not None:
            outcome.skipped += 1
            reasons.append(skipped.get("message", "no reason given"))
        else:
            outcome.passed += 1
    return reasons


def acquit(report: Path, *, second: Path) -> list[str]:
    """Change each failed case of the report that has passed in the second one; returns the names of these.

    The first failure stays in the file, as Maven's Surefire keeps it: a `flakyFailure` is one, and no `failure`.
    """
    if not second.exists():
        return []
    again = list(_read(second).iter("testcase"))
    stopped = {_name(case) for case in again if _faults(case) or case.find("skipped") is not None}
    passed = {_name(case) for case in again} - stopped
    root, acquitted = _read(report), list[str]()
    for case in root.iter("testcase"):
        faults = _faults(case)
        if faults and _name(case) in passed:
            acquitted.append(_name(case))
            for fault in faults:
                fault.tag = "flakyFailure"
    ET.ElementTree(root).write(report, encoding="utf-8", xml_declaration=True)
    return acquitted


def folders_with_cases(report: Path) -> set[str]:
    """The folders below `tests/` from which the report has at least one case."""
    names = [case.get("classname", "").split(".") for case in _read(report).iter("testcase")]
    return {parts[1] for parts in names if len(parts) > 1 and parts[0] == "tests"}


def write_report(path: Path, *, name: str, cases: Iterable[tuple[str, float, str]]) -> None:
    """Write a JUnit file of (name, seconds, failure or "") cases, for what is not run by pytest."""
    suite = ET.Element("testsuite", name=name)
    for case_name, seconds, failure in cases:
        case = ET.SubElement(suite, "testcase", classname=name, name=case_name, time=f"{seconds:.3f}")
        if failure:
            ET.SubElement(case, "failure", message="see the text").text = failure
    root = ET.Element("testsuites")
    root.append(suite)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def merge_reports(outcomes: Iterable[Outcome], *, into: Path) -> None:
    """Write one JUnit file with a test suite for each outcome that has a report."""
    merged = ET.Element("testsuites", name="ostiary")
    for outcome in outcomes:
        if outcome.report is not None and outcome.report.exists():
            for suite in _read(outcome.report).iter("testsuite"):
                suite.set("name", outcome.suite)
                merged.append(suite)
    ET.ElementTree(merged).write(into, encoding="utf-8", xml_declaration=True)


def print_table(outcomes: list[Outcome]) -> None:
    """Print what ran, what came of it, and why something did not run; the last line is the sum."""
    print(f"\n{'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}   what it is")
    for outcome in outcomes:
        if outcome.has_run:
            counts = f"{outcome.passed:>8}{outcome.failed:>8}{outcome.skipped:>9}{outcome.seconds:>9.1f}"
        else:
            counts = f"{'-':>8}{outcome.failed or '-':>8}{'-':>9}{'-':>9}"
        print(f"{outcome.suite:<12}{counts}   {outcome.about}")
        for remark in outcome.remarks:
            print(f"{'':<12}  {remark}")
    passed, failed, skipped = (sum(getattr(one, what) for one in outcomes) for what in ("passed", "failed", "skipped"))
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)


def _faults(case: ET.Element) -> list[ET.Element]:
    return [fault for kind in ("failure", "error") for fault in case.findall(kind)]


def _name(case: ET.Element) -> str:
    return f"{case.get('classname', '')}::{case.get('name', '')}"


def _read(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 - see above
