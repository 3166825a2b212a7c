"""What is no longer kept, in batches small enough to disturb nobody (decision 18)."""

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Table, delete, or_, select, tuple_

from ostiary.storage.schema import (
    attempt_messages,
    attempt_secrets,
    attempts,
    links,
    logouts,
    outbox,
    possessions,
    replays,
    sessions,
    throttle,
)
from ostiary.storage.statements import Statements

ATTEMPTS_KEPT = timedelta(days=90)
MAIL_KEPT = timedelta(days=30)
SESSIONS_KEPT = timedelta(days=1)
"""After their end, so that a page can still say that it was there."""


def purge(run: Statements, *, limit: int, now: datetime) -> int:
    """Remove at most `limit` rows of each kind that are no longer kept, and tell how many that were."""
    ended = now - SESSIONS_KEPT
    # Ids sort by time, so the oldest attempts are the first of the index.
    oldest = select(attempts.c.id, attempts.c.started_at).order_by(attempts.c.id).limit(limit).subquery()
    old_attempts = select(oldest.c.id).where(oldest.c.started_at <= now - ATTEMPTS_KEPT)
    work = (
        (attempts, attempts.c.id.in_(old_attempts)),  # with its timeline, message and report
        (attempt_messages, attempt_messages.c.keep_until <= now),
        (sessions, or_(sessions.c.not_after <= ended, sessions.c.idle_until <= ended)),
        (replays, replays.c.until <= now),
        (throttle, throttle.c.window_ends <= now),
        (links, links.c.expires_at <= now),
        (attempt_secrets, attempt_secrets.c.expires_at <= now),
        (possessions, possessions.c.expires_at <= now),
        (logouts, logouts.c.expires_at <= ended),
        (outbox, outbox.c.created_at <= now - MAIL_KEPT),
    )
    return sum(_remove(run, table, condition, limit) for table, condition in work)


# SQLAlchemy's Table has a parameter whose default is Any.
def _remove(run: Statements, table: Table, condition: ColumnElement[bool], limit: int) -> int:  # type: ignore[explicit-any]
    key: tuple[Column[str], ...] = tuple(table.primary_key.columns)
    old = select(*key).where(condition).limit(limit).with_for_update(skip_locked=True)
    chosen = key[0].in_(old) if len(key) == 1 else tuple_(*key).in_(old)
    return run.core.execute(delete(table).where(chosen)).rowcount
