"""Test Connection: a real sign-in with a flag, that ends on a report of every check."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.account import Account
from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.connection_report import TestReport
from ostiary.domain.errors import ConnectionUnknown, LinkedToAnother, LinkExpired
from ostiary.domain.identity import Identity
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AttemptId, ConnectionId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.complete_login import link_of
from ostiary.services.passwords import Passwords
from ostiary.services.saml.request import Departure, LeaveFor
from ostiary.services.start_login import StartLogin
from ostiary.storage import Store, Transaction

USABLE_FOR = timedelta(hours=1)
"""For how long after a passed test its identity may be taken for one's account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestView:
    """A test as its page shows it."""

    __test__ = False

    attempt: LoginAttempt
    connection: Connection
    timeline: tuple[TimelineEvent, ...]
    report: TestReport | None
    """None while the test waits, and where it ended without any answer."""
    is_silent: bool
    """Whether it has waited for 20 seconds: most likely the person is not assigned."""
    seconds_waited: int
    offers_identity: bool
    """Whether the signed-in owner may take the received identity for their own account (decision 24)."""
    is_taken: bool
    """Whether the received identity is that account's by now, whatever the report foresaw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """Starts tests and shows their reports."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    login: StartLogin
    passwords: Passwords

    def start(self, connection_id: ConnectionId, *, account: Account, client: Client) -> LeaveFor:
        """Where the second tab goes.

        Raises: `ConnectionUnknown`, `NotTested` before the first save, `PlanWithoutSso`.
        """
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        if connection is None or connection.organization_id != account.organization_id:
            raise ConnectionUnknown
        departure = Departure(
            purpose=Purpose.TEST,
            origin=Origin.TEST_BUTTON,
            email_hint=str(account.email),
            person=account.name,
            tested_by=account.id,
        )
        return self.login.start(connection_id, departure=departure, client=client)

    def latest(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> LoginAttempt | None:
        """The newest test of this connection, so that the first tab can follow it."""
        with self.store.read() as tx:
            return tx.attempts.latest_test(connection_id, organization_id=organization_id)

    def view(self, attempt_id: AttemptId, *, account: Account) -> TestView:
        """A test of this account's organization, as it stands now. Raises: `ConnectionUnknown`."""
        now = self.clock.now()
        scope = {"organization_id": account.organization_id}
        with self.store.read() as tx:
            attempt = tx.attempts.by_id(attempt_id)
            if attempt is None or attempt.organization_id != account.organization_id:
                raise ConnectionUnknown
            connection = tx.connections.by_id(attempt.connection_id)
            if connection is None or attempt.purpose is not Purpose.TEST:
                raise ConnectionUnknown
            timeline = tuple(tx.attempts.timeline(attempt_id, **scope))
            stored = tx.attempts.report(attempt_id, **scope)
            own_link = tx.identities.of_account(account.id, connection_id=connection.id, **scope)
        report = TestReport.from_json(stored) if stored else None
        received = report.identity if report else None
        return TestView(
            attempt=attempt,
            connection=connection,
            timeline=timeline,
            report=report,
            is_silent=attempt.is_silent(now),
            seconds_waited=int((now - attempt.started_at).total_seconds()),
            offers_identity=own_link is None and _is_usable(attempt, account, now),
            is_taken=own_link is not None
            and received is not None
            and (own_link.issuer, own_link.subject) == (received.issuer, received.subject),
        )

    def use_identity(self, attempt_id: AttemptId, *, account: Account, password: str, client: Client) -> None:
        """Link the identity of this passed test to the account that tested, confirmed with its password.

        Raises: `OwnPasswordRefused`, `TooManyAttempts`, `LinkExpired`, `LinkedToAnother`, `ConnectionUnknown`.
        """
        self.passwords.confirm(account, password, client=client)
        seen = self.view(attempt_id, account=account)
        received = seen.report.identity if seen.report else None
        if received is None or not _is_usable(seen.attempt, account, self.clock.now()):
            raise LinkExpired
        identity = Identity(
            issuer=received.issuer,
            subject=received.subject,
            email=EmailAddress.parse(received.email) if received.email else None,
            first_name="",
            last_name="",
            is_vouched=False,
        )
        now = self.clock.now()
        scope = {"organization_id": account.organization_id}
        with self.store.write() as tx:
            tx.organizations.hold(account.organization_id)  # of two presses at once the second finds the link
            known = tx.identities.by_subject(
                seen.connection.id, issuer=identity.issuer, subject=identity.subject, **scope
            )
            if known is not None and known.account_id != account.id:
                raise LinkedToAnother(email=str(account.email), expected=known.subject, received=identity.subject)
            # Tested while somebody else was signed in there: that colleague would sign in as this owner from now on.
            if identity.email and _is_somebody_elses(tx, identity.email, account):
                raise LinkedToAnother(email=str(identity.email), expected=str(account.email), received=identity.subject)
            if known is None:
                tx.identities.insert(
                    link_of(identity, account=account, connection=seen.connection, random=self.random, now=now)
                )
            self.audit.write(
                tx,
                "account.identity_linked",
                actor=Actor.of(account, client_address=client.address),
                subject=identity.subject,
                facts={"issuer": identity.issuer, "reference": seen.attempt.reference},
                now=now,
                **scope,
            )


def _is_somebody_elses(tx: Transaction, email: EmailAddress, account: Account) -> bool:
    """Whether another account of the organization has this address."""
    found = tx.accounts.by_email(email.key, organization_id=account.organization_id)
    return found is not None and found.id != account.id


def _is_usable(attempt: LoginAttempt, account: Account, now: datetime) -> bool:
    return (
        attempt.outcome is Outcome.TEST_PASSED
        and attempt.tested_by == account.id
        and attempt.finished_at is not None
        and now - attempt.finished_at < USABLE_FOR
    )
