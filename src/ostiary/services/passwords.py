"""Local sign-in: for the first owner, and for members without SSO. Throttled, and silent about who exists."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ostiary.domain.account import Account
from ostiary.domain.enforcement.errors import PasswordLinkEnforced, SsoEnforced
from ostiary.domain.errors import LinkExpired, OwnPasswordRefused, PasswordRefused, PasswordTooShort, TooManyAttempts
from ostiary.domain.mail import OutboxMail
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.enforcement.doors import closed_by_domain, closed_to_passwords
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.sessions import NewSession, Proof, Sessions
from ostiary.storage import Store, Transaction

SHORTEST = 12
LONGEST = 1024
WINDOW = timedelta(minutes=15)
TRIES_PER_ADDRESS = 10
"""From one network. Not in all, or anybody could keep the owner out with ten wrong guesses."""
TRIES_PER_ADDRESS_IN_ALL = 200
TRIES_PER_CLIENT = 50
MAILS_PER_ADDRESS = 5
RESET_LASTS = timedelta(hours=1)

Purpose = Literal["first_password", "reset"]

_HASHER = PasswordHasher()
# Each takes 64 MiB: forty guesses at once, one for each thread of the server, were 2.5 GB.
_HASHING = BoundedSemaphore(4)


@cache
def _somebody() -> str:
    """A hash that no password fits: what is checked for unknown addresses, so that they take as long as known ones."""
    return _HASHER.hash("nobody has this password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passwords:
    """Signs in by password, and sets passwords by one-time links. Every method takes about 100 ms: THREAD only."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    sessions: Sessions
    public_url: str
    product_name: str

    @property
    def letters(self) -> EnforcementLetters:
        """What is mailed in place of a link where SSO is enforced."""
        return EnforcementLetters(random=self.random, public_url=self.public_url, product_name=self.product_name)

    def sign_in(self, email: str, password: str, *, client: Client, replaces: str | None) -> NewSession:
        """A new session. Raises: `PasswordRefused`, `SsoEnforced`, `TooManyAttempts`."""
        now = self.clock.now()
        try:
            address = EmailAddress.parse(email)
        except ValueError as error:
            raise PasswordRefused from error
        self._throttle(address, client, now)
        account = self._whose(address, password, now)
        with self.store.write() as tx:
            tx.throttle.clear(_guess_key(address, client))
            return self._begin(tx, account, client=client, replaces=replaces, now=now)

    def confirm(self, account: Account, password: str, *, client: Client) -> None:
        """Return if this is the account's password. Raises: `OwnPasswordRefused`, `TooManyAttempts`."""
        self._throttle(account.email, client, self.clock.now())
        # The same time for an account without a password: who only claims to be its owner learns nothing of it.
        fits = _fits(account.password_hash or _somebody(), password)
        if account.password_hash is None or not fits:
            raise OwnPasswordRefused

    def request_reset(self, email: str, *, client: Client) -> None:
        """Put a mail with a one-time link into the outbox for each active account of this address.

        Returns in the same way for unknown addresses, and where enough such mails have left. An organization that
        enforces SSO sends no link; everybody of its domains is told at once.

        Raises: `TooManyAttempts`, `SsoEnforced`.
        """
        now = self.clock.now()
        try:
            address = EmailAddress.parse(email)
        except ValueError:
            return
        # One transaction for the counters and the mails: a second wait for the disk would tell who has an account.
        with self.store.write() as tx:
            may_try = _count(tx, address, client, now)
            mails = f"password/mail/{address.key}"
            may_mail = may_try and tx.throttle.hit(mails, window=WINDOW, now=now) <= MAILS_PER_ADDRESS
            closed = closed_by_domain(tx, address.domain, now)
            for account in tx.accounts.by_email_anywhere(address.key):
                if may_mail:
                    self._mail_link(tx, account, now)
        if not may_try:
            raise _too_many()
        if closed is not None:
            raise SsoEnforced(organization=closed.name, slug=closed.slug)

    def set_by_link(self, link: str, password: str, *, client: Client) -> NewSession:
        """A new session, after the password was set; all others of the account end.

        Raises: `LinkExpired`, `PasswordTooShort`, `PasswordLinkEnforced`, which leaves the link as it was.
        """
        _require_length(password)
        with self.store.read() as tx:
            if tx.links.peek(ids.fingerprint(link), now=self.clock.now()) is None:
                raise LinkExpired  # before the work of a hash, which nobody gets for a link that was made up
        hashed = self.hash(password)
        now = self.clock.now()
        with self.store.write() as tx:
            owner = tx.links.consume(ids.fingerprint(link), now=now)
            if owner is None:
                raise LinkExpired
            account = tx.accounts.by_id(owner.account_id, organization_id=owner.organization_id)
            if account is None or not account.is_active:
                raise LinkExpired
            _require_open(tx, account, now)
            tx.accounts.set_password(account.id, organization_id=account.organization_id, password_hash=hashed)
            # Every other link too: an older mail, or the operator's printout, would open the account once more.
            tx.links.withdraw(account.id, organization_id=account.organization_id)
            tx.sessions.end_all(account.id, organization_id=account.organization_id)
            self.audit.write(
                tx,
                "account.password_set",
                organization_id=account.organization_id,
                actor=Actor.of(account, client_address=client.address),
                subject=str(account.email),
                now=now,
            )
            return self._begin(tx, account, client=client, replaces=None, now=now)

    def hash_of_new(self, password: str) -> str:
        """The argon2id hash of a password that somebody has chosen. THREAD. Raises: `PasswordTooShort`."""
        _require_length(password)
        return self.hash(password)

    def hash(self, password: str) -> str:
        """The argon2id hash of a password, for accounts that are made with one (the demo's)."""
        with _HASHING:
            return _HASHER.hash(password)

    def fitting(self, address: EmailAddress, password: str) -> tuple[Account, ...]:
        """The active accounts of this address and this password, in all organizations. It counts no guess.

        An address that nobody has takes as long as one that somebody has.
        """
        with self.store.read() as tx:
            candidates = tx.accounts.by_email_anywhere(address.key)
        found = tuple(account for account in candidates if _fits(account.password_hash, password))
        if not candidates or all(account.password_hash is None for account in candidates):
            _fits(_somebody(), password)
        return found

    def _whose(self, address: EmailAddress, password: str, now: datetime) -> Account:
        """The account that this password opens. Raises: `PasswordRefused`, `SsoEnforced`."""
        fitting = self.fitting(address, password)
        with self.store.read() as tx:
            closed = {account.id: closed_to_passwords(tx, account.organization_id, now) for account in fitting}
            by_domain = closed_by_domain(tx, address.domain, now)
        for account in fitting:
            if closed[account.id] is None:
                return account
        # By the domain it is told to everybody alike; to a guest only who has typed the right password (decision 9).
        for organization in (by_domain, *closed.values()):
            if organization is not None:
                raise SsoEnforced(organization=organization.name, slug=organization.slug)
        raise PasswordRefused

    def _throttle(self, address: EmailAddress, client: Client, now: datetime) -> None:
        with self.store.write() as tx:
            may_try = _count(tx, address, client, now)
        if not may_try:
            raise _too_many()

    def _begin(
        self, tx: Transaction, account: Account, *, client: Client, replaces: str | None, now: datetime
    ) -> NewSession:
        proof = Proof(
            connection=None,
            issuer=None,
            subject=None,
            session_index=None,
            auth_time=now,
            acr=None,
            amr=("pwd",),
            not_on_or_after=None,
        )
        self.audit.write(
            tx,
            "account.signed_in",
            organization_id=account.organization_id,
            actor=Actor.of(account, client_address=client.address),
            subject=str(account.email),
            facts={"by": "password"},
            now=now,
        )
        return self.sessions.begin(tx, account, proof=proof, client=client, replaces=replaces, now=now)

    def _mail_link(self, tx: Transaction, account: Account, now: datetime) -> None:
        closed = closed_to_passwords(tx, account.organization_id, now)
        if closed is not None:
            self.letters.no_password(tx, str(account.email), organization=closed, now=now)
            return
        secret = ids.secret(self.random)
        tx.links.insert(
            ids.fingerprint(secret),
            organization_id=account.organization_id,
            account_id=account.id,
            purpose="reset",
            expires_at=now + RESET_LASTS,
        )
        tx.outbox.put(
            OutboxMail(
                id=ids.event_id(self.random, now),
                organization_id=account.organization_id,
                to=str(account.email),
                subject=f"Set a new password for {self.product_name}",
                text=(
                    f"Somebody, most likely you, asked for a new password for {self.product_name}.\n\n"
                    f"Set it here within one hour:\n{self.public_url}/password/set?link={secret}\n\n"
                    "If it was not you, nothing has to be done: your password stays as it is.\n"
                ),
                created_at=now,
            )
        )


def _require_length(password: str) -> None:
    if len(password) < SHORTEST or len(password) > LONGEST:
        raise PasswordTooShort(minimum=SHORTEST)


def _require_open(tx: Transaction, account: Account, now: datetime) -> None:
    """Return if the account's organization takes passwords. Raises: `PasswordLinkEnforced`."""
    closed = closed_to_passwords(tx, account.organization_id, now)
    if closed is not None:
        raise PasswordLinkEnforced(organization=closed.name, slug=closed.slug)


def _count(tx: Transaction, address: EmailAddress, client: Client, now: datetime) -> bool:
    """Count a guess, whoever the address belongs to. False if there were too many."""
    limits = {
        f"password/client/{client.network}": TRIES_PER_CLIENT,
        _guess_key(address, client): TRIES_PER_ADDRESS,
        f"password/address/{address.key}": TRIES_PER_ADDRESS_IN_ALL,
    }
    # A network that has used up its tries leaves no row for each address that it makes up, and shuts nobody out by it.
    return all(tx.throttle.hit(key, window=WINDOW, now=now) <= most for key, most in limits.items())


def _guess_key(address: EmailAddress, client: Client) -> str:
    return f"password/guess/{address.key}/{client.network}"


def _too_many() -> TooManyAttempts:
    return TooManyAttempts(wait_seconds=int(WINDOW.total_seconds()))


def _fits(password_hash: str | None, password: str) -> bool:
    if password_hash is None or len(password) > LONGEST:
        return False
    try:
        with _HASHING:
            return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
