import ast
import re

from tests.house.source import ROOT, modules, tracked_files

EMPTY_NAMES = {"manager", "helper", "helpers", "util", "utils", "common", "base", "misc", "info", "data"}
MACHINE_PATHS = re.compile(r"/(?:home|Users|root|work)/[A-Za-z0-9_.-]+/")
BINARY = {".png", ".ico", ".woff2", ".der", ".gz", ".sqlite"}


def test_no_file_and_no_class_has_an_empty_name():
    """A file called helpers says nothing about what is in it, so everything ends up in it."""
    files = [module.path for module in modules()]
    classes = [
        f"{module.path}:{node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]
    empty = [name for name in [*files, *classes] if EMPTY_NAMES & set(_words(name))]
    assert empty == []


def test_every_file_says_what_it_is():
    """The first line of a file is its caption on the plan of the house; docs/house.md is made of them."""
    silent = [module.path for module in modules() if module.text.strip() and not ast.get_docstring(module.tree)]
    assert silent == []


def test_there_is_one_apostrophe():
    """Two kinds beside each other on one page look like a mistake, and a search finds only one of them."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix in {".html", ".py", ".toml", ".md", ".js"} and path.name != "test_words.py"
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if re.search("\\w\N{RIGHT SINGLE QUOTATION MARK}\\w", line)
    ]
    assert found == []


def test_no_file_names_a_place_on_somebodys_machine():
    """A path that exists on one machine only works on one machine only, and tells strangers about it."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix not in BINARY and path.name != "test_words.py"
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_the_locks_say_nothing_about_where_packages_come_from():
    """A lock with the address of an index works only for those who reach this index; a hash works for everyone."""
    node = [
        path for path in ROOT.rglob("package-lock.json") if not {"node_modules", ".venv", "build"} & set(path.parts)
    ]
    locks = [*(ROOT / "requirements").glob("*.txt"), *node]
    named = [
        f"{lock.name}:{number}"
        for lock in locks
        for number, line in enumerate(lock.read_text().splitlines(), start=1)
        if "://" in line or line.lstrip().startswith(("-i ", "--index", "--extra-index", "--find-links", "--trusted"))
    ]
    assert named == []
    assert len(locks) >= 6


def test_every_line_of_a_lock_is_held_by_a_hash():
    """A version alone is a promise of whoever holds the account of its author today."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        pins = re.findall(r"^[A-Za-z0-9._-]+==(?:.*\\\n)*.*", lock.read_text(), re.MULTILINE)
        assert pins
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_every_test_is_a_function_in_a_floor_of_the_house():
    """Classes and files of other names would be passed over in silence, and a silent test is green for ever."""
    tests = ROOT / "tests"
    passed_over = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in tests.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ClassDef) and node.name.startswith("Test"))
        or (
            isinstance(node, ast.FunctionDef)
            and node.name.startswith("test_")
            and not path.name.startswith("test_")
            and path.name != "conftest.py"
        )
    ]
    assert passed_over == []
    assert list(tests.glob("test_*.py")) == []


def test_every_house_test_tells_its_story():
    """A rule without a reason is obeyed until it is in the way, and then it is deleted."""
    silent = [
        f"{path.name}:{node.name}"
        for path in (ROOT / "tests" / "house").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"([A-Z])", r"_\1", name.removesuffix(".py")).lower())
