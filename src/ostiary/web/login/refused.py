"""A sign-in that was refused, as the person reads it: a safe text and a reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization
from ostiary.guides import guide
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AttemptId, Reference
from ostiary.problems import Fixer
from ostiary.problems.problem import NEW_KEY, UserText
from ostiary.problems.refining.confirming import for_the_owner, offers_break_glass
from ostiary.problems.refining.persons import chooses_account, for_sign_in, turned_back
from ostiary.services import Services
from ostiary.services.refusal_record import LoginRefused
from ostiary.web import problem_pages
from ostiary.web.context import Incoming
from ostiary.web.login.ways_left import with_ways_left
from ostiary.web.responses import Answer, Page, SeeOther


def refused(ended: LoginRefused, incoming: Incoming, services: Services) -> Page:
    """What the person reads, where the answer has arrived. The admin finds the story by the reference."""
    told = _Told(
        code=ended.refusal.code,
        facts=ended.refusal.facts(),
        reference=ended.reference,
        connection=ended.connection,
        organization=ended.organization,
        may_have_a_new_key=ended.may_have_a_new_key,
        at=incoming.now,
    )
    return _page(told, services)


def shown_apart(ended: LoginRefused, incoming: Incoming, services: Services) -> Answer:
    """The way to a page of its own: what the provider has sent stays in no address bar, history or reload."""
    if ended.attempt is not None:
        return SeeOther(location=f"/login/refused/{ended.attempt.id}")
    # Too many answers that fit no attempt have come to be stored: the same address says so without what was sent.
    if incoming.method == "POST" or incoming.raw_query:
        return SeeOther(location=incoming.path)
    return refused(ended, incoming, services)


def page(incoming: Incoming, services: Services) -> Answer:
    """What the person reads, again and again. Its address is as hard to guess as a session, and it tells no facts."""
    ended = services.attempts.refused(AttemptId(incoming.path_parameters["attempt_id"]))
    told = _Told(
        code=ended.code,
        facts=ended.facts,
        reference=ended.attempt.reference,
        connection=ended.connection,
        organization=ended.organization,
        may_have_a_new_key=False,
        at=ended.attempt.finished_at or incoming.now,
    )
    return _page(told, services)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """All that the page is made of. The facts choose among constants, and are not shown."""

    code: str
    facts: Mapping[str, Fact]
    reference: Reference | None
    connection: Connection
    organization: Organization
    may_have_a_new_key: bool
    at: datetime


def _page(told: _Told, services: Services) -> Page:
    words = problem_pages.words_of(told.code)
    facts = with_ways_left(told.code, told.facts, organization=told.organization, services=services)
    catalogued = for_the_owner(told.code, facts, otherwise=UserText(title=words.title, text=words.text))
    known = guide(told.connection.provider, protocol=told.connection.protocol)
    said = for_sign_in(told.code, told.facts, guide=known, otherwise=catalogued)
    chooses = chooses_account(told.code, told.facts)
    is_theirs = chooses or turned_back(told.code, told.facts, guide=known)
    user = NEW_KEY if told.may_have_a_new_key else said
    subject = f"Sign-in to {services.settings.product_name}: reference {told.reference}"
    body = f"{user.title}.\n\nReference: {told.reference}\n"
    values = {
        "title": user.title,
        "text": user.text,
        "reference": told.reference,
        "mail": f"mailto:?subject={quote(subject)}&body={quote(body)}",
        "again": f"/o/{told.organization.slug}" + ("?account=another" if chooses else ""),
        "is_for_them": words.fixer is Fixer.USER or told.may_have_a_new_key or is_theirs,
        "at": told.at,
        "has_break_glass": offers_break_glass(facts),
    }
    return Page(template="login/refused.html", values=values, status=words.status)
