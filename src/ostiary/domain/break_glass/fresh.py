"""What stands in for the password of an owner who has none: that they have just signed in with SSO."""

from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.account import Account
from ostiary.domain.break_glass.errors import SignInNotFresh
from ostiary.domain.errors import OwnPasswordRefused
from ostiary.domain.session import Session

FRESH: Final = timedelta(minutes=10)


def is_fresh(session: Session, now: datetime) -> bool:
    """Whether this session began by a provider just now, and the person has proven themselves there just now.

    Where a provider does not tell when that was, its answer counts. A cookie that was stolen an hour ago is not fresh,
    nor is a sign-in without a question at a provider that tells the moment.
    """
    began = min(session.created_at, session.auth_time)
    return session.connection_id is not None and now - began <= FRESH


def require_fresh(session: Session, account: Account, now: datetime) -> None:
    """Return if a fresh sign-in may stand in for this account's password.

    Raises: `OwnPasswordRefused` where there is a password: then nothing stands in for it. `SignInNotFresh`.
    """
    if account.password_hash is not None or session.account_id != account.id:
        raise OwnPasswordRefused
    if not is_fresh(session, now):
        raise SignInNotFresh(minutes=int(FRESH.total_seconds() // 60))
