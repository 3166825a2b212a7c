"""Which addresses may be called: only what is reachable on the public internet, unless the operator says otherwise."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# IANA's special-purpose registries for IPv4 and IPv6, every block that is not globally reachable, and multicast.
# Not `is_global` alone: what it says of 64:ff9b:1::/48, 2002::/16 and others has changed between Python releases.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped: 10.0.0.1 in another coat
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64: the same
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",  # unique local
        "fe80::/10",  # link-local
        "fec0::/10",
        "ff00::/8",  # multicast
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")

# Not even an operator's allow-list opens these: who reads them has the machine's own credentials.
_METADATA: frozenset[Address] = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google, DigitalOcean, OpenStack and more
        "169.254.170.2",  # AWS, credentials of a container
        "169.254.170.23",
        "168.63.129.16",  # Azure's own host, a public address that is none
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRule:
    """Judges the addresses of a host before any of them is called."""

    allowed_networks: Sequence[Network] = ()
    """Networks that the operator opens, for an identity provider on their own premises."""
    allow_loopback: bool = False
    """For the demo and for tests."""

    def allows(self, address: Address) -> bool:
        """Whether this address may be called."""
        if address in _METADATA:
            return False
        if self.allow_loopback and is_loopback(address):
            return True
        # Of the other IP version is never `in`: Python says False, as it should be here.
        return any(address in network for network in self.allowed_networks) or is_public(address)


def is_public(address: Address) -> bool:
    """Whether this address is globally reachable unicast."""
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _PUBLIC_IPV6):
        return False
    if address in _METADATA or any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast


def is_loopback(address: Address) -> bool:
    """Whether this address is this very machine: 127.0.0.0/8 or ::1, in no other spelling."""
    return address.is_loopback and not (isinstance(address, IPv6Address) and address.ipv4_mapped)


def read_host(text: str) -> str | Address:
    """The host of a URL, without brackets: an address if it is one in its plain form, else a lower-case A-label name.

    Raises: `ValueError` for what is no host name.
    """
    try:
        return ip_address(text)
    except ValueError:
        pass
    # UTS 46 first: full-width digits and the ideographic full stop turn into ASCII ones here, and are judged as such.
    name = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii").lower()
    name = name.removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(text)
    return name


def is_never_called(name: str) -> bool:
    """Whether a host of this name is refused before the DNS is asked.

    A name that ends in a number is an address in disguise to many resolvers (`127.1`, `0x7f.1`, `2130706433`); other
    names belong to the metadata services of clouds.
    """
    return name in _METADATA_NAMES or bool(_NUMBER.fullmatch(name.rsplit(".", 1)[-1]))
