"""Looks verified domains up again about once a day: whoever buys a lapsed domain must not get its people's accounts.

A look-up that could not be made says nothing. Only an answer of the DNS that the record is not there counts, and the
domain counts on for a week after the first of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from ostiary.domain.email_domain import GRACE, EmailDomain
from ostiary.domain.upkeep.metadata_source import spread
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.randomness import Random
from ostiary.outbound.dns import Resolver
from ostiary.outbound.errors import NoRecord, NoSuchName
from ostiary.services.audit_trail import SERVER, AuditTrail
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.enforcement.ways_in import stop_where_nobody_gets_in
from ostiary.services.upkeep.errands import Errands
from ostiary.services.upkeep.letters import Letters
from ostiary.storage import Store, Transaction

EVERY = timedelta(days=1)
WHILE_MISSING = timedelta(hours=6)
AFTER_SILENCE = timedelta(hours=1)
LEASE = timedelta(minutes=5)
PATIENCE_SECONDS = 1.0
"""How long the job waits for its look-ups; what takes longer ends by itself, and holds up no other job."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainChecks:
    """Holds verified domains against the DNS."""

    store: Store
    clock: Clock
    random: Random
    resolver: Resolver
    audit: AuditTrail
    letters: Letters
    errands: Errands

    def check_due(self, now: datetime) -> None:
        """Look the domains up that are due, as many at once as there are threads for it; the others wait their turn."""
        free = self.errands.free
        if free <= 0:
            return
        with self.store.write() as tx:
            due = tx.domains.claim_due(limit=free, lease=LEASE, now=now)
        self.errands.begin_all({str(each.id): partial(self.check, each) for each in due}, patience=PATIENCE_SECONDS)

    def check(self, domain: EmailDomain) -> None:
        """Look this one up, and write down what follows. Raises nothing of its own."""
        try:
            found = self.resolver.txt(domain.record_name)
        except (NoSuchName, NoRecord):
            found = ()
        except Refusal as refusal:
            # A server that does not answer takes nobody's domain away.
            log.warning("domain.not_looked_up", domain=domain.id, code=refusal.code)
            self._plan(domain, missing_since=domain.missing_since, due_at=self.clock.now() + AFTER_SILENCE)
            return
        now = self.clock.now()
        if domain.record_value in found:
            self._note(domain, found, missing_since=None, due_at=now + spread(EVERY, self.random.token(2)), now=now)
        elif domain.missing_since is not None and now >= domain.missing_since + GRACE:
            self._let_go(domain, found, now)
        else:
            due_at = now + WHILE_MISSING
            self._note(domain, found, missing_since=domain.missing_since or now, due_at=due_at, now=now)

    def _note(
        self,
        domain: EmailDomain,
        found: tuple[str, ...],
        *,
        missing_since: datetime | None,
        due_at: datetime,
        now: datetime,
    ) -> None:
        scope = {"organization_id": domain.organization_id}
        with self.store.write() as tx:
            if not tx.domains.plan(domain.id, missing_since=missing_since, due_at=due_at, **scope):
                return  # given up meanwhile
            tx.domains.record_check(domain.id, found=found, checked_at=now, **scope)
            if missing_since is not None and domain.missing_since is None:
                self._audit(tx, "domain.record_missing", domain, now)
                self.letters.record_gone(tx, domain, until=missing_since + GRACE, now=now)

    def _let_go(self, domain: EmailDomain, found: tuple[str, ...], now: datetime) -> None:
        scope = {"organization_id": domain.organization_id}
        with self.store.write() as tx:
            tx.organizations.hold(domain.organization_id)
            known = tx.domains.by_id(domain.id, **scope)
            if known is None or not known.is_verified:
                return
            tx.domains.record_check(domain.id, found=found, checked_at=now, **scope)
            tx.domains.mark_unverified(domain.id, **scope)
            # At Google people come by their verified domains: without any, nobody could take the enforcement back.
            why = f"{domain.name} no longer counts as yours, and without it no owner or admin would get in."
            stop_where_nobody_gets_in(tx, domain.organization_id, letters=self._of_enforcement, why=why, now=now)
            self._audit(tx, "domain.lapsed", domain, now)
            self.letters.domain_lapsed(tx, domain, now=now)

    @property
    def _of_enforcement(self) -> EnforcementLetters:
        letters = self.letters
        return EnforcementLetters(
            random=letters.random, public_url=letters.public_url, product_name=letters.product_name
        )

    def _plan(self, domain: EmailDomain, *, missing_since: datetime | None, due_at: datetime) -> None:
        with self.store.write() as tx:
            tx.domains.plan(
                domain.id, organization_id=domain.organization_id, missing_since=missing_since, due_at=due_at
            )

    def _audit(self, tx: Transaction, action: str, domain: EmailDomain, now: datetime) -> None:
        self.audit.write(
            tx, action, organization_id=domain.organization_id, actor=SERVER, subject=str(domain.name), now=now
        )
