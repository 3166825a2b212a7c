"""Writes down why a sign-in was refused, so that the admin can read it by the reference that the user was given."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.errors import AttemptUsed
from ostiary.domain.organization import Organization
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import Reference
from ostiary.services.client import Client
from ostiary.services.saml_request import Departure, SamlRequest
from ostiary.storage import Store

UNMATCHED_PER_HOUR = 60
LARGEST_UNMATCHED = 64 * 1024
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused:
    """The sign-in was refused. The user sees a safe text and the reference; the admin finds the rest by it."""

    reference: Reference | None
    """None where the answer fits no attempt, and too many such answers have come to be stored."""
    refusal: Refusal
    connection: Connection
    organization: Organization
    attempt: LoginAttempt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An answer as it arrived, with all that was known then."""

    connection: Connection
    organization: Organization
    attempt: LoginAttempt | None
    message: bytes
    client: Client
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """Records refusals."""

    store: Store
    request: SamlRequest

    def of_attempt(self, arrival: Arrival, attempt: LoginAttempt, refusal: Refusal) -> LoginRefused:
        """The refusal, after it was written to the attempt that it ends."""
        is_test = attempt.purpose is Purpose.TEST
        event = TimelineEvent(at=arrival.now, kind="refused", facts={"code": refusal.code, **refusal.facts()})
        scope = {"organization_id": attempt.organization_id}
        with self.store.write() as tx:
            # A second copy of an answer adds a line; it must not overwrite how the sign-in ended.
            if not isinstance(refusal, AttemptUsed) and tx.attempts.end_waiting(attempt.id, at=arrival.now, **scope):
                tx.attempts.finish(
                    attempt.id,
                    outcome=Outcome.TEST_FAILED if is_test else Outcome.REFUSED,
                    code=refusal.code,
                    facts=refusal.facts(),
                    person=attempt.person,
                    email=attempt.email_hint,
                    account_id=None,
                    at=arrival.now,
                    **scope,
                )
                tx.attempts.keep_message(attempt.id, message=arrival.message, kind="refusal", at=arrival.now, **scope)
            tx.attempts.add_events(attempt.id, events=(event,), **scope)
        return self._refused(arrival, attempt, refusal)

    def unmatched(self, arrival: Arrival, refusal: Refusal) -> LoginRefused:
        """The refusal of an answer that fits no attempt, recorded as one: at most 60 an hour (decision 34)."""
        with self.store.write() as tx:
            count = tx.throttle.hit(f"unmatched/{arrival.connection.id}", window=_HOUR, now=arrival.now)
            if count > UNMATCHED_PER_HOUR:
                return self._refused(arrival, None, refusal)
            serving = arrival.connection.serving
            attempt = self.request.attempt(
                arrival.connection,
                serving.number if serving else 0,
                departure=Departure(origin=Origin.TILE if serving else Origin.UNKNOWN),
                client=arrival.client,
                now=arrival.now,
            )
            tx.attempts.insert(attempt)
        cut = Arrival(
            connection=arrival.connection,
            organization=arrival.organization,
            attempt=attempt,
            message=arrival.message[:LARGEST_UNMATCHED],
            client=arrival.client,
            now=arrival.now,
        )
        return self.of_attempt(cut, attempt, refusal)

    @staticmethod
    def _refused(arrival: Arrival, attempt: LoginAttempt | None, refusal: Refusal) -> LoginRefused:
        return LoginRefused(
            reference=attempt.reference if attempt else None,
            refusal=refusal,
            connection=arrival.connection,
            organization=arrival.organization,
            attempt=attempt,
        )
