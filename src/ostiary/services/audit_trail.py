"""Writes into the audit log, inside the transaction of what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.account import Account
from ostiary.domain.audit import AuditEvent
from ostiary.kernel import ids
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something: a signed-in account, the operator at the command line, or the server itself."""

    name: str
    account_id: AccountId | None
    client_address: str

    @classmethod
    def of(cls, account: Account, *, client_address: str) -> "Actor":
        """This account, from this address."""
        return cls(name=account.name, account_id=account.id, client_address=client_address)


OPERATOR = Actor(name="operator", account_id=None, client_address="")
SERVER = Actor(name="ostiary", account_id=None, client_address="")


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Writes audit events."""

    random: Random

    def write(
        self,
        tx: Transaction,
        action: str,
        *,
        organization_id: OrganizationId,
        actor: Actor,
        subject: str,
        facts: Mapping[str, Fact] | None = None,
        now: datetime,
    ) -> None:
        """Append one event to the organization's log."""
        tx.audit.append(
            AuditEvent(
                id=ids.event_id(self.random, now),
                organization_id=organization_id,
                at=now,
                actor=actor.name,
                account_id=actor.account_id,
                action=action,
                subject=subject,
                facts=facts or {},
                client_address=actor.client_address,
            )
        )
