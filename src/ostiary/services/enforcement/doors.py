"""What every door asks before it lets somebody in: whether the organization takes this way at all."""

from datetime import datetime
from enum import StrEnum

from ostiary.domain.enforcement.policy import SignInPolicy, policy_of
from ostiary.domain.organization import Organization
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.values import DomainName
from ostiary.storage import Transaction


def policy_in(tx: Transaction, organization: Organization, now: datetime) -> SignInPolicy:
    """How people of this organization may sign in now."""
    return policy_of(organization, tx.enforcement.of(organization.id), now)


class Instead(StrEnum):
    """What is left to somebody whom only a password would let in, where passwords are refused."""

    BREAK_GLASS = "break_glass"
    """Somebody of the organization has proven break-glass access."""
    TAKEN_BACK = "taken_back"
    """Nobody has: an admin takes the enforcement back."""


def instead_of_password(tx: Transaction, organization: Organization, now: datetime) -> Instead | None:
    """What comes in place of a password there now; None where passwords are taken."""
    if policy_in(tx, organization, now).takes_passwords:
        return None
    return Instead.BREAK_GLASS if tx.break_glass.proven_accounts(organization.id) else Instead.TAKEN_BACK


def closed_to_passwords(tx: Transaction, organization_id: OrganizationId, now: datetime) -> Organization | None:
    """The organization, if it takes no passwords now."""
    organization = tx.organizations.by_id(organization_id)
    if organization is None or policy_in(tx, organization, now).takes_passwords:
        return None
    return organization


def closed_by_domain(tx: Transaction, domain: DomainName, now: datetime) -> Organization | None:
    """The organization that has verified this domain, if it takes no passwords now.

    Decided by the domain and never by the person: the answer is the same for everybody there (decision 9).
    """
    owner = tx.domains.verified_owner(domain)
    return closed_to_passwords(tx, owner.organization_id, now) if owner else None
