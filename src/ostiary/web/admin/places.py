"""Addresses of pages that other pages lead to."""

from ostiary.kernel.ids import ConnectionId

PATH = "/settings/security/single-sign-on"
CONNECTIONS = "/settings/security/connections"


def connection_path(connection_id: ConnectionId, *, done: str = "") -> str:
    """The address of a connection's page."""
    return f"{CONNECTIONS}/{connection_id}" + (f"?done={done}" if done else "")
