"""From an address to the way to sign in: by its domain, never by the person (decision 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization


@dataclass(frozen=True, slots=True)
class UseConnection:
    """The browser goes to this connection's identity provider."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Choose:
    """Several are enabled: the person chooses."""

    organization: Organization
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class UsePassword:
    """No SSO here: the password form, the same for everyone."""


Route = UseConnection | Choose | UsePassword


def route(organization: Organization | None, connections: Sequence[Connection], now: datetime) -> Route:
    """The way in for an address whose domain this organization has verified (None: nobody has)."""
    if organization is None or not organization.includes_sso(now):
        return UsePassword()
    offered = tuple(connection for connection in connections if connection.is_enabled)
    match offered:
        case ():
            return UsePassword()
        case (only,):
            return UseConnection(only)
        case _:
            return Choose(organization, offered)
