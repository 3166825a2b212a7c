"""Login attempts: the list with its filters, and the whole story of one."""

from datetime import datetime
from urllib.parse import urlencode

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose
from ostiary.domain.connection import Connection
from ostiary.domain.errors import NoAnswer
from ostiary.guides import called
from ostiary.kernel.ids import ConnectionId
from ostiary.problems import Explanation, Reader
from ostiary.problems.problem import UserText
from ostiary.problems.quoting import seconds_in_words
from ostiary.problems.refining.confirming import for_the_owner
from ostiary.problems.refining.persons import for_sign_in
from ostiary.services import Services
from ostiary.services.attempts import AttemptPage
from ostiary.web.admin.quoted import explained, explained_in_full, guide_of
from ostiary.web.admin.remedies import domains_path, switch_path, use_name_path
from ostiary.web.admin.stories import story
from ostiary.web.context import Incoming
from ostiary.web.login.ways_left import with_ways_left
from ostiary.web.responses import Answer, Page, SeeOther

PATH = "/settings/attempts"
OUTCOMES = (
    ("", "All outcomes"),
    (Outcome.SIGNED_IN.value, "Signed in"),
    (Outcome.REFUSED.value, "Refused"),
    (Outcome.NO_ANSWER.value, "No answer"),
    (Outcome.WAITING.value, "Waiting"),
    (Outcome.TEST_PASSED.value, "Test passed"),
    (Outcome.TEST_FAILED.value, "Test failed"),
)
PERIODS = (("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days"), ("90", "Last 90 days"))
_MINUTE = 60
_ORIGINS = {
    Origin.SIGN_IN_PAGE: "Sign-in page",
    Origin.LINK: "Organization's link",
    Origin.TEST_BUTTON: "Test Connection",
    Origin.SIGN_OUT: "Sign-out",
    Origin.UNKNOWN: "Not known",
}


def attempts(incoming: Incoming, services: Services) -> Answer:
    """The list, by its filters. A reference that was typed in full opens its attempt."""
    chosen = {name: incoming.query.optional(name) for name in ("q", "outcome", "connection", "days", "at")}
    days = chosen["days"] if chosen["days"] in dict(PERIODS) else "7"
    page = services.attempts.page(
        organization_id=incoming.signed_in.organization.id,
        search=chosen["q"],
        outcome=Outcome(chosen["outcome"]) if chosen["outcome"] in set(Outcome) else None,
        connection_id=ConnectionId(chosen["connection"]) if chosen["connection"] else None,
        days=int(days),
        cursor=chosen["at"] or None,
    )
    only = page.attempts[0] if len(page.attempts) == 1 else None
    if only is not None and only.reference == chosen["q"].strip().upper():
        return SeeOther(location=f"{PATH}/{only.reference}")
    kept = {**chosen, "days": days}
    return Page(
        template="admin/attempts.html",
        values={
            "page": page,
            "rows": [_row(attempt, page, incoming, services) for attempt in page.attempts],
            "chosen": kept,
            "outcomes": OUTCOMES,
            "periods": PERIODS,
            "connections": _connections(page),
            "is_filtered": any(chosen[name] for name in ("q", "outcome", "connection")),
            "newer": _address(kept, page.newer),
            "older": _address(kept, page.older),
        },
    )


def attempt(incoming: Incoming, services: Services) -> Answer:
    """One attempt: what is wrong, how to mend it, and everything that happened."""
    seen = services.attempts.one(
        incoming.path_parameters["reference"], organization_id=incoming.signed_in.organization.id
    )
    found, connection = seen.attempt, seen.connection
    known = guide_of(connection)
    is_own_test = found.purpose is Purpose.TEST and found.tested_by == incoming.signed_in.account.id
    reader = Reader.TESTER if is_own_test else Reader.ADMIN
    words = _words(found, connection, incoming, services, reader=reader)
    # Where the provider has not answered, the person saw a page of the provider and none of ours; a page of a
    # sign-out says what is certain, and no reason.
    has_no_reason = found.outcome in {Outcome.WAITING, Outcome.NO_ANSWER} or found.purpose is Purpose.LOGOUT
    user = None if has_no_reason else _said_to_the_person(found, connection, incoming, services)
    return Page(
        template="admin/attempt.html",
        values={
            "seen": seen,
            "attempt": found,
            "status": _status(found, incoming.now),
            "connection": connection,
            "guide": known,
            "name": called(connection) if connection else "",
            "words": words,
            "use_path": use_name_path(found.code or "", found.facts, connection=connection),
            "domains_path": domains_path(found.code or "", found.facts, connection=connection),
            "allow_path": switch_path(words.allowance.allowance, connection=connection)
            if words and words.allowance and connection
            else "",
            "user": user,
            "origin": f"Tile in {known.name if known else 'the portal'}"
            if found.origin is Origin.TILE
            else _ORIGINS[found.origin],
            "timeline": story(seen.timeline, connection=connection, incoming=incoming, services=services),
            "took": _took(found),
            "is_error": words is not None and found.outcome is not Outcome.WAITING,
        },
    )


def _words(
    found: LoginAttempt, connection: Connection | None, incoming: Incoming, services: Services, *, reader: Reader
) -> Explanation | None:
    """What ended it; for one that has waited for long, what that most likely means (decision 11)."""
    code, facts = found.code, found.facts
    if found.is_silent(incoming.now):
        silence = NoAnswer(email=found.email_hint, sso_url="", acs_url="")
        code, facts = silence.code, silence.facts()
    if not code:
        return None
    return explained_in_full(
        code,
        facts,
        began_at=found.started_at,
        connection=connection,
        incoming=incoming,
        services=services,
        reader=reader,
        person=found.person or found.email_hint,
    )


def _said_to_the_person(
    found: LoginAttempt, connection: Connection | None, incoming: Incoming, services: Services
) -> UserText | None:
    """The words of the page on which the person's sign-in ended."""
    words = _words(found, connection, incoming, services, reader=Reader.USER)
    if words is None:
        return None
    catalogued = UserText(title=words.user_title, text=words.user_text)
    organization = incoming.signed_in.organization
    facts = with_ways_left(found.code or "", found.facts, organization=organization, services=services)
    said = for_the_owner(found.code or "", facts, otherwise=catalogued)
    return for_sign_in(found.code or "", facts, guide=guide_of(connection), otherwise=said)


def _row(found: LoginAttempt, page: AttemptPage, incoming: Incoming, services: Services) -> dict[str, object]:
    connection = page.connections.get(found.connection_id)
    says = ""
    if found.code:
        says = explained(found.code, found.facts, connection=connection, incoming=incoming, services=services).title
    elif found.outcome is Outcome.TEST_PASSED:
        says = "Nobody was signed in"
    return {
        "attempt": found,
        "status": _status(found, incoming.now),
        "provider": called(connection) if connection else "Deleted",
        "says": says,
        "day": found.started_at.date(),
    }


def _status(found: LoginAttempt, now: datetime) -> Outcome:
    """How it stands. A test is watched by the admin who began it: one that is silent by now is not waited for."""
    return Outcome.NO_ANSWER if found.purpose is Purpose.TEST and found.is_silent(now) else found.outcome


def _connections(page: AttemptPage) -> list[tuple[str, str]]:
    return [("", "All connections"), *((each.id, called(each)) for each in page.connections.values())]


def _address(chosen: dict[str, str], cursor: str | None) -> str:
    if cursor is None:
        return ""
    return f"{PATH}?{urlencode({**{name: value for name, value in chosen.items() if value}, 'at': cursor})}"


def _took(found: LoginAttempt) -> str:
    # An attempt that nothing came back from ends by our patience, which is no duration of it.
    if found.finished_at is None or found.outcome is Outcome.NO_ANSWER:
        return ""
    seconds = (found.finished_at - found.started_at).total_seconds()
    return f"{seconds:.1f} s in all" if seconds < _MINUTE else f"{seconds_in_words(round(seconds))} in all"
