"""Why a logout message is refused, beyond what a sign-in is refused for. The words: `ostiary.problems.logout`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.kernel.errors import Refusal


class LogoutRefusal(Refusal):
    """A LogoutRequest or LogoutResponse was refused, or says that something was."""


@dataclass(eq=False)
class LogoutQueryRefused(LogoutRefusal):
    """The query or form does not hold one logout message. SAML Bindings 3.4.4.1.

    `problem`: missing, repeated, unknown (an encoding), both (a request and a response).
    """

    code: ClassVar[str] = "saml.logout_query_refused"
    parameter: str
    problem: str


@dataclass(eq=False)
class LogoutMessageUnknown(LogoutRefusal):
    """The message is of another kind than its place. `expected`: LogoutRequest, LogoutResponse."""

    code: ClassVar[str] = "saml.logout_message_unknown"
    expected: str
    received: str


@dataclass(eq=False)
class LogoutUnsigned(LogoutRefusal):
    """The message bears no signature, so that anybody could have written it. SAML Profiles 4.4.3.1, 4.4.3.4."""

    code: ClassVar[str] = "saml.logout_unsigned"
    message: str


@dataclass(eq=False)
class LogoutDestinationMismatch(LogoutRefusal):
    """The message was sent to another address than ours, or does not say to which. SAML Bindings 3.4.5.2, 3.5.5.2."""

    code: ClassVar[str] = "saml.logout_destination_mismatch"
    expected: str
    received: str


@dataclass(eq=False)
class LogoutSubjectMissing(LogoutRefusal):
    """The LogoutRequest names nobody. SAML Core 3.7.1."""

    code: ClassVar[str] = "saml.logout_subject_missing"


@dataclass(eq=False)
class LogoutNotYetValid(LogoutRefusal):
    """The message was written later than now, by more than the clocks may differ."""

    code: ClassVar[str] = "saml.logout_not_yet_valid"
    received_at: datetime
    issued_at: datetime
    seconds: int
    allowed_seconds: int


@dataclass(eq=False)
class LogoutExpired(LogoutRefusal):
    """The message is too old. `attribute`: IssueInstant, NotOnOrAfter. SAML Core 3.7.1."""

    code: ClassVar[str] = "saml.logout_expired"
    attribute: str
    not_on_or_after: datetime
    received_at: datetime
    issued_at: datetime
    seconds: int
    allowed_seconds: int


@dataclass(eq=False)
class LogoutReplayed(LogoutRefusal):
    """The LogoutRequest was used before. Each one counts once."""

    code: ClassVar[str] = "saml.logout_replayed"
    request_id: str


@dataclass(eq=False)
class LogoutUnasked(LogoutRefusal):
    """A LogoutResponse to a request that we have not sent, or that has had its response. SAML Profiles 4.4.3.4."""

    code: ClassVar[str] = "saml.logout_unasked"
    in_response_to: str


@dataclass(eq=False)
class LogoutDenied(LogoutRefusal):
    """The identity provider has not ended its session. Facts: its status and its own words. SAML Core 3.2.2.2."""

    code: ClassVar[str] = "saml.logout_denied"
    status: str
    substatus: str
    message: str


@dataclass(eq=False)
class LogoutPartial(LogoutRefusal):
    """The identity provider could not sign the person out of all other applications. SAML Core 3.2.2.2, 3.7.3."""

    code: ClassVar[str] = "saml.logout_partial"
    message: str
