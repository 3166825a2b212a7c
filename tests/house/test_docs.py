import re
import subprocess
import sys
from pathlib import Path

from tests.house.source import ROOT

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
README_LINES = 120


def test_the_generated_pages_are_what_the_code_says(tmp_path):
    """`make docs` would change nothing.

    A page about an error that has been renamed sends an administrator, at the worst moment, to look for a field that
    does not exist. So the pages about problems, guides and routes are written by the code, and this test compares.
    """
    ostiary = Path(sys.executable).with_name("ostiary")
    subprocess.run([ostiary, "docs", "--folder", tmp_path], cwd=ROOT, check=True, capture_output=True)
    written = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {name: (DOCS / name).read_text() if (DOCS / name).exists() else "" for name in written}
    assert written
    assert [str(name) for name in written if written[name] != kept[name]] == []


def test_no_generated_page_outlives_what_it_was_about(tmp_path):
    """A page that nothing writes any more is a page about nothing."""
    ostiary = Path(sys.executable).with_name("ostiary")
    subprocess.run([ostiary, "docs", "--folder", tmp_path], cwd=ROOT, check=True, capture_output=True)
    folders = {path.relative_to(tmp_path).parent for path in tmp_path.rglob("*.md")} - {Path()}
    left_over = [
        str(page.relative_to(DOCS))
        for folder in folders
        for page in (DOCS / folder).glob("*.md")
        if not (tmp_path / page.relative_to(DOCS)).exists()
    ]
    assert left_over == []


def test_every_link_between_pages_arrives():
    """The plan of the house is useful only as long as every door on it is a door."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "changes").glob("*.md"), *DOCS.rglob("*.md")]
    astray = [
        f"{page.relative_to(ROOT)} -> {target}#{anchor}"
        for page in pages
        for target, anchor in LINK.findall(page.read_text())
        if not _arrives(page, target=target, anchor=anchor)
    ]
    assert astray == []


def test_the_readme_is_a_page_and_not_a_book():
    """At most 120 lines: a stranger decides on the first screen, and the rest belongs into docs/."""
    lines = (ROOT / "README.md").read_text().splitlines()
    assert 10 < len(lines) <= README_LINES


def _arrives(page: Path, *, target: str, anchor: str) -> bool:
    there = (page.parent / target).resolve() if target else page
    if not there.exists():
        return False
    return not anchor or there.suffix != ".md" or anchor in _anchors(there.read_text())


def _anchors(text: str) -> set[str]:
    """The anchors that a forge makes of headings, and those written out."""
    headings = re.findall(r"^#+\s+(.*)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
