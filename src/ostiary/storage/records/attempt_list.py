"""The list of attempts: searched, filtered and turned page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, or_, select

from ostiary.domain.attempt import LoginAttempt, Outcome
from ostiary.kernel.ids import AttemptId, ConnectionId, OrganizationId
from ostiary.storage.records.attempt_rows import COLUMNS, read_attempt
from ostiary.storage.schema import attempts
from ostiary.storage.statements import Statements

_c = attempts.c
_ESCAPE = "\\"
_LONGEST_SEARCH = 254
_NEWER: Final = "newer"
_OLDER: Final = "older"
MOST_COUNTED = 10_000
"""A list of a million is not read through for a number: this one means "so many or more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFilter:
    """What an admin looks for. Without anything: all."""

    search: str = ""
    """A part of the person's name or address, or the beginning of a reference or of a code."""
    outcome: Outcome | None = None
    connection_id: ConnectionId | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """Some attempts, the newest first."""

    attempts: tuple[LoginAttempt, ...]
    total: int
    """How many fit, on all pages; at most `MOST_COUNTED`."""
    first: int
    """Which of them the first on this page is, from 1; 0 on an empty page."""
    newer: str | None
    """Cursor of the page before; None on the first."""
    older: str | None
    """Cursor of the page after; None on the last."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    direction: Literal["newer", "older"]
    attempt_id: AttemptId


def page_of_attempts(
    run: Statements, wanted: AttemptFilter, *, organization_id: OrganizationId, cursor: str | None, limit: int
) -> AttemptPage:
    """A page of the organization's attempts."""
    conditions = _conditions(wanted, organization_id)
    found = _rows(run, conditions, _read_cursor(cursor), limit)
    if not found:
        return AttemptPage(attempts=(), total=_count(run, conditions), first=0, newer=None, older=None)
    newest, oldest = found[0].id, found[-1].id
    before = _count(run, [*conditions, _c.id > newest])
    after = _count(run, [*conditions, _c.id < oldest])
    return AttemptPage(
        attempts=found,
        total=min(before + len(found) + after, MOST_COUNTED),
        first=before + 1,
        newer=f"{_NEWER}.{newest}" if before else None,
        older=f"{_OLDER}.{oldest}" if after else None,
    )


def _rows(
    run: Statements, conditions: list[ColumnElement[bool]], cursor: _Cursor | None, limit: int
) -> tuple[LoginAttempt, ...]:
    statement = select(*COLUMNS).where(*conditions).limit(limit)
    if cursor is not None and cursor.direction == _NEWER:
        nearest_first = statement.where(_c.id > cursor.attempt_id).order_by(_c.id)
        return tuple(read_attempt(row) for row in reversed(run.rows(nearest_first)))
    if cursor is not None:
        statement = statement.where(_c.id < cursor.attempt_id)
    return tuple(read_attempt(row) for row in run.rows(statement.order_by(_c.id.desc())))


def _count(run: Statements, conditions: list[ColumnElement[bool]]) -> int:
    inner = select(_c.id).where(*conditions).limit(MOST_COUNTED).subquery()
    return int(run.rows(select(func.count()).select_from(inner))[0][0])


def _read_cursor(text: str | None) -> _Cursor | None:
    direction, _, attempt_id = (text or "").partition(".")
    match direction:
        case "newer" | "older" if attempt_id.isalnum():
            return _Cursor(direction, AttemptId(attempt_id))
        case _:
            return None


def _conditions(wanted: AttemptFilter, organization_id: OrganizationId) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_c.organization_id == organization_id]
    if wanted.search.strip():
        found.append(_matches(wanted.search))
    if wanted.outcome is not None:
        found.append(_c.outcome == wanted.outcome.value)
    if wanted.connection_id is not None:
        found.append(_c.connection_id == wanted.connection_id)
    if wanted.since is not None:
        found.append(_c.started_at >= wanted.since)
    return found


def _matches(search: str) -> ColumnElement[bool]:
    text = search.strip()[:_LONGEST_SEARCH].lower()
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return or_(
        func.lower(_c.email_hint).like(f"%{text}%", escape=_ESCAPE),
        func.lower(_c.person).like(f"%{text}%", escape=_ESCAPE),
        func.lower(_c.reference).like(f"{text}%", escape=_ESCAPE),
        _c.code.like(f"{text}%", escape=_ESCAPE),
    )
