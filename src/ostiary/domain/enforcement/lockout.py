"""Who would be locked out if only some connections counted, and who of those with the settings keeps a way in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from ostiary.domain.account import Role
from ostiary.domain.attempt import Outcome
from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.openid.settings import GOOGLE, OidcSettings
from ostiary.domain.organization import Organization
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, ConnectionId

_TEMPLATE: Final = "{"
"""In an issuer that differs for each directory of the provider, as in Entra's common one."""


class Reason(StrEnum):
    """Why somebody would be locked out. The order is that of the page."""

    LAST_ADMIN = "last_admin"
    """Nobody who may change the settings would be let in, and this is one of them."""
    CODE_NEEDED = "code_needed"
    """Came by one of the connections, and has not yet proven that the account is theirs."""
    OWNER_NOT_LINKED = "owner_not_linked"
    """Owners are tied to nobody by their address alone (decision 7)."""
    OTHER_IDENTITY = "other_identity"
    """Tied to an identity of another issuer than the one that the connection trusts now."""
    NO_SIGN_IN = "no_sign_in"
    OUTSIDE_DOMAINS = "outside_domains"
    PASSWORD_ONLY = "password_only"  # noqa: S105 - a reason, no password
    """Signed in with a password right now, and has never come by any provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A connection that would count, and what makes a link to it worth something."""

    connection_id: ConnectionId
    issuer: str
    """Only links of this issuer fit; empty where the provider has one for each of its directories."""
    proven_since: datetime
    """Since when the revision serves that people sign in by: earlier sign-ins have proven another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedOut:
    """Somebody who would be locked out."""

    account_id: AccountId
    email: str
    name: str
    role: Role
    reason: Reason
    signed_in_at: datetime | None = None
    """When they last signed in with a password, while that session lasts."""
    tried_at: datetime | None = None
    """When they last tried to sign in with the connection that is asked about, of late."""
    outcome: Outcome | None = None
    """What came of that."""
    code: str = ""
    """Of what refused it."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """Of the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """Somebody with the settings who keeps a way in, and what proves it."""

    account_id: AccountId
    name: str
    role: Role
    connection_id: ConnectionId | None
    """By which connection; None through break-glass."""
    at: datetime | None
    """When they last came that way; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """The whole picture: numbers, and the first people of each reason."""

    active: int
    """How many open accounts there are."""
    by_break_glass: int
    """How many get in through break-glass and in no other way."""
    counts: Mapping[Reason, int]
    people: Mapping[Reason, Sequence[LockedOut]]
    ways_in: tuple[WayIn, ...]

    @property
    def locked_out(self) -> int:
        """How many would be locked out."""
        return sum(self.counts.values())

    @property
    def let_in(self) -> int:
        """How many are let in by the connections that count."""
        return self.active - self.locked_out - self.by_break_glass


def doors_of(connections: Iterable[Connection]) -> tuple[Door, ...]:
    """The doors that these connections are, as far as they serve logins."""
    doors = []
    for connection in connections:
        revision = connection.serving
        if revision is None or not connection.is_enabled:
            continue
        settings = revision.settings
        issuer = settings.idp_entity_id if not isinstance(settings, OidcSettings) else _issuer_of(settings)
        proven_since = revision.tested_at or revision.saved_at
        doors.append(Door(connection_id=connection.id, issuer=issuer, proven_since=proven_since))
    return tuple(doors)


def _issuer_of(settings: OidcSettings) -> str:
    if settings.is_google:
        return GOOGLE
    return "" if _TEMPLATE in settings.issuer else settings.issuer


def require_way_in(ways: Sequence[WayIn], organization: Organization) -> None:
    """Return if somebody with the settings would still get in. Raises: `LastWayIn`.

    An owner or an admin: both may take the enforcement back.
    """
    if not ways:
        raise LastWayIn(organization=organization.name)
