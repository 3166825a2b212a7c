"""Why break-glass access is refused. At the door itself the answer is one, whatever the reason."""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.domain.errors import LoginRefusal, SetupRefusal


@dataclass(eq=False)
class BreakGlassRefused(LoginRefusal):
    """Nobody with break-glass access has this address, this password and this code. Says nothing about which."""

    code: ClassVar[str] = "login.break_glass_refused"


@dataclass(eq=False)
class PasskeyRefused(LoginRefusal):
    """The passkey opens nothing here: unknown, from another page or browser, too late, or shown before."""

    code: ClassVar[str] = "login.passkey_refused"


@dataclass(eq=False)
class OwnersOnly(SetupRefusal):
    """Break-glass access is for active owners, and only they name each other."""

    code: ClassVar[str] = "setup.owners_only"
    received: str


@dataclass(eq=False)
class PasskeyUnusable(SetupRefusal):
    """The browser's answer makes no passkey of this account."""

    code: ClassVar[str] = "setup.passkey_unusable"


@dataclass(eq=False)
class SignInNotFresh(SetupRefusal):
    """An owner without a password has to have signed in with SSO just now: the sign-in stands in for the password."""

    code: ClassVar[str] = "setup.sign_in_not_fresh"
    minutes: int
