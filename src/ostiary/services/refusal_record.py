"""Writes down why a sign-in was refused, so that the admin can read it by the reference that the user was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.errors import AttemptUsed
from ostiary.domain.organization import Organization
from ostiary.kernel.errors import Fact, Refusal
from ostiary.kernel.ids import Reference
from ostiary.services.client import Client
from ostiary.services.saml.decryption import count_failure
from ostiary.services.saml.request import Departure, SamlRequest
from ostiary.storage import Store, Transaction

INTERNAL = "login.internal"
UNMATCHED_PER_HOUR = 60
LARGEST_UNMATCHED = 64 * 1024
KEPT_PER_HOUR = 60
"""Messages of refused sign-ins of one connection: anybody can begin one, and answer it with a mebibyte of nothing."""
LARGEST_KEPT = 256 * 1024
MOST_COPIES = 10
"""Lines that copies of an answer may add to the story of an attempt that has ended."""
_HOUR = timedelta(hours=1)
KEY_UNKNOWN = frozenset({saml.errors.CertificateUnknown.code, saml.errors.CertificateExpired.code})
"""A signature fits none of the pinned keys: the provider may have published another one."""
ASKED_OUT_OF_TURN = timedelta(minutes=10)
"""Anybody can sign an answer with a key of their own: it makes us ask the source once in so long, not each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused:
    """The sign-in was refused. The user sees a safe text and the reference; the admin finds the rest by it."""

    reference: Reference | None
    """None where the answer fits no attempt, and too many such answers have come to be stored."""
    refusal: Refusal
    connection: Connection
    organization: Organization
    attempt: LoginAttempt | None

    @property
    def may_have_a_new_key(self) -> bool:
        """Whether no pinned key fits, and the provider's metadata is being asked for another one."""
        return self.refusal.code in KEY_UNKNOWN and has_source(self.connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An answer as it arrived, with all that was known then."""

    connection: Connection
    organization: Organization
    attempt: LoginAttempt | None
    message: bytes
    client: Client
    now: datetime
    events: tuple[TimelineEvent, ...] | None = None
    """What the timeline tells before the refusal; None: that an answer came."""


class LoginBroken(Exception):
    """A bug of ours ended a sign-in. The attempt says so under this reference; the log holds the rest."""

    def __init__(self, reference: Reference | None) -> None:
        super().__init__(reference)
        self.reference = reference


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """Records refusals."""

    store: Store
    request: SamlRequest

    def of_attempt(self, arrival: Arrival, attempt: LoginAttempt, refusal: Refusal) -> LoginRefused:
        """The refusal, after it was written to the attempt that it ends."""
        # A second copy of an answer adds a line; it must not overwrite how the sign-in ended.
        ends_it = not isinstance(refusal, AttemptUsed)
        with self.store.write() as tx:
            count_failure(tx, arrival.connection, refusal=refusal, now=arrival.now)
            self._write(tx, arrival, attempt, code=refusal.code, facts=refusal.facts(), ends_it=ends_it)
        return self._refused(arrival, attempt, refusal)

    def unmatched(self, arrival: Arrival, refusal: Refusal) -> LoginRefused:
        """The refusal of an answer that fits no attempt, recorded as one: at most 60 an hour (decision 34)."""
        with self.store.write() as tx:
            count_failure(tx, arrival.connection, refusal=refusal, now=arrival.now)
            attempt = self._stray(tx, arrival)
            if attempt is not None:
                self._write(tx, arrival, attempt, code=refusal.code, facts=refusal.facts())
        return self._refused(arrival, attempt, refusal)

    def of_bug(self, arrival: Arrival) -> Reference | None:
        """The reference under which the attempt now says that a bug of ours ended it (`login.internal`)."""
        with self.store.write() as tx:
            attempt = arrival.attempt or self._stray(tx, arrival)
            if attempt is not None:
                self._write(tx, arrival, attempt, code=INTERNAL, facts={})
        return attempt.reference if attempt else None

    def _stray(self, tx: Transaction, arrival: Arrival) -> LoginAttempt | None:
        """A new attempt for an answer that fits none; None where too many have come in this hour."""
        count = tx.throttle.hit(f"unmatched/{arrival.connection.id}", window=_HOUR, now=arrival.now)
        if count > UNMATCHED_PER_HOUR:
            return None
        serving = arrival.connection.serving
        attempt = self.request.attempt(
            arrival.connection,
            serving.number if serving else 0,
            departure=Departure(origin=Origin.TILE if serving else Origin.UNKNOWN),
            client=arrival.client,
            now=arrival.now,
        )
        tx.attempts.insert(attempt)
        return attempt

    @staticmethod
    def _write(
        tx: Transaction,
        arrival: Arrival,
        attempt: LoginAttempt,
        *,
        code: str,
        facts: Mapping[str, Fact],
        ends_it: bool = True,
    ) -> None:
        scope, now = {"organization_id": attempt.organization_id}, arrival.now
        ask_source(tx, arrival.connection, code=code, now=now)
        ended = ends_it and tx.attempts.end_waiting(attempt.id, at=now, **scope)
        if ended:
            tx.attempts.finish(
                attempt.id,
                outcome=Outcome.TEST_FAILED if attempt.purpose is Purpose.TEST else Outcome.REFUSED,
                code=code,
                facts=facts,
                person=attempt.person,
                email=attempt.email_hint,
                account_id=None,
                at=now,
                **scope,
            )
            _keep(tx, arrival, attempt)
        elif tx.throttle.hit(f"copies/{attempt.id}", window=_HOUR, now=now) > MOST_COPIES:
            return
        answered = TimelineEvent(at=now, kind="answered", facts=size_of(arrival.message))
        before = (answered,) if arrival.events is None else arrival.events
        refused = TimelineEvent(at=now, kind="refused", facts={"code": code, **facts})
        tx.attempts.add_events(attempt.id, events=(*before, refused), **scope)

    @staticmethod
    def _refused(arrival: Arrival, attempt: LoginAttempt | None, refusal: Refusal) -> LoginRefused:
        return LoginRefused(
            reference=attempt.reference if attempt else None,
            refusal=refusal,
            connection=arrival.connection,
            organization=arrival.organization,
            attempt=attempt,
        )


def ask_source(tx: Transaction, connection: Connection, *, code: str, now: datetime) -> None:
    """Have the connection's metadata source asked soon, by a job, if this refusal is about an unknown key.

    The sign-in does not wait for it: a stranger must not be able to hold a thread, or to make us call somebody.
    """
    if code in KEY_UNKNOWN and has_source(connection):
        scope = {"organization_id": connection.organization_id}
        tx.metadata_sources.ask(connection.id, cooldown=ASKED_OUT_OF_TURN, now=now, **scope)


def has_source(connection: Connection) -> bool:
    """Whether new keys of this connection come from a pinned metadata URL."""
    return connection.saml_serving is not None and bool(connection.saml_serving.metadata_url)


def size_of(form_value: bytes) -> Mapping[str, Fact]:
    """How many bytes the answer has, without its base64: what a timeline says of it."""
    if form_value.startswith(b"{"):
        return {"bytes": str(len(form_value))}  # the story of an OpenID Connect sign-in is kept as it is
    return {"bytes": str(len(form_value) * 3 // 4 - form_value[-2:].count(b"="))}


def _keep(tx: Transaction, arrival: Arrival, attempt: LoginAttempt) -> None:
    """Keep the message: all of a test's, of others as many and as much as can't fill the disk."""
    message = arrival.message
    if not message:
        return  # nothing has come
    if attempt.purpose is not Purpose.TEST:
        if tx.throttle.hit(f"kept/{arrival.connection.id}", window=_HOUR, now=arrival.now) > KEPT_PER_HOUR:
            return
        message = message[: LARGEST_KEPT if arrival.attempt else LARGEST_UNMATCHED]
    scope = {"organization_id": attempt.organization_id}
    tx.attempts.keep_message(attempt.id, message=message, kind="refusal", at=arrival.now, **scope)
