"""The door itself: email, password and a recovery code, or a passkey. It is silent about who may pass.

It does the same work for everybody: a stranger's try runs the same hash, the same statements and the same write.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.break_glass.errors import BreakGlassRefused, PasskeyRefused
from ostiary.domain.break_glass.holder import SESSION_LASTS, Passkey, Way, may_hold, went_back
from ostiary.domain.errors import TooManyAttempts
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.break_glass.alarm import Alarm
from ostiary.services.break_glass.codes import code_hash
from ostiary.services.break_glass.webauthn import AnswerRefused, Ceremony, RelyingParty, credential_id, signing
from ostiary.services.client import Client
from ostiary.services.passwords import Passwords
from ostiary.services.sessions import NewSession, Proof
from ostiary.storage import Store, Transaction

WINDOW: Final = timedelta(minutes=15)
TRIES_PER_ADDRESS: Final = 10
"""From one network. Not in all, or anybody could keep an owner out of the very door for emergencies."""
TRIES_PER_CLIENT: Final = 30
_NOBODY: Final = (AccountId("a"), OrganizationId("o"))
_NO_KEY: Final = b"\0" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the page asks an authenticator, and the secret for the cookie of the browser that it is bound to."""

    ceremony: Ceremony
    login_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Signs in who was named. Off for everybody else, and no word of who that is."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    alarm: Alarm
    passwords: Passwords
    relying_party: RelyingParty

    def ask(self, client: Client) -> Question:
        """The question to an authenticator, for this browser alone."""
        # A key that is there stays: it may bind a sign-in in another tab, which is at its identity provider.
        login_key = client.login_key or ids.secret(self.random)
        ceremony = self.relying_party.ask_to_sign(bound_to=login_key, now=self.clock.now())
        return Question(ceremony=ceremony, login_key=login_key)

    def by_code(self, email: str, password: str, code: str, *, client: Client, replaces: str | None) -> NewSession:
        """A new session; the code is used up. THREAD. Raises: `BreakGlassRefused`, `TooManyAttempts`."""
        now = self.clock.now()
        try:
            address = EmailAddress.parse(email)
        except ValueError as error:
            raise BreakGlassRefused from error
        self._count(address.key, client, now)
        fitting = self.passwords.fitting(address, password)
        with self.store.write() as tx:
            account = self._whose(tx, fitting, code, now)
            if account is not None:
                tx.throttle.clear(_guess_key(address.key, client))
                return self._begin(tx, account, Way.RECOVERY_CODE, client=client, replaces=replaces, now=now)
        raise BreakGlassRefused

    def by_passkey(self, answer: str, *, sealed: str, client: Client, replaces: str | None) -> NewSession:
        """A new session. THREAD. Raises: `PasskeyRefused`, `TooManyAttempts`."""
        now = self.clock.now()
        self._count("", client, now)
        if client.login_key is None:
            raise PasskeyRefused
        try:
            # In a transaction of its own: an answer that does not hold must not give the challenge back.
            with self.store.write() as tx:
                challenge = self.relying_party.consume(tx, sealed, purpose=signing(client.login_key), now=now)
            with self.store.read() as tx:
                passkey = tx.passkeys.by_credential(credential_id(answer))
            if passkey is None:
                raise PasskeyRefused
            sign_count = self.relying_party.read_signed(answer, passkey=passkey, challenge=challenge)
        except AnswerRefused as error:
            raise PasskeyRefused from error
        return self._by_verified(passkey, sign_count, client=client, replaces=replaces, now=now)

    def _by_verified(
        self, passkey: Passkey, sign_count: int, *, client: Client, replaces: str | None, now: datetime
    ) -> NewSession:
        """The session of whoever holds this passkey, whose signature has held. Raises: `PasskeyRefused`."""
        scope = {"organization_id": passkey.organization_id}
        with self.store.write() as tx:
            account = tx.accounts.by_id(passkey.account_id, **scope)
            holder = tx.break_glass.by_account(passkey.account_id, **scope)
            if account is not None and holder is not None and may_hold(account) and passkey.stopped_at is None:
                if went_back(passkey.sign_count, received=sign_count):
                    self._stop(tx, account, passkey, sign_count, client=client, now=now)
                elif tx.passkeys.used(passkey, sign_count=sign_count, at=now):
                    return self._begin(tx, account, Way.PASSKEY, client=client, replaces=replaces, now=now)
        raise PasskeyRefused

    def _whose(self, tx: Transaction, fitting: tuple[Account, ...], code: str, now: datetime) -> Account | None:
        """Whose unused code this is. Asks for somebody who does not exist where the password is nobody's."""
        found = None
        named: tuple[tuple[AccountId, OrganizationId], ...] = tuple(
            (account.id, account.organization_id) for account in fitting
        )
        for account_id, organization_id in named or (_NOBODY,):
            scope = {"organization_id": organization_id}
            account = tx.accounts.by_id(account_id, **scope)
            key = tx.break_glass.code_key(account_id, **scope)
            hashed = code_hash(code, key=key or _NO_KEY, account_id=account_id)
            is_open = key is not None and account is not None and may_hold(account) and found is None
            asked = hashed if is_open else "nobody's"
            if tx.recovery_codes.use(account_id, code_hash=asked, at=now, **scope):
                found = account
        return found

    def _begin(
        self, tx: Transaction, account: Account, way: Way, *, client: Client, replaces: str | None, now: datetime
    ) -> NewSession:
        """The session, the alarm and the audit entry, in one transaction.

        The account's other sessions go on: an owner who is signed in is the one who can act against an intruder.
        """
        scope = {"organization_id": account.organization_id}
        holder = tx.break_glass.by_account(account.id, **scope)
        codes_left = holder.codes_left if holder else 0
        proof = Proof(
            connection=None,
            issuer=None,
            subject=None,
            session_index=None,
            auth_time=now,
            acr=None,
            amr=("pwd", way.value) if way is Way.RECOVERY_CODE else (way.value,),
            not_on_or_after=now + SESSION_LASTS,
        )
        self.audit.write(
            tx,
            "break_glass.used",
            actor=Actor.of(account, client_address=client.address),
            subject=str(account.email),
            facts={"by": way.value, "codes_left": str(codes_left)},
            now=now,
            **scope,
        )
        self.alarm.used(tx, account, way, codes_left=codes_left, client=client, now=now)
        return self.passwords.sessions.begin(tx, account, proof=proof, client=client, replaces=replaces, now=now)

    def _stop(
        self, tx: Transaction, account: Account, passkey: Passkey, received: int, *, client: Client, now: datetime
    ) -> None:
        """End a passkey of which there are two."""
        if not tx.passkeys.stop(passkey, at=now):
            return
        self.audit.write(
            tx,
            "break_glass.passkey_stopped",
            organization_id=account.organization_id,
            actor=Actor(name="somebody with a copy of the passkey", account_id=None, client_address=client.address),
            subject=str(account.email),
            facts={"passkey": passkey.name, "expected": f"more than {passkey.sign_count}", "received": str(received)},
            now=now,
        )
        self.alarm.cloned(tx, account, passkey=passkey.name, client=client, now=now)

    def _count(self, address_key: str, client: Client, now: datetime) -> None:
        """Count a try, whoever the address belongs to. Raises: `TooManyAttempts`."""
        limits = {f"break-glass/client/{client.network}": TRIES_PER_CLIENT}
        if address_key:
            limits[_guess_key(address_key, client)] = TRIES_PER_ADDRESS
        with self.store.write() as tx:
            # A network that has used up its tries leaves no row for each address that it makes up.
            may_try = all(tx.throttle.hit(key, window=WINDOW, now=now) <= most for key, most in limits.items())
        if not may_try:
            raise TooManyAttempts(wait_seconds=int(WINDOW.total_seconds()))


def _guess_key(address_key: str, client: Client) -> str:
    return f"break-glass/guess/{address_key}/{client.network}"
