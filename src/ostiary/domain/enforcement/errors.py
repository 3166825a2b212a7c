"""Why a way to sign in is refused where single sign-on is enforced, and why something can't be enforced."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ostiary.domain.errors import LoginRefusal, SetupRefusal


@dataclass(eq=False)
class SsoEnforced(LoginRefusal):
    """A password was typed where the organization takes single sign-on only.

    Told of an address by its domain, whoever it belongs to (decision 9), and to guests who have typed their password.
    """

    code: ClassVar[str] = "login.sso_enforced"
    organization: str
    slug: str


@dataclass(eq=False)
class PasswordLinkEnforced(LoginRefusal):
    """A link to set a password was opened where the organization takes single sign-on only."""

    code: ClassVar[str] = "login.password_link_enforced"
    organization: str
    slug: str


@dataclass(eq=False)
class ConnectionNotEnforced(LoginRefusal):
    """The connection is enabled, and another one of the organization is enforced: only enforced ones count."""

    code: ClassVar[str] = "login.connection_not_enforced"
    organization: str


@dataclass(eq=False)
class SessionEnforced(LoginRefusal):
    """The session began in a way that no longer counts: the organization takes enforced connections only."""

    code: ClassVar[str] = "login.session_enforced"
    organization: str


@dataclass(eq=False)
class LastWayIn(SetupRefusal):
    """Nobody who may change the settings would be able to sign in."""

    code: ClassVar[str] = "setup.last_way_in"
    organization: str


@dataclass(eq=False)
class EnforcedStill(SetupRefusal):
    """The connection is enforced, and nobody has confirmed what ends with it."""

    code: ClassVar[str] = "setup.enforced_still"
    organization: str


@dataclass(eq=False)
class NotEnabled(SetupRefusal):
    """The connection is not enabled: what nobody may use can't be enforced."""

    code: ClassVar[str] = "setup.not_enabled"


@dataclass(eq=False)
class EnforcementDateOutOfRange(SetupRefusal):
    """The day from which it is to be enforced is none, lies in the past, or is too far away."""

    code: ClassVar[str] = "setup.enforcement_date_out_of_range"
    earliest: date
    latest: date
