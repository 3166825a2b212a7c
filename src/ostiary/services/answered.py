"""What holds for the answer of every protocol: who may give it, by which settings it is judged, how a test ends."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.account import Role
from ostiary.domain.attempt import LIFETIME, LoginAttempt, Outcome, TimelineEvent
from ostiary.domain.connection import Connection, Revision, SamlSettings, trusts_another
from ostiary.domain.connection_report import TestReport
from ostiary.domain.enforcement.policy import require_taken
from ostiary.domain.errors import AttemptExpired, AttemptUsed, BrowserChanged, ConnectionOff, NotTested
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel import ids
from ostiary.kernel.ids import AttemptId, ConnectionId
from ostiary.services.client import Client
from ostiary.services.enforcement.letters import EnforcementLetters, name_of
from ostiary.services.enforcement.ways_in import stop_where_nobody_gets_in
from ostiary.services.refusal_record import Arrival
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFinished:
    """A test has its report. Nobody was signed in."""

    __test__ = False

    connection_id: ConnectionId
    attempt_id: AttemptId


def require_open(attempt: LoginAttempt, client: Client, now: datetime) -> None:
    """Return if this browser may answer this attempt now. Raises: `BrowserChanged`, `AttemptExpired`, `AttemptUsed`."""
    # Login CSRF: an attacker's answer in the victim's browser carries no cookie that fits.
    if client.login_key is None or ids.fingerprint(client.login_key) != attempt.browser_hash:
        raise BrowserChanged
    if attempt.outcome is Outcome.NO_ANSWER or now >= attempt.expires_at:
        raise AttemptExpired(started_at=attempt.started_at, minutes=int(LIFETIME.total_seconds() // 60))
    if attempt.outcome is not Outcome.WAITING:
        raise AttemptUsed


def serving_revision(arrival: Arrival, number: int | None) -> Revision:
    """The revision by which an answer is judged.

    Raises: `ConnectionOff`, `ConnectionNotEnforced`, `PlanWithoutSso`.
    """
    connection = arrival.connection
    if connection.serving is None:
        raise ConnectionOff(organization=arrival.organization.name)
    require_taken(connection, arrival.organization, arrival.now)
    return connection.serving if number is None else named_revision(connection, number)


def named_revision(connection: Connection, number: int) -> Revision:
    """The revision that the attempt names, so that a change in between does not break a login under way."""
    for revision in (connection.latest, connection.serving):
        if revision is not None and revision.number == number:
            return revision
    fallback = connection.serving or connection.latest
    if fallback is None:
        raise NotTested
    return fallback


def end_test(
    tx: Transaction,
    arrival: Arrival,
    attempt: LoginAttempt,
    *,
    report: TestReport,
    message: bytes,
    events: tuple[TimelineEvent, ...],
) -> None:
    """Write the report of a test down, once. Raises: `AttemptUsed`."""
    now, first = arrival.now, report.first_refusal
    scope = {"organization_id": attempt.organization_id}
    if not tx.attempts.consume(attempt.id, answered_at=now, **scope):
        raise AttemptUsed
    tx.attempts.finish(
        attempt.id,
        outcome=Outcome.TEST_PASSED if report.passed else Outcome.TEST_FAILED,
        code=first.code if first else None,
        facts=first.facts if first else {},
        person=attempt.person,
        email=report.identity.email if report.identity and report.identity.email else attempt.email_hint,
        account_id=None,
        at=now,
        **scope,
    )
    tx.attempts.save_report(attempt.id, report=report.to_json(), **scope)
    tx.attempts.keep_message(attempt.id, message=message, kind="test", at=now, **scope)
    tx.attempts.add_events(attempt.id, events=events, **scope)


def put_to_work(
    tx: Transaction,
    connection: Connection,
    revision: Revision,
    *,
    attempt: LoginAttempt,
    letters: EnforcementLetters,
    now: datetime,
) -> bool:
    """From now on this revision serves the connection's logins. Whether an owner has tested it."""
    organization_id = connection.organization_id
    tx.organizations.hold(organization_id)
    tx.connections.mark_tested(
        connection.id, organization_id=organization_id, number=revision.number, at=now, by=attempt.tested_by
    )
    # The first passed test turns the connection on; a later one leaves the switch alone (decision 10).
    if not connection.was_ever_on:
        tx.connections.set_enabled(connection.id, organization_id=organization_id, at=now)
    tester = tx.accounts.by_id(attempt.tested_by, organization_id=organization_id) if attempt.tested_by else None
    before = connection.serving.settings if connection.serving else revision.settings
    # An admin who pins a key of their own could speak as the owner: owners confirm their identity once more.
    is_owner = tester is not None and tester.role is Role.OWNER
    if trusts_another(revision.settings, than=before) and not is_owner:
        tx.identities.unlink_owners(connection.id, organization_id=organization_id)
    # Another issuer, or owners untied: a test that passed must not shut out everybody who could take it back. Asked of
    # the store: the connection was read before the provider was called, and may have been enforced since.
    unfit = {connection.id} if _names_people_anew(revision.settings, than=before) else frozenset[ConnectionId]()
    why = (
        f"New settings of {name_of(connection)} have passed their test and serve now. No owner or admin has come in by "
        "what they say yet: enforced, they would have shut out everybody who could take that back. Before it can be "
        "enforced again, an owner or admin signs in with it once."
    )
    stop_where_nobody_gets_in(tx, organization_id, closed=unfit, letters=letters, why=why, now=now)
    return is_owner


def _names_people_anew(new: SamlSettings | OidcSettings, *, than: SamlSettings | OidcSettings) -> bool:
    """Whether another claim is the person's key from now on: nobody who came by the one before is known by it."""
    if not isinstance(new, OidcSettings) or not isinstance(than, OidcSettings):
        return False
    return new.subject_claim is not than.subject_claim
