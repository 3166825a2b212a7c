"""`ostiary saml`: SAML messages outside of a sign-in."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ostiary.cli.surroundings import USAGE, in_words, is_for_the_demo, settings_of_a_store, without_number

if TYPE_CHECKING:
    from datetime import datetime

    from ostiary.cli.inspect import Spoken

JUDGED = 0
NOT_ALL = 1

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

    A case has `id`, `file` (the answer) with `encoding` (xml, b64 or b64deflate), `idp_cert_file` and `idp_entity_id`,
    `acs_url`, `now` (when it arrived); where they are to be compared `sp_entity_id` and `in_response_to`; for encrypted
    answers `sp_key_files`; and in `requires` what the connection allows.
    The exit status is 0 where every case could be judged, 1 where one could not: its line says why.
    """
    from ostiary.cli.cases import judge, read_cases

    try:
        listed = read_cases(cases)
    except OSError as error:
        print(without_number(error), file=sys.stderr)
        raise typer.Exit(USAGE) from error
    except ValueError as error:
        print(f"{cases} holds no JSON list of cases. What a case is: ostiary saml check --help", file=sys.stderr)
        raise typer.Exit(USAGE) from error
    status = JUDGED
    for case in listed:
        verdict = judge(case, folder=cases.parent, is_strict=strict)
        print(json.dumps(verdict.as_json()), flush=True)
        if verdict.error:
            status = NOT_ALL
    raise typer.Exit(status)


@saml_messages.command("inspect")
def inspect(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FILE", help="A file, or - for what comes in.")],
    *,
    connection: Annotated[str, typer.Option(help="The id of a connection in the database to hold it against.")] = "",
    metadata: Annotated[Path | None, typer.Option(help="Metadata of the identity provider.")] = None,
    certificate: Annotated[
        list[Path] | None, typer.Option(help="A certificate to trust. May be given several times.")
    ] = None,
    entity_id: Annotated[str, typer.Option(help="Our Entity ID: the audience that is expected.")] = "",
    acs_url: Annotated[str, typer.Option(help="Our ACS URL: where the answer has to be sent.")] = "",
    issuer: Annotated[str, typer.Option(help="The identity provider's entity ID.")] = "",
    at: Annotated[str, typer.Option(help="When it arrived, as 2026-05-14T10:28:04Z.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what something is, what is wrong with it, and what to do. Nothing is stored, and nobody is asked.

    It takes an answer (XML, base64, a form's body, a browser's HAR), metadata, a certificate, a web address.
    The exit status is 0 where nothing is wrong, 1 where something is, 2 where nothing of SAML could be read.
    """
    from ostiary.cli import inspect as doctor

    known = doctor.Known(
        metadata=metadata, certificates=certificate or [], entity_id=entity_id, acs_url=acs_url, issuer=issuer
    )
    try:
        pasted = doctor.read(source)
        arrived = doctor.moment(at) if at else None
        with in_words():
            if connection:
                spoken = _by_connection(context, pasted, connection_id=connection, at=arrived)
            else:
                spoken = doctor.without_store(pasted, doctor.against_known(known), at=arrived)
    except OSError as error:
        print(without_number(error), file=sys.stderr)
        raise typer.Exit(USAGE) from error
    except ValueError as error:
        print(f"--at takes a time such as 2026-05-14T10:28:04Z, and not: {at}", file=sys.stderr)
        raise typer.Exit(USAGE) from error
    if as_json:
        doctor.print_json(spoken)
    else:
        doctor.Printer().all(spoken)
    raise typer.Exit(doctor.status(spoken))


def _by_connection(
    context: typer.Context, pasted: bytes, *, connection_id: str, at: "datetime | None"
) -> "list[Spoken]":
    from ostiary.cli.inspect import with_store
    from ostiary.wiring import build

    settings = settings_of_a_store(context)
    services = build(settings, is_demo=is_for_the_demo(context))
    try:
        return with_store(services.doctor, pasted, connection_id=connection_id, at=at, product=settings.product_name)
    finally:
        services.close()
