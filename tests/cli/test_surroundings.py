import typer
from typer.testing import CliRunner

from ostiary.cli.main import app
from ostiary.cli.surroundings import DEMO_FOLDER, chosen_settings


def in_the_demo() -> typer.Context:
    return typer.Context(typer.main.get_command(app), obj=True)


def test_commands_on_the_demo_speak_of_the_addresses_that_it_has(tmp_path, monkeypatch):
    """Else every answer of its providers looks as if it were addressed to another server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OSTIARY_PORT", raising=False)
    DEMO_FOLDER.mkdir()
    (DEMO_FOLDER / "port").write_text("9500\n")
    settings = chosen_settings(in_the_demo())
    assert (settings.public_url, settings.product_name) == ("http://localhost:9500", "Ringline")
    assert settings.data_dir == (tmp_path / DEMO_FOLDER / "data").resolve()


def test_a_demo_at_another_port_is_named_by_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (DEMO_FOLDER / "port-9600").mkdir(parents=True)
    (DEMO_FOLDER / "port").write_text("9500\n")
    monkeypatch.setenv("OSTIARY_PORT", "9600")
    assert chosen_settings(in_the_demo()).public_url == "http://localhost:9600"


def test_the_organizations_of_no_database_are_not_listed_and_no_database_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTIARY_KEY_FILE", str(tmp_path / "elsewhere" / "key"))
    answered = CliRunner().invoke(app, ["organizations", "list"])
    assert answered.exit_code == 1
    assert f"There is no database: {tmp_path / 'data' / 'ostiary.db'}" in answered.output
    assert list(tmp_path.iterdir()) == []
