"""Sign in with SSO: from the address, or the organization's own link, to the way in."""

from dataclasses import dataclass

from ostiary.domain.errors import EmailUnreadable
from ostiary.domain.organization import Organization
from ostiary.domain.routing import Route, UsePassword, route
from ostiary.kernel.clock import Clock
from ostiary.kernel.values import EmailAddress
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginLogin:
    """Finds the way in. It never looks at accounts: known and unknown people get the same answer (decision 9)."""

    store: Store
    clock: Clock

    def by_email(self, text: str) -> tuple[EmailAddress, Route]:
        """The address as it was read, and the way in for its domain. Raises: `EmailUnreadable`."""
        try:
            email = EmailAddress.parse(text)
        except ValueError as error:
            raise EmailUnreadable from error
        with self.store.read() as tx:
            owner = tx.domains.verified_owner(email.domain)
            if owner is None:
                return email, UsePassword()
            organization = tx.organizations.by_id(owner.organization_id)
            connections = tx.connections.of(owner.organization_id)
        return email, route(organization, connections, self.clock.now())

    def by_slug(self, slug: str) -> tuple[Organization | None, Route]:
        """The organization of this link, if there is one, and its way in; for guests outside its domains."""
        with self.store.read() as tx:
            organization = tx.organizations.by_slug(slug)
            connections = tx.connections.of(organization.id) if organization else ()
        return organization, route(organization, connections, self.clock.now())
