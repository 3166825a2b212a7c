"""Who has break-glass access, what proves it, and what ends it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ostiary.domain.account import Account, Role
from ostiary.domain.break_glass.errors import OwnersOnly
from ostiary.kernel.ids import AccountId, KeyId, OrganizationId

CODES: Final = 10
FEW_CODES: Final = 3
MOST_PASSKEYS: Final = 5
SESSION_LASTS: Final = timedelta(hours=1)
"""A session that began by break-glass ends after this at the latest: it is for the emergency, not for the day."""


class Way(StrEnum):
    """By what somebody gets in. The value is the session's method (amr)."""

    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"

    @property
    def label(self) -> str:
        """As people read it."""
        return {Way.RECOVERY_CODE: "a recovery code", Way.PASSKEY: "a passkey"}[self]


class State(StrEnum):
    """How far somebody is with break-glass access."""

    ENDED = "ended"
    """No longer an owner, or deactivated: nothing opens."""
    NOTHING_TO_USE = "nothing_to_use"
    """Neither an unused code nor a passkey."""
    NOT_PROVEN = "not_proven"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who was named, and how they stand."""

    account: Account
    named_by: AccountId
    named_at: datetime
    codes_made_at: datetime | None
    codes_left: int
    code_used_at: datetime | None
    """When one of the present codes was used last."""
    passkeys: int
    """How many can be used."""
    passkey_used_at: datetime | None

    @property
    def state(self) -> State:
        """How far they are. Proven is who has got in by what they still hold: a code of this set, or a passkey."""
        if not may_hold(self.account):
            return State.ENDED
        if not self.codes_left and not self.passkeys:
            return State.NOTHING_TO_USE
        return State.PROVEN if self.proven_by else State.NOT_PROVEN

    @property
    def proven_by(self) -> Way | None:
        """What has proven it: the way that was used last and can be used again."""
        by_code = self.code_used_at if self.codes_left else None
        by_passkey = self.passkey_used_at if self.passkeys else None
        if by_passkey and (by_code is None or by_passkey >= by_code):
            return Way.PASSKEY
        return Way.RECOVERY_CODE if by_code else None

    @property
    def last_used_at(self) -> datetime | None:
        """When they last got in by what they hold now."""
        return max((at for at in (self.code_used_at, self.passkey_used_at) if at), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A credential of an authenticator (WebAuthn), with what our side keeps of it."""

    id: KeyId
    organization_id: OrganizationId
    account_id: AccountId
    credential_id: str
    """As base64url."""
    public_key: bytes = field(repr=False)
    """COSE_Key."""
    sign_count: int
    transports: tuple[str, ...]
    name: str
    added_at: datetime
    last_used_at: datetime | None
    stopped_at: datetime | None
    """Since when it opens nothing; None while it does."""


def may_hold(account: Account) -> bool:
    """Whether break-glass access opens anything for this account: active owners only."""
    return account.is_active and account.role is Role.OWNER


def require_owner(account: Account) -> None:
    """Return if this account may be named. Raises: `OwnersOnly`."""
    if not may_hold(account):
        raise OwnersOnly(received=account.role.label)


def went_back(sign_count: int, *, received: int) -> bool:
    """Whether an authenticator's counter did not move on: two of them hold one key (WebAuthn 6.1.1, 7.2 step 22).

    An authenticator that does not count sends 0 for ever.
    """
    return (sign_count > 0 or received > 0) and received <= sign_count
