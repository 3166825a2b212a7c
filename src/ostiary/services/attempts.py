"""Login attempts as an admin reads them: the list, and one attempt with its whole story."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ostiary import saml
from ostiary.domain.attempt import LoginAttempt, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.errors import AttemptExpired, AttemptUsed, PageUnknown
from ostiary.domain.organization import Organization
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Fact, Refusal
from ostiary.kernel.ids import AttemptId, ConnectionId, OrganizationId, Reference
from ostiary.storage import AttemptFilter, Store

PAGE = 50
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """One page of the list."""

    attempts: tuple[LoginAttempt, ...]
    connections: Mapping[ConnectionId, Connection]
    total: int
    first: int
    newer: str | None
    """Cursor of the page before, and of the one after; None where there is none."""
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt with its story."""

    attempt: LoginAttempt
    connection: Connection | None
    timeline: tuple[TimelineEvent, ...]
    answer: str
    """The decoded answer as text, where it is still kept; empty otherwise. Not verified: for display only."""
    alike: int
    """How many others were refused for the same reason at this connection in the last seven days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSignIn:
    """What the person whose sign-in was refused may be shown of it, when and as often as they like."""

    attempt: LoginAttempt
    code: str
    facts: Mapping[str, Fact]
    connection: Connection
    organization: Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Shows login attempts: of one organization to its admins, and their own to those who were refused."""

    store: Store
    clock: Clock

    def page(
        self,
        *,
        organization_id: OrganizationId,
        search: str,
        outcome: Outcome | None,
        connection_id: ConnectionId | None,
        days: int,
        cursor: str | None,
    ) -> AttemptPage:
        """The attempts that fit, newest first, 50 at a time."""
        wanted = AttemptFilter(
            search=search.strip()[:254],
            outcome=outcome,
            connection_id=connection_id,
            since=self.clock.now() - min(timedelta(days=days), KEPT),
        )
        with self.store.read() as tx:
            found = tx.attempts.page(wanted, organization_id=organization_id, cursor=cursor, limit=PAGE)
            connections = tx.connections.of(organization_id)
        return AttemptPage(
            attempts=tuple(found.attempts),
            connections={connection.id: connection for connection in connections},
            total=found.total,
            first=found.first,
            newer=found.newer,
            older=found.older,
        )

    def one(self, reference: str, *, organization_id: OrganizationId) -> AttemptView:
        """The attempt with this reference. Raises: `PageUnknown`."""
        scope = {"organization_id": organization_id}
        with self.store.read() as tx:
            attempt = tx.attempts.by_reference(Reference(reference.strip().upper()), **scope)
            if attempt is None:
                raise PageUnknown
            connection = tx.connections.by_id(attempt.connection_id)
            timeline = tuple(tx.attempts.timeline(attempt.id, **scope))
            message = tx.attempts.message(attempt.id, **scope)
            alike = 0
            if attempt.code:
                alike = tx.attempts.count_refused(
                    attempt.connection_id, code=attempt.code, since=self.clock.now() - timedelta(days=7), **scope
                )
        return AttemptView(
            attempt=attempt,
            connection=connection if connection and connection.organization_id == organization_id else None,
            timeline=timeline,
            answer=_decoded(message) if message else "",
            alike=max(alike - (attempt.purpose is not Purpose.TEST), 0),
        )

    def refused(self, attempt_id: AttemptId) -> RefusedSignIn:
        """How this sign-in ended, for the person who has the address of its page. Raises: `PageUnknown`.

        An answer that comes again, to an attempt that was not refused, was used already.
        """
        with self.store.read() as tx:
            attempt = tx.attempts.by_id(attempt_id)
            connection = tx.connections.by_id(attempt.connection_id) if attempt else None
            organization = tx.organizations.by_id(attempt.organization_id) if attempt else None
        if attempt is None or connection is None or organization is None:
            raise PageUnknown
        code = attempt.code if attempt.outcome in {Outcome.REFUSED, Outcome.TEST_FAILED} else None
        return RefusedSignIn(
            attempt=attempt,
            code=code or _code_of_what_comes_late(attempt),
            facts=attempt.facts if code else {},
            connection=connection,
            organization=organization,
        )


def _code_of_what_comes_late(attempt: LoginAttempt) -> str:
    return AttemptExpired.code if attempt.outcome is Outcome.NO_ANSWER else AttemptUsed.code


def _decoded(message: bytes) -> str:
    """The XML of a kept answer, or the form field itself where it can't be decoded; of OpenID Connect the story."""
    if message.startswith(b"{"):
        return message.decode("utf-8", "replace")
    try:
        return saml.decoded(message).decode("utf-8", "replace")
    except Refusal:
        return message.decode("utf-8", "replace")
