"""A sign-in that somebody else begins: a tile, a portal. OpenID Connect Core 4.

It becomes a sign-in of our own, with state, nonce and PKCE; nothing that came along is believed but where to begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ostiary.oidc.errors import InitiatorUnknown, TargetRefused
from ostiary.oidc.relying_party.config import Provider

_LONGEST: Final = 2000
_LONGEST_HINT: Final = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiation:
    """What somebody asks for."""

    login_hint: str
    path: str
    """Where to go afterwards: a path of ours, empty for home."""


def read_initiation(asked: Mapping[str, str], *, provider: Provider, own_origin: str) -> Initiation:
    """The request to begin. `own_origin` is scheme, host and port of our own pages.

    Raises: `InitiatorUnknown`, `TargetRefused`.
    """
    issuer = asked.get("iss", "")
    if issuer not in {provider.issuer, *provider.other_issuers}:
        raise InitiatorUnknown(expected=provider.issuer, received=issuer[:200])
    return Initiation(
        login_hint=asked.get("login_hint", "")[:_LONGEST_HINT],
        path=_path(asked.get("target_link_uri", ""), own_origin=own_origin),
    )


def _path(target: str, *, own_origin: str) -> str:
    if not target:
        return ""
    # A browser reads "\" as "/", skips tabs, and takes "//host" for another site: such a target is never ours.
    is_plain = all("!" <= letter <= "~" and letter != "\\" for letter in target) and len(target) <= _LONGEST
    if not is_plain or not (target == own_origin or target.startswith(f"{own_origin}/")):
        raise TargetRefused(received=target[:200])
    parts = urlsplit(target)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if path.startswith("//"):
        raise TargetRefused(received=target[:200])
    return path
