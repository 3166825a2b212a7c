"""Waits for proofs of accounts, and signs in where one was given.

Rule of the file: the browser, the attempt and its expiry are held against what is kept before anything is compared,
and a try is counted before it is judged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.admission import Confirm, admit
from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import SsoEnforced
from ostiary.domain.enforcement.policy import require_taken
from ostiary.domain.errors import (
    AccountDeactivated,
    AttemptUnknown,
    BrowserChanged,
    LinkedToAnother,
    OwnPasswordRefused,
    TooManyAttempts,
)
from ostiary.domain.identity import Identity
from ostiary.domain.openid.errors import CodeExpired, CodeWrong
from ostiary.domain.openid.possession import LIFETIME, MOST_TRIES, Possession
from ostiary.domain.organization import Organization
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Fact, Refusal
from ostiary.kernel.ids import AttemptId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.complete_login import Evidence, SignedIn, know, link_of
from ostiary.services.enforcement.doors import policy_in
from ostiary.services.passwords import WINDOW, Passwords
from ostiary.services.possession.keeping import code_hash, read_kept, written
from ostiary.services.possession.letter import letter
from ostiary.services.sessions import Sessions
from ostiary.storage import StorageRefusal, Store, Transaction

DIGITS: Final = 6
CODES_PER_ACCOUNT: Final = 5
"""Mails in one window, and so the guesses that all attempts on one account have together."""
WRONG_CODES_PER_DAY: Final = 20
"""Of one account: who may write any address at a provider begins as many attempts as they like, and guesses in each."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proof that is waited for, as its page shows it."""

    attempt: LoginAttempt
    connection: Connection
    organization: Organization
    email: str
    """Where a code goes: the account's own address, which the person has just named."""
    has_code: bool
    """Whether one was mailed. Whether the account has a password is told to nobody who has not proven it."""
    takes_password: bool
    """Whether a password proves anything: not where single sign-on is enforced."""
    tries_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Possessions:
    """Waits for proofs of accounts, and signs in where one was given."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    sessions: Sessions
    passwords: Passwords
    product_name: str

    def wait_for(self, attempt: LoginAttempt, evidence: Evidence, *, now: datetime) -> None:
        """Keep what was proven, until the account is proven too."""
        identity = evidence.reading.identity
        with self.store.write() as tx:
            known = know(tx, identity, connection=evidence.connection, organization=evidence.organization)
            admission = admit(identity, known=known, rules=evidence.rules)
            if not isinstance(admission, Confirm):
                return
            tx.possessions.insert(
                Possession(
                    attempt_id=attempt.id,
                    organization_id=attempt.organization_id,
                    account_id=admission.account.id,
                    body=written(evidence, salt=ids.secret(self.random)),
                    code_hash="",
                    tries=0,
                    expires_at=now + LIFETIME,
                )
            )

    def view(self, attempt_id: AttemptId, *, client: Client) -> Waiting:
        """What is waited for. Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`."""
        with self.store.read() as tx:
            attempt, possession, account, connection, organization = self._found(tx, attempt_id, client)
            policy = policy_in(tx, organization, self.clock.now())
        return Waiting(
            attempt=attempt,
            connection=connection,
            organization=organization,
            email=str(account.email),
            has_code=bool(possession.code_hash),
            takes_password=policy.takes_passwords,
            tries_left=max(0, MOST_TRIES - possession.tries),
            expires_at=possession.expires_at,
        )

    def mail_code(self, attempt_id: AttemptId, *, client: Client) -> None:
        """Put a mail with a fresh code into the outbox; from now on only this one counts.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired` (wrong ones have used the tries up),
        `TooManyAttempts`.
        """
        now = self.clock.now()
        code = str(int.from_bytes(self.random.token(8)) % 10**DIGITS).zfill(DIGITS)
        with self.store.write() as tx:
            attempt, possession, account, connection, organization = self._found(tx, attempt_id, client)
            if possession.tries >= MOST_TRIES:
                raise CodeExpired
            may_mail = tx.throttle.hit(f"possession/{account.id}", window=WINDOW, now=now) <= CODES_PER_ACCOUNT
            if may_mail:
                scope = {"organization_id": attempt.organization_id}
                tx.possessions.set_code(attempt_id, code_hash=code_hash(possession, code), **scope)
                tx.outbox.put(
                    letter(
                        code,
                        account=account,
                        connection=connection,
                        organization=organization,
                        product_name=self.product_name,
                        random=self.random,
                        now=now,
                    )
                )
                event = TimelineEvent(at=now, kind="code_mailed", facts={"email": str(account.email)})
                tx.attempts.add_events(attempt.id, events=(event,), **scope)
        if not may_mail:
            raise TooManyAttempts(wait_seconds=int(WINDOW.total_seconds()))

    def prove_by_code(self, attempt_id: AttemptId, code: str, *, client: Client) -> SignedIn:
        """The session, where this is the newest mailed code.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`, `CodeWrong`, `TooManyAttempts`, and what `_sign_in`
        refuses.
        """
        now = self.clock.now()
        # In a transaction of its own: a wrong code must not take back that it was counted.
        with self.store.write() as tx:
            attempt, possession, account, _, _ = self._found(tx, attempt_id, client)
            scope = {"organization_id": attempt.organization_id}
            is_open = tx.possessions.count_try(attempt_id, most=MOST_TRIES, at=now, **scope)
            wrong_key = f"possession/wrong/{account.id}"
            is_right = compare_digest(code_hash(possession, "".join(code.split())), possession.code_hash)
            may_try = tx.throttle.count(wrong_key, now=now) < WRONG_CODES_PER_DAY
            if is_open and possession.code_hash and not is_right:
                tx.throttle.hit(wrong_key, window=_DAY, now=now)
                left: dict[str, Fact] = {"left": str(MOST_TRIES - possession.tries - 1)}
                event = TimelineEvent(at=now, kind="code_wrong", facts=left)
                tx.attempts.add_events(attempt.id, events=(event,), **scope)
        if not is_open or not possession.code_hash:
            raise CodeExpired
        if not may_try:
            raise TooManyAttempts(wait_seconds=int(_DAY.total_seconds()))
        if not is_right:
            raise CodeWrong
        return self._sign_in(attempt_id, how="possession_code", client=client)

    def prove_by_password(self, attempt_id: AttemptId, password: str, *, client: Client) -> SignedIn:
        """The session, where this is the account's password. THREAD.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`, `OwnPasswordRefused`, `SsoEnforced`,
        `TooManyAttempts`, and what `_sign_in` refuses.
        """
        with self.store.read() as tx:
            attempt, _, account, _, organization = self._found(tx, attempt_id, client)
            policy = policy_in(tx, organization, self.clock.now())
        if not policy.takes_passwords:
            raise SsoEnforced(organization=organization.name, slug=organization.slug)
        try:
            self.passwords.confirm(account, password, client=client)
        except OwnPasswordRefused:
            event = TimelineEvent(at=self.clock.now(), kind="password_wrong", facts={})
            with self.store.write() as tx:
                tx.attempts.add_events(attempt.id, events=(event,), organization_id=attempt.organization_id)
            raise
        return self._sign_in(attempt_id, how="possession_password", client=client)

    def _sign_in(self, attempt_id: AttemptId, *, how: str, client: Client) -> SignedIn:
        """The session. What is refused after all is told to the admin too. Raises: what `_link` raises."""
        try:
            return self._link(attempt_id, how=how, client=client)
        except (StorageRefusal, CodeExpired):
            raise
        except Refusal as refusal:
            self._record_refusal(attempt_id, refusal)
            raise

    def _link(self, attempt_id: AttemptId, *, how: str, client: Client) -> SignedIn:
        """Link and session, in one transaction.

        Raises: `CodeExpired` for whoever comes second, `AccountDeactivated`, `ConnectionOff`,
        `ConnectionNotEnforced`, `PlanWithoutSso`, `LinkedToAnother`.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            attempt, possession, account, connection, organization = self._found(tx, attempt_id, client)
            scope = {"organization_id": organization.id}
            if not tx.possessions.take(attempt_id, **scope):
                raise CodeExpired
            # Minutes have passed: what was turned off meanwhile is off.
            require_taken(connection, organization, now)
            if not account.is_active:
                raise AccountDeactivated(email=str(account.email), organization=organization.name)
            identity, proof, id_token = read_kept(possession, connection)
            is_new = self._tie(tx, identity, account, connection, now=now)
            session = self.sessions.begin(tx, account, proof=proof, client=client, replaces=None, now=now)
            if id_token:
                tx.session_tokens.insert(session.session.id, id_token=id_token, **scope)
            self._record(tx, attempt, account, how=how, is_new=is_new, client=client, now=now)
        return SignedIn(
            session=session,
            account=account,
            return_to=attempt.return_to,
            began_here=attempt.origin is Origin.SIGN_IN_PAGE,
        )

    def _tie(
        self, tx: Transaction, identity: Identity, account: Account, connection: Connection, *, now: datetime
    ) -> bool:
        """Whether the link is new: another tab may have made it already. Raises: `LinkedToAnother`."""
        scope = {"organization_id": connection.organization_id}
        tx.organizations.hold(connection.organization_id)  # of two tabs at once the second finds the link
        taken = tx.identities.by_subject(connection.id, issuer=identity.issuer, subject=identity.subject, **scope)
        if taken is not None and taken.account_id == account.id:
            return False
        other = tx.identities.of_account(account.id, connection_id=connection.id, **scope)
        if other is not None or taken is not None:
            expected = other.subject if other else identity.subject
            raise LinkedToAnother(email=identity.address, expected=expected, received=identity.subject)
        tx.identities.insert(link_of(identity, account=account, connection=connection, random=self.random, now=now))
        return True

    def _record(
        self,
        tx: Transaction,
        attempt: LoginAttempt,
        account: Account,
        *,
        how: str,
        is_new: bool,
        client: Client,
        now: datetime,
    ) -> None:
        scope = {"organization_id": attempt.organization_id}
        tx.attempts.finish(
            attempt.id,
            organization_id=attempt.organization_id,
            outcome=Outcome.SIGNED_IN,
            person=account.name,
            account_id=account.id,
            at=now,
        )
        facts = {"account": account.name, "how": how, "role": account.role.label}
        event = TimelineEvent(at=now, kind="signed_in", facts=facts)
        tx.attempts.add_events(attempt.id, events=(event,), **scope)
        told: dict[str, Fact] = {"how": how, "reference": attempt.reference}
        for action in (*(("account.identity_linked",) if is_new else ()), "account.signed_in"):
            actor = Actor.of(account, client_address=client.address)
            self.audit.write(tx, action, actor=actor, subject=str(account.email), facts=told, now=now, **scope)

    def _record_refusal(self, attempt_id: AttemptId, refusal: Refusal) -> None:
        now = self.clock.now()
        facts: dict[str, Fact] = {"code": refusal.code, **refusal.facts()}
        with self.store.write() as tx:
            attempt = tx.attempts.by_id(attempt_id)
            if attempt is None or attempt.outcome is not Outcome.REFUSED:
                return
            mine = attempt.organization_id
            tx.possessions.take(attempt_id, organization_id=mine)
            tx.attempts.finish(
                attempt_id,
                organization_id=mine,
                outcome=Outcome.REFUSED,
                code=refusal.code,
                facts=refusal.facts(),
                at=now,
            )
            event = TimelineEvent(at=now, kind="refused", facts=facts)
            tx.attempts.add_events(attempt_id, organization_id=mine, events=(event,))

    def _found(
        self, tx: Transaction, attempt_id: AttemptId, client: Client
    ) -> tuple[LoginAttempt, Possession, Account, Connection, Organization]:
        attempt = tx.attempts.by_id(attempt_id)
        if attempt is None:
            raise AttemptUnknown
        if client.login_key is None or ids.fingerprint(client.login_key) != attempt.browser_hash:
            raise BrowserChanged
        scope = {"organization_id": attempt.organization_id}
        possession = tx.possessions.of(attempt_id, **scope)
        if possession is None or self.clock.now() >= possession.expires_at:
            raise CodeExpired
        account = tx.accounts.by_id(possession.account_id, **scope)
        connection = tx.connections.by_id(attempt.connection_id)
        organization = tx.organizations.by_id(attempt.organization_id)
        if account is None or connection is None or organization is None:
            raise AttemptUnknown
        return attempt, possession, account, connection, organization
