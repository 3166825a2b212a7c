import ast
import os
import sys

from importlinter.cli import lint_imports

from tests.house.source import ROOT, Module, imported_names, modules

FACES = {"saml"}
OPEN_TO_ALL = {"ostiary.saml.errors"}  # the catalogue names every class of refusal
LIBRARIES_AND_THEIR_FLOORS = {
    "aiosmtpd": {"demo"},
    "alembic": {"storage"},
    "argon2": {"services"},
    "cryptography": {"saml", "services", "simulator", "storage"},
    "dns": {"outbound", "demo"},
    "httpcore2": {"outbound"},
    "httpx2": {"outbound", "simulator"},
    "idna": {"kernel", "outbound"},
    "jinja2": {"web", "simulator", "demo"},
    "joserfc": {"oidc", "simulator"},
    "lxml": {"saml", "simulator"},
    "markupsafe": {"web", "simulator", "demo"},
    "psycopg": {"storage"},
    "pybase64": {"saml", "oidc"},
    "pydantic": {"config", "simulator"},
    "python_multipart": {"web", "simulator", "demo"},
    "rich": {"cli"},
    "sqlalchemy": {"storage"},
    "starlette": {"web", "simulator", "demo"},
    "structlog": {"web", "services", "cli"},
    "typer": {"cli"},
    "uvicorn": {"cli", "demo"},
    "webauthn": {"services"},
    # Of the standard library: what reaches out, and what must not be used here at all.
    "smtplib": {"outbound"},
    "sqlite3": {"storage"},
    "ssl": {"outbound"},
    "xml": set[str](),  # not hardened; lxml is, in one file
    "pickle": set[str](),  # runs what it reads
    "http.client": set[str](),  # the guarded transport of outbound is the only way out
    "urllib.request": set[str](),
}


def test_every_import_goes_down_the_staircase(monkeypatch, capsys):
    """The contracts of pyproject.toml, section [tool.importlinter].

    Products of this kind die of the shortcut: a page that reads a table "just this once", a protocol module that asks
    the network. Each shortcut is small; after fifty of them nothing can be tested alone and no rule can be trusted to
    be in one place. So the floors are contracts, and the tool names the import that breaks one, with its path.
    """
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == os.EX_OK, capsys.readouterr().out


def test_a_library_is_known_to_its_own_floors_only():
    """One library, one place.

    When lxml's parser had to be hardened in other products, it was hardened in the three places that somebody
    remembered. Here the XML parser is set up in one file of `saml`, the SQL engine in one of `storage`, and nobody
    else may have one to forget.
    """
    assert [stranger for module in modules() for stranger in strangers(module)] == []


def test_a_library_without_a_floor_is_a_stranger():
    """A new library is added to the list with the floor that needs it, or it stays outside."""
    text = "import requests\nimport lxml.etree\nfrom urllib.request import urlopen\nfrom urllib.parse import quote\n"
    module = Module(path="services/example.py", text=text, tree=ast.parse(text))
    assert [stranger.split()[-1] for stranger in strangers(module)] == [
        "requests",
        "lxml.etree",
        "urllib.request",
        "urllib.request.urlopen",
    ]


def strangers(module: Module) -> list[str]:
    """The imports of libraries that this file's floor may not know."""
    return [
        f"{module.path}:{line} imports {name}"
        for name, line in imported_names(module.tree)
        if module.floor not in _floors_of(name, otherwise=module.floor)
    ]


def _floors_of(name: str, *, otherwise: str) -> set[str]:
    parts = name.split(".")
    for known in (parts[0], ".".join(parts[:2])):
        if known in LIBRARIES_AND_THEIR_FLOORS:
            return LIBRARIES_AND_THEIR_FLOORS[known]
    is_known = parts[0] in sys.stdlib_module_names or parts[0] == "ostiary"
    return {otherwise} if is_known else set()


def test_a_protocol_library_is_used_through_its_face():
    """From above, `from ostiary import saml` and `saml.read_response(...)`; never a file inside.

    What verifies a signature and what reads an assertion are two files, and only the face calls them in the right
    order. A caller that reached inside could read what nobody has verified: most of the signature bypasses of the
    last ten years were exactly this.
    """
    reached_inside = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        for name, line in imported_names(module.tree)
        if (parts := name.split("."))[0] == "ostiary"
        and len(parts) > 2
        and parts[1] in FACES
        and module.floor != parts[1]
        and ".".join(parts[:3]) not in OPEN_TO_ALL
        and _is_module(parts[1:3])
    ]
    assert reached_inside == []


def _is_module(parts: list[str]) -> bool:
    return any(module.path == "/".join(parts) + ".py" for module in modules())
