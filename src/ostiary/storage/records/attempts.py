"""Login attempts: begun, answered once, finished; found again by reference, by person, in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, func, insert, select, update

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, AttemptId, ConnectionId, OrganizationId, Reference
from ostiary.storage.records.attempt_list import AttemptFilter, AttemptPage, page_of_attempts
from ostiary.storage.records.attempt_papers import AttemptPapers
from ostiary.storage.records.attempt_rows import COLUMNS, read_attempt
from ostiary.storage.schema import attempts
from ostiary.storage.statements import Prepared, Row

_c = attempts.c
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("attempt")) & _MINE
_IS_WAITING = _c.outcome == Outcome.WAITING.value

_INSERT = Prepared(insert(attempts), columns=[column.name for column in COLUMNS])
_BY_ID = Prepared(select(*COLUMNS).where(_c.id == bindparam("attempt")))
_BY_REQUEST = Prepared(
    select(*COLUMNS).where(_c.connection_id == bindparam("connection"), _c.request_id == bindparam("request"))
)
_BY_REFERENCE = Prepared(select(*COLUMNS).where(_c.reference == bindparam("wanted"), _MINE))
# The gate of single use: of any number of answers, in any number of processes, one changes the row.
_CONSUME = Prepared(
    update(attempts)
    .where(
        _THIS,
        _c.answered_at.is_(None),
        _c.expires_at > bindparam("moment", type_=_c.expires_at.type),
        _IS_WAITING,
    )
    .values(answered_at=bindparam("moment", type_=_c.expires_at.type))
)
_FINISH = Prepared(
    update(attempts)
    .where(_THIS)
    .values(
        outcome=bindparam("new_outcome"),
        code=bindparam("new_code"),
        facts=bindparam("new_facts"),
        person=bindparam("new_person"),
        email_hint=func.coalesce(bindparam("new_email", type_=_c.email_hint.type), _c.email_hint),
        account_id=bindparam("new_account"),
        finished_at=bindparam("moment"),
    )
)
_END_WAITING = Prepared(
    update(attempts)
    .where(_THIS, _IS_WAITING)
    .values(answered_at=func.coalesce(_c.answered_at, bindparam("moment", type_=_c.expires_at.type)))
)
_WAITING_PAST = Prepared(
    select(*COLUMNS)
    .where(_IS_WAITING, _c.expires_at <= bindparam("moment"))
    .order_by(_c.expires_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_EXPIRE = Prepared(
    update(attempts)
    .where(_THIS, _IS_WAITING, _c.expires_at <= bindparam("moment", type_=_c.expires_at.type))
    .values(
        outcome=Outcome.NO_ANSWER.value,
        code=bindparam("new_code"),
        facts=bindparam("new_facts"),
        finished_at=bindparam("moment", type_=_c.expires_at.type),
    )
)
_COUNT_REFUSED = Prepared(
    select(func.count()).where(
        _c.connection_id == bindparam("connection"),
        _MINE,
        _c.code == bindparam("wanted"),
        _c.started_at >= bindparam("since"),
        # A test refuses nobody.
        _c.purpose != Purpose.TEST.value,
    )
)
_FROM_TILE = Prepared(
    select(_c.id)
    .where(
        _c.connection_id == bindparam("connection"),
        _IS_WAITING,
        _c.origin == Origin.TILE.value,
        _c.browser_hash == bindparam("browser"),
        _c.started_at >= bindparam("since"),
    )
    .limit(1)
)
_LATEST_TEST = Prepared(
    select(*COLUMNS)
    .where(_c.connection_id == bindparam("connection"), _MINE, _c.purpose == Purpose.TEST.value)
    .order_by(_c.id.desc())
    .limit(1)
)
_LATEST_SUCCESS = Prepared(
    select(*COLUMNS)
    .where(_c.connection_id == bindparam("connection"), _MINE, _c.outcome == Outcome.SIGNED_IN.value)
    .order_by(_c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Attempts(AttemptPapers):
    """Login attempts, with their papers: timeline, message, report."""

    def insert(self, attempt: LoginAttempt) -> None:
        """Keep a new one. Raises: `AlreadyExists` when its reference is taken."""
        self.run.change(
            _INSERT,
            id=attempt.id,
            reference=attempt.reference,
            organization_id=attempt.organization_id,
            connection_id=attempt.connection_id,
            revision=attempt.revision,
            purpose=attempt.purpose.value,
            origin=attempt.origin.value,
            outcome=attempt.outcome.value,
            request_id=attempt.request_id,
            browser_hash=attempt.browser_hash,
            return_to=attempt.return_to,
            started_at=attempt.started_at,
            expires_at=attempt.expires_at,
            answered_at=attempt.answered_at,
            finished_at=attempt.finished_at,
            email_hint=attempt.email_hint,
            person=attempt.person,
            account_id=attempt.account_id,
            tested_by=attempt.tested_by,
            code=attempt.code,
            facts=attempt.facts,
            client_address=attempt.client_address,
            user_agent=attempt.user_agent,
        )

    def by_id(self, attempt_id: AttemptId) -> LoginAttempt | None:
        """The attempt, which tells whose it is. A question without an organization (decision 8)."""
        return self._read(self.run.one(_BY_ID, attempt=attempt_id))

    def by_request_id(self, connection_id: ConnectionId, *, request_id: str) -> LoginAttempt | None:
        """The attempt that this connection's AuthnRequest belongs to. A question without an organization."""
        return self._read(self.run.one(_BY_REQUEST, connection=connection_id, request=request_id))

    def by_reference(self, reference: Reference, *, organization_id: OrganizationId) -> LoginAttempt | None:
        """The attempt with the reference that a user read out."""
        return self._read(self.run.one(_BY_REFERENCE, wanted=reference, organization=organization_id))

    def consume(self, attempt_id: AttemptId, *, organization_id: OrganizationId, answered_at: datetime) -> bool:
        """Use the attempt up. True for one caller only, ever, and only before it expires."""
        return self.run.change(_CONSUME, attempt=attempt_id, organization=organization_id, moment=answered_at) == 1

    def finish(
        self,
        attempt_id: AttemptId,
        *,
        organization_id: OrganizationId,
        outcome: Outcome,
        code: str | None = None,
        facts: Mapping[str, Fact] | None = None,
        person: str = "",
        email: str | None = None,
        account_id: AccountId | None = None,
        at: datetime,
    ) -> bool:
        """Write how it ended. Without an `email` the hint stays as it is. False if there is no such attempt."""
        changed = self.run.change(
            _FINISH,
            attempt=attempt_id,
            organization=organization_id,
            new_outcome=outcome.value,
            new_code=code,
            new_facts=facts or {},
            new_person=person,
            new_email=email,
            new_account=account_id,
            moment=at,
        )
        return changed == 1

    def end_waiting(self, attempt_id: AttemptId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """Take the attempt in order to write a refusal into it, expired or not. False if it has ended already."""
        return self.run.change(_END_WAITING, attempt=attempt_id, organization=organization_id, moment=at) == 1

    def waiting_past(self, now: datetime, *, limit: int) -> tuple[LoginAttempt, ...]:
        """Attempts of all organizations that have waited too long, for the job that ends them with `expire`."""
        return tuple(read_attempt(row) for row in self.run.every(_WAITING_PAST, moment=now, most=limit))

    def expire(
        self,
        attempt_id: AttemptId,
        *,
        organization_id: OrganizationId,
        code: str,
        facts: Mapping[str, Fact],
        at: datetime,
    ) -> bool:
        """It ends as never answered. False if it has ended already, or has not waited too long."""
        changed = self.run.change(
            _EXPIRE, attempt=attempt_id, organization=organization_id, new_code=code, new_facts=facts, moment=at
        )
        return changed == 1

    def count_refused(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, code: str, since: datetime
    ) -> int:
        """How many sign-ins and sign-outs ended for this reason at this connection since then; tests don't count."""
        row = self.run.one(
            _COUNT_REFUSED, connection=connection_id, organization=organization_id, wanted=code, since=since
        )
        return 0 if row is None else int(row[0])

    def waiting_from_tile(self, connection_id: ConnectionId, *, browser_hash: str, since: datetime) -> bool:
        """Whether this browser left from a tile since then and has not come back."""
        return self.run.one(_FROM_TILE, connection=connection_id, browser=browser_hash, since=since) is not None

    def latest_success(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> LoginAttempt | None:
        """The last sign-in by this connection."""
        return self._read(self.run.one(_LATEST_SUCCESS, connection=connection_id, organization=organization_id))

    def latest_test(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> LoginAttempt | None:
        """The last test of this connection, however it ended."""
        return self._read(self.run.one(_LATEST_TEST, connection=connection_id, organization=organization_id))

    def page(
        self, wanted: AttemptFilter, *, organization_id: OrganizationId, cursor: str | None = None, limit: int = 50
    ) -> AttemptPage:
        """A page of the list, the newest first; the first page for a cursor that was not ours."""
        return page_of_attempts(self.run, wanted, organization_id=organization_id, cursor=cursor, limit=limit)

    @staticmethod
    def _read(row: Row | None) -> LoginAttempt | None:
        return None if row is None else read_attempt(row)
