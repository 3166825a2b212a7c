"""Passkeys of somebody who was named: asked for, added, removed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.break_glass.errors import PasskeyUnusable
from ostiary.domain.break_glass.fresh import require_fresh
from ostiary.domain.break_glass.holder import MOST_PASSKEYS, Passkey
from ostiary.domain.errors import TooManyAttempts
from ostiary.domain.session import Session
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import KeyId, SessionId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.break_glass.alarm import Alarm
from ostiary.services.break_glass.roster import require_holder
from ostiary.services.break_glass.webauthn import AnswerRefused, Ceremony, RelyingParty, making
from ostiary.services.client import Client
from ostiary.services.enforcement.ways_in import keep_a_way_in
from ostiary.services.passwords import TRIES_PER_ADDRESS, WINDOW, Passwords
from ostiary.storage import Store, Transaction
from ostiary.storage.errors import AlreadyExists

LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Adds and removes passkeys. A question is asked of one session, after the password or what stands in for it."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    alarm: Alarm
    passwords: Passwords
    relying_party: RelyingParty

    def begin(self, account: Account, password: str, *, session_id: SessionId, client: Client) -> Ceremony:
        """What the browser asks the authenticator. THREAD.

        Raises: `OwnersOnly`, `PasskeyUnusable` where there are enough, `OwnPasswordRefused`, `TooManyAttempts`.
        """
        self.passwords.confirm(account, password, client=client)
        return self._ask(account, session_id)

    def begin_after_sign_in(self, account: Account, *, session: Session) -> Ceremony:
        """The same for an owner without a password: a fresh sign-in with SSO stands in for it. THREAD.

        Raises: `OwnersOnly`, `PasskeyUnusable`, `OwnPasswordRefused` for who has a password, `SignInNotFresh`,
        `TooManyAttempts`.
        """
        now = self.clock.now()
        require_fresh(session, account, now)
        # As few as there are guesses of a password: each one added or removed is a mail to every owner.
        with self.store.write() as tx:
            asked = tx.throttle.hit(f"break-glass/passkeys/{account.id}", window=WINDOW, now=now)
        if asked > TRIES_PER_ADDRESS:
            raise TooManyAttempts(wait_seconds=int(WINDOW.total_seconds()))
        return self._ask(account, session.id)

    def add(
        self, account: Account, answer: str, *, sealed: str, name: str, session_id: SessionId, actor: Actor
    ) -> Passkey:
        """The new passkey. It proves nothing before it has opened the door. THREAD.

        Raises: `OwnersOnly`, `PasskeyUnusable`.
        """
        now = self.clock.now()
        purpose = making(account, session_id)
        try:
            # In a transaction of its own: an answer that does not hold must not give the challenge back.
            with self.store.write() as tx:
                challenge = self.relying_party.consume(tx, sealed, purpose=purpose, now=now)
            made = self.relying_party.read_new(answer, challenge=challenge)
            passkey = Passkey(
                id=ids.key_id(self.random),
                organization_id=account.organization_id,
                account_id=account.id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                transports=made.transports,
                name=_name(name, now),
                added_at=now,
                last_used_at=None,
                stopped_at=None,
            )
            with self.store.write() as tx:
                # Held: once the access was taken away, none is added that would open when somebody names them again.
                tx.organizations.hold(account.organization_id)
                self._known(tx, account)
                tx.passkeys.insert(passkey)
                self._tell(tx, account, passkey, "added", actor=actor, now=now)
        except (AnswerRefused, AlreadyExists) as error:
            raise PasskeyUnusable from error
        return passkey

    def remove(self, account: Account, passkey_id: KeyId, *, actor: Actor) -> bool:
        """Remove one of the account's own. False if there is none such."""
        now, scope = self.clock.now(), {"organization_id": account.organization_id}
        with self.store.write() as tx:
            tx.organizations.hold(account.organization_id)  # before the rows: as whoever closes a way does
            found = [each for each in tx.passkeys.of(account.id, **scope) if each.id == passkey_id]
            if not found or not tx.passkeys.delete(passkey_id, account_id=account.id, **scope):
                return False
            keep_a_way_in(tx, account.organization_id)
            self._tell(tx, account, found[0], "removed", actor=actor, now=now)
        return True

    def _ask(self, account: Account, session_id: SessionId) -> Ceremony:
        with self.store.read() as tx:
            known = self._known(tx, account)
        return self.relying_party.ask_to_make(account, known=known, bound_to=session_id, now=self.clock.now())

    def _known(self, tx: Transaction, account: Account) -> tuple[Passkey, ...]:
        """Their passkeys, where one more may be added. Raises: `OwnersOnly`, `PasskeyUnusable`."""
        scope = {"organization_id": account.organization_id}
        present = tx.accounts.by_id(account.id, **scope) or account
        require_holder(tx.break_glass.by_account(account.id, **scope), present)
        known = tx.passkeys.of(account.id, **scope)
        if len(known) >= MOST_PASSKEYS:
            raise PasskeyUnusable
        return known

    def _tell(
        self, tx: Transaction, account: Account, passkey: Passkey, what: str, *, actor: Actor, now: datetime
    ) -> None:
        self.audit.write(
            tx,
            f"break_glass.passkey_{what}",
            organization_id=account.organization_id,
            actor=actor,
            subject=str(account.email),
            facts={"passkey": passkey.name},
            now=now,
        )
        says = f"{account.name} {what} the passkey {passkey.name}."
        self.alarm.changed(tx, account, says, by=actor.name, now=now)


def _name(typed: str, now: datetime) -> str:
    """A name of one line; the day where none was typed."""
    kept = " ".join("".join(each for each in typed if each.isprintable()).split())[:LONGEST_NAME]
    return kept or f"Passkey of {now.day} {now:%B %Y}"
