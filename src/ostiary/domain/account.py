"""A person in one organization, and the roles."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ostiary.kernel.ids import AccountId, OrganizationId
from ostiary.kernel.values import EmailAddress


class Role(StrEnum):
    """What an account may do. Owners and admins see the settings; only owners make owners."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def label(self) -> str:
        """The role as people read it."""
        return self.value.capitalize()


DEFAULT_ROLES = (Role.MEMBER, Role.ADMIN)
"""What new SSO users may become. Never owner: an identity provider must not make the organization's owners."""

ADMIN_ROLES = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person in one organization. (organization, email key) is unique among the active ones."""

    id: AccountId
    organization_id: OrganizationId
    email: EmailAddress
    first_name: str
    last_name: str
    role: Role
    password_hash: str | None
    is_active: bool
    created_at: datetime

    @property
    def name(self) -> str:
        """First and last name, or the address where both are missing."""
        return f"{self.first_name} {self.last_name}".strip() or str(self.email)

    @property
    def is_admin(self) -> bool:
        """Whether the settings are open to this person."""
        return self.role in ADMIN_ROLES
