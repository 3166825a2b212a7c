import re
from importlib.resources import files
from pathlib import Path

import pytest

from ostiary.config import Settings
from ostiary.web.assets import Assets
from ostiary.web.pages import COMPONENTS, Pages
from tests.web.rim import PUBLIC_URL, a_rim, ask

TEMPLATES = files("ostiary.web").joinpath("templates")
GALLERY = Path(__file__).with_name("gallery.html")
STATIC = files("ostiary.web").joinpath("static")


@pytest.fixture(scope="module")
def pages():
    settings = Settings.model_validate({"public_url": PUBLIC_URL})
    return Pages.of(settings, assets=Assets.read(accent_colour=settings.accent_colour))


def sources(pages):
    environment = pages.environment
    for name in environment.list_templates(extensions=["html"]):
        yield name, environment.loader.get_source(environment, name)[0]


def test_every_template_compiles(pages):
    for name, _ in sources(pages):
        assert pages.environment.get_template(name)


def test_every_page_has_a_title_and_goes_into_a_layout(pages):
    folders = ("layout/", "components/")
    whole = [one for one in sources(pages) if not one[0].startswith(folders) and "/parts/" not in one[0]]
    assert [name for name, text in whole if "{% block title %}" not in text or "{% extends" not in text] == []


def test_the_gallery_shows_the_components_in_their_states(pages):
    gallery = pages.environment.from_string(GALLERY.read_text())
    html = gallery.render(theme="auto", is_error=False)
    for part in ('role="switch"', 'aria-invalid="true"', 'aria-disabled="true"', "data-copy=", 'role="alert"'):
        assert part in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    described = {name for names in re.findall(r'aria-describedby="([^"]+)"', html) for name in names.split()}
    assert described <= set(ids)
    assert sorted(ids) == sorted(set(ids))


def test_no_template_has_a_style_or_a_script_in_it(pages):
    inline = re.compile(r"\sstyle=|<style|<script(?! src=)|\son[a-z]+=|javascript:")
    assert [name for name, text in sources(pages) if inline.search(text)] == []


def test_no_template_switches_escaping_off(pages):
    assert [name for name, text in sources(pages) if re.search(r"\|\s*safe\b|autoescape false", text)] == []


def test_no_two_components_have_one_name(pages):
    names = [
        name
        for file in COMPONENTS
        for name in re.findall(r"{% macro ([a-z]\w*)\(", (TEMPLATES / "components" / f"{file}.html").read_text())
    ]
    assert sorted(names) == sorted(set(names))


def test_every_icon_that_is_named_is_in_the_sprite(pages):
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', STATIC.joinpath("icons.svg").read_text()))
    named = {icon for _, text in sources(pages) for icon in re.findall(r'icon\("([\w-]+)"', text)}
    assert named - drawn == set()


def test_the_stylesheet_names_every_colour_once_and_uses_no_other():
    sheet = STATIC.joinpath("app.css").read_text()
    declared = re.findall(r"^  --([\w-]+): light-dark\(", sheet, re.MULTILINE)
    used = set(re.findall(r"var\(--([\w-]+)\)", sheet))
    rules = sheet.split('[data-theme="dark"]')[1]
    assert sorted(declared) == sorted(set(declared))
    assert used - {"sans", "mono"} <= set(declared)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;\s,)])", rules) == []


def test_nothing_on_a_page_comes_from_elsewhere(services):
    page = ask(a_rim(services), "GET", "/login").text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page) == []


def test_text_of_others_is_escaped(services):
    reply = ask(a_rim(services), "GET", "/login", query=b"return_to=/%22%3E%3Cscript%3E&done=%3Cb%3E")
    assert "<script>" not in reply.text
    assert "<b>" not in reply.text
