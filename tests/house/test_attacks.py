import re

import pytest

from tests.conftest import SHARED
from tests.house.attacks import ATTACKS
from tests.house.source import ROOT
from tests.vectors.vector import read_all

PAGE = (ROOT / "docs" / "security.md").read_text()
VECTORS = {vector.path: vector for vector in read_all()}
ROW = re.compile(r"^\| (?!Attack |---)(.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NUMBER = re.compile(r"^\| ([SKXPEM]\d+) \|", re.MULTILINE)


def test_every_known_attack_is_shown_to_be_stopped():
    """A name in the catalogue is that of a vector or of a test: a list of attacks that nobody plays is a promise."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    shown = [name for names in ATTACKS.values() for name in names]
    missing = [
        name for name in shown if (f"def {name}(" not in tests if name.startswith("test_") else name not in VECTORS)
    ]
    assert missing == []


def test_every_attack_that_is_shown_is_told_on_the_page():
    """Whoever asks "what about this one" finds it, with the file that stops it."""
    shown = {name for names in ATTACKS.values() for name in names}
    shown |= {path for path in VECTORS if path.startswith("attacks/")}
    untold = [name for name in sorted(shown) if not _is_told(name)]
    assert untold == []


def test_every_row_of_the_page_names_what_stops_it_and_what_shows_it():
    """The middle of a row is our code, its end a test or a vector that fails when nothing stops it."""
    rows = ROW.findall(PAGE.partition("## Known attacks")[2].partition("## Where others")[0])
    assert len(rows) > 50
    assert [attack for attack, stopped, _shown in rows if "](../" not in stopped and "every URL" not in stopped] == []
    assert [attack for attack, _stopped, shown in rows if "](../" not in shown] == []


@pytest.mark.shared
def test_no_attack_of_our_knowledge_is_left_out():
    """The catalogue was gathered from papers, advisories and suites of others; each of its numbers is answered."""
    section = (SHARED / "knowledge" / "saml.md").read_text().partition("## 1. ")[2].partition("\n## 3")[0]
    known = NUMBER.findall(section)
    assert len(known) > 90
    assert [number for number in known if number not in ATTACKS] == []


def _is_told(name: str) -> bool:
    if name.startswith("test_"):
        return f"[`{name}`](../tests/" in PAGE
    return f"](../tests/vectors/saml/{name}/case.toml)" in PAGE
