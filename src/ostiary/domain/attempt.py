"""A login attempt: from the first redirect to its outcome, with a timeline that an admin can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, AttemptId, ConnectionId, OrganizationId, Reference

LIFETIME = timedelta(minutes=15)
SILENCE = timedelta(seconds=20)
"""After how long the page of a test says that nothing has come back. The attempt itself goes on (decision 37)."""


class Purpose(StrEnum):
    """Why the browser was sent to the identity provider."""

    LOGIN = "login"
    TEST = "test"
    LOGOUT = "logout"
    """It never was: a logout message that was refused is told among the attempts."""


class Origin(StrEnum):
    """Where the attempt began."""

    SIGN_IN_PAGE = "sign_in_page"
    LINK = "link"
    """An organization's own link, which anybody can put on any page."""
    TILE = "tile"
    TEST_BUTTON = "test_button"
    SIGN_OUT = "sign_out"
    UNKNOWN = "unknown"
    """An answer that fits no attempt."""


class Outcome(StrEnum):
    """How it ended, or that it has not."""

    WAITING = "waiting"
    SIGNED_IN = "signed_in"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    TEST_PASSED = "test_passed"
    TEST_FAILED = "test_failed"
    CONVERTED = "converted"
    """A tile's answer that was turned into a sign-in of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """One attempt to sign in, or to test a connection."""

    id: AttemptId
    reference: Reference
    organization_id: OrganizationId
    connection_id: ConnectionId
    revision: int
    purpose: Purpose
    origin: Origin
    outcome: Outcome
    request_id: str | None
    browser_hash: str | None
    """Fingerprint of the login cookie of the browser that began it (decision 5)."""
    return_to: str
    started_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    """When an answer used it up. It can be used once."""
    finished_at: datetime | None
    email_hint: str
    """The address that was typed, or read from a trusted answer; empty if neither."""
    person: str
    account_id: AccountId | None
    tested_by: AccountId | None
    code: str | None
    facts: Mapping[str, Fact]
    client_address: str
    user_agent: str

    def is_silent(self, now: datetime) -> bool:
        """Whether a test has waited so long that its page should say what that most likely means."""
        return self.outcome is Outcome.WAITING and now - self.started_at >= SILENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One line of an attempt's timeline. `kind` has its words in the catalogue."""

    at: datetime
    kind: str
    facts: Mapping[str, Fact]
