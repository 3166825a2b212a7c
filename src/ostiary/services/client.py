"""The browser at the other end: what is known of it without trusting it."""

from dataclasses import dataclass

_LONGEST_USER_AGENT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A browser. Its address is for throttling and the audit log, never for URLs (decision 35)."""

    address: str
    user_agent: str
    login_key: str | None = None
    """The secret of the login cookie, if it came along (decision 5)."""

    @property
    def short_user_agent(self) -> str:
        """As much of the user agent as is stored."""
        return self.user_agent[:_LONGEST_USER_AGENT]
