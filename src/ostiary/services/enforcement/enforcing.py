"""Enforce a connection, and take it back: first who would be locked out, then for everyone, now or from a day on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import EnforcementDateOutOfRange, NotEnabled
from ostiary.domain.enforcement.lockout import LockedOut, Lockout, Reason, WayIn, doors_of, require_way_in
from ostiary.domain.enforcement.policy import SignInPolicy, enforced_among, policy_of
from ostiary.domain.errors import ConnectionUnknown, NotTested
from ostiary.domain.organization import Organization, require_sso
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import ConnectionId
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.enforcement.doors import Instead, instead_of_password, policy_in
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.enforcement.ways_in import enforced_connections, exempt_accounts, require_way_in_left, ways_in
from ostiary.services.sessions import Visitor
from ostiary.storage import Store, Transaction
from ostiary.storage.records.enforcement.lockouts import Question

SHORTEST_WARNING: Final = timedelta(days=1)
USUAL_WARNING: Final = timedelta(days=7)
LONGEST_WARNING: Final = timedelta(days=90)
SHOWN_OF_EACH: Final = 5
PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforceView:
    """All that the page shows which asks whether a connection is to be enforced."""

    connection: Connection
    organization: Organization
    policy: SignInPolicy
    """How people sign in now."""
    also: tuple[Connection, ...]
    """Other connections that are enforced already: they go on counting."""
    refused: tuple[Connection, ...]
    """Those that are merely enabled, and would be refused."""
    lockout: Lockout
    is_signed_out: bool
    """Whether the reader's own session would end."""
    is_let_in: bool
    """Whether the connections that would count let the reader in, as they know them now."""
    has_break_glass: bool
    """Whether the reader has proven break-glass access."""
    earliest: date
    usual: date
    latest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """From when on an enforcement holds."""

    begins_at: datetime
    holds_now: bool
    """As the moment was at which it was begun: another reading of the clock may tell otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of those who would be locked out for one reason."""

    people: tuple[LockedOut, ...]
    next_after: str
    """Where the next page begins; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """What follows from taking the enforcement of a connection back."""

    connection: Connection
    still_enforced: tuple[Connection, ...]
    """Where there are others, people go on needing one of them; else passwords are taken again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """Everything an admin does about enforcing, and what the pages say of it."""

    store: Store
    clock: Clock
    audit: AuditTrail
    letters: EnforcementLetters

    def view(self, connection_id: ConnectionId, *, visitor: Visitor) -> EnforceView:
        """Who would be locked out, and who keeps a way in. Raises: `ConnectionUnknown`."""
        now, organization = self.clock.now(), visitor.organization
        scope = {"organization_id": organization.id}
        with self.store.read() as tx:
            connection = _of(tx, connection_id, organization)
            enabled = tx.connections.enabled_of(organization.id)
            also = tuple(each for each in enabled if each.is_enforced and each.id != connection.id)
            question, ways = _question(tx, connection, also, organization, now)
            active = tx.lockouts.active(**scope)
            by_break_glass = tx.lockouts.by_break_glass(question, **scope)
            is_let_in = tx.lockouts.lets_in(question, visitor.account.id, **scope)
            counts, people = tx.lockouts.first_of_each(question, limit=SHOWN_OF_EACH, **scope)
        counting = {connection.id, *(each.id for each in also)}
        then = SignInPolicy(is_in_force=True, begins_at=now, enforced=frozenset(counting))
        return EnforceView(
            connection=connection,
            organization=organization,
            policy=policy_of(organization, enforced_among(enabled), now),
            also=also,
            refused=tuple(each for each in enabled if each.id not in counting),
            lockout=Lockout(active=active, by_break_glass=by_break_glass, counts=counts, people=people, ways_in=ways),
            is_signed_out=not then.takes_session(visitor.session),
            is_let_in=is_let_in,
            has_break_glass=visitor.account.id in question.exempt,
            earliest=(now + SHORTEST_WARNING).date(),
            usual=(now + USUAL_WARNING).date(),
            latest=(now + LONGEST_WARNING).date(),
        )

    def page(
        self, connection_id: ConnectionId, *, organization: Organization, reason: Reason | None, after: str
    ) -> Page:
        """The next hundred after this address. Raises: `ConnectionUnknown`."""
        with self.store.read() as tx:
            question = self._asked(tx, connection_id, organization)
            people = tx.lockouts.page(
                question, organization_id=organization.id, reason=reason, after_email=after, limit=PAGE + 1
            )
        shown = people[:PAGE]
        return Page(people=shown, next_after=shown[-1].email.lower() if len(people) > PAGE else "")

    def everybody(self, connection_id: ConnectionId, *, organization: Organization) -> Sequence[LockedOut]:
        """Everybody who would be locked out, by reason and address. Raises: `ConnectionUnknown`."""
        with self.store.read() as tx:
            question = self._asked(tx, connection_id, organization)
            return tx.lockouts.every(question, organization_id=organization.id)

    def enforce(
        self, connection_id: ConnectionId, *, organization: Organization, begins_on: date | None, actor: Actor
    ) -> Begun:
        """From when on it holds: from now, or from the beginning of this day (UTC), after a mail to those concerned.

        Where another one is in force already, this one opens a door and closes none: it counts from now on.

        Raises: `ConnectionUnknown`, `NotTested`, `NotEnabled`, `PlanWithoutSso`, `LastWayIn`,
        `EnforcementDateOutOfRange`.
        """
        now = self.clock.now()
        require_sso(organization, now)
        asked = now if begins_on is None else _beginning(begins_on, now)
        with self.store.write() as tx:
            # First, as everywhere: whoever closes another way at the same moment waits, and sees what was enforced.
            tx.organizations.hold(organization.id)
            connection = tx.connections.hold(connection_id, organization_id=organization.id)
            if connection is None:
                raise ConnectionUnknown
            if connection.serving is None:
                raise NotTested
            if not connection.is_enabled:
                raise NotEnabled
            others = [each for each in enforced_connections(tx, organization.id) if each.id != connection.id]
            exempt = exempt_accounts(tx, organization.id)
            ways = ways_in(tx, [*others, connection], exempt=exempt, organization_id=organization.id)
            require_way_in(ways, organization)
            policy = policy_of(organization, enforced_among([*others, connection]), now)
            begins_at = now if policy.is_in_force else asked
            tx.enforcement.begin(
                connection.id,
                organization_id=organization.id,
                at=now,
                by=actor.account_id,
                begins_at=begins_at,
                warns=begins_at > now,
            )
            self._tell(tx, connection.id, "connection.enforced", organization=organization, actor=actor, now=now)
        return Begun(begins_at=begins_at, holds_now=begins_at <= now)

    def stopping(self, connection_id: ConnectionId, *, organization: Organization) -> StopView:
        """What follows from taking it back. Raises: `ConnectionUnknown`."""
        with self.store.read() as tx:
            connection = _of(tx, connection_id, organization)
            enforced = enforced_connections(tx, organization.id)
        return StopView(
            connection=connection, still_enforced=tuple(each for each in enforced if each.id != connection.id)
        )

    def stop(self, connection_id: ConnectionId, *, organization: Organization, actor: Actor) -> bool:
        """Take it back: the connection stays enabled. False if it was not enforced.

        Raises: `ConnectionUnknown`, `LastWayIn` where others stay enforced that let nobody with the settings in.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            tx.organizations.hold(organization.id)
            connection = _of(tx, connection_id, organization)
            if not connection.is_enforced:
                return False
            require_way_in_left(tx, organization, without=connection.id)
            tx.enforcement.stop(connection.id, organization_id=organization.id)
            self._tell(
                tx, connection.id, "connection.enforcement_stopped", organization=organization, actor=actor, now=now
            )
        return True

    def policy(self, organization: Organization) -> tuple[SignInPolicy, tuple[Connection, ...]]:
        """How people of the organization sign in, and by which enforced connections."""
        now = self.clock.now()
        with self.store.read() as tx:
            policy = policy_in(tx, organization, now)
            connections = enforced_connections(tx, organization.id) if policy.enforced else ()
        return policy, connections

    def instead_of_password(self, organization: Organization) -> Instead | None:
        """What comes in place of a password there now; None where passwords are taken."""
        with self.store.read() as tx:
            return instead_of_password(tx, organization, self.clock.now())

    def _asked(self, tx: Transaction, connection_id: ConnectionId, organization: Organization) -> Question:
        connection = _of(tx, connection_id, organization)
        also = [each for each in enforced_connections(tx, organization.id) if each.id != connection.id]
        return _question(tx, connection, also, organization, self.clock.now())[0]

    def _tell(
        self,
        tx: Transaction,
        connection_id: ConnectionId,
        action: str,
        *,
        organization: Organization,
        actor: Actor,
        now: datetime,
    ) -> None:
        connection = _of(tx, connection_id, organization)
        facts = {"provider": connection.provider}
        if connection.enforced_from is not None:
            self.letters.enforced(tx, connection, organization=organization, by=actor.name, now=now)
            facts["from"] = connection.enforced_from.isoformat(timespec="seconds")
        else:
            why = f"{actor.name} has taken it back."
            still = enforced_connections(tx, organization.id)
            self.letters.taken_back(tx, connection, organization=organization, still=still, why=why, now=now)
        self.audit.write(
            tx, action, organization_id=organization.id, actor=actor, subject=connection.id, facts=facts, now=now
        )


def question_of(
    tx: Transaction,
    counting: Sequence[Connection],
    organization: Organization,
    *,
    tries_at: Collection[ConnectionId] = (),
    leaves_no_admin: bool,
    now: datetime,
) -> Question:
    """The question about an organization where these connections count, and no others."""
    return Question(
        doors=doors_of(counting),
        domains=[domain.name for domain in tx.domains.of(organization.id) if domain.is_verified],
        exempt=exempt_accounts(tx, organization.id),
        tries_at=tries_at,
        leaves_no_admin=leaves_no_admin,
        now=now,
    )


def _question(
    tx: Transaction, connection: Connection, also: Sequence[Connection], organization: Organization, now: datetime
) -> tuple[Question, tuple[WayIn, ...]]:
    counting = [*also, connection]
    exempt = exempt_accounts(tx, organization.id)
    ways = ways_in(tx, counting, exempt=exempt, organization_id=organization.id)
    question = question_of(tx, counting, organization, tries_at={connection.id}, leaves_no_admin=not ways, now=now)
    return question, ways


def _of(tx: Transaction, connection_id: ConnectionId, organization: Organization) -> Connection:
    connection = tx.connections.by_id(connection_id)
    # Another organization's connection is as unknown as one that never was.
    if connection is None or connection.organization_id != organization.id:
        raise ConnectionUnknown
    return connection


def _beginning(day: date, now: datetime) -> datetime:
    """The first moment of the day. Raises: `EnforcementDateOutOfRange`."""
    earliest, latest = (now + SHORTEST_WARNING).date(), (now + LONGEST_WARNING).date()
    if not earliest <= day <= latest:
        raise EnforcementDateOutOfRange(earliest=earliest, latest=latest)
    return datetime.combine(day, time(), tzinfo=UTC)
