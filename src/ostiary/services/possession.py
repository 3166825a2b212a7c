"""Somebody has come by a provider, and an account with their address exists: they prove once that it is theirs.

By its password, or by a code that is mailed to it. Only in the browser that began the sign-in, and only for minutes.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.admission import Confirm, admit
from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.domain.errors import (
    AccountDeactivated,
    AttemptUnknown,
    BrowserChanged,
    ConnectionOff,
    LinkedToAnother,
    TooManyAttempts,
)
from ostiary.domain.identity import Identity
from ostiary.domain.mail import OutboxMail
from ostiary.domain.openid.errors import CodeExpired, CodeWrong
from ostiary.domain.openid.possession import LIFETIME, MOST_TRIES, Possession
from ostiary.domain.organization import Organization, require_sso
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AttemptId
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.complete_login import Evidence, SignedIn, know, link_of
from ostiary.services.passwords import WINDOW, Passwords
from ostiary.services.sessions import Proof, Sessions
from ostiary.storage import Store, Transaction

DIGITS: Final = 6
CODES_PER_ACCOUNT: Final = 5
"""Mails in one window, and so the guesses that all attempts on one account have together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A proof that is waited for, as its page shows it."""

    attempt: LoginAttempt
    connection: Connection
    email: str
    """Where a code goes: the account's own address, which the person has just named."""
    has_password: bool
    has_code: bool


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
                    body=_written(evidence, salt=ids.secret(self.random)),
                    code_hash="",
                    tries=0,
                    expires_at=now + LIFETIME,
                )
            )

    def view(self, attempt_id: AttemptId, *, client: Client) -> Waiting:
        """What is waited for. Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`."""
        with self.store.read() as tx:
            attempt, possession, account, connection, _ = self._found(tx, attempt_id, client)
        return Waiting(
            attempt=attempt,
            connection=connection,
            email=str(account.email),
            has_password=account.password_hash is not None,
            has_code=bool(possession.code_hash),
        )

    def mail_code(self, attempt_id: AttemptId, *, client: Client) -> None:
        """Put a mail with a fresh code into the outbox; from now on only this one counts.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`, `TooManyAttempts`.
        """
        now = self.clock.now()
        code = str(int.from_bytes(self.random.token(8)) % 10**DIGITS).zfill(DIGITS)
        with self.store.write() as tx:
            attempt, possession, account, _, _ = self._found(tx, attempt_id, client)
            may_mail = tx.throttle.hit(f"possession/{account.id}", window=WINDOW, now=now) <= CODES_PER_ACCOUNT
            if may_mail:
                scope = {"organization_id": attempt.organization_id}
                tx.possessions.set_code(attempt_id, code_hash=_hash(possession, code), **scope)
                tx.outbox.put(self._mail(account, code, now))
        if not may_mail:
            raise TooManyAttempts(wait_seconds=int(WINDOW.total_seconds()))

    def prove_by_code(self, attempt_id: AttemptId, code: str, *, client: Client) -> SignedIn:
        """The session, where this is the newest mailed code.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`, `CodeWrong`, and what `_sign_in` refuses.
        """
        now = self.clock.now()
        # In a transaction of its own: a wrong code must not take back that it was counted.
        with self.store.write() as tx:
            attempt, possession, _, _, _ = self._found(tx, attempt_id, client)
            scope = {"organization_id": attempt.organization_id}
            may_try = tx.possessions.count_try(attempt_id, most=MOST_TRIES, at=now, **scope)
        if not may_try or not possession.code_hash:
            raise CodeExpired
        if not compare_digest(_hash(possession, "".join(code.split())), possession.code_hash):
            raise CodeWrong
        return self._sign_in(attempt_id, how="possession_code", client=client)

    def prove_by_password(self, attempt_id: AttemptId, password: str, *, client: Client) -> SignedIn:
        """The session, where this is the account's password. THREAD.

        Raises: `AttemptUnknown`, `BrowserChanged`, `CodeExpired`, `PasswordRefused`, `TooManyAttempts`, and what
        `_sign_in` refuses.
        """
        with self.store.read() as tx:
            _, _, account, _, _ = self._found(tx, attempt_id, client)
        self.passwords.confirm(account, password, client=client)
        return self._sign_in(attempt_id, how="possession_password", client=client)

    def _sign_in(self, attempt_id: AttemptId, *, how: str, client: Client) -> SignedIn:
        """Link and session, in one transaction.

        Raises: `CodeExpired` for whoever comes second, `AccountDeactivated`, `ConnectionOff`, `PlanWithoutSso`,
        `LinkedToAnother`.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            attempt, possession, account, connection, organization = self._found(tx, attempt_id, client)
            scope = {"organization_id": organization.id}
            if not tx.possessions.take(attempt_id, **scope):
                raise CodeExpired
            # Minutes have passed: what was turned off meanwhile is off.
            require_sso(organization, now)
            if not connection.is_enabled:
                raise ConnectionOff(organization=organization.name)
            if not account.is_active:
                raise AccountDeactivated(email=str(account.email), organization=organization.name)
            identity, proof, id_token = _read(possession, connection)
            other = tx.identities.of_account(account.id, connection_id=connection.id, **scope)
            taken = tx.identities.by_subject(connection.id, issuer=identity.issuer, subject=identity.subject, **scope)
            if other is not None or taken is not None:
                expected = other.subject if other else identity.subject
                raise LinkedToAnother(email=identity.address, expected=expected, received=identity.subject)
            link = link_of(identity, account=account, connection=connection, random=self.random, now=now)
            tx.identities.insert(link)
            session = self.sessions.begin(tx, account, proof=proof, client=client, replaces=None, now=now)
            if id_token:
                tx.session_tokens.insert(session.session.id, id_token=id_token, **scope)
            self._record(tx, attempt, account, how=how, client=client, now=now)
        return SignedIn(
            session=session,
            account=account,
            return_to=attempt.return_to,
            began_here=attempt.origin is Origin.SIGN_IN_PAGE,
        )

    def _record(
        self, tx: Transaction, attempt: LoginAttempt, account: Account, *, how: str, client: Client, now: datetime
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
        self.audit.write(
            tx,
            "account.identity_linked",
            actor=Actor.of(account, client_address=client.address),
            subject=str(account.email),
            facts={"how": how, "reference": attempt.reference},
            now=now,
            **scope,
        )

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

    def _mail(self, account: Account, code: str, now: datetime) -> OutboxMail:
        return OutboxMail(
            id=ids.event_id(self.random, now),
            organization_id=account.organization_id,
            to=str(account.email),
            subject=f"Your code for {self.product_name}",
            text=(
                f"{code}\n\n"
                f"Type this code where you are signing in to {self.product_name}. It lasts ten minutes.\n\n"
                "If you are not signing in, give it to nobody: whoever types it signs in as you.\n"
            ),
            created_at=now,
        )


def _hash(possession: Possession, code: str) -> str:
    """What stands for a code. Salted by what is sealed: six digits are soon tried otherwise."""
    return ids.fingerprint(f"{json.loads(possession.body)['salt']}/{possession.attempt_id}/{code}")


def _written(evidence: Evidence, *, salt: str) -> str:
    identity, proof = evidence.reading.identity, evidence.proof
    return json.dumps(
        {
            "salt": salt,
            "issuer": identity.issuer,
            "subject": identity.subject,
            "email": identity.address,
            "first_name": identity.first_name,
            "last_name": identity.last_name,
            "id_token": evidence.id_token,
            "proof": {
                "issuer": proof.issuer,
                "subject": proof.subject,
                "session_index": proof.session_index,
                "auth_time": proof.auth_time.timestamp(),
                "acr": proof.acr,
                "amr": proof.amr,
                "not_on_or_after": proof.not_on_or_after.timestamp() if proof.not_on_or_after else None,
            },
        }
    )


def _read(possession: Possession, connection: Connection) -> tuple[Identity, Proof, str]:
    kept = json.loads(possession.body)
    proven = kept["proof"]
    until = proven["not_on_or_after"]
    identity = Identity(
        issuer=kept["issuer"],
        subject=kept["subject"],
        email=EmailAddress.parse(kept["email"]) if kept["email"] else None,
        first_name=kept["first_name"],
        last_name=kept["last_name"],
        is_vouched=False,
    )
    proof = Proof(
        connection=connection,
        issuer=proven["issuer"],
        subject=proven["subject"],
        session_index=proven["session_index"],
        auth_time=datetime.fromtimestamp(proven["auth_time"], UTC),
        acr=proven["acr"],
        amr=tuple(proven["amr"]),
        not_on_or_after=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )
    return identity, proof, kept["id_token"]
