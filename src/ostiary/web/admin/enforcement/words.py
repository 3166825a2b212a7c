"""What the pages say about each reason, and about what somebody did of late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.attempt import Outcome
from ostiary.domain.enforcement.lockout import LockedOut, Reason
from ostiary.guides import Guide
from ostiary.problems.refining.persons import turned_back

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The words about one reason, with the names of the connection, of its vendor, and of the path to assign people."""

    title: str
    text: str
    short: str
    """What to do, for a cell of a table."""
    of_accounts: bool = False
    """Whether it is rather about accounts than about people."""


HEADINGS: Final[Mapping[Reason, Heading]] = {
    Reason.LAST_ADMIN: Heading(
        title="The last who could change this",
        text="Nobody with the settings has come in by {idp} yet. Sign in once with it, or name an owner for "
        "break-glass access and sign in once with that.",
        short="Sign in once with SSO before it is enforced",
    ),
    Reason.CODE_NEEDED: Heading(
        title="Has to type a mailed code once",
        text="{idp} alone did not prove that the account is theirs. They sign in with it once more, and type the code "
        "that is mailed to them.",
        short="Sign in with SSO once more and type the mailed code",
    ),
    Reason.OWNER_NOT_LINKED: Heading(
        title="Owner, not tied to {idp} yet",
        text="An owner is never tied by address alone. They run Test Connection, then choose “Use this identity for "
        "my account” there.",
        short="Run Test Connection and use the identity for the own account",
    ),
    Reason.OTHER_IDENTITY: Heading(
        title="Tied to another issuer",
        text="They came when this connection trusted another issuer, and the one of today knows them under another "
        "name. Put the earlier issuer back, or make a new connection.",
        short="Put the earlier issuer back, or make a new connection",
    ),
    Reason.OUTSIDE_DOMAINS: Heading(
        title="Address outside the verified domains",
        text="",
        short="Verify the domain, or change the address",
    ),
    Reason.PASSWORD_ONLY: Heading(
        title="Password only",
        text="Signed in with a password now, and never by any provider. A shared account has nobody in {idp}: give it "
        "a person there, or close it.",
        short="Give the account a person at the provider, or close it",
        of_accounts=True,
    ),
    Reason.NO_SIGN_IN: Heading(
        title="No sign-in with {idp} yet",
        text="Who was refused is most likely not assigned: in {vendor}, go to {path}. The others only have to sign in "
        "once.",
        short="Assign the person at the provider, then sign in once with SSO",
    ),
}


def activity(person: LockedOut, *, guide: Guide | None, now: datetime) -> str:
    """What they did of late: the last try with this connection, else the password session that they have."""
    if person.reason is Reason.PASSWORD_ONLY and person.signed_in_at is not None:
        return f"Signed in {ago(person.signed_in_at, now)}"
    if person.tried_at is None:
        return "Has not tried yet"
    when = ago(person.tried_at, now)
    match person.outcome:
        case Outcome.SIGNED_IN:
            return f"Signed in {when}"
        case Outcome.REFUSED if person.reason is not Reason.CODE_NEEDED:
            # Cancel is no sign that an assignment is missing.
            is_cancel = turned_back(person.code, person.facts, guide=guide)
            return f"{'Turned back' if is_cancel else 'Refused'} {when}"
        case Outcome.NO_ANSWER:
            return f"Tried {when}, no answer"
        case _:
            return f"Tried {when}"


def ago(at: datetime, now: datetime) -> str:
    """As 12 minutes ago, today, yesterday, on Monday, on 3 May."""
    passed = now - at
    if passed < _HOUR:
        minutes = int(passed.total_seconds() // 60)
        return "just now" if minutes < 1 else f"{minutes} minute{'s' if minutes > 1 else ''} ago"
    days = (now.date() - at.date()).days
    if days == 0:
        return "today"
    if days == 1:
        return "yesterday"
    return f"on {at:%A}" if timedelta(days=days) <= _WEEK else f"on {at.day} {at:%B}"


def people(count: int, *, of_accounts: bool = False) -> str:
    """As 1 person, 2 people, 1 account."""
    if of_accounts:
        return f"{count:,} account{'' if count == 1 else 's'}"
    return f"{count:,} {'person' if count == 1 else 'people'}"


def short_day(at: datetime) -> str:
    """As 21 May."""
    return f"{at.day} {at:%B}"
