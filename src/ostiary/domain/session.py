"""A signed-in browser, in the full form that every door to end it needs (decision 12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId, SessionId

LONGEST = timedelta(hours=8)
IDLE = timedelta(hours=2)


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

    def is_live(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now < self.idle_until and now < self.not_after and not self.must_reauth


def ends_at(longest: timedelta, *, session_not_on_or_after: datetime | None, now: datetime) -> datetime:
    """When a session that begins now ends at the latest: SessionNotOnOrAfter caps it (SAML Core 2.7.2)."""
    end = now + longest
    return end if session_not_on_or_after is None else min(end, session_not_on_or_after)
