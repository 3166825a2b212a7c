"""Reads a URL once, into the one reading that is judged and used: no second parser can see another host in it."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from ostiary.outbound.addresses import Address, is_never_called, read_host
from ostiary.outbound.errors import AddressRefused, UrlRefused

LONGEST_URL: Final = 2048
_PORTS: Final = {"https": 443, "http": 80}
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a call goes."""

    scheme: str
    host: str
    port: int
    path: bytes
    literal: Address | None

    @property
    def authority(self) -> bytes:
        """The host, with its port where it is not the usual one: what stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}").encode()


def read_url(url: str, *, allow_http: bool) -> Target:
    """Where this URL leads. Says nothing about the addresses of a name.

    Raises: `UrlRefused`, `AddressRefused`.
    """
    if len(url) > LONGEST_URL:
        raise UrlRefused(url=url[:LONGEST_URL], reason="too_long")
    if _CONTROL.search(url):
        raise UrlRefused(url=url, reason="characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlRefused(url=url, reason="not_a_url") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_http):
        raise UrlRefused(url=url, reason="not_https")
    if not parts.hostname or "@" in parts.netloc or port == 0:
        raise UrlRefused(url=url, reason="not_a_url")
    try:
        host = read_host(parts.hostname)
    except ValueError as error:
        raise UrlRefused(url=url, reason="not_a_url") from error
    if isinstance(host, str) and is_never_called(host):
        raise AddressRefused(host=host, address=host)
    return Target(
        scheme=parts.scheme,
        host=str(host),
        port=port or _PORTS[parts.scheme],
        path=_path(parts),
        literal=None if isinstance(host, str) else host,
    )


def _path(parts: SplitResult) -> bytes:
    # What is already escaped stays as it is; what is not ASCII is escaped. The fragment is never sent.
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return (target + ("?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else "")).encode()
