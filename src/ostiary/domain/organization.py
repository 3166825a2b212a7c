"""The customer company, and what its plan allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ostiary.domain.errors import PlanWithoutSso
from ostiary.kernel.ids import OrganizationId

GRACE_AFTER_DOWNGRADE = timedelta(days=14)


class Plan(StrEnum):
    """What the organization has bought. Single sign-on is part of Business."""

    STARTER = "starter"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A customer company. Every account, connection and domain belongs to exactly one."""

    id: OrganizationId
    slug: str
    """In the organization's own link, /o/{slug}: lower-case letters, digits and hyphens."""
    name: str
    plan: Plan
    plan_since: datetime
    sso_until: datetime | None
    """After a downgrade: until when sign-in with SSO goes on. None while the plan includes it, or if it never did."""
    created_at: datetime

    def includes_sso(self, now: datetime) -> bool:
        """Whether people may sign in with SSO now: by the plan, or inside the days of grace after a downgrade."""
        return self.plan is Plan.BUSINESS or (self.sso_until is not None and now < self.sso_until)

    def is_in_grace(self, now: datetime) -> bool:
        """Whether sign-in goes on only because the downgrade is less than 14 days old."""
        return self.plan is not Plan.BUSINESS and self.includes_sso(now)


def require_sso(organization: Organization, now: datetime) -> None:
    """Return if the plan includes SSO now. Raises: `PlanWithoutSso`."""
    if not organization.includes_sso(now):
        raise PlanWithoutSso(organization=organization.name, plan=organization.plan.value.title())
