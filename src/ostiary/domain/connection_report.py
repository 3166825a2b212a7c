"""The report of a connection test: every check, what arrived, and what would happen. Stored sealed, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from ostiary.kernel.errors import Fact, Finding
from ostiary.kernel.report import CheckResult, NotRun, Passed, Refused


class Result(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    NOTED = "noted"
    """Nobody is refused for it, and a finding of the report says what is worth a look."""
    REFUSED = "refused"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of the report."""

    name: str
    result: Result
    seen: str = ""
    because_of: str = ""
    code: str = ""
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeLine:
    """One attribute that arrived. `used_for` is email, first_name, last_name or groups; empty if it is not used.

    With OpenID Connect a claim; it may be used for the subject too, and for checked: it was held against something.
    """

    name: str
    values: tuple[str, ...]
    used_for: str
    source: str = ""
    """With OpenID Connect id_token, userinfo or both; empty with SAML, and in older reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """Something worth the admin's attention, by its code."""

    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldHappen:
    """What a sign-in with this answer would do. `kind` is sign_in, link, confirm, create or refused."""

    kind: str
    account: str
    email: str
    role: str
    code: str = ""
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedIdentity:
    """The identity of a passed test, so that an owner can take it for their account."""

    issuer: str
    subject: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """All that a test has shown."""

    # pytest would collect a class of this name where a test imports it.
    __test__ = False

    checks: tuple[CheckLine, ...]
    is_verified: bool
    """Whether the attributes were read from signed bytes; otherwise they are shown as not verified, and never used."""
    name_id: str
    name_id_format: str
    attributes: tuple[AttributeLine, ...]
    findings: tuple[FindingLine, ...]
    would: WouldHappen | None
    identity: ReceivedIdentity | None
    size: int
    signed_by: str = ""
    """The fingerprint of the pinned key that signed; empty where none did, and in older reports."""

    @property
    def passed(self) -> bool:
        """Whether no check refused and none was left out."""
        return all(line.result in {Result.PASSED, Result.NOTED} for line in self.checks)

    @property
    def first_refusal(self) -> CheckLine | None:
        """The first check that refused: the headline of the report."""
        return next((line for line in self.checks if line.result is Result.REFUSED), None)

    def to_json(self) -> str:
        """The report as text, for the store."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "TestReport":
        """The report that `to_json` has written."""
        stored = json.loads(text)
        return cls(
            checks=tuple(
                CheckLine(**{**line, "result": Result(line["result"]), "facts": _facts(line["facts"])})
                for line in stored["checks"]
            ),
            is_verified=stored["is_verified"],
            name_id=stored["name_id"],
            name_id_format=stored["name_id_format"],
            attributes=tuple(
                AttributeLine(
                    name=line["name"],
                    values=tuple(line["values"]),
                    used_for=line["used_for"],
                    source=line.get("source", ""),
                )
                for line in stored["attributes"]
            ),
            findings=tuple(FindingLine(code=line["code"], facts=_facts(line["facts"])) for line in stored["findings"]),
            would=WouldHappen(**{**stored["would"], "facts": _facts(stored["would"]["facts"])})
            if stored["would"]
            else None,
            identity=ReceivedIdentity(**stored["identity"]) if stored["identity"] else None,
            size=stored["size"],
            signed_by=stored.get("signed_by", ""),
        )


def check_line(result: CheckResult) -> CheckLine:
    """A result of the kernel's runner as a line of the report."""
    match result:
        case Passed(name=name, seen=seen):
            return CheckLine(name=name, result=Result.PASSED, seen=seen, facts={})
        case Refused(name=name, refusal=refusal):
            return CheckLine(name=name, result=Result.REFUSED, code=refusal.code, facts=refusal.facts())
        case NotRun(name=name, because_of=because_of):
            return CheckLine(name=name, result=Result.NOT_RUN, because_of=because_of, facts={})


def finding_line(finding: Finding) -> FindingLine:
    """A finding as a line of the report."""
    return FindingLine(code=finding.code, facts=finding.facts())


def _facts(stored: Mapping[str, str | list[str]]) -> Mapping[str, Fact]:
    """Facts as they were: JSON has no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
