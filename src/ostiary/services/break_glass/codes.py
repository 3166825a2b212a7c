"""Recovery codes: made ten at a time, shown once, kept as keyed hashes."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.break_glass.fresh import require_fresh
from ostiary.domain.break_glass.holder import CODES, Holder, State
from ostiary.domain.errors import OwnPasswordRefused
from ostiary.domain.session import Session
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AccountId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.break_glass.alarm import Alarm
from ostiary.services.break_glass.roster import KEY_BYTES, require_holder
from ostiary.services.client import Client
from ostiary.services.enforcement.ways_in import keep_a_way_in
from ostiary.services.passwords import Passwords
from ostiary.storage import Store, Transaction

# Crockford's: no letter that is misread, and what is misread all the same is read as what was meant.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LETTERS: Final = 20
_GROUP: Final = 5
LONGEST: Final = 64
"""Of what was typed; a code with spaces and hyphens is far shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBook:
    """Makes the recovery codes of somebody who was named."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    alarm: Alarm
    passwords: Passwords

    def make(self, account: Account, password: str, *, actor: Actor, client: Client) -> tuple[str, ...]:
        """Ten new codes, which are shown now and never again; all earlier ones of this account end. THREAD.

        Raises: `OwnersOnly`, `OwnPasswordRefused`, `TooManyAttempts`, `LastWayIn` where SSO is enforced and the proven
        codes that would end are the only way in of somebody with the settings.
        """
        self.passwords.confirm(account, password, client=client)
        return self._make(account, new_password="", actor=actor)

    def make_after_sign_in(
        self, account: Account, new_password: str, *, session: Session, actor: Actor
    ) -> tuple[str, ...]:
        """The same for an owner without a password: a fresh sign-in with SSO stands in for it. THREAD.

        The password that they choose is what their codes are used with: a code alone opens nothing for anybody
        (docs/decisions/0017). While SSO is enforced it opens no other door.

        Raises: `OwnersOnly`, `OwnPasswordRefused` for who has a password, `SignInNotFresh`, `PasswordTooShort`,
        `LastWayIn`.
        """
        require_fresh(session, account, self.clock.now())
        with self.store.read() as tx:
            # Before the work of a hash: no password and no count of guesses stand before it here.
            self._holder(tx, account)
        return self._make(account, new_password=self.passwords.hash_of_new(new_password), actor=actor)

    def _make(self, account: Account, *, new_password: str, actor: Actor) -> tuple[str, ...]:
        """`new_password`: the hash of the one that they have chosen just now; empty where they had one."""
        now, scope = self.clock.now(), {"organization_id": account.organization_id}
        codes = tuple(_new(self.random) for _ in range(CODES))
        key = self.random.token(KEY_BYTES)
        with self.store.write() as tx:
            tx.organizations.hold(account.organization_id)  # as whoever takes the access away does
            before = self._holder(tx, account)
            if new_password:
                self._set_password(tx, before.account, new_password, actor=actor, now=now)
            tx.break_glass.set_code_key(account.id, code_key=key, **scope)
            hashes = [code_hash(code, key=key, account_id=account.id) for code in codes]
            tx.recovery_codes.replace(account.id, hashes=hashes, at=now, **scope)
            # New codes are proven by nobody yet. Who has used up the old ones has no way left to take away.
            if before.state is State.PROVEN:
                keep_a_way_in(tx, account.organization_id)
            email = str(account.email)
            self.audit.write(tx, "break_glass.codes_made", actor=actor, subject=email, facts={}, now=now, **scope)
            says = f"{account.name} made {CODES} new recovery codes; the ones before have ended."
            if new_password:
                says += (
                    " The account had no password: one was chosen with them, after a sign-in with SSO. Taking the "
                    f"access away leaves that password; another is set at {self.alarm.public_url}/password/forgot."
                )
            self.alarm.changed(tx, account, says, by=actor.name, now=now)
        return codes

    @staticmethod
    def _holder(tx: Transaction, account: Account) -> Holder:
        """Their access as it is stored now. Raises: `OwnersOnly`."""
        scope = {"organization_id": account.organization_id}
        present = tx.accounts.by_id(account.id, **scope) or account
        return require_holder(tx.break_glass.by_account(account.id, **scope), present)

    def _set_password(self, tx: Transaction, present: Account, hashed: str, *, actor: Actor, now: datetime) -> None:
        """The first password of this account. Raises: `OwnPasswordRefused` where one was set meanwhile."""
        scope = {"organization_id": present.organization_id}
        # In the order of whoever uses a link to set one at this moment: then one statement decides who was first.
        tx.links.withdraw(present.id, **scope)
        if not tx.accounts.set_first_password(present.id, password_hash=hashed, **scope):
            raise OwnPasswordRefused
        self.audit.write(
            tx, "account.password_set", actor=actor, subject=str(present.email), facts={}, now=now, **scope
        )


def code_hash(code: str, *, key: bytes, account_id: AccountId) -> str:
    """What stands for a code of 100 random bits. Keyed by what is sealed: a stolen database tells nothing of it."""
    read = "".join(each for each in code[:LONGEST].upper().translate(_MEANT) if each.isalnum())
    return hmac.digest(key, f"{account_id}/{read}".encode(), "sha256").hex()


def _new(random: Random) -> str:
    number = int.from_bytes(random.token(13)) >> 4  # 100 bits: five for each letter
    letters = []
    for _ in range(_LETTERS):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, _LETTERS, _GROUP))
