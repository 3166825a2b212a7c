"""What the operator does at the command line: organizations, their plans, their first owners."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.account import Account, Role
from ostiary.domain.errors import EmailUnreadable, SlugTaken, SlugUnreadable
from ostiary.domain.mail import OutboxMail
from ostiary.domain.organization import GRACE_AFTER_DOWNGRADE, Organization, Plan
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import EmailAddress
from ostiary.services.audit_trail import OPERATOR, AuditTrail
from ostiary.storage import Store, Transaction

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
OWNER_LINK_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """An organization that was just made, and the one-time link by which its first owner sets a password."""

    organization: Organization
    owner: Account
    owner_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizations:
    """Makes organizations and changes their plans."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    public_url: str
    product_name: str

    def add(self, slug: str, *, name: str, owner_email: str, plan: Plan = Plan.STARTER) -> NewOrganization:
        """A new organization with its first owner, who has no password yet.

        Raises: `SlugTaken`, `SlugUnreadable`, `EmailUnreadable`.
        """
        now = self.clock.now()
        try:
            email = EmailAddress.parse(owner_email)
        except ValueError as error:
            raise EmailUnreadable from error
        if not SLUG.fullmatch(slug):
            raise SlugUnreadable(slug=slug)
        organization = self._organization(slug, name, plan, now)
        owner = self._owner(organization, email, now)
        secret = ids.secret(self.random)
        with self.store.write() as tx:
            if tx.organizations.by_slug(slug) is not None:
                raise SlugTaken(slug=slug)
            tx.organizations.insert(organization)
            tx.accounts.insert(owner)
            tx.links.insert(
                ids.fingerprint(secret),
                organization_id=organization.id,
                account_id=owner.id,
                purpose="first_password",
                expires_at=now + OWNER_LINK_LASTS,
            )
            self.audit.write(
                tx,
                "organization.added",
                organization_id=organization.id,
                actor=OPERATOR,
                subject=slug,
                facts={"owner": str(email), "plan": plan.value},
                now=now,
            )
        return NewOrganization(
            organization=organization, owner=owner, owner_link=f"{self.public_url}/password/set?link={secret}"
        )

    def by_slug(self, slug: str) -> Organization | None:
        """The organization with this slug."""
        with self.store.read() as tx:
            return tx.organizations.by_slug(slug)

    def every(self) -> tuple[Organization, ...]:
        """All organizations, by slug."""
        with self.store.read() as tx:
            return tuple(tx.organizations.every())

    def set_plan(self, organization_id: OrganizationId, plan: Plan) -> Organization | None:
        """The organization with its new plan. After a downgrade sign-in with SSO goes on for 14 days."""
        now = self.clock.now()
        with self.store.write() as tx:
            organization = tx.organizations.by_id(organization_id)
            if organization is None or organization.plan is plan:
                return organization
            is_downgrade = organization.plan is Plan.BUSINESS
            tx.organizations.set_plan(
                organization_id,
                plan=plan,
                since=now,
                sso_until=now + GRACE_AFTER_DOWNGRADE if is_downgrade else None,
            )
            self.audit.write(
                tx,
                "organization.plan_changed",
                organization_id=organization_id,
                actor=OPERATOR,
                subject=organization.slug,
                facts={"from": organization.plan.value, "to": plan.value},
                now=now,
            )
            changed = tx.organizations.by_id(organization_id)
            if changed is not None and is_downgrade:
                self._tell_admins(tx, changed, now)
            return changed

    def _tell_admins(self, tx: Transaction, organization: Organization, now: datetime) -> None:
        """Put a notice to every admin into the outbox: until when sign-in with SSO goes on."""
        if organization.sso_until is None:
            return
        until = f"{organization.sso_until:%d %B %Y}".lstrip("0")
        for admin in tx.accounts.admins(organization_id=organization.id):
            tx.outbox.put(
                OutboxMail(
                    id=ids.event_id(self.random, now),
                    organization_id=organization.id,
                    to=str(admin.email),
                    subject=f"{self.product_name}: sign-in with SSO ends on {until}",
                    text=(
                        f"{organization.name} is on {organization.plan.value.title()} now, which does not include "
                        f"single sign-on.\n\nSign-in with SSO goes on until {until}. After that people at "
                        f"{organization.name} sign in with a {self.product_name} password; whoever has none sets one "
                        f"here:\n{self.public_url}/password/forgot\n\nThe settings are kept. With the Business plan "
                        "they work again at once.\n"
                    ),
                    created_at=now,
                )
            )

    def _organization(self, slug: str, name: str, plan: Plan, now: datetime) -> Organization:
        return Organization(
            id=ids.organization_id(self.random),
            slug=slug,
            name=name,
            plan=plan,
            plan_since=now,
            sso_until=None,
            created_at=now,
        )

    def _owner(self, organization: Organization, email: EmailAddress, now: datetime) -> Account:
        return Account(
            id=ids.account_id(self.random),
            organization_id=organization.id,
            email=email,
            first_name="",
            last_name="",
            role=Role.OWNER,
            password_hash=None,
            is_active=True,
            created_at=now,
        )
