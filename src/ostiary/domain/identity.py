"""What an identity provider said of a person, in one shape, and the account it is tied to."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import AttributeNames
from ostiary.kernel.errors import Finding
from ostiary.kernel.ids import AccountId, ConnectionId, IdentityId, OrganizationId
from ostiary.kernel.values import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identity provider vouches for. `subject` is the key; the address is not (decision 7)."""

    issuer: str
    subject: str
    email: EmailAddress
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name, or the address where both are missing."""
        return f"{self.first_name} {self.last_name}".strip() or str(self.email)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIdentity:
    """(connection, issuer, subject) as it is tied to an account."""

    id: IdentityId
    organization_id: OrganizationId
    connection_id: ConnectionId
    account_id: AccountId
    issuer: str
    subject: str
    email: EmailAddress
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An identity as it was read, with what is worth telling the admin, and where each part came from."""

    identity: Identity
    findings: tuple[Finding, ...]
    names: AttributeNames
