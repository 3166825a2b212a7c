"""Naming who has break-glass access, and taking it away."""

from dataclasses import dataclass

from ostiary.domain.account import Account
from ostiary.domain.break_glass.errors import OwnersOnly
from ostiary.domain.break_glass.holder import Holder, Passkey, require_owner
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.break_glass.alarm import Alarm
from ostiary.services.enforcement.ways_in import keep_a_way_in
from ostiary.storage import Store
from ostiary.storage.errors import AlreadyExists

KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Everything that the page of an organization shows."""

    holders: tuple[Holder, ...]
    others: tuple[Account, ...]
    """Owners who could be named."""
    namers: dict[AccountId, str]
    """Who named them, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What somebody sees of their own access."""

    holder: Holder
    passkeys: tuple[Passkey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who has break-glass access. Nobody has it until an owner names them."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    alarm: Alarm

    def seen(self, organization_id: OrganizationId) -> Seen:
        """Who has it, and who could."""
        with self.store.read() as tx:
            holders = tx.break_glass.of(organization_id)
            owners = tx.break_glass.owners(organization_id)
            namers = {
                holder.named_by: tx.accounts.by_id(holder.named_by, organization_id=organization_id)
                for holder in holders
            }
        named = {holder.account.id for holder in holders}
        return Seen(
            holders=holders,
            others=tuple(owner for owner in owners if owner.id not in named),
            namers={key: account.name if account else "somebody who is gone" for key, account in namers.items()},
        )

    def own(self, account: Account) -> Own | None:
        """The access of this account; None if it was not named."""
        scope = {"organization_id": account.organization_id}
        with self.store.read() as tx:
            holder = tx.break_glass.by_account(account.id, **scope)
            passkeys = tx.passkeys.of(account.id, **scope)
        return Own(holder=holder, passkeys=passkeys) if holder else None

    def holder(self, account_id: AccountId, *, organization_id: OrganizationId) -> Holder | None:
        """Who was named by this id."""
        with self.store.read() as tx:
            return tx.break_glass.by_account(account_id, organization_id=organization_id)

    def name(self, account_id: AccountId, *, by: Account, actor: Actor) -> Account | None:
        """Name an owner; nothing opens for them before they have made codes or added a passkey.

        None if there is no such account. Raises: `OwnersOnly`, for either of the two.
        """
        require_owner(by)
        now, scope = self.clock.now(), {"organization_id": by.organization_id}
        try:
            with self.store.write() as tx:
                account = tx.accounts.by_id(account_id, **scope)
                if account is None:
                    return None
                require_owner(account)
                tx.break_glass.insert(
                    account.id, named_by=by.id, code_key=self.random.token(KEY_BYTES), at=now, **scope
                )
                self.audit.write(
                    tx, "break_glass.named", actor=actor, subject=str(account.email), facts={}, now=now, **scope
                )
                self.alarm.changed(tx, account, f"{account.name} was named for it.", by=actor.name, now=now)
        except AlreadyExists:
            return self._account(account_id, by.organization_id)
        return account

    def take_away(self, account_id: AccountId, *, by: Account, actor: Actor) -> bool:
        """End the access with its codes and passkeys, and the sessions that began by it. False if there was none.

        Raises: `OwnersOnly`, `LastWayIn` where SSO is enforced and nobody else with the settings gets in.
        """
        require_owner(by)
        now, scope = self.clock.now(), {"organization_id": by.organization_id}
        with self.store.write() as tx:
            tx.organizations.hold(by.organization_id)  # a passkey that is added at this moment is taken away, too
            holder = tx.break_glass.by_account(account_id, **scope)
            if holder is None:
                return False
            tx.recovery_codes.delete(account_id, **scope)
            tx.passkeys.delete_all(account_id, **scope)
            tx.break_glass.delete(account_id, **scope)
            keep_a_way_in(tx, by.organization_id)
            for session in tx.sessions.of_account(account_id, **scope):
                if session.is_break_glass:
                    tx.sessions.end(session.id, **scope)
            email = str(holder.account.email)
            self.audit.write(tx, "break_glass.taken_away", actor=actor, subject=email, facts={}, now=now, **scope)
            says = f"The access of {holder.account.name} was taken away."
            self.alarm.changed(tx, holder.account, says, by=actor.name, now=now)
        return True

    def _account(self, account_id: AccountId, organization_id: OrganizationId) -> Account | None:
        with self.store.read() as tx:
            return tx.accounts.by_id(account_id, organization_id=organization_id)


def require_holder(holder: Holder | None, account: Account) -> Holder:
    """The holder, where they were named and are an owner still. Raises: `OwnersOnly`."""
    require_owner(account)
    if holder is None:
        raise OwnersOnly(received=account.role.label)
    return holder
