"""A Problem: the words for one refusal or finding, before they are joined with facts and a guide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ostiary.guides.guide import Recipe
from ostiary.guides.rich_text import RichText
from ostiary.problems.difference import Kind


class Fixer(StrEnum):
    """Who can do something about it."""

    IDP_ADMIN = "idp_admin"
    ORG_ADMIN = "org_admin"
    USER = "user"
    APP_DEVELOPER = "app_developer"
    OPERATOR = "operator"
    US = "us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two facts that should be equal. The first sentence of the explanation is computed from how they differ."""

    whose: str
    """Whose value is wrong, by its console name: "{Idp}'s {audience_field}"."""
    ours: str
    """What it should equal: "this connection's Entity ID"."""
    expected_note: str
    received_note: str
    titles: Mapping[Kind, str] = field(default_factory=dict)
    """First sentences for some kinds of difference, in place of the computed ones. `{nearest}`: the received value."""
    name: str = ""
    """Under which name the expected value stands among those of the connection (`ConnectionValues.named`)."""
    is_saved: bool = False
    """The expected value is what an admin of ours has typed in: it may be the one in the wrong place."""
    is_named: bool = False
    """The values are names among others: only a near miss is compared, and `title` stays where there is none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A fact that is shown in a row of its own, unless it is empty."""

    label: str
    fact: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserText:
    """What the person at the sign-in page reads: kind, and without a fact in it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The words of one code. `{names}` are facts of its class, or values of the guide and the connection."""

    title: str
    """The first sentence: whose value, and how it differs. A `Comparison` replaces it by a computed one."""
    cause: str
    """Second: who is affected, what was not changed, what we only suppose."""
    label: str
    """In a line of a list or a timeline, after "Refused: "."""
    steps: tuple[str | Recipe | RichText, ...]
    fixer: Fixer
    user: UserText
    status: int
    """HTTP status of the page that a refused request ends on."""
    compares: Comparison | None = None
    shows: tuple[Shown, ...] = ()
    otherwise: tuple[tuple[str, str | Recipe | tuple[RichText, ...]], ...] = ()
    """If the most likely cause is not the one: a heading and what to do then, each."""
    otherwise_title: str = ""
    ends_with_again: bool = True
    """Whether the last step is to test, or to sign in, once more."""


_REFERENCE = "Your IT team can change that. Send them this reference: it shows them what happened and what to do."

SETUP = UserText(title="Your company's sign-in is not set up completely yet", text=_REFERENCE)
NEW_KEY = UserText(
    title="Your company's sign-in may have a new key",
    text="We are reading it now. Sign in once more in a minute. "
    "If this page comes back, send this reference to your IT team.",
)
ADDRESS = UserText(title="Your company's sign-in does not include your email address yet", text=_REFERENCE)
ASSIGNMENT = UserText(
    title="Your company's sign-in has not answered",
    text="Most likely it does not include you yet. Your IT team can change that. "
    "Send them this reference: it shows them what happened and what to do.",
)
AGAIN = UserText(
    title="This sign-in is over",
    text="Sign in once more. If this page comes back, send this reference to your IT team.",
)
TURNED_BACK = UserText(
    title="You turned back at your company's sign-in",
    text="Sign in once more, and accept what it asks. "
    "If you did not turn back yourself, send this reference to your IT team.",
)
ANOTHER_COMPANY = UserText(
    title="You signed in with an account of another company",
    text="Use your work account: “Try again” lets you choose it. "
    "If this page comes back, send this reference to your IT team.",
)
NO_ACCESS = UserText(
    title="You have not been given access yet",
    text="Your company's sign-in knows you, but does not let you in here. "
    "Ask your IT team for access, with this reference: it shows them what to do.",
)
ACCOUNT = UserText(
    title="There is no open account for you here",
    text="Your IT team can change that. Send them this reference: it shows them what happened and what to do.",
)
NO_ACCOUNT = UserText(
    title="You have no account here yet",
    text="Your company's sign-in has recognised you, but nobody has made an account for you. "
    "Ask your admin for one, with this reference: it shows them what to do.",
)
PLAN = UserText(
    title="Your company's sign-in is switched off",
    text="You can sign in with your password. If you have none, the sign-in page sends you a link to set one.",
)
OURS = UserText(
    title="Something went wrong on our side",
    text="It is recorded under this reference, and your data is unchanged. Sign in once more in a few minutes.",
)
PAGE = UserText(title="This page could not be shown", text="Go back to the page before, and take the step once more.")
