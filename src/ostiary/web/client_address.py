"""Whose request it is: the address for throttling and audit, never for URLs (decision 35)."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from ostiary.config import Network


def client_address(socket_address: str, *, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of the operator's proxies.

    `forwarded_for` holds the X-Forwarded-For headers in their order. Each proxy appends the address that it saw, so the
    list is read from its end, and only as long as the one who appended is trusted.
    """
    nearest = socket_address
    for claimed in reversed([part.strip() for header in forwarded_for for part in header.split(",")]):
        if not _is_trusted(nearest, trusted=trusted):
            break
        address = _parse(claimed)
        if address is None:
            break
        nearest = str(address)
    return nearest


def _is_trusted(text: str, *, trusted: Sequence[Network]) -> bool:
    address = _parse(text)
    return address is not None and any(address.version == net.version and address in net for net in trusted)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
