"""The list of attempts: searched, filtered and turned page by page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from ostiary.domain.attempt import LoginAttempt, Outcome, Purpose
from ostiary.kernel.ids import AttemptId, ConnectionId, OrganizationId
from ostiary.storage.records.attempt_rows import COLUMNS, read_attempt
from ostiary.storage.schema import attempts
from ostiary.storage.statements import Statements

_c = attempts.c
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptQuery:
    """What an admin looks for. Without anything: all, the newest first."""

    search: str = ""
    """A part of the person's name or address, or the beginning of a reference or of a code."""
    outcomes: tuple[Outcome, ...] = ()
    """One of these; empty for any."""
    purpose: Purpose | None = None
    connection_id: ConnectionId | None = None
    since: datetime | None = None
    older_than: AttemptId | None = None
    """The page after this attempt."""
    newer_than: AttemptId | None = None
    """The page before this attempt."""
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """Some attempts, the newest first, and whether there are more on each side."""

    attempts: tuple[LoginAttempt, ...]
    has_newer: bool
    has_older: bool


def page_of_attempts(run: Statements, query: AttemptQuery, organization_id: OrganizationId) -> AttemptPage:
    """A page of the organization's attempts."""
    goes_up = query.newer_than is not None
    statement = select(*COLUMNS).where(*_conditions(query, organization_id))
    if query.newer_than is not None:
        statement = statement.where(_c.id > query.newer_than).order_by(_c.id)
    else:
        if query.older_than is not None:
            statement = statement.where(_c.id < query.older_than)
        statement = statement.order_by(_c.id.desc())
    rows = [read_attempt(row) for row in run.rows(statement.limit(query.limit + 1))]
    has_more = len(rows) > query.limit
    rows = rows[: query.limit]
    if goes_up:
        rows.reverse()
    return AttemptPage(
        attempts=tuple(rows),
        has_newer=has_more if goes_up else query.older_than is not None,
        has_older=goes_up or has_more,
    )


def count_attempts(run: Statements, query: AttemptQuery, organization_id: OrganizationId, *, most: int) -> int:
    """How many attempts fit, counted up to `most`: a list of a million is not read for a number."""
    inner = select(_c.id).where(*_conditions(query, organization_id)).limit(most).subquery()
    return int(run.rows(select(func.count()).select_from(inner))[0][0])


def _conditions(query: AttemptQuery, organization_id: OrganizationId) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_c.organization_id == organization_id]
    if query.search:
        found.append(_matches(query.search))
    if query.outcomes:
        found.append(_c.outcome.in_([outcome.value for outcome in query.outcomes]))
    if query.purpose is not None:
        found.append(_c.purpose == query.purpose.value)
    if query.connection_id is not None:
        found.append(_c.connection_id == query.connection_id)
    if query.since is not None:
        found.append(_c.started_at >= query.since)
    return found


def _matches(search: str) -> ColumnElement[bool]:
    text = search.strip()[:254].lower()
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return or_(
        func.lower(_c.email_hint).like(f"%{text}%", escape=_ESCAPE),
        func.lower(_c.person).like(f"%{text}%", escape=_ESCAPE),
        func.lower(_c.reference).like(f"{text}%", escape=_ESCAPE),
        _c.code.like(f"{text}%", escape=_ESCAPE),
    )
