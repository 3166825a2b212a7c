"""When somebody is told that a certificate ends: 30, 14, 7 and 1 days before, and when it has ended."""

from datetime import UTC, datetime, timedelta

STEPS = (30, 14, 7, 1, 0)
"""Days before the end, the earliest first; 0 is the end itself."""


def step_of(not_after: datetime, now: datetime) -> int | None:
    """The step that has been reached; None where the end is more than 30 days away."""
    left = not_after - now
    return min((days for days in STEPS if left <= timedelta(days=days)), default=None)


def next_step_at(not_after: datetime, now: datetime) -> datetime | None:
    """When the next step is reached; None after the last one."""
    return min((at for at in (not_after - timedelta(days=days) for days in STEPS) if at > now), default=None)


def days_until(moment: datetime, now: datetime) -> int:
    """How many dates (UTC) lie between: 0 is today. Beside a date, whole days of 24 hours would look miscounted."""
    return (moment.astimezone(UTC).date() - now.astimezone(UTC).date()).days


def in_words(not_after: datetime, now: datetime) -> str:
    """How long it still lasts: "expires in 14 days", "expires today", "has expired"."""
    if not_after <= now:
        return "has expired"
    days = days_until(not_after, now)
    return f"expires in {days} days" if days > 1 else "expires today" if days == 0 else "expires in 1 day"
