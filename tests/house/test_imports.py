import os

from importlinter.cli import lint_imports

from tests.house.source import ROOT, imported_names, modules

FACES = {"saml"}
OPEN_TO_ALL = {"ostiary.saml.errors"}  # the catalogue names every class of refusal
LIBRARIES_AND_THEIR_FLOORS = {
    "lxml": {"saml", "simulator"},
    "joserfc": {"oidc", "simulator"},
    "sqlalchemy": {"storage"},
    "psycopg": {"storage"},
    "alembic": {"storage"},
    "starlette": {"web", "simulator", "demo"},
    "httpx2": {"outbound"},
    "httpcore2": {"outbound"},
    "dns": {"outbound", "demo"},
    "smtplib": {"outbound"},
    "typer": {"cli"},
    "rich": {"cli"},
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
    strangers = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        for name, line in imported_names(module.tree)
        if module.floor not in LIBRARIES_AND_THEIR_FLOORS.get(name.split(".")[0], {module.floor})
    ]
    assert strangers == []


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
