"""Who is signed in here, and how a session begins and ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.account import Account
from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import SessionEnforced
from ostiary.domain.errors import LoginRefusal, SignInRequired
from ostiary.domain.organization import Organization
from ostiary.domain.session import Session, ends_at
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import SERVER, Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.enforcement.doors import policy_in
from ostiary.storage import Store, Transaction

TOUCH_EVERY = timedelta(minutes=1)
"""A session's idle time is moved on at most this often: a write for every page would be a waste."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The signed-in person behind a request."""

    session: Session
    account: Account
    organization: Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How somebody has proven who they are: what a session remembers of it."""

    connection: Connection | None
    issuer: str | None
    subject: str | None
    session_index: str | None
    auth_time: datetime
    acr: str | None
    amr: tuple[str, ...]
    not_on_or_after: datetime | None
    name_id: saml.NameId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person as one identity provider knows them: whose sessions end by what it says (decision 12)."""

    connection: Connection
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that has just begun, and the secret for its cookie, which is stored nowhere."""

    session: Session
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Begins, finds and ends sessions."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    longest: timedelta
    idle: timedelta

    def visitor(self, token: str) -> Visitor | None:
        """Who is signed in with this token now; None if nobody is, or no longer."""
        try:
            return self.require(token)
        except LoginRefusal:
            return None

    def require(self, token: str) -> Visitor:
        """Who is signed in with this token now.

        Raises: `SignInRequired` if nobody is, or no longer, and `SessionEnforced` where the way by which the session
        began counts no longer: it ends with that.
        """
        if not token:
            raise SignInRequired
        now = self.clock.now()
        with self.store.read() as tx:
            session = tx.sessions.by_token_hash(ids.fingerprint(token))
            if session is None or not session.is_live(now):
                raise SignInRequired
            account = tx.accounts.by_id(session.account_id, organization_id=session.organization_id)
            organization = tx.organizations.by_id(session.organization_id)
            if account is None or organization is None or not account.is_active:
                raise SignInRequired
            policy = policy_in(tx, organization, now)
        if not policy.takes_session(session):
            self._end_outgrown(session, now)
            raise SessionEnforced(organization=organization.name)
        self._move_on(session, now)
        return Visitor(session=session, account=account, organization=organization)

    def begin(
        self, tx: Transaction, account: Account, *, proof: Proof, client: Client, replaces: str | None, now: datetime
    ) -> NewSession:
        """A new session of this account, inside the caller's transaction; the browser's old one ends (fixation)."""
        if replaces:
            old = tx.sessions.by_token_hash(ids.fingerprint(replaces))
            if old is not None:
                tx.sessions.end(old.id, organization_id=old.organization_id)
        token = ids.secret(self.random)
        not_after = ends_at(self.longest, session_not_on_or_after=proof.not_on_or_after, now=now)
        session = Session(
            id=ids.session_id(self.random, now),
            token_hash=ids.fingerprint(token),
            organization_id=account.organization_id,
            account_id=account.id,
            connection_id=proof.connection.id if proof.connection else None,
            issuer=proof.issuer,
            subject=proof.subject,
            session_index=proof.session_index,
            auth_time=proof.auth_time,
            acr=proof.acr,
            amr=proof.amr,
            created_at=now,
            idle_until=min(now + self.idle, not_after),
            not_after=not_after,
            must_reauth=False,
            client_address=client.address,
            user_agent=client.short_user_agent,
            name_id=proof.name_id,
        )
        tx.sessions.insert(session)
        return NewSession(session=session, token=token)

    def connection_of(self, visitor: Visitor) -> Connection | None:
        """The connection by which this session began; None for a password, or when it was deleted since."""
        if visitor.session.connection_id is None:
            return None
        with self.store.read() as tx:
            connection = tx.connections.by_id(visitor.session.connection_id)
        if connection is None or connection.organization_id != visitor.organization.id:
            return None
        return connection

    def invalidate(
        self,
        tx: Transaction,
        subject: Subject,
        *,
        session_indexes: tuple[str, ...] = (),
        begun_before: datetime | None = None,
        door: str,
        actor: Actor,
        now: datetime,
    ) -> int:
        """End the sessions of this person at this connection, inside the caller's transaction, and tell how many.

        With session indexes only those, and the ones that began without any: which session of the provider's they
        belong to can't be told. `begun_before` spares those that began since, unless they are named: a message may be
        late. `door` is what ended them, for the audit log.
        """
        connection = subject.connection
        scope = {"organization_id": connection.organization_id}
        ended = 0
        for session in tx.sessions.of_subject(connection.id, issuer=subject.issuer, subject=subject.subject, **scope):
            if session_indexes and session.session_index and session.session_index not in session_indexes:
                continue
            is_named = bool(session.session_index) and session.session_index in session_indexes
            if begun_before is not None and session.created_at >= begun_before and not is_named:
                continue
            ended += tx.sessions.end(session.id, **scope)
            facts = {"door": door, "account": session.account_id}
            self.audit.write(tx, "session.ended", actor=actor, subject=session.id, facts=facts, now=now, **scope)
        return ended

    def sign_out(self, visitor: Visitor, *, client: Client) -> None:
        """End this session."""
        now = self.clock.now()
        with self.store.write() as tx:
            tx.sessions.end(visitor.session.id, organization_id=visitor.organization.id)
            self.audit.write(
                tx,
                "session.ended",
                organization_id=visitor.organization.id,
                actor=Actor.of(visitor.account, client_address=client.address),
                subject=visitor.session.id,
                facts={"door": "sign_out"},
                now=now,
            )

    def _end_outgrown(self, session: Session, now: datetime) -> None:
        """End a session that began in a way that counts no longer: it must not come back when passwords do."""
        scope = {"organization_id": session.organization_id}
        facts = {"door": "enforcement", "account": session.account_id}
        with self.store.write() as tx:
            if tx.sessions.end(session.id, **scope):
                self.audit.write(tx, "session.ended", actor=SERVER, subject=session.id, facts=facts, now=now, **scope)

    def _move_on(self, session: Session, now: datetime) -> None:
        idle_until = min(now + self.idle, session.not_after)
        if idle_until - session.idle_until < TOUCH_EVERY:
            return
        with self.store.write() as tx:
            tx.sessions.touch(session.id, idle_until=idle_until, organization_id=session.organization_id)
