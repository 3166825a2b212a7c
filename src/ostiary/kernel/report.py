"""One ordered list of checks, two runners: `enforce` for logins, `examine` for connection tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ostiary.kernel.errors import Refusal

T = TypeVar("T")


def _nothing_to_show(_case: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """One named judgement about a case."""

    name: str
    run: Callable[[T], None]
    """Returns, or raises a `Refusal`."""
    needs: tuple[str, ...] = ()
    """Names of earlier checks without which this one says nothing."""
    seen: Callable[[T], str] = _nothing_to_show
    """What was looked at, for the report of a test. Called only by `examine`, only when `run` returned."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The check was run and nothing was wrong."""

    name: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The check was run and refused."""

    name: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotRun:
    """The check could say nothing, because another one did not pass."""

    name: str
    because_of: str


CheckResult = Passed | Refused | NotRun


def enforce(checks: Sequence[Check[T]], case: T) -> None:
    """Run the checks in order. Returns when all have passed.

    Raises: the first `Refusal` that a check raises.
    """
    for check in checks:
        check.run(case)


def examine(checks: Sequence[Check[T]], case: T) -> tuple[CheckResult, ...]:
    """Run every check that can be run, and tell the result of each, in order. Raises no `Refusal`."""
    results: list[CheckResult] = []
    failed: set[str] = set()
    for check in checks:
        missing = next((name for name in check.needs if name in failed), None)
        if missing is not None:
            failed.add(check.name)
            results.append(NotRun(check.name, because_of=missing))
            continue
        try:
            check.run(case)
        except Refusal as refusal:
            failed.add(check.name)
            results.append(Refused(check.name, refusal))
        else:
            results.append(Passed(check.name, seen=check.seen(case)))
    return tuple(results)
