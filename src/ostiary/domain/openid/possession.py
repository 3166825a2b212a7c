"""Somebody who has come by a provider, and whether an account is theirs is still to be proven."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ostiary.kernel.ids import AccountId, AttemptId, OrganizationId

LIFETIME: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Possession:
    """One proof that is waited for."""

    attempt_id: AttemptId
    organization_id: OrganizationId
    account_id: AccountId
    body: str = field(repr=False)
    """Who came, and what was proven of them: what the sign-in ends with once the account is proven too."""
    code_hash: str = field(repr=False)
    """Of the newest mailed code; empty before one was asked for."""
    tries: int
    expires_at: datetime
