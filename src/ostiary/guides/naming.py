"""What a connection is called: as its admins have named it, else as its provider is."""

from typing import Final

from ostiary.domain.connection import Connection, Protocol
from ostiary.guides.library import guide

GENERAL: Final = "Company sign-in"
"""Of a provider that has no guide of its own, and so no name that we know."""
_WITHOUT_NAME: Final = frozenset({"saml", "oidc"})


def called(connection: Connection) -> str:
    """The name of this connection."""
    return connection.name or default_name(connection.provider, connection.protocol)


def default_name(provider: str, protocol: Protocol) -> str:
    """What a connection with this provider is called at first."""
    known = guide(provider, protocol=protocol)
    return GENERAL if provider in _WITHOUT_NAME or known is None else known.name_at_start
