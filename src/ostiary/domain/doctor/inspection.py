"""What there is to say about one specimen: what it is, what was checked, what is wrong, what is worth knowing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ostiary.domain.connection_report import AttributeLine, CheckLine, Result, WouldHappen
from ostiary.domain.doctor.findings import DoctorFinding
from ostiary.domain.doctor.specimen import FOREIGN, Specimen
from ostiary.kernel.errors import Fact, Finding, Named

Facts = tuple[tuple[str, tuple[str, ...]], ...]


class Verdict(StrEnum):
    """How it ended."""

    RIGHT = "right"
    """Nothing was found wrong with it, as far as it could be judged."""
    WRONG = "wrong"
    UNREADABLE = "unreadable"
    """It holds nothing of SAML that could be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to say, by its code. `is_wrong`: something has to be done."""

    code: str
    facts: Mapping[str, Fact]
    is_wrong: bool


def remark(named: Named) -> Remark:
    """A refusal is always wrong; a finding only where it says so."""
    is_wrong = named.is_wrong if isinstance(named, DoctorFinding) else not isinstance(named, Finding)
    return Remark(code=named.code, facts=named.facts(), is_wrong=is_wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One specimen, looked at."""

    specimen: Specimen
    facts: Facts = ()
    """What it says, unverified, by name and in order."""
    checks: tuple[CheckLine, ...] = ()
    """Those of a sign-in that could be run or had to be left out, in order."""
    remarks: tuple[Remark, ...] = ()
    is_verified: bool = False
    """Whether name and attributes were read from what a trusted key has signed."""
    name_id: str = ""
    name_id_format: str = ""
    attributes: tuple[AttributeLine, ...] = ()
    would: WouldHappen | None = None
    judged_at: datetime | None = None

    @property
    def wrong(self) -> tuple[Remark, ...]:
        """What has to be mended: the refused checks in their order, then the rest."""
        refused = (each for each in self.checks if each.result is Result.REFUSED)
        return (
            *(Remark(code=each.code, facts=each.facts, is_wrong=True) for each in refused),
            *(each for each in self.remarks if each.is_wrong),
        )

    @property
    def notes(self) -> tuple[Remark, ...]:
        """What is worth knowing."""
        return tuple(each for each in self.remarks if not each.is_wrong)

    @property
    def verdict(self) -> Verdict:
        """Right, wrong, or nothing of SAML."""
        if self.specimen.kind in FOREIGN:
            return Verdict.UNREADABLE
        return Verdict.WRONG if self.wrong else Verdict.RIGHT
