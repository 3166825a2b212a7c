"""What belongs to an attempt: its timeline, the message that came, the report of a test. The last two are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from ostiary.domain.attempt import TimelineEvent
from ostiary.kernel.ids import AttemptId, OrganizationId
from ostiary.storage.schema import attempt_events, attempt_messages, attempt_reports, attempts
from ostiary.storage.statements import Prepared, Statements

KEPT_SUCCESSES = 20
"""Of how many successful sign-ins of a connection the whole message is kept (decision 18)."""
KEPT_OTHERS = timedelta(days=30)
_SUCCESS: Final = "success"
_BODY = "body"

_e, _m, _r = attempt_events.c, attempt_messages.c, attempt_reports.c

_ADD_EVENT = Prepared(insert(attempt_events).inline(), columns=["attempt_id", "organization_id", "at", "kind", "facts"])
_TIMELINE = Prepared(
    select(_e.at, _e.kind, _e.facts)
    .where(_e.attempt_id == bindparam("attempt"), _e.organization_id == bindparam("organization"))
    .order_by(_e.number)
)
# The connection is the attempt's own, and there is none in another organization.
_ITS_CONNECTION = (
    select(attempts.c.connection_id)
    .where(attempts.c.id == bindparam("its_attempt_id"), attempts.c.organization_id == bindparam("its_organization_id"))
    .scalar_subquery()
)
_kept = upsert(attempt_messages).values(
    connection_id=_ITS_CONNECTION,
    **{name: bindparam(f"its_{name}") for name in ("attempt_id", "organization_id", "kind", "body", "keep_until")},
)
_KEEP = Prepared(
    _kept.on_conflict_do_update(
        index_elements=["attempt_id"],
        set_={name: _kept.excluded[name] for name in ("kind", "body", "keep_until")},
        where=_m.organization_id == bindparam("its_organization_id"),
    )
)
_TRIM = Prepared(
    delete(attempt_messages).where(
        _m.attempt_id.in_(
            select(_m.attempt_id)
            .where(
                _m.connection_id == _ITS_CONNECTION,
                _m.organization_id == bindparam("its_organization_id"),
                _m.kind == _SUCCESS,
            )
            .order_by(_m.attempt_id.desc())
            .limit(KEPT_SUCCESSES)
            .offset(KEPT_SUCCESSES)
            .with_for_update(skip_locked=True)
        )
    )
)
_MESSAGE = Prepared(
    select(_m.body).where(_m.attempt_id == bindparam("attempt"), _m.organization_id == bindparam("organization"))
)
_reported = upsert(attempt_reports).values({name: bindparam(f"its_{name}") for name in _r.keys()})  # noqa: SIM118
_SAVE_REPORT = Prepared(
    _reported.on_conflict_do_update(
        index_elements=["attempt_id"],
        set_={"body": _reported.excluded.body},
        where=_r.organization_id == bindparam("its_organization_id"),
    )
)
_REPORT = Prepared(
    select(_r.body).where(_r.attempt_id == bindparam("attempt"), _r.organization_id == bindparam("organization"))
)


MessageKind = Literal["success", "refusal", "test"]
"""Why a message is kept, which says how long: the last 20 successes of a connection, the others for 30 days."""


@dataclass(frozen=True, slots=True)
class AttemptPapers:
    """The timeline, message and report of attempts."""

    run: Statements

    def add_events(
        self, attempt_id: AttemptId, *, organization_id: OrganizationId, events: Sequence[TimelineEvent]
    ) -> None:
        """Add lines to the timeline, in this order."""
        for each in events:
            self.run.change(
                _ADD_EVENT,
                attempt_id=attempt_id,
                organization_id=organization_id,
                at=each.at,
                kind=each.kind,
                facts=each.facts,
            )

    def timeline(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> tuple[TimelineEvent, ...]:
        """The timeline, in the order in which it was written."""
        rows = self.run.every(_TIMELINE, attempt=attempt_id, organization=organization_id)
        return tuple(TimelineEvent(at=row[0], kind=row[1], facts=row[2]) for row in rows)

    def keep_message(
        self,
        attempt_id: AttemptId,
        *,
        organization_id: OrganizationId,
        message: bytes,
        kind: MessageKind,
        at: datetime,
    ) -> None:
        """Keep the whole message, sealed. Of successes only the last 20 of the connection stay."""
        self.run.change(
            _KEEP,
            its_attempt_id=attempt_id,
            its_organization_id=organization_id,
            its_kind=kind,
            its_body=self.run.vault.seal(message, table=attempt_messages.name, column=_BODY, row=attempt_id),
            its_keep_until=None if kind == _SUCCESS else at + KEPT_OTHERS,
        )
        if kind == _SUCCESS:
            self.run.change(_TRIM, its_attempt_id=attempt_id, its_organization_id=organization_id)

    def message(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> bytes | None:
        """The message that was kept; None if none was, or no longer. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_MESSAGE, attempt=attempt_id, organization=organization_id)
        if row is None:
            return None
        return self.run.vault.open_sealed(row[0], table=attempt_messages.name, column=_BODY, row=attempt_id)

    def save_report(self, attempt_id: AttemptId, *, organization_id: OrganizationId, report: str) -> None:
        """Keep the report of a test, sealed."""
        self.run.change(
            _SAVE_REPORT,
            its_attempt_id=attempt_id,
            its_organization_id=organization_id,
            its_body=self.run.vault.seal(report.encode(), table=attempt_reports.name, column=_BODY, row=attempt_id),
        )

    def report(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> str | None:
        """The report of a test; None if there is none. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_REPORT, attempt=attempt_id, organization=organization_id)
        if row is None:
            return None
        return self.run.vault.open_sealed(row[0], table=attempt_reports.name, column=_BODY, row=attempt_id).decode()
