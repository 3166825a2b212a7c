import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import PACKAGE

EXTENDS = re.compile(r'{%-?\s*extends "([^"]+)"')
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
EMPTY_BLOCK = re.compile(r"{%-?\s*block (\w+)(?: required)?\s*-?%}\s*{%-?\s*endblock")
BLOCK = re.compile(r"{%-?\s*block (\w+)")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=[\"']|\sstyle=[\"']|<style\b|javascript:", re.IGNORECASE)


def test_every_page_has_a_title_of_its_own():
    """The title is what a screen reader says first, what a tab shows, and what a bookmark keeps.

    The layout has the element; a page fills the block in it, or extends one that does. Files of macros and parts that
    other templates include are no pages.
    """
    untitled = [
        path.relative_to(PACKAGE).as_posix()
        for folder in template_folders()
        for path in sorted(folder.rglob("*.html"))
        if is_page(path.read_text()) and "layout" not in path.parts
        if not has_title(path, folders=(folder, *template_folders()))
    ]
    assert untitled == []


def test_the_rule_sees_the_pages():
    """A rule that finds no page is satisfied with any."""
    pages = [path for folder in template_folders() for path in folder.rglob("*.html") if is_page(path.read_text())]
    assert len(pages) > 20


@pytest.mark.parametrize(
    ("page", "is_good"),
    [
        ('{% extends "layout.html" %}{% block name %}Users{% endblock %}', True),
        ('{% extends "layout.html" %}{% block body %}Users{% endblock %}', False),
        ('{% extends "filled.html" %}', True),
        ("<html><title>Users</title></html>", True),
        ("<html><body>Users</body></html>", False),
    ],
)
def test_a_title_is_filled_somewhere_on_the_way_to_the_layout(tmp_path, page, is_good):
    """The rule itself, on five templates."""
    (tmp_path / "layout.html").write_text("<html><title>{% block name %}{% endblock %} · Ostiary</title></html>")
    (tmp_path / "filled.html").write_text('{% extends "layout.html" %}{% block name %}App{% endblock %}')
    (tmp_path / "page.html").write_text(page)
    assert has_title(tmp_path / "page.html", folders=(tmp_path,)) is is_good


def test_no_template_brings_a_script_or_a_style_of_its_own():
    """The content security policy forbids them; where one slips in, the page works for its author only.

    A script in the page is also what an injected name would look like.
    """
    found = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for folder in template_folders()
        for path in sorted(folder.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if INLINE.search(line)
    ]
    assert found == []


@cache
def template_folders() -> tuple[Path, ...]:
    """Every folder of templates of the package."""
    return tuple(sorted(path for path in PACKAGE.rglob("templates") if path.is_dir()))


def is_page(text: str) -> bool:
    """Whether this is sent as a whole, and not a layout, a macro or a part of another."""
    return bool(EXTENDS.search(text)) or ("<html" in text and "{% block" not in text)


def has_title(page: Path, *, folders: tuple[Path, ...]) -> bool:
    """Whether the page's title has words of its own on the way from the page up to its layout."""
    chain = [page.read_text()]
    while (above := EXTENDS.search(chain[-1])) is not None:
        chain.append(next(path for folder in folders if (path := folder / above[1]).exists()).read_text())
    title = TITLE.search(chain[-1])
    if title is None:
        return False
    to_fill = set(EMPTY_BLOCK.findall(title[1]))
    filled = {name for text in chain[:-1] for name in BLOCK.findall(text)}
    return to_fill <= filled
