"""Before a connection is enforced, everybody whom it would lock out is told by mail: each of them once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.naming import listed
from ostiary.services.enforcement.enforcing import question_of
from ostiary.services.enforcement.letters import EnforcementLetters, name_of
from ostiary.services.enforcement.ways_in import enforced_connections
from ostiary.storage import Store, Transaction
from ostiary.storage.records.enforcement.switches import DueWarning

BATCH: Final = 50
"""In one transaction, which everybody else's writes wait for: some 20 ms."""
ROUNDS: Final = 40
"""In one run of the job: 2,000 mails, so that those of others are not kept waiting."""
AGAIN: Final = timedelta(days=1)
"""Nobody is told twice within it, however often the switch is moved."""
_LEASE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementWarnings:
    """Tells people, in batches. A batch and its mark are one transaction: nobody is told twice, and nobody left out."""

    store: Store
    letters: EnforcementLetters

    def tell_due(self, now: datetime) -> None:
        """Put the next mails into the outbox."""
        for _ in range(ROUNDS):
            with self.store.write() as tx:
                due = tx.enforcement.claim_warning(lease=_LEASE, now=now)
                if due is None:
                    return
                self._tell_some(tx, due, now)

    def _tell_some(self, tx: Transaction, due: DueWarning, now: datetime) -> None:
        scope = {"organization_id": due.organization_id}
        organization = tx.organizations.by_id(due.organization_id)
        enforced = enforced_connections(tx, due.organization_id)
        begins_at = min((each.enforced_from for each in enforced if each.enforced_from), default=None)
        reached, due_at = due.told_up_to, None
        if organization is not None and begins_at is not None and organization.includes_sso(now):
            names = listed((name_of(each) for each in enforced), by="or")
            question = question_of(tx, enforced, organization, leaves_no_admin=False, now=now)
            people = tx.lockouts.page(
                question, after_email=due.told_up_to, limit=BATCH, organization_id=organization.id
            )
            for person in people:
                if _is_first(tx, person.account_id, now):
                    self.letters.warn(
                        tx, person.email, organization=organization, names=names, begins_at=begins_at, now=now
                    )
            reached = people[-1].email.lower() if people else reached
            due_at = now if len(people) == BATCH else None
        tx.enforcement.move_on(due.connection_id, told_up_to=reached, due_at=due_at, **scope)


def _is_first(tx: Transaction, account_id: str, now: datetime) -> bool:
    return tx.throttle.hit(f"enforcement/told/{account_id}", window=AGAIN, now=now) == 1
