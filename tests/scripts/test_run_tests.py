import pytest

from scripts import machine, results, run_tests, suites
from scripts.results import Outcome
from scripts.suites import Suite

GOOD = ("passes", 0.1, "")
BAD = ("fails", 0.1, "assert 1 == 2")
PYTEST_PASSED, PYTEST_FAILED, PYTEST_BROKE, PYTEST_FOUND_NOTHING = 0, 1, 3, 5


@pytest.fixture
def suite(tmp_path):
    folder = tmp_path / "saml"
    folder.mkdir()
    (folder / "test_one.py").write_text("")
    return Suite(name="saml", about="an example", folders=(folder,))


@pytest.fixture(autouse=True)
def _not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def judged(suite, *, tmp_path, cases=(), status=PYTEST_PASSED, skipped="") -> Outcome:
    report = tmp_path / "report.xml"
    results.write_report(report, name="tests.saml.test_one", cases=cases)
    if skipped:
        case = f'<testcase><skipped message="{skipped}"/></testcase>'
        report.write_text(report.read_text().replace("</testsuite>", f"{case}</testsuite>"))
    outcome = Outcome(suite=suite.name, about=suite.about, report=report)
    run_tests.judge(suite, outcome=outcome, status=status)
    return outcome


def test_a_suite_that_passes_is_counted(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD, GOOD])
    assert (outcome.passed, outcome.failed, outcome.skipped, outcome.remarks) == (2, 0, 0, [])


def test_a_failed_test_is_counted_once(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD, BAD], status=PYTEST_FAILED)
    assert (outcome.passed, outcome.failed) == (1, 1)


def test_a_suite_that_collects_nothing_has_failed(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, status=PYTEST_FOUND_NOTHING)
    assert (outcome.passed, outcome.failed, outcome.remarks) == (0, 1, ["no test was found"])


def test_a_suite_that_took_too_long_has_failed_whatever_it_had_passed(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD], status=None)
    assert (outcome.passed, outcome.failed, outcome.remarks) == (1, 1, [f"ended after {suite.limit_minutes} minutes"])


def test_a_pytest_that_broke_has_failed_although_no_test_did(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD], status=PYTEST_BROKE)
    assert outcome.failed == 1


def test_a_folder_of_several_that_gives_no_test_has_failed(suite, tmp_path):
    other = tmp_path / "domain"
    other.mkdir()
    (other / "test_two.py").write_text("")
    both = Suite(name="floors", about="", folders=(*suite.folders, other))
    outcome = judged(both, tmp_path=tmp_path, cases=[GOOD])
    assert (outcome.failed, outcome.remarks) == (1, ["no test was found in domain"])


def test_a_skipped_test_is_told_with_its_reason(suite, tmp_path):
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD], skipped="no such engine")
    assert (outcome.skipped, outcome.failed, outcome.remarks) == (1, 0, ["skipped 1: no such engine"])


def test_in_ci_a_skipped_test_has_failed(suite, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD], skipped="no such engine")
    assert outcome.failed == 1


def test_in_ci_only_the_shared_cases_may_be_skipped(suite, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    outcome = judged(suite, tmp_path=tmp_path, cases=[GOOD], skipped="../shared is not beside this checkout")
    assert (outcome.skipped, outcome.failed) == (1, 0)


def test_what_is_missing_is_named_with_the_way_to_get_it():
    need = machine.Need(name="a browser", is_there=lambda: False, debian_packages=("chromium",))
    there = machine.Need(name="a shell", is_there=lambda: True, debian_packages=("bash",))
    assert machine.missing((need, there, need)) == (need,)
    assert machine.advice((need,)) == "sudo apt-get install --no-install-recommends chromium"


def test_reports_are_merged_into_one_file(tmp_path):
    outcomes = []
    for name in ("house", "saml"):
        report = tmp_path / f"{name}.xml"
        results.write_report(report, name=name, cases=[GOOD])
        outcomes.append(Outcome(suite=name, about="", report=report))
    merged = Outcome(suite="all", about="", report=tmp_path / "all.xml")
    results.merge_reports(outcomes, into=tmp_path / "all.xml")
    results.read_report(merged)
    assert merged.passed == 2


def test_the_last_line_is_the_sum(capsys):
    results.print_table(
        [
            Outcome(suite="house", about="", passed=2, failed=1),
            Outcome(suite="saml", about="", passed=3, skipped=4),
        ]
    )
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed, 4 skipped"


def test_every_folder_of_tests_belongs_to_a_suite():
    chosen = [*suites.every_suite(), suites.bench_suite()]
    named = {folder for suite in chosen for folder in suite.folders}
    assert {path.parent for path in suites.TESTS.rglob("test_*.py") if path.parent.parent == suites.TESTS} <= named
