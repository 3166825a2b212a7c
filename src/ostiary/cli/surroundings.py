"""What every command stands in: the settings of its store, and refusals in words."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from ostiary.config import Settings, SettingsRefused, read_settings
from ostiary.kernel.errors import Refusal

REFUSED = 1
USAGE = 2
DEMO_FOLDER = Path(".ostiary-demo")


def is_for_the_demo(context: typer.Context) -> bool:
    """Whether the words before the command were `--demo`."""
    return bool(context.find_root().obj)


def chosen_settings(context: typer.Context) -> Settings:
    """The settings of the store that the command works on. Ends the command where they can't be used."""
    try:
        settings = read_settings(os.environ)
        return _settings_of_the_demo(settings) if is_for_the_demo(context) else settings
    except SettingsRefused as refused:
        print("The settings can't be used:", file=sys.stderr)
        for problem in refused.problems:
            print(f"  {problem}", file=sys.stderr)
        raise typer.Exit(USAGE) from refused


def settings_of_a_store(context: typer.Context) -> Settings:
    """The same, for a command that has nothing to say where no database has been made yet: it makes none."""
    settings = chosen_settings(context)
    file = Path(settings.store_url.removeprefix("sqlite:///"))
    if not settings.database_url and not file.is_file():
        print(f"There is no database: {file}", file=sys.stderr)
        if DEMO_FOLDER.is_dir() and not is_for_the_demo(context):
            print("For the demo of this folder, put --demo before the command: ostiary --demo …", file=sys.stderr)
        raise typer.Exit(REFUSED)
    return settings


def _settings_of_the_demo(asked: Settings) -> Settings:
    """Those with which the demo of this folder runs: at the port that it keeps, unless another was asked for."""
    from ostiary.demo.places import Places

    kept = Places.kept_port(DEMO_FOLDER)
    port = asked.port if "port" in asked.model_fields_set or kept is None else kept
    places = Places.of(port, folder=DEMO_FOLDER)
    if not places.folder.is_dir():
        print("There is no demo in this folder yet: make run", file=sys.stderr)
        raise typer.Exit(USAGE)
    return places.settings(os.environ)


def without_number(error: OSError) -> str:
    """What the machine says of a file, as people read it: "nothing.xml: No such file or directory"."""
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)


@contextmanager
def in_words() -> Iterator[None]:
    """Turns a refusal into its words, and exit status 1."""
    try:
        yield
    except Refusal as refusal:
        print(_words(refusal), file=sys.stderr)
        raise typer.Exit(REFUSED) from refusal


def _words(refusal: Refusal) -> str:
    """What an operator reads: what is wrong, and what to do, in numbered lines."""
    from ostiary.guides import ConnectionValues
    from ostiary.problems import Reader, explain_named

    values = ConnectionValues.without_connection(product="Ostiary")
    words = explain_named(refusal, guide=None, values=values, reader=Reader.CLI)
    return "\n".join(part for part in (f"{words.title} ({refusal.code})", words.second, words.steps_as_text) if part)
