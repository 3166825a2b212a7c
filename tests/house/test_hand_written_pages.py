import ast
import re
from pathlib import Path

from ostiary.cli.main import app
from ostiary.config import FILE_VARIABLE, PREFIX, Settings, read_settings
from ostiary.demo.places import PORTS, Places
from ostiary.saml import CHECKS
from tests.house.source import ROOT

DOCS = ROOT / "docs"
CHANGES = ROOT / "changes"
DECISIONS = DOCS / "decisions"
CODE_LINK = re.compile(r"\[`([\w.]+)`\]\(([^)#\s]+\.py)\)")
SETTING_ROW = re.compile(r"^\| `(OSTIARY_[A-Z_]+)` \| ([^|]*) \|", re.MULTILINE)
PARTS_OF_A_DECISION = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
CHANGE_NOTE = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|security)\.md")
FIRST_PORT = 8080


def test_a_link_to_code_names_what_stands_there():
    """A journey from file to file helps as long as each name on it is the name of something.

    A link whose text is a name in the manner of code, and that leads to a Python file, promises that the file defines
    it. Functions get renamed in an afternoon; pages that nobody runs keep the old name for years.
    """
    promised = [
        (page, name, target)
        for page in [ROOT / "README.md", *DOCS.rglob("*.md")]
        for name, target in CODE_LINK.findall(page.read_text())
    ]
    astray = [
        f"{page.relative_to(ROOT)}: {name} in {target}"
        for page, name, target in promised
        if name != Path(target).name and name not in _names_in((page.parent / target).resolve())
    ]
    assert len(promised) > 100
    assert astray == []


def test_every_setting_is_documented_with_its_default():
    """An operator reads the page and not the class: what is missing there does not exist for them."""
    rows = dict(SETTING_ROW.findall((DOCS / "settings.md").read_text()))
    known = {PREFIX + name.upper(): _shown(field.default) for name, field in Settings.model_fields.items()}
    known[f"{PREFIX}KEY_FILE"] = "`~/.config/ostiary/sealing.key`"  # made from the user's own folder
    assert rows == known
    assert FILE_VARIABLE in (DOCS / "settings.md").read_text()


def test_the_settings_that_a_newcomer_copies_are_read(tmp_path):
    """Whoever copies a file that is then refused does not read the next page."""
    (copied,) = re.findall(r"```toml\n(.*?)```", (DOCS / "start-here.md").read_text(), re.DOTALL)
    (proxies,) = re.findall(r"`(trusted_proxies = [^`]+)`", (DOCS / "start-here.md").read_text())
    file = tmp_path / "ostiary.toml"
    file.write_text(f"{copied}\n{proxies}\n")
    settings = read_settings({FILE_VARIABLE: str(file)})
    assert settings.public_url == "https://sso.example.com"
    assert len(settings.trusted_proxies) == 1


def test_every_command_is_documented():
    """What a command does to a database has to be read before it is tried."""
    text = (DOCS / "operate.md").read_text()
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    commands = [("", command) for command in app.registered_commands]
    commands += [
        (f"{name} ", command) for name, group in groups.items() if group for command in group.registered_commands
    ]
    words = [
        f"ostiary {group}{command.name or getattr(command.callback, '__name__', '')}" for group, command in commands
    ]
    assert len(words) > 8
    assert [each for each in words if f"`{each}" not in text] == []


def test_every_decision_is_told_in_the_same_parts_and_listed():
    """A decision without its reason is a habit, and one that no test enforces is a wish."""
    records = sorted(DECISIONS.glob("[0-9]*.md"))
    index = (DECISIONS / "README.md").read_text()
    for record in records:
        assert re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE) == PARTS_OF_A_DECISION, record.name
        assert f"]({record.name})" in index, record.name
        assert "](../../tests/" in record.read_text().partition("## Enforced by")[2], record.name
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]


def test_a_change_note_is_one_sentence_of_a_known_kind():
    """Notes become the page that an operator reads before an upgrade; two at once are two files."""
    for note in CHANGES.glob("*.md"):
        if note.name == "README.md":
            continue
        assert CHANGE_NOTE.fullmatch(note.name), note.name
        assert len(note.read_text().strip().splitlines()) == 1, note.name


def test_the_readme_names_the_ports_that_the_demo_uses(tmp_path):
    """The first thing that a stranger types into a browser comes from this table."""
    text = (ROOT / "README.md").read_text()
    places = Places.of(FIRST_PORT, folder=tmp_path)
    rows = [int(port) for port in re.findall(r"^\| (\d{4}) \|", text, re.MULTILINE)]
    assert rows == list(range(FIRST_PORT, FIRST_PORT + PORTS))
    assert Settings.model_fields["port"].default == FIRST_PORT
    for url in (places.product_url, places.onelogin_url, places.okta_url, places.pages_url):
        assert url in text
    assert (places.dns_port, places.mail_port) == (rows[4], rows[5])


def test_the_number_of_checks_is_told_as_it_is():
    """A figure in a sentence is the first thing to grow old."""
    for page in (ROOT / "README.md", DOCS / "supported.md", DOCS / "benchmarks.md"):
        assert re.findall(r"(\d+) (?:checks|of them, in order)", page.read_text()) == [str(len(CHECKS))], page.name


def test_pictures_of_the_documentation_are_shown_and_small():
    """A page that loads a megabyte is left before it is read, and a picture that no page shows is only weight."""
    shown = [
        (words, (page.parent / path).resolve())
        for page in [ROOT / "README.md", *DOCS.rglob("*.md")]
        for words, path in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text())
    ]
    assert {path for _, path in shown} == set((DOCS / "pictures").iterdir())
    for words, path in shown:
        assert len(words) > 20, f"{path.name} says nothing to who can't see it"
        assert path.stat().st_size < 200 * 1024


def _shown(default: object) -> str:
    """A default as the page writes it."""
    if default == "":
        return "empty"
    if default == ():
        return "none"
    if isinstance(default, tuple):
        return f"`{', '.join(map(str, default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _names_in(path: Path) -> set[str]:
    """Everything that a file defines at its top or in its classes."""
    found: set[str] = set()
    bodies = [ast.parse(path.read_text()).body] if path.is_file() else []
    while bodies:
        for node in bodies.pop():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.ClassDef):
                found.add(node.name)
                bodies.append(node.body)
            elif isinstance(node, ast.Assign):
                found.update(target.id for target in node.targets if isinstance(target, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    return found
