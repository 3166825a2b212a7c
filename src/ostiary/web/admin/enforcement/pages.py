"""Enforce a connection: the page that asks, its list and its file, and both ways out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import urlencode

from ostiary.domain.connection import Connection
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.enforcement.errors import EnforcementDateOutOfRange, LastWayIn
from ostiary.domain.enforcement.lockout import LockedOut, Reason, WayIn
from ostiary.domain.errors import PageUnknown
from ostiary.domain.naming import listed
from ostiary.guides import rich
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import AccountId, ConnectionId
from ostiary.problems import Explanation
from ostiary.services import Services
from ostiary.services.connections import ConnectionView
from ostiary.services.enforcement.enforcing import EnforceView
from ostiary.services.enforcement.letters import name_of
from ostiary.web.admin.enforcement.csv_file import csv_of
from ostiary.web.admin.enforcement.words import HEADINGS, activity, ago, people, short_day
from ostiary.web.admin.places import PATH, connection_path
from ostiary.web.admin.quoted import explained, values_of
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Document, Page, SeeOther

_CLOSED: Final = ("Passwords", "password resets", "invite links")
"""What is refused wherever a connection is enforced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Those who would be locked out for one reason, as the page shows them."""

    reason: str
    title: str
    text: str
    domains: tuple[str, ...]
    """Domains that could be verified, where that is the reason."""
    count: str
    lines: tuple[tuple[str, str, str], ...]
    """Name, address, and what they did of late."""
    left: int
    """How many are not shown."""
    href: str


def page(incoming: Incoming, services: Services) -> Answer:
    """Who would be locked out, and how to begin; where it is enforced already, how to take it back."""
    return _page(incoming, services)


def enforce(incoming: Incoming, services: Services) -> Answer:
    """Enforces it, now or from a day on."""
    organization, connection_id = incoming.signed_in.organization, _id(incoming)
    typed = incoming.form.optional("from")
    begins_on = None if incoming.form.one("how") == "now" else _day(typed)
    try:
        begun = services.enforcement.enforce(
            connection_id, organization=organization, begins_on=begins_on, actor=actor_of(incoming)
        )
    except (LastWayIn, EnforcementDateOutOfRange) as refusal:
        return _page(incoming, services, refusal=refusal)
    done = "enforced" if begun.holds_now else "enforced-later"
    return SeeOther(location=f"{PATH}?done={done}")


def stop(incoming: Incoming, services: Services) -> Answer:
    """Takes it back, by one click. The connection stays enabled."""
    try:
        services.enforcement.stop(_id(incoming), organization=incoming.signed_in.organization, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _page(incoming, services, refusal=refusal)
    return SeeOther(location=f"{PATH}?done=enforcement-stopped")


def listing(incoming: Incoming, services: Services) -> Answer:
    """Those who would be locked out, a hundred on a page, of one reason or of all."""
    wanted = incoming.query.optional("reason")
    if wanted and wanted not in set(Reason):
        raise PageUnknown
    reason = Reason(wanted) if wanted else None
    view = _view(incoming, services)
    found = services.enforcement.page(
        view.connection.id,
        organization=incoming.signed_in.organization,
        reason=reason,
        after=incoming.query.optional("after"),
    )
    idp = view.name
    query = urlencode({"reason": wanted, "after": found.next_after})
    return Page(
        template="admin/enforcement/people.html",
        values={
            "view": view,
            "idp": idp,
            "chosen": wanted,
            "reasons": [("", "All reasons"), *((each.value, HEADINGS[each].title.format(idp=idp)) for each in Reason)],
            "rows": [
                (each.name, each.email, HEADINGS[each.reason].title.format(idp=idp), _of_late(each, view, incoming))
                for each in found.people
            ],
            "older": f"{_path(view.connection.id)}/people?{query}" if found.next_after else "",
            "is_first": not incoming.query.optional("after"),
        },
    )


def download(incoming: Incoming, services: Services) -> Answer:
    """The same as a file: all of them."""
    view = _view(incoming, services)
    organization = incoming.signed_in.organization
    everybody = services.enforcement.everybody(view.connection.id, organization=organization)
    name = f"locked-out-{organization.slug}-{incoming.now:%Y-%m-%d}.csv"
    return Document(
        body=csv_of(everybody, provider=view.name),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def turn_off_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before an enforced connection is turned off, and says what follows."""
    return Page(
        template="admin/enforcement/turn_off.html",
        values={"view": _view(incoming, services), "consequence": consequence(incoming, services, _id(incoming))},
    )


def consequence(incoming: Incoming, services: Services, connection_id: ConnectionId) -> str:
    """What follows for sign-ins when an enforced connection goes; empty where it is not enforced."""
    organization = incoming.signed_in.organization
    seen = services.enforcement.stopping(connection_id, organization=organization)
    if not seen.connection.is_enforced:
        return ""
    name = name_of(seen.connection)
    if seen.still_enforced:
        others = [name_of(each) for each in seen.still_enforced]
        stay, it = ("stays", "it") if len(set(others)) == 1 else ("stay", "one of them")
        told = f"{listed(others, by='and')} {stay} enforced: people at {organization.name} need {it} then."
        return f"{name} is enforced. {told}"
    product = services.settings.product_name
    return f"{name} is enforced. That ends: people at {organization.name} sign in with {product} passwords again."


def _page(incoming: Incoming, services: Services, *, refusal: Refusal | None = None) -> Page:
    view = _view(incoming, services)
    visitor = incoming.signed_in
    seen = services.enforcement.view(view.connection.id, visitor=visitor)
    lockout, idp = seen.lockout, view.name
    words = _words(refusal, view.connection, incoming, services)
    domains = services.domains.of(visitor.organization.id)
    return Page(
        template="admin/enforcement/enforce.html",
        values={
            "view": view,
            "seen": seen,
            "idp": idp,
            "with_names": listed([name_of(each) for each in (view.connection, *seen.also)], by="or"),
            "refused": listed([*_CLOSED, *(name_of(each) for each in seen.refused)], by="and"),
            "groups": [_group(reason, seen, view, incoming, services) for reason in lockout.counts],
            "by_break_glass": f"{people(lockout.by_break_glass)} {'gets' if lockout.by_break_glass == 1 else 'get'} in",
            "ways": _ways(seen, incoming),
            "usual": seen.usual.isoformat(),
            "from_day": short_day(_midnight(seen.usual)),
            "lapsing": _lapsing(domains),
            "has_domains": any(each.is_verified for each in domains),
            "words": words,
            "is_error": refusal is not None,
        },
        status=words.status if words else 200,
    )


def _group(reason: Reason, seen: EnforceView, view: ConnectionView, incoming: Incoming, services: Services) -> Group:
    heading, found = HEADINGS[reason], seen.lockout.people.get(reason, ())
    count = seen.lockout.counts[reason]
    idp, quotes = view.name, values_of(view.connection, incoming, services).quoted()
    path = rich(view.guide.quoted(quotes)["assignment_path"]).plain
    domains: tuple[str, ...] = ()
    if reason is Reason.OUTSIDE_DOMAINS:
        domains = tuple(dict.fromkeys(each.email.rpartition("@")[2] for each in found))[:3]
    return Group(
        reason=reason.value,
        title=heading.title.format(idp=idp),
        text=heading.text.format(idp=idp, vendor=view.guide.name_at_start, path=path),
        domains=domains,
        count=people(count, of_accounts=heading.of_accounts),
        lines=tuple((each.name, each.email, _of_late(each, view, incoming)) for each in found),
        left=count - len(found),
        href=f"{_path(view.connection.id)}/people?reason={reason.value}",
    )


def _of_late(person: LockedOut, view: ConnectionView, incoming: Incoming) -> str:
    return activity(person, guide=view.guide, now=incoming.now)


def _ways(seen: EnforceView, incoming: Incoming) -> list[dict[str, object]]:
    """One line for each person, with all that proves a way in."""
    by_person: dict[AccountId, list[WayIn]] = {}
    for way in seen.lockout.ways_in:
        by_person.setdefault(way.account_id, []).append(way)
    return [
        {
            "name": ways[0].name,
            "role": ways[0].role.label.lower(),
            "says": "; ".join(_proof(way, seen, incoming) for way in ways),
            "is_reader": account_id == incoming.signed_in.account.id,
            "is_break_glass": any(way.connection_id is None for way in ways),
        }
        for account_id, ways in by_person.items()
    ]


def _proof(way: WayIn, seen: EnforceView, incoming: Incoming) -> str:
    if way.connection_id is None:
        return "break-glass access, proven"
    known = {each.id: name_of(each) for each in (seen.connection, *seen.also)}
    return f"signed in with {known[way.connection_id]}" + (f" {ago(way.at, incoming.now)}" if way.at else "")


def _lapsing(domains: Sequence[EmailDomain]) -> tuple[EmailDomain, ...]:
    """Verified domains whose record has gone: people there will not be led to the provider by their address."""
    return tuple(each for each in domains if each.counts_until is not None)


def _words(
    refusal: Refusal | None, connection: Connection, incoming: Incoming, services: Services
) -> Explanation | None:
    if refusal is None:
        return None
    return explained(refusal.code, refusal.facts(), connection=connection, incoming=incoming, services=services)


def _day(text: str) -> date:
    """The day that was typed; where it is none, one that is refused as too early."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _path(connection_id: ConnectionId) -> str:
    return connection_path(connection_id) + "/enforce"


def _id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])


def _view(incoming: Incoming, services: Services) -> ConnectionView:
    return services.connections.view(_id(incoming), organization_id=incoming.signed_in.organization.id)
