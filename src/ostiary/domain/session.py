"""A signed-in browser, in the full form that every door to end it needs (decision 12), and a logout on its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ostiary import saml
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId, SessionId

LONGEST = timedelta(hours=8)
IDLE = timedelta(hours=2)
LOGOUT_LIFETIME = timedelta(minutes=15)
"""So long after it left, the answer of the identity provider is taken."""
BREAK_GLASS_METHODS = frozenset({"recovery_code", "passkey"})
"""The methods (amr) of a session that began by break-glass access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. Only the hash of its token is stored."""

    id: SessionId
    token_hash: str
    organization_id: OrganizationId
    account_id: AccountId
    connection_id: ConnectionId | None
    """None for a sign-in with a password."""
    issuer: str | None
    subject: str | None
    session_index: str | None
    """SAML's SessionIndex, or OpenID Connect's sid."""
    auth_time: datetime
    acr: str | None
    amr: tuple[str, ...]
    created_at: datetime
    idle_until: datetime
    not_after: datetime
    must_reauth: bool
    client_address: str
    user_agent: str
    name_id: saml.NameId | None = None
    """The name as it was received, with its qualifiers: a LogoutRequest has to repeat it letter by letter."""

    def is_live(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now < self.idle_until and now < self.not_after and not self.must_reauth

    @property
    def is_break_glass(self) -> bool:
        """Whether it began by break-glass access. What an identity provider claims as its methods is not that."""
        return self.connection_id is None and not BREAK_GLASS_METHODS.isdisjoint(self.amr)


def ends_at(longest: timedelta, *, session_not_on_or_after: datetime | None, now: datetime) -> datetime:
    """When a session that begins now ends at the latest: SessionNotOnOrAfter caps it (SAML Core 2.7.2)."""
    end = now + longest
    return end if session_not_on_or_after is None else min(end, session_not_on_or_after)


class LogoutOutcome(StrEnum):
    """What is known of the session at the identity provider. Ours has ended in every case."""

    WAITING = "waiting"
    SIGNED_OUT = "signed_out"
    PARTIAL = "partial"
    """Signed out there, and not everywhere else."""
    NOT_SIGNED_OUT = "not_signed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """One logout on its way. Its id is that of our LogoutRequest, and the RelayState too."""

    id: str
    organization_id: OrganizationId
    connection_id: ConnectionId
    account_id: AccountId
    person: str
    email: str
    started_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    outcome: LogoutOutcome
    code: str | None
    """Why it is not signed out there."""
