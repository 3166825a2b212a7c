"""Background work: scheduled, claimed by one server for a while, finished or tried again (decision 14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ostiary.kernel import ids
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import JobId
from ostiary.storage.schema import jobs
from ostiary.storage.statements import Prepared, Row, Statements

_c = jobs.c
_COLUMNS = (_c.id, _c.kind, _c.payload, _c.due_at, _c.lease_until, _c.attempts)
_MOMENT = _c.due_at.type
# Whoever claimed it last holds it: a server whose lease ended must not finish another one's job.
_HELD = (_c.id == bindparam("job")) & (_c.attempts == bindparam("of_attempt"))

_SCHEDULE = Prepared(
    insert(jobs)
    .values({name: bindparam(f"its_{name}") for name in ("id", "kind", "unique_key", "payload", "due_at", "attempts")})
    .on_conflict_do_nothing(index_elements=["unique_key"])
)
_FINISH = Prepared(delete(jobs).where(_HELD))
_RETRY = Prepared(update(jobs).where(_HELD).values(due_at=bindparam("moment"), lease_until=null()))
_WAITING = Prepared(select(func.count()).where(_c.due_at <= bindparam("moment")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work that was claimed."""

    id: JobId
    kind: str
    payload: Mapping[str, Fact]
    due_at: datetime
    lease_until: datetime
    attempts: int
    """Which try this is, from 1."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Background work."""

    run: Statements

    def schedule(
        self,
        kind: str,
        *,
        due_at: datetime,
        payload: Mapping[str, Fact] | None = None,
        unique_key: str | None = None,
        now: datetime,
    ) -> bool:
        """Put a job down. False when one with this unique key waits or runs already."""
        changed = self.run.change(
            _SCHEDULE,
            its_id=ids.job_id(self.run.vault.random, now),
            its_kind=kind,
            its_unique_key=unique_key,
            its_payload=payload or {},
            its_due_at=due_at,
            its_attempts=0,
        )
        return changed == 1

    def claim(self, kinds: Sequence[str], *, lease: timedelta, now: datetime) -> Job | None:
        """The job of these kinds that is due longest, for one caller only until the lease ends; None if none is due."""
        free = (
            select(_c.id)
            .where(_c.kind.in_(kinds), _c.due_at <= now, or_(_c.lease_until.is_(None), _c.lease_until <= now))
            .order_by(_c.due_at, _c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        claimed = (
            update(jobs)
            .where(_c.id == free.scalar_subquery())
            .values(lease_until=now + lease, attempts=_c.attempts + 1)
            .returning(*_COLUMNS)
        )
        row = self.run.core.execute(claimed).one_or_none()
        return None if row is None else _read(row)

    def finish(self, job: Job) -> bool:
        """It is finished. False when its lease had ended and somebody else has claimed it since."""
        return self.run.change(_FINISH, job=job.id, of_attempt=job.attempts) == 1

    def retry(self, job: Job, *, due_at: datetime) -> bool:
        """It is due again then. False when its lease had ended and somebody else has claimed it since."""
        return self.run.change(_RETRY, job=job.id, of_attempt=job.attempts, moment=due_at) == 1

    def count_due(self, now: datetime) -> int:
        """How many jobs are due, claimed or not; for metrics."""
        row = self.run.one(_WAITING, moment=now)
        return 0 if row is None else int(row[0])


def _read(row: Row) -> Job:
    return Job(id=row[0], kind=row[1], payload=row[2], due_at=row[3], lease_until=row[4], attempts=row[5])
