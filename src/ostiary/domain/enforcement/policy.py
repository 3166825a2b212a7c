"""How an organization's people may sign in: by anything that is switched on, or by enforced connections only.

Rule: as soon as one connection is enforced, only enforced ones count, at every door (decision 10). It ends with the
plan (decision 29): where SSO is not part of it, passwords are taken again. A connection that was turned off enforces
nothing, so that no switch can close the last door by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import ConnectionNotEnforced
from ostiary.domain.errors import ConnectionOff
from ostiary.domain.organization import Organization, require_sso
from ostiary.domain.session import Session
from ostiary.kernel.ids import ConnectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforced:
    """An enabled connection that is enforced from then on."""

    connection_id: ConnectionId
    begins_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """Which ways in an organization takes now."""

    is_in_force: bool
    """Whether only enforced connections count now."""
    begins_at: datetime | None
    """From when on that holds; None where nothing is enforced. Past once it is in force."""
    enforced: frozenset[ConnectionId]
    """With those whose own day is still to come: once one is in force, the others open a door and close none."""

    @property
    def takes_passwords(self) -> bool:
        """Whether a password signs in, or can be set."""
        return not self.is_in_force

    def takes(self, connection: Connection) -> bool:
        """Whether people may sign in with this connection."""
        return connection.is_enabled and (not self.is_in_force or connection.id in self.enforced)

    def takes_session(self, session: Session) -> bool:
        """Whether a session goes on that began in this way: by an enforced connection, or through break-glass."""
        if not self.is_in_force or session.connection_id in self.enforced:
            return True
        return session.is_break_glass


def policy_of(organization: Organization, enforced: Iterable[Enforced], now: datetime) -> SignInPolicy:
    """The policy of an organization with these enforced connections."""
    known = tuple(enforced)
    begins_at = min((each.begins_at for each in known), default=None)
    return SignInPolicy(
        is_in_force=begins_at is not None and begins_at <= now and organization.includes_sso(now),
        begins_at=begins_at,
        enforced=frozenset(each.connection_id for each in known),
    )


def enforced_among(connections: Iterable[Connection]) -> tuple[Enforced, ...]:
    """Those of the connections that are enforced, already or from a day to come."""
    return tuple(
        Enforced(connection_id=each.id, begins_at=each.enforced_from)
        for each in connections
        if each.is_enforced and each.enforced_from is not None
    )


def require_taken(connection: Connection, organization: Organization, now: datetime) -> None:
    """Return if people may sign in with this connection now.

    Raises: `PlanWithoutSso`, `ConnectionOff`, `ConnectionNotEnforced`.
    """
    require_sso(organization, now)
    if not connection.is_enabled:
        raise ConnectionOff(organization=organization.name)
    begins_at = connection.organization_enforces_from
    if begins_at is not None and begins_at <= now and not connection.is_enforced:
        raise ConnectionNotEnforced(organization=organization.name)
