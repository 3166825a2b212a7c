"""Runs suites, each in a process of its own, and ends with a table and an honest exit status.

Usage: python -m scripts.run_tests all | fast | lint | fuzz | bench | NAME-OF-A-SUITE ...

Rule: nothing is green by absence. A suite that exists and collects nothing has failed; in CI a skipped test has
failed too, unless it is one that reads `../shared` where that folder is absent. What failed beside others is looked
at once more, alone, and both are told (decision 16).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from scripts import machine, results, suites
from scripts.results import Outcome
from scripts.suites import Suite

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
REPORTS = BUILD / "reports"
ROUTES = REPORTS / "routes"
TOOLS = Path(sys.executable).parent
SECOND_LOOKS = 3
"""Of all tests so many at most: what fails here and there in passing is a slow machine, what fails broadly is not."""
LANES = 2
"""As many as the smallest machine of ours has cores. Browsers and servers of others take more than one each."""
RUNNING: list[subprocess.Popen[bytes]] = []
LINTERS = (
    ("ruff", ("ruff", "check", "--output-format=concise", ".")),
    ("mypy", ("mypy",)),
    ("import-linter", ("lint-imports", "--no-logo")),
)


def main() -> int:
    """Run what the command line names; the exit status is 0 only if everything ran and passed."""
    wanted = sys.argv[1:] or ["all"]
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    chosen = _chosen(wanted)
    needs = tuple(need for suite in chosen if suite.test_folders() for need in (*suite.needs, *suite.wishes))
    machine.obtain(needs)
    if machine.is_ci():
        machine.print_versions(needs)
    outcomes = [_lint()] if {"all", "lint"} & set(wanted) else []
    outcomes += [_run_suite(suite) for suite in chosen] if len(chosen) == 1 else _side_by_side(chosen)
    if len(chosen) > 1:
        _look_again(chosen, outcomes=outcomes)
    if "all" in wanted:
        outcomes += _opened_routes()
    interop = [outcome for outcome in outcomes if outcome.suite == "interop"]
    results.merge_reports([one for one in outcomes if one not in interop], into=BUILD / "tests.xml")
    if interop:
        results.merge_reports(interop, into=BUILD / "interop.xml")
    results.print_table(outcomes)
    return 1 if any(outcome.failed for outcome in outcomes) or not any(outcome.passed for outcome in outcomes) else 0


def _chosen(wanted: list[str]) -> list[Suite]:
    known = {suite.name: suite for suite in suites.every_suite()}
    singles = {"fuzz": suites.fuzz_suite(), "bench": suites.bench_suite()}
    chosen: list[Suite] = []
    for name in wanted:
        if name == "all":
            chosen += known.values()
        elif name == "fast":
            chosen += suites.fast_suites()
        elif name in known or name in singles:
            chosen.append((known | singles)[name])
        elif name != "lint":
            raise SystemExit(f"There is no suite {name}. There are: all, fast, lint, {', '.join([*known, *singles])}.")
    return chosen


def _lint() -> Outcome:
    outcome = Outcome(suite="lint", about="ruff, mypy, import-linter", report=REPORTS / "lint.xml")
    started = time.monotonic()
    cases: list[tuple[str, float, str]] = []
    for name, command in LINTERS:
        print(f"\n== lint: {name}", flush=True)
        began = time.monotonic()
        tool = [TOOLS / command[0], *command[1:]]
        ran = subprocess.run(tool, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        print(ran.stdout, end="", flush=True)
        cases.append((name, time.monotonic() - began, "" if ran.returncode == 0 else ran.stdout or "exit status"))
    results.write_report(REPORTS / "lint.xml", name="lint", cases=cases)
    results.read_report(outcome)
    outcome.seconds = time.monotonic() - started
    return outcome


def _side_by_side(chosen: list[Suite]) -> list[Outcome]:
    """Run suites in two lanes, the longest first, and after them one by one those that measure time."""
    lanes = min(LANES, os.cpu_count() or 1)
    queue = sorted((suite for suite in chosen if not suite.measures_time), key=lambda suite: -suite.weight)
    with ThreadPoolExecutor(max_workers=lanes) as threads:
        done = {suite.name: threads.submit(_run_suite, suite, is_beside_others=lanes > 1) for suite in queue}
    alone = {suite.name: _run_suite(suite) for suite in chosen if suite.measures_time}
    return [alone[suite.name] if suite.name in alone else done[suite.name].result() for suite in chosen]


def _look_again(chosen: list[Suite], *, outcomes: list[Outcome]) -> None:
    """Run the few tests that failed beside others once more, with nothing beside them (decision 16)."""
    suspects = {outcome.suite: outcome for outcome in outcomes if outcome.failed}
    if "lint" in suspects or sum(outcome.failed for outcome in suspects.values()) > SECOND_LOOKS:
        return
    for suite in chosen:
        outcome = suspects.get(suite.name)
        if outcome is None or outcome.report is None or not outcome.report.exists() or suite.measures_time:
            continue
        print(f"\n== {suite.name}, a second look at what failed", flush=True)
        second = outcome.report.with_suffix(".again.xml")
        _pytest(suite, report=second, output=None, options=("--last-failed", "--last-failed-no-failures=none"))
        for name in results.acquit(outcome.report, second=second):
            outcome.failed, outcome.passed = outcome.failed - 1, outcome.passed + 1
            outcome.remarks.append(f"failed beside others, passed alone: {name}")


def _run_suite(suite: Suite, *, is_beside_others: bool = False) -> Outcome:
    outcome = Outcome(suite=suite.name, about=suite.about)
    if not suite.test_folders():
        outcome.has_run = False
        outcome.remarks.append("there are no such tests yet")
        return outcome
    absent = machine.missing(suite.needs)
    if absent:
        outcome.has_run = False
        outcome.failed = 1 if machine.is_ci() else 0
        outcome.remarks.append(f"not run: {', '.join(need.name for need in absent)} missing")
        outcome.remarks.append(f"to run it: {machine.advice(absent)}")
        return outcome
    outcome.report = REPORTS / f"{suite.name.replace(' ', '-')}.xml"
    heading = f"\n== {suite.name}: {suite.about}"
    started = time.monotonic()
    if is_beside_others:
        print(f"== {suite.name} begins", flush=True)
        with outcome.report.with_suffix(".txt").open("w+b") as output:
            status = _pytest(suite, report=outcome.report, output=output)
            output.seek(0)
            print(heading, output.read().decode(errors="replace"), sep="\n", end="", flush=True)
    else:
        print(heading, flush=True)
        status = _pytest(suite, report=outcome.report, output=None)
    outcome.seconds = time.monotonic() - started
    judge(suite, outcome=outcome, status=status)
    return outcome


def _pytest(suite: Suite, *, report: Path, output: BinaryIO | None, options: tuple[str, ...] = ()) -> int | None:
    """The exit status of pytest; None where it was ended because it took too long."""
    folders = [str(folder.relative_to(ROOT)) for folder in suite.test_folders()]
    options = (
        *options,
        "-q",
        "--continue-on-collection-errors",
        "-m",
        suite.marks,
        "--durations=3",
        "--durations-min=0.05",
        f"--junitxml={report}",
        *("-o", f"cache_dir={BUILD / 'pytest' / suite.name.replace(' ', '-')}"),
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("OSTIARY_TEST_")}
    pytest = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *folders],
        cwd=ROOT,
        env={**kept, "OSTIARY_TEST_PROFILE": suite.profile, "OSTIARY_TEST_ROUTES": str(ROUTES)},
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
    )
    RUNNING.append(pytest)
    try:
        return pytest.wait(timeout=suite.limit_minutes * 60)
    except subprocess.TimeoutExpired:
        return None
    finally:
        # A server or a browser that a test left behind would hold ports and files of the next suite.
        _end_group(pytest)


def _opened_routes() -> list[Outcome]:
    """One case for each row of the route table: it has failed if no test of any suite has opened that page."""
    notes = [json.loads(note.read_text()) for note in ROUTES.glob("*.json")]
    known = sorted({route for note in notes for route in note["known"]})
    opened = {route for note in notes for route in note["opened"]}
    if not known:
        return []
    outcome = Outcome(suite="routes", about="every page was opened by a test", report=REPORTS / "routes.xml")
    cases = [(route, 0.0, "" if route in opened else "no test opens it") for route in known]
    results.write_report(REPORTS / "routes.xml", name="routes", cases=cases)
    results.read_report(outcome)
    outcome.remarks += [f"no test opens {route}" for route in known if route not in opened]
    return [outcome]


def _end_group(leader: subprocess.Popen[bytes]) -> None:
    for strength in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader.pid, strength)
        except ProcessLookupError:
            return
        time.sleep(0.5)
        leader.poll()


def judge(suite: Suite, *, outcome: Outcome, status: int | None) -> None:
    """Count the cases and add what a count of cases would hide."""
    reasons = results.read_report(outcome)
    for reason, count in Counter(reasons).items():
        outcome.remarks.append(f"skipped {count}: {reason}")
    if machine.is_ci():
        forbidden = [reason for reason in reasons if not reason.startswith("../shared")]
        _fault(outcome, count=len(forbidden), remark="in CI nothing is skipped")
    if status is None:
        _fault(outcome, remark=f"ended after {suite.limit_minutes} minutes")
    elif status not in {0, 1, 5} or (status == 1 and not outcome.failed):
        _fault(outcome, remark=f"pytest ended with status {status}")
    silent = _silent_folders(suite, report=outcome.report)
    if silent and not outcome.failed:
        _fault(outcome, remark=f"no test was found in {', '.join(sorted(silent))}")
    if not outcome.passed + outcome.failed + outcome.skipped:
        _fault(outcome, remark="no test was found")


def _silent_folders(suite: Suite, *, report: Path | None) -> set[str]:
    """The folders of a suite of several that gave no case, although each of them holds a test."""
    folders = {folder.name for folder in suite.test_folders()}
    is_selection = not suite.marks.startswith("not")
    if report is None or not report.exists() or is_selection or len(folders) == 1:
        return set()
    return folders - results.folders_with_cases(report)


def _fault(outcome: Outcome, *, remark: str, count: int = 1) -> None:
    if count:
        outcome.failed += count
        outcome.remarks.append(remark)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        for running in RUNNING:
            _end_group(running)
        os._exit(130)  # threads that wait for a suite would hold a normal exit back
