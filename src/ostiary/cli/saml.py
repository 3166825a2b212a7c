"""`ostiary saml`: SAML messages outside of a sign-in."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

JUDGED = 0
NOT_ALL = 1
USAGE = 2

saml_messages = typer.Typer(no_args_is_help=True, help="SAML messages, judged as a sign-in judges them.")


@saml_messages.callback()
def _group() -> None:
    """SAML messages, judged as a sign-in judges them."""


@saml_messages.command("check")
def check(
    cases: Annotated[Path, typer.Argument(help="A JSON list of cases; files in it are relative to it.")],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Allow nothing that a case requires: the policy of a new connection.")
    ] = False,
) -> None:
    """Judge a list of answers, and print one JSON object for each, in its order.

    The exit status is 0 where every case could be judged, 1 where one could not: its line says why.
    """
    from ostiary.cli.cases import judge, read_cases

    try:
        listed = read_cases(cases)
    except (OSError, ValueError) as error:
        print(f"{cases} holds no list of cases: {error}", file=sys.stderr)
        raise typer.Exit(USAGE) from error
    status = JUDGED
    for case in listed:
        verdict = judge(case, folder=cases.parent, is_strict=strict)
        print(json.dumps(verdict.as_json()), flush=True)
        if verdict.error:
            status = NOT_ALL
    raise typer.Exit(status)
