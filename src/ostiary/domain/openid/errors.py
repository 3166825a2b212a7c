"""Why the person of an OpenID Connect sign-in is not let in: reasons that SAML does not know."""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.kernel.errors import Refusal


@dataclass(eq=False)
class EmailMissing(Refusal):
    """A person who has never signed in comes without an address. No other claim takes its place.

    `received`: the names of the claims that came. `instead`: one of them that holds an address, or differs from the
    expected name in letter case alone; empty where there is none.
    """

    code: ClassVar[str] = "login.email_missing"
    expected: str
    received: tuple[str, ...] = ()
    instead: str = ""


@dataclass(eq=False)
class LinkingOff(Refusal):
    """The account exists, and this connection ties nobody to an account by their address."""

    code: ClassVar[str] = "login.linking_off"
    email: str
    organization: str


@dataclass(eq=False)
class PossessionNeeded(Refusal):
    """The account exists, and the address alone does not prove that it is this person's."""

    code: ClassVar[str] = "login.possession_needed"
    email: str


@dataclass(eq=False)
class CodeWrong(Refusal):
    """The code is not the one that was mailed."""

    code: ClassVar[str] = "login.code_wrong"


@dataclass(eq=False)
class CodeExpired(Refusal):
    """The code has ended: too old, typed wrong too often, or used already."""

    code: ClassVar[str] = "login.code_expired"


@dataclass(eq=False)
class GoogleClientMissing(Refusal):
    """The connection signs in by the operator's client at Google, and the operator has configured none."""

    code: ClassVar[str] = "setup.google_client_missing"
