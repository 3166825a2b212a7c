"""Enforcement ends by itself with the plan: when the days of grace are over, owners and admins are told by mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.organization import Organization
from ostiary.services.audit_trail import SERVER, AuditTrail
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.enforcement.ways_in import enforced_connections
from ostiary.storage import Store, Transaction
from ostiary.storage.records.enforcement.switches import ENDED_WITH_PLAN

ROUNDS: Final = 200
"""Organizations in one run of the job."""
NEWS_FOR: Final = timedelta(days=30)
"""What is longer ago is told to nobody: a server that was away for months must not write to all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEnds:
    """Tells of it. The mails and the mark that they were written are one transaction: nobody is told twice."""

    store: Store
    audit: AuditTrail
    letters: EnforcementLetters

    def tell_due(self, now: datetime) -> None:
        """Put the mails of every organization where it has ended into the outbox."""
        for _ in range(ROUNDS):
            with self.store.write() as tx:
                first = tx.enforcement.ended_with_plan(since=now - NEWS_FOR, now=now)
                organization = tx.organizations.hold(first) if first else None
                if organization is None:
                    return
                # Another server may have told it, or SSO may have been bought again, while we waited for it.
                if tx.enforcement.ended_with_plan(since=now - NEWS_FOR, now=now) == first:
                    self._tell(tx, organization, now)

    def _tell(self, tx: Transaction, organization: Organization, now: datetime) -> None:
        enforced = enforced_connections(tx, organization.id)
        self.letters.plan_ended(tx, enforced, organization=organization, now=now)
        self.audit.write(
            tx,
            ENDED_WITH_PLAN,
            organization_id=organization.id,
            actor=SERVER,
            subject=organization.slug,
            facts={"why": "plan_ended", "connections": ", ".join(each.id for each in enforced)},
            now=now,
        )
