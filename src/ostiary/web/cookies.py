"""Our cookies: their names, how long they live, and who gets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from ostiary.config import Settings
from ostiary.domain.attempt import LIFETIME
from ostiary.kernel import ids
from ostiary.kernel.ids import AccountId, ConnectionId
from ostiary.web.context import Theme
from ostiary.web.responses import SetCookie

_SECRET_LENGTH = 64
_A_YEAR = 365 * 24 * 3600
_TO_DECIDE = timedelta(minutes=10)
_MOST_KNOWN = 8
_MARK_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookies:
    """The names of our cookies at this address."""

    session: str
    login: str
    theme: str
    organization: str
    connection: str
    arrived: str
    known: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The names under this public URL."""
        # Cookies ignore ports: two demos on one machine would sign each other out (decision 31).
        port = urlsplit(settings.public_url).port
        suffix = f"-{port}" if settings.is_local and port else ""
        return cls(
            session=f"__Host-ostiary-session{suffix}",
            login=f"__Host-ostiary-login{suffix}",
            theme=f"__Host-ostiary-theme{suffix}",
            organization=f"__Host-ostiary-organization{suffix}",
            connection=f"__Host-ostiary-connection{suffix}",
            arrived=f"__Host-ostiary-arrived{suffix}",
            known=f"__Host-ostiary-known{suffix}",
        )

    def signed_in(self, token: str) -> SetCookie:
        """The session's cookie. It ends with the browser; the server ends the session earlier."""
        # Lax: a Strict one would be missing on the page after the answer of the identity provider (decision 23).
        return SetCookie(name=self.session, value=token, max_age=None)

    def signed_out(self) -> SetCookie:
        """Takes the session's cookie away."""
        return SetCookie(name=self.session, value="", max_age=0)

    def login_begun(self, browser: str) -> SetCookie:
        """The cookie that binds a login to this browser while it is at the identity provider (decision 5)."""
        # None: the answer is a POST from another site, and a Lax cookie does not come with it.
        return SetCookie(name=self.login, value=browser, max_age=int(LIFETIME.total_seconds()), same_site="none")

    def arrived_from_elsewhere(self, token: str) -> SetCookie:
        """A session that the browser has not taken up yet: the sign-in did not begin on our page."""
        return SetCookie(name=self.arrived, value=token, max_age=int(_TO_DECIDE.total_seconds()))

    def taken_up(self) -> SetCookie:
        """Takes the cookie of a session that waited away."""
        return SetCookie(name=self.arrived, value="", max_age=0)

    def account_known(self, account_id: AccountId, cookies: Mapping[str, str]) -> SetCookie:
        """Remembers that this account has signed in here, beside the last few others."""
        others = [each for each in cookies.get(self.known, "").split(".") if each and each != _mark(account_id)]
        # None: it is read and written where the answer of an identity provider arrives, too.
        value = ".".join([_mark(account_id), *others[: _MOST_KNOWN - 1]])
        return SetCookie(name=self.known, value=value, max_age=_A_YEAR, same_site="none")

    def knows(self, account_id: AccountId, cookies: Mapping[str, str]) -> bool:
        """Whether this account has signed in here before."""
        return _mark(account_id) in cookies.get(self.known, "").split(".")

    def theme_chosen(self, theme: Theme) -> SetCookie:
        """The reader's choice of colours."""
        return SetCookie(name=self.theme, value=theme.value, max_age=_A_YEAR)

    def organization_remembered(self, slug: str) -> SetCookie:
        """The organization that signed in here last."""
        return SetCookie(name=self.organization, value=slug, max_age=_A_YEAR)

    def connection_remembered(self, connection_id: ConnectionId) -> SetCookie:
        """The connection that was chosen here last."""
        return SetCookie(name=self.connection, value=connection_id, max_age=_A_YEAR)

    def read_theme(self, cookies: Mapping[str, str]) -> Theme:
        """The chosen colours; Auto where none, or something else, was sent."""
        value = cookies.get(self.theme, "")
        return Theme(value) if value in set(Theme) else Theme.AUTO

    def read_session(self, cookies: Mapping[str, str]) -> str:
        """The session's token as it was sent, or "" for what can be none of ours."""
        return _secret(cookies.get(self.session, ""))

    def read_arrived(self, cookies: Mapping[str, str]) -> str:
        """The token of a session that waits to be taken up, or "" for what can be none of ours."""
        return _secret(cookies.get(self.arrived, ""))

    def read_login(self, cookies: Mapping[str, str]) -> str:
        """The browser's login secret as it was sent, or "" for what can be none of ours."""
        return _secret(cookies.get(self.login, ""))


def _mark(account_id: AccountId) -> str:
    """What stands for an account in a cookie: it says nothing to whoever reads it."""
    return ids.fingerprint(f"known/{account_id}")[:_MARK_LENGTH]


def _secret(value: str) -> str:
    is_ours = len(value) == _SECRET_LENGTH and all(character in "0123456789abcdef" for character in value)
    return value if is_ours else ""
