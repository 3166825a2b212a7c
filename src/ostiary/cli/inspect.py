"""`ostiary saml inspect`: what something is, what is wrong with it, and what to do, for people and for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ostiary import saml
from ostiary.domain.connection_report import Result
from ostiary.domain.doctor.inspection import Inspection, Verdict
from ostiary.guides import ConnectionValues, Guide, guide
from ostiary.kernel.clock import SystemClock
from ostiary.problems import Explanation, Reader
from ostiary.problems.doctor.telling import Told, told
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.consulting import LARGEST_IN_A_FILE, Case, Doctor
from ostiary.services.doctor.examining import examine
from ostiary.services.doctor.recognising import specimens_in

if TYPE_CHECKING:
    from rich.console import RenderableType

_MARKS = {
    Result.PASSED: ("✓", "green"),
    Result.NOTED: ("!", "yellow"),
    Result.REFUSED: ("✗", "bold red"),
    Result.NOT_RUN: ("·", "dim"),
}
_COLOURS = {Verdict.RIGHT: "green", Verdict.WRONG: "bold red", Verdict.UNREADABLE: "yellow"}
_STATUS = {Verdict.RIGHT: 0, Verdict.WRONG: 1, Verdict.UNREADABLE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the words of the command say of a connection that no database knows."""

    metadata: Path | None
    certificates: Sequence[Path]
    entity_id: str
    acs_url: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One specimen, looked at, with its words."""

    inspection: Inspection
    words: Told
    connection: str


def read(source: str) -> bytes:
    """What stands in the file, or comes in where it is `-`: one byte more than is read, so that it is seen.

    Raises: `OSError`.
    """
    if source == "-":
        return sys.stdin.buffer.read(LARGEST_IN_A_FILE + 1)
    with Path(source).open("rb") as file:
        return file.read(LARGEST_IN_A_FILE + 1)


def against_known(known: Known) -> Against:
    """What is held against it without a database. Raises: `OSError`, a `Refusal` of the metadata or certificate."""
    certificates = [
        each for path in known.certificates for each in saml.read_certificates(path.read_bytes(), minimum_rsa_bits=0)
    ]
    issuer, sso_url = known.issuer, ""
    if known.metadata is not None:
        metadata = saml.read_idp_metadata(known.metadata.read_bytes(), entity_id=known.issuer or None)
        issuer, sso_url = metadata.entity_id, metadata.sso_url
        certificates.extend(metadata.certificates)
    return Against(
        entity_id=known.entity_id,
        acs_url=known.acs_url,
        idp_entity_id=issuer,
        sso_url=sso_url,
        certificates=tuple(certificates),
    )


def without_store(pasted: bytes, against: Against, *, at: datetime | None) -> list[Spoken]:
    """Each specimen held against what the words of the command say."""
    values = ConnectionValues(
        product="Ostiary",
        organization="",
        acs_url=against.acs_url or "the ACS URL",
        entity_id=against.entity_id or "the Entity ID",
        sso_url=against.sso_url,
        idp_entity_id=against.idp_entity_id,
    )
    is_known = bool(against.certificates or against.entity_id or against.acs_url)
    inspections = [
        examine(each, against=against, at=at, now=SystemClock().now())
        for each in specimens_in(pasted, limit=LARGEST_IN_A_FILE)
    ]
    return [_spoken(each, guide("saml") if is_known else None, values) for each in inspections]


def with_store(doctor: Doctor, pasted: bytes, *, connection_id: str, at: datetime | None, product: str) -> list[Spoken]:
    """Each specimen held against this connection. Raises: `ConnectionUnknown`."""
    organization = doctor.of_connection(connection_id)
    case = Case(pasted=pasted, choice=connection_id, at=at, limit=LARGEST_IN_A_FILE)
    spoken = []
    for each in doctor.inspect(case, organization=organization):
        connection = each.connection
        known = guide(connection.provider, protocol=connection.protocol) if connection else None
        values = (
            ConnectionValues.of(
                connection, product=product, organization=organization.name, public_url=doctor.public_url
            )
            if connection
            else ConnectionValues.without_connection(product=product)
        )
        spoken.append(_spoken(each.inspection, known, values, connection=connection.id if connection else ""))
    return spoken


def _spoken(inspection: Inspection, known: Guide | None, values: ConnectionValues, *, connection: str = "") -> Spoken:
    words = told(inspection, guide=known, values=values, reader=Reader.CLI)
    return Spoken(inspection=inspection, words=words, connection=connection)


def moment(written: str) -> datetime:
    """The time that was given, in UTC where it names no zone. Raises: `ValueError`."""
    at = datetime.fromisoformat(written)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def status(spoken: Sequence[Spoken]) -> int:
    """0 where nothing is wrong, 1 where something is, 2 where nothing of SAML could be read."""
    verdicts = [each.words.verdict for each in spoken]
    if Verdict.WRONG in verdicts:
        return _STATUS[Verdict.WRONG]
    return _STATUS[Verdict.RIGHT] if Verdict.RIGHT in verdicts else _STATUS[Verdict.UNREADABLE]


def print_json(spoken: Sequence[Spoken]) -> None:
    """One object for each specimen, in a list."""
    print(json.dumps([_as_json(each) for each in spoken], indent=2))


def _as_json(spoken: Spoken) -> dict[str, object]:
    inspection, words = spoken.inspection, spoken.words
    return {
        "kind": inspection.specimen.kind.value,
        "carrier": inspection.specimen.carrier.value,
        "what": words.what,
        "verdict": words.verdict.value,
        "sentence": words.sentence,
        "connection": spoken.connection or None,
        "judged_at": inspection.judged_at.isoformat() if inspection.judged_at else None,
        "wrong": [_explained(each) for each in words.wrong],
        "notes": [_explained(each) for each in words.notes],
        "checks": [
            {"name": line.name, "result": line.result.value, "seen": line.seen, "code": line.code or None}
            for line in inspection.checks
        ],
        "says": {line.name: list(line.values) for line in words.lines},
        "person": {
            "is_verified": inspection.is_verified,
            "name_id": inspection.name_id,
            "name_id_format": inspection.name_id_format,
            "attributes": [{"name": each.name, "values": list(each.values)} for each in inspection.attributes],
        },
    }


def _explained(words: Explanation) -> dict[str, object]:
    return {
        "code": words.code,
        "title": words.title,
        "second": words.second,
        "evidence": [
            {
                "label": row.label,
                "note": row.note,
                "values": ["".join(run.text for run in marks) for marks in row.values],
            }
            for row in words.rows
        ],
        "difference": words.difference,
        "steps": [step.plain for step in words.steps],
    }


class Printer:
    """Prints in colours and tables to a terminal, and as plain lines to anything else."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())

    def all(self, spoken: Sequence[Spoken]) -> None:
        """Everything that there is to say."""
        for number, each in enumerate(spoken, start=1):
            if len(spoken) > 1:
                self._line(f"\n{number} of {len(spoken)}", "dim")
            self._one(each)

    def _one(self, spoken: Spoken) -> None:
        words, inspection = spoken.words, spoken.inspection
        self._line(words.what, "bold")
        if not words.wrong:
            self._line(words.sentence, _COLOURS[words.verdict])
        for each in words.wrong:
            self._explanation(each)
        if words.groups:
            self._line(f"\nChecks: {words.counts}", "bold")
            for group in words.groups:
                self._table([(*_MARKS[line.result], line.title, line.seen) for line in group.lines])
        if inspection.attributes or inspection.name_id:
            trusted = "verified" if inspection.is_verified else "not verified, used for nothing"
            self._line(f"\nThe person ({trusted})", "bold")
            rows = [("NameID", inspection.name_id), *((a.name, ", ".join(a.values)) for a in inspection.attributes)]
            self._table([("", "", name, value) for name, value in rows])
        if words.lines:
            self._line("\nWhat it says (not verified)", "bold")
            self._table([("", "", line.label, "\n".join(line.values)) for line in words.lines])
        for each in words.notes:
            self._line(f"\nNote: {each.title}", "bold")
            self._line(each.second)

    def _explanation(self, words: Explanation) -> None:
        self._line(f"\n{words.title} ({words.code})", "bold")
        self._line(words.second)
        for row in words.rows:
            for marks in row.values:
                text = Text(f"  {row.label:9} ")
                for run in marks:
                    text.append(_printable(run.shown), style="bold red underline" if run.differs else "")
                self._console.print(text)
        if words.difference:
            self._line(f"  {words.difference}", "red")
        if words.steps:
            self._line(words.fix_heading, "bold")
            self._line(words.steps_as_text)

    def _table(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Mark, its colour, name and value."""
        if not self._console.is_terminal:
            for mark, _, name, value in rows:
                in_one_line = value.replace("\n", "; ")
                self._line(f"  {mark + ' ' if mark else ''}{name}: {in_one_line}".rstrip(": "))
            return
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column()
        table.add_column()
        table.add_column(overflow="fold")
        for mark, colour, name, value in rows:
            cells: list[RenderableType] = [Text(f"  {mark}", colour), Text(_printable(name)), Text(_printable(value))]
            table.add_row(*cells)
        self._console.print(table)

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(_printable(text), style=style))


def _printable(text: str) -> str:
    """Without what would steer a terminal: messages come from strangers."""
    return "".join(each if each.isprintable() or each == "\n" else "�" for each in text)
