"""The browser at the other end: what is known of it without trusting it."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_LONGEST_USER_AGENT = 256
_IPV6_SITE = 64
"""Bits of the network that a provider gives to one customer, who then has 2^64 addresses of their own."""
_NEAR: Final = tuple(
    ip_network(each)
    for each in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A browser. Its address is for throttling and the audit log, never for URLs (decision 35)."""

    address: str
    user_agent: str
    login_key: str | None = None
    """The secret of the login cookie, if it came along (decision 5)."""

    @property
    def short_user_agent(self) -> str:
        """As much of the user agent as is stored: without control characters, of which PostgreSQL takes no NUL."""
        return "".join(each for each in self.user_agent[:_LONGEST_USER_AGENT] if each.isprintable())

    @property
    def network(self) -> str:
        """Who is counted as one when guesses are counted: an IPv4 address, or an IPv6 network of one customer."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, _IPV6_SITE), strict=False))
        return str(address)

    @property
    def is_near(self) -> bool:
        """Whether it is of this machine or its own network: most often a proxy's, that no setting names."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return False
        return any(address.version == near.version and address in near for near in _NEAR)
