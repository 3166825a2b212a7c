"""Writes down why a logout message was refused, so that the admin finds it among the attempts by its reference."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization
from ostiary.domain.session import Logout
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import Reference
from ostiary.saml import logout as messages
from ostiary.services.client import Client
from ostiary.services.refusal_record import LARGEST_UNMATCHED
from ostiary.services.saml.request import Departure, SamlRequest
from ostiary.storage import Store

REFUSED_PER_HOUR = 60
"""Of one connection: anybody can send messages that count for nothing."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutArrival:
    """A logout message as it arrived, with all that was known then."""

    connection: Connection
    organization: Organization
    arrival: messages.Arrival
    logout: Logout | None
    """The logout of ours that it answers; None where the provider began it, or nobody."""
    client: Client
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRefused:
    """The message counts for nothing. The person reads what is certain, and the reference; the admin finds the rest."""

    reference: Reference | None
    """None where too many such messages have come to be stored."""
    refusal: Refusal
    connection: Connection
    organization: Organization
    is_response: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRecord:
    """Records refused logouts."""

    store: Store
    request: SamlRequest

    def refused(self, arrived: LogoutArrival, refusal: Refusal) -> LogoutRefused:
        """The refusal, after it was recorded: at most 60 an hour for a connection."""
        attempt = self._attempt(arrived)
        with self.store.write() as tx:
            count = tx.throttle.hit(f"logout/{arrived.connection.id}", window=_HOUR, now=arrived.now)
            is_kept = count <= REFUSED_PER_HOUR
            if is_kept:
                tx.attempts.insert(attempt)
                scope = {"organization_id": attempt.organization_id}
                tx.attempts.finish(
                    attempt.id,
                    outcome=Outcome.REFUSED,
                    code=refusal.code,
                    facts=refusal.facts(),
                    person=attempt.person,
                    email=attempt.email_hint,
                    account_id=arrived.logout.account_id if arrived.logout else None,
                    at=arrived.now,
                    **scope,
                )
                told = TimelineEvent(at=arrived.now, kind="refused", facts={"code": refusal.code, **refusal.facts()})
                tx.attempts.add_events(attempt.id, events=(told,), **scope)
                message = b64encode(messages.unverified_document(arrived.arrival))[:LARGEST_UNMATCHED]
                tx.attempts.keep_message(attempt.id, message=message, kind="refusal", at=arrived.now, **scope)
        return LogoutRefused(
            reference=attempt.reference if is_kept else None,
            refusal=refusal,
            connection=arrived.connection,
            organization=arrived.organization,
            is_response=arrived.arrival.parameter == messages.RESPONSE,
        )

    def _attempt(self, arrived: LogoutArrival) -> LoginAttempt:
        logout, serving = arrived.logout, arrived.connection.serving
        departure = Departure(
            purpose=Purpose.LOGOUT,
            origin=Origin.SIGN_OUT,
            email_hint=logout.email if logout else "",
            person=logout.person if logout else "",
        )
        number = serving.number if serving else 0
        return self.request.attempt(
            arrived.connection, number, departure=departure, client=arrived.client, now=arrived.now
        )
