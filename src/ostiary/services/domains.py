"""A verified email domain: claimed, looked up in the DNS, and given up."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.consumer_domains import is_consumer_domain
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.errors import DomainIsConsumer, DomainRecordMissing, DomainTaken, DomainUnreadable
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import DomainId, OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import DomainName
from ostiary.outbound.dns import Resolver
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.enforcement.ways_in import require_way_in_without
from ostiary.storage import AlreadyExists, Store

NEXT_CHECK = timedelta(days=1)
_SCHEME = re.compile("https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """Claims domains for an organization and verifies them."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    resolver: Resolver

    def of(self, organization_id: OrganizationId) -> tuple[EmailDomain, ...]:
        """All domains of this organization, verified or not, by name."""
        with self.store.read() as tx:
            return tuple(tx.domains.of(organization_id))

    def add(self, text: str, *, organization_id: OrganizationId, actor: Actor) -> EmailDomain:
        """The claimed domain, with the record that has to be set. Claiming it again returns the same challenge.

        What people copy is read for the domain in it: https://acme.example/, @acme.example, ACME.example.

        Raises: `DomainUnreadable`, `DomainIsConsumer`, `DomainTaken`.
        """
        try:
            name = DomainName.parse(_bare(text))
        except ValueError as error:
            raise DomainUnreadable(received=text[:254]) from error
        if is_consumer_domain(name):
            raise DomainIsConsumer(domain=str(name))
        now = self.clock.now()
        with self.store.write() as tx:
            tx.organizations.hold(organization_id)  # a second click finds what the first has added
            for known in tx.domains.of(organization_id):
                if known.name == name:
                    return known
            self._refuse_if_taken(tx.domains.verified_owner(name), organization_id, name)
            domain = EmailDomain(
                id=ids.domain_id(self.random),
                organization_id=organization_id,
                name=name,
                challenge=ids.secret(self.random)[:32],
                created_at=now,
                verified_at=None,
                checked_at=None,
                found=(),
            )
            tx.domains.insert(domain)
            self.audit.write(
                tx, "domain.added", organization_id=organization_id, actor=actor, subject=str(name), now=now
            )
        return domain

    def check(self, domain_id: DomainId, *, organization_id: OrganizationId, actor: Actor) -> EmailDomain | None:
        """The domain after a look-up in the DNS, verified if the record stands there; None if there is no such domain.

        Raises: `DomainRecordMissing`, `DomainTaken`, and what `outbound.dns` refuses.
        """
        with self.store.read() as tx:
            domain = tx.domains.by_id(domain_id, organization_id=organization_id)
        if domain is None:
            return None
        found, silence = self._look_up(domain)  # no transaction is open while the network is asked
        now = self.clock.now()
        stands_there = domain.record_value in found
        try:
            with self.store.write() as tx:
                self._refuse_if_taken(tx.domains.verified_owner(domain.name), organization_id, domain.name)
                tx.domains.record_check(domain_id, organization_id=organization_id, found=found, checked_at=now)
                if stands_there and domain.is_verified:
                    tx.domains.plan(
                        domain_id, organization_id=organization_id, missing_since=None, due_at=now + NEXT_CHECK
                    )
                elif stands_there:
                    tx.domains.mark_verified(domain_id, organization_id=organization_id, at=now)
                    self.audit.write(
                        tx,
                        "domain.verified",
                        organization_id=organization_id,
                        actor=actor,
                        subject=str(domain.name),
                        now=now,
                    )
        except DomainTaken:
            self._ask_owner(domain, now, stands_there=stands_there)
            raise
        except AlreadyExists as error:
            raise DomainTaken(domain=str(domain.name)) from error
        if not stands_there:
            raise silence or DomainRecordMissing(name=domain.record_name, expected=domain.record_value, received=found)
        with self.store.read() as tx:
            return tx.domains.by_id(domain_id, organization_id=organization_id)

    def _ask_owner(self, domain: EmailDomain, now: datetime, *, stands_there: bool) -> None:
        """Let the present owner's record be looked up soon, where somebody else's stands in the DNS by now."""
        if not stands_there:
            return
        with self.store.write() as tx:
            owner = tx.domains.verified_owner(domain.name)
            if owner is not None:
                tx.domains.ask(owner.id, organization_id=owner.organization_id, due_at=now)

    def remove(self, domain_id: DomainId, *, organization_id: OrganizationId, actor: Actor) -> bool:
        """Give the domain up. False if there is no such domain. Linked people go on signing in, but at Google.

        Raises: `LastWayIn` where an enforced connection goes by it, and nobody with the settings gets in otherwise.
        """
        now = self.clock.now()
        with self.store.write() as tx:
            tx.organizations.hold(organization_id)  # before the row, as the daily check does
            domain = tx.domains.by_id(domain_id, organization_id=organization_id)
            if domain is None:
                return False
            tx.domains.delete(domain_id, organization_id=organization_id)
            if domain.is_verified:
                require_way_in_without(tx, organization_id)
            self.audit.write(
                tx, "domain.removed", organization_id=organization_id, actor=actor, subject=str(domain.name), now=now
            )
        return True

    def _look_up(self, domain: EmailDomain) -> tuple[tuple[str, ...], Refusal | None]:
        """What stands in the DNS, and the refusal of the look-up where nothing could be read."""
        try:
            return self.resolver.txt(domain.record_name), None
        except Refusal as refusal:
            return (), refusal

    @staticmethod
    def _refuse_if_taken(owner: EmailDomain | None, organization_id: OrganizationId, name: DomainName) -> None:
        if owner is not None and owner.organization_id != organization_id:
            raise DomainTaken(domain=str(name))


def _bare(typed: str) -> str:
    """What was typed without what a browser's address or an email address brings along. A path is not guessed away."""
    return _SCHEME.sub("", typed.strip(), count=1).removeprefix("@").rstrip("/").rstrip(".")
