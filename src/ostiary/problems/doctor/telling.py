"""An inspection in words, joined with the guide of the connection's provider: for the page and the command line."""

from dataclasses import dataclass

from ostiary.domain.connection_report import Result
from ostiary.domain.doctor.inspection import Inspection, Remark, Verdict
from ostiary.domain.doctor.specimen import FOREIGN, Kind
from ostiary.guides import ConnectionValues, Guide
from ostiary.problems.checks import ReportGroup, counts, report
from ostiary.problems.doctor.words import HOW, WHAT, label
from ostiary.problems.explain import Explanation, Reader, explain

_SIGNATURE_NOT_SEEN = frozenset({Kind.AUTHN_REQUEST, Kind.LOGOUT_REQUEST, Kind.LOGOUT_RESPONSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that stands in the specimen."""

    name: str
    """The name that programs know."""
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a reader is told about one specimen."""

    what: str
    """What it is, and how it was wrapped."""
    verdict: Verdict
    sentence: str
    """How it ended, in one sentence."""
    wrong: tuple[Explanation, ...]
    notes: tuple[Explanation, ...]
    lines: tuple[Line, ...]
    groups: tuple[ReportGroup, ...]
    counts: str


def told(inspection: Inspection, *, guide: Guide | None, values: ConnectionValues, reader: Reader) -> Told:
    """The inspection in words. `guide` is None where no connection is at hand."""
    specimen = inspection.specimen
    how = HOW[specimen.carrier]
    wrong = _explained(inspection.wrong, guide, values, reader)
    return Told(
        what=f"{WHAT[specimen.kind]}, {how}" if how and specimen.kind not in FOREIGN else WHAT[specimen.kind],
        verdict=inspection.verdict,
        sentence=wrong[0].title if wrong else _right(inspection, guide),
        wrong=wrong,
        notes=_explained(inspection.notes, guide, values, reader),
        lines=tuple(Line(name=name, label=label(name), values=said) for name, said in inspection.facts),
        groups=report(inspection.checks, guide=guide, values=values),
        counts=counts(inspection.checks),
    )


def _explained(
    remarks: tuple[Remark, ...], guide: Guide | None, values: ConnectionValues, reader: Reader
) -> tuple[Explanation, ...]:
    return tuple(explain(each.code, each.facts, guide=guide, values=values, reader=reader) for each in remarks)


def _right(inspection: Inspection, guide: Guide | None) -> str:
    kind = inspection.specimen.kind
    if kind is Kind.URL:
        return "A web address says little by itself."
    if guide is None:
        return "Nothing is wrong with it, as far as it can be judged without a connection."
    if kind in _SIGNATURE_NOT_SEEN:
        return "Its values fit this connection. Its signature was not looked at."
    if kind is not Kind.RESPONSE:
        is_one = kind is Kind.CERTIFICATE
        return f"It is a certificate of the connection to {guide.name}." if is_one else "It fits this connection."
    results = {line.name: line.result for line in inspection.checks}
    is_whole = results.get("account") is Result.PASSED and Result.NOT_RUN not in results.values()
    if is_whole:
        return "Nothing is wrong with this answer: a sign-in takes it."
    return "Nothing is wrong with this answer, as far as it could be judged."
