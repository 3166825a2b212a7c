"""From an address to the way to sign in: by its domain, never by the person (decision 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.policy import enforced_among, policy_of
from ostiary.domain.organization import Organization


@dataclass(frozen=True, slots=True)
class UseConnection:
    """The browser goes to this connection's identity provider."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Choose:
    """Several count: the person chooses."""

    organization: Organization
    connections: tuple[Connection, ...]
    takes_passwords: bool


@dataclass(frozen=True, slots=True)
class UsePassword:
    """No SSO here: the password form, the same for everyone."""


Route = UseConnection | Choose | UsePassword


def route(organization: Organization | None, connections: Sequence[Connection], now: datetime) -> Route:
    """The way in for an address whose domain this organization has verified (None: nobody has).

    Where a connection is enforced, only enforced ones are offered.
    """
    if organization is None or not organization.includes_sso(now):
        return UsePassword()
    policy = policy_of(organization, enforced_among(connections), now)
    offered = tuple(connection for connection in connections if policy.takes(connection))
    match offered:
        case ():
            return UsePassword()
        case (only,):
            return UseConnection(only)
        case _:
            return Choose(organization, offered, policy.takes_passwords)
