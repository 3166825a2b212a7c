"""How many sign-ins may begin: each leaves a row that is kept for months, and nobody is asked who they are before."""

from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.attempt import Purpose
from ostiary.domain.errors import TooManyStarts
from ostiary.kernel.ids import OrganizationId
from ostiary.services.client import Client
from ostiary.storage import Transaction

WINDOW: Final = timedelta(minutes=15)
FROM_ONE_NETWORK: Final = 300
"""At one organization, in one window, whatever its size: an office where everybody begins at nine."""
AT_ONE_ORGANIZATION: Final = 6000
"""From everywhere. Beyond that nobody is shut out: a network has fewer that are free, and those by the people."""
UNDER_A_FLOOD: Final = 30
BY_EACH_PERSON: Final = 3
"""So many for each account may begin from one network: a company behind one address is never locked out by its size,
and a first morning makes its own room, for each sign-in makes an account."""


def may_start(
    tx: Transaction, purpose: Purpose, *, organization_id: OrganizationId, client: Client, now: datetime
) -> bool:
    """Whether one more may begin; it is counted. A test is an admin's, and always may."""
    if purpose is Purpose.TEST:
        return True
    from_here = tx.throttle.hit(f"start/{organization_id}/{client.network}", window=WINDOW, now=now)
    in_all = tx.throttle.hit(f"start/{organization_id}", window=WINDOW, now=now)
    # A proxy that the settings don't name gives everybody its own address: they must not shut each other out.
    free = FROM_ONE_NETWORK if in_all <= AT_ONE_ORGANIZATION else UNDER_A_FLOOD
    if from_here <= (AT_ONE_ORGANIZATION if client.is_near else free):
        return True
    people = -(-from_here // BY_EACH_PERSON)
    return tx.accounts.are_at_least(people, organization_id=organization_id)


def too_many_starts() -> TooManyStarts:
    """The refusal, which is raised when the count is written: what is refused counts too."""
    return TooManyStarts(wait_seconds=int(WINDOW.total_seconds()))
