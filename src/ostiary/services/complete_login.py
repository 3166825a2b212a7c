"""What every sign-in ends with, whatever the protocol: admit, link or create, session, audit: one transaction."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.account import Account, Role
from ostiary.domain.admission import Admission, Confirm, Create, Known, Link, Rules, SignIn, admit
from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.errors import AttemptUsed, KeyNeedsConfirmation
from ostiary.domain.identity import Identity, LinkedIdentity, Reading
from ostiary.domain.openid.errors import PossessionNeeded
from ostiary.domain.organization import Organization
from ostiary.kernel import ids
from ostiary.kernel.errors import Refusal
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.sessions import NewSession, Proof, Sessions
from ostiary.storage import AlreadyExists, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleUse:
    """What may be used once: the assertion's id, remembered until it is too old to be accepted anyway."""

    issuer: str
    assertion_id: str
    until: datetime
    if_replayed: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a protocol has proven about a sign-in."""

    connection: Connection
    organization: Organization
    rules: Rules
    reading: Reading
    proof: Proof
    single_use: SingleUse | None
    unconfirmed_key: str
    """The fingerprint of the key that signed, if it came by itself and no owner has confirmed it; else empty."""
    message: bytes
    events: tuple[TimelineEvent, ...]
    id_token: str = ""
    """OpenID Connect's: a sign-out at the provider names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The sign-in succeeded: the session, its secret, and where the browser goes."""

    session: NewSession
    account: Account
    return_to: str
    began_here: bool
    """Whether the person began it on our sign-in page. If not, the browser is asked first (login CSRF)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteLogin:
    """Turns evidence into a session."""

    store: Store
    random: Random
    audit: AuditTrail
    sessions: Sessions

    def finish(
        self, attempt: LoginAttempt, *, evidence: Evidence, client: Client, is_new: bool = False, now: datetime
    ) -> SignedIn:
        """A session of the account that the evidence speaks of. Everything is written, or nothing is.

        `is_new` says that the attempt is not stored yet: somebody else began it.

        Raises: `AttemptUsed`, the refusal of a replay, what `admit` refuses, and `PossessionNeeded`.
        """
        try:
            return self._finished(attempt, evidence=evidence, client=client, is_new=is_new, now=now)
        except AlreadyExists:
            # Of two first sign-ins of one person at once, the second finds the account that the first has made.
            return self._finished(attempt, evidence=evidence, client=client, is_new=is_new, now=now)

    def _finished(
        self, attempt: LoginAttempt, *, evidence: Evidence, client: Client, is_new: bool, now: datetime
    ) -> SignedIn:
        identity = evidence.reading.identity
        with self.store.write() as tx:
            if is_new:
                tx.attempts.insert(attempt)
            self._use_up(tx, attempt, evidence.single_use, now)
            known = know(tx, identity, connection=evidence.connection, organization=evidence.organization)
            admission = admit(identity, known=known, rules=evidence.rules)
            if isinstance(admission, Link):
                # Held: of two subjects that claim one address at once, the second finds the link of the first.
                tx.organizations.hold(evidence.organization.id)
                known = know(tx, identity, connection=evidence.connection, organization=evidence.organization)
                admission = admit(identity, known=known, rules=evidence.rules)
            _require_confirmed_key(admission, evidence)
            account = self._account(tx, admission, identity, known=known, connection=evidence.connection, now=now)
            session = self.sessions.begin(tx, account, proof=evidence.proof, client=client, replaces=None, now=now)
            if evidence.id_token:
                scope = {"organization_id": account.organization_id}
                tx.session_tokens.insert(session.session.id, id_token=evidence.id_token, **scope)
            self._record(tx, attempt, evidence, account, admission, client=client, now=now)
        return SignedIn(
            session=session,
            account=account,
            return_to=attempt.return_to,
            began_here=attempt.origin is Origin.SIGN_IN_PAGE,
        )

    @staticmethod
    def _use_up(tx: Transaction, attempt: LoginAttempt, single_use: SingleUse | None, now: datetime) -> None:
        # Both gates are one atomic statement each: of two copies that arrive together one wins.
        if not tx.attempts.consume(attempt.id, organization_id=attempt.organization_id, answered_at=now):
            raise AttemptUsed
        if single_use is not None and not tx.replays.remember(
            attempt.connection_id,
            issuer=single_use.issuer,
            assertion_id=single_use.assertion_id,
            until=single_use.until,
        ):
            raise single_use.if_replayed

    def _account(
        self,
        tx: Transaction,
        admission: Admission,
        identity: Identity,
        *,
        known: Known,
        connection: Connection,
        now: datetime,
    ) -> Account:
        match admission:
            case SignIn(account):
                if known.link is not None:
                    email = identity.email or known.link.email
                    tx.identities.touch(known.link.id, organization_id=connection.organization_id, email=email, at=now)
                return account
            case Confirm(account):
                raise PossessionNeeded(email=str(account.email))
            case Link(account):
                pass
            case Create(role, email):
                account = Account(
                    id=ids.account_id(self.random),
                    organization_id=connection.organization_id,
                    email=email,
                    first_name=identity.first_name,
                    last_name=identity.last_name,
                    role=role,
                    password_hash=None,
                    is_active=True,
                    created_at=now,
                )
                tx.accounts.insert(account)
        tx.identities.insert(link_of(identity, account=account, connection=connection, random=self.random, now=now))
        return account

    def _record(
        self,
        tx: Transaction,
        attempt: LoginAttempt,
        evidence: Evidence,
        account: Account,
        admission: Admission,
        *,
        client: Client,
        now: datetime,
    ) -> None:
        how = {SignIn: "sign_in", Link: "link", Create: "create"}[type(admission)]
        facts = {"account": account.name, "how": how, "role": account.role.label}
        last = TimelineEvent(at=now, kind="signed_in", facts=facts)
        tx.attempts.finish(
            attempt.id,
            organization_id=attempt.organization_id,
            outcome=Outcome.SIGNED_IN,
            code=None,
            facts={},
            person=account.name,
            email=evidence.reading.identity.address or str(account.email),
            account_id=account.id,
            at=now,
        )
        tx.attempts.add_events(attempt.id, organization_id=attempt.organization_id, events=(*evidence.events, last))
        tx.attempts.keep_message(
            attempt.id, organization_id=attempt.organization_id, message=evidence.message, kind="success", at=now
        )
        self.audit.write(
            tx,
            "account.signed_in" if not isinstance(admission, Create) else "account.created",
            organization_id=attempt.organization_id,
            actor=Actor.of(account, client_address=client.address),
            subject=str(account.email),
            facts={"by": evidence.connection.provider, "how": how, "reference": attempt.reference},
            now=now,
        )


def _require_confirmed_key(admission: Admission, evidence: Evidence) -> None:
    # Whoever gets hold of the provider's web server can publish a key there: it must not open an owner's account.
    if evidence.unconfirmed_key and isinstance(admission, SignIn) and admission.account.role is Role.OWNER:
        raise KeyNeedsConfirmation(
            email=evidence.reading.identity.address,
            role=admission.account.role.label,
            fingerprint=evidence.unconfirmed_key,
        )


def know(tx: Transaction, identity: Identity, *, connection: Connection, organization: Organization) -> Known:
    """What the store knows of this identity, all inside the connection's organization."""
    link = tx.identities.by_subject(
        connection.id, organization_id=organization.id, issuer=identity.issuer, subject=identity.subject
    )
    linked = tx.accounts.by_id(link.account_id, organization_id=organization.id) if link else None
    if linked is not None:
        return Known(
            organization=organization,
            verified_domains=(),
            link=link,
            linked_account=linked,
            account_with_email=None,
            link_of_that_account=None,
        )
    account = tx.accounts.by_email(identity.email.key, organization_id=organization.id) if identity.email else None
    other = None
    if account is not None:
        other = tx.identities.of_account(account.id, organization_id=organization.id, connection_id=connection.id)
    domains = tx.domains.of(organization.id)
    return Known(
        organization=organization,
        verified_domains=frozenset(domain.name for domain in domains if domain.is_verified),
        link=None,
        linked_account=None,
        account_with_email=account,
        link_of_that_account=other,
        is_domain_anothers=identity.email is not None and _is_anothers(tx, identity.email, organization),
    )


def _is_anothers(tx: Transaction, email: EmailAddress, organization: Organization) -> bool:
    owner = tx.domains.verified_owner(email.domain)
    return owner is not None and owner.organization_id != organization.id


def link_of(
    identity: Identity, *, account: Account, connection: Connection, random: Random, now: datetime
) -> LinkedIdentity:
    """The link between this identity and this account."""
    return LinkedIdentity(
        id=ids.identity_id(random),
        organization_id=connection.organization_id,
        connection_id=connection.id,
        account_id=account.id,
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email or account.email,
        created_at=now,
        last_used_at=now,
    )
