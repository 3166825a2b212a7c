from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from ostiary.kernel.errors import Finding, Refusal


@dataclass(eq=False)
class Everything(Refusal):
    code: ClassVar[str] = "test.everything"
    expected: str
    received: tuple[str, ...]
    at: datetime
    limit: int
    nothing: str | None = None


@dataclass(frozen=True)
class Noticed(Finding):
    code: ClassVar[str] = "test.noticed"
    names: tuple[int, ...]


def a_refusal() -> Everything:
    at = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC)
    return Everything(expected="a", received=("b", "c"), at=at, limit=3)


def test_the_facts_are_the_fields_as_text():
    assert a_refusal().facts() == {
        "expected": "a",
        "received": ("b", "c"),
        "at": "2026-11-21T10:00:00+00:00",
        "limit": "3",
        "nothing": "",
    }


def test_a_finding_has_facts_too():
    assert Noticed(names=(1, 2)).facts() == {"names": ("1", "2")}


def test_a_refusal_prints_as_its_code_and_nothing_that_was_received():
    # A log line or a traceback must not carry what an identity provider sent (decision 18).
    assert str(a_refusal()) == "test.everything"


def test_a_refusal_passes_through_a_context_manager_and_can_be_kept():
    @contextmanager
    def passing():
        yield

    refusal = a_refusal()
    with pytest.raises(Everything) as caught, passing():
        raise refusal
    assert caught.value is refusal
    assert {refusal: 1}[refusal] == 1
    assert refusal != a_refusal()
