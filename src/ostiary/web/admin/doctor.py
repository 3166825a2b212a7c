"""The doctor: an answer, metadata, a certificate or an address is looked at, and what is wrong with it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ostiary.domain.connection import Connection
from ostiary.domain.doctor.findings import AddressOnly, SecretsInside
from ostiary.domain.doctor.inspection import Inspection, Verdict
from ostiary.domain.doctor.specimen import Carrier, Kind
from ostiary.guides import called
from ostiary.kernel.errors import Refusal
from ostiary.problems import Explanation, Reader
from ostiary.problems.doctor.telling import Told, told
from ostiary.services import Services
from ostiary.services.doctor.consulting import NEWEST, Case, Consultation
from ostiary.web.admin.quoted import explained, guide_of, values_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page

PATH = "/settings/security/doctor"
_KEPT_IN_THE_FIELD = 128 * 1024
_FETCHABLE = frozenset({"metadata", "other", "the_issuer", "issuer"})
_SECRETS = frozenset({Kind.PRIVATE_KEY, Kind.JSON_WEB_TOKEN, Kind.RECORDING})
_USED_FOR = {"email": "Email", "first_name": "First name", "last_name": "Last name", "groups": "Groups"}
_UNTIMED = ("This is no time.", "Write it in UTC, as 2026-05-14 10:28.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One specimen as the page shows it."""

    words: Told
    inspection: Inspection
    connection: Connection | None
    provider: str
    """What the provider is called; empty where no connection is at hand."""
    was_chosen: bool
    revision: int | None
    can_fetch: str
    """An address whose page may be fetched; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the form was given."""

    text: str = ""
    choice: str = ""
    at: str = ""
    shown: tuple[Shown, ...] = ()
    not_fetched: Explanation | None = None
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def page(incoming: Incoming, services: Services) -> Answer:
    """The empty form; a link may have chosen the connection."""
    return _page(_Asked(choice=incoming.query.optional("connection")), incoming, services)


def inspect(incoming: Incoming, services: Services) -> Answer:
    """What was pasted or chosen, looked at. Nothing of it is kept."""
    form = incoming.form
    upload = form.upload("file")
    text = form.optional("pasted")
    pasted = upload.content if upload is not None else text.encode("utf-8", "replace")
    asked = _Asked(
        text=text if len(text) <= _KEPT_IN_THE_FIELD else "",
        choice=form.optional("connection"),
        at=form.optional("at").strip(),
    )
    try:
        at = _moment(asked.at)
    except ValueError:
        return _page(replace(asked, errors={"at": _UNTIMED}), incoming, services)
    shown = _looked_at(pasted, asked.choice, at, incoming, services)
    return _page(replace(asked, shown=shown, text="" if _holds_secrets(shown) else asked.text), incoming, services)


def fetch(incoming: Incoming, services: Services) -> Answer:
    """What stands at an address that was pasted before, fetched because the admin asked for it."""
    organization = incoming.signed_in.organization
    address, choice = incoming.form.one("address"), incoming.form.optional("connection")
    asked = _Asked(text=address, choice=choice)
    try:
        body = services.doctor.fetched(address, organization=organization)
    except Refusal as refusal:
        words = explained(refusal.code, refusal.facts(), connection=None, incoming=incoming, services=services)
        return _page(replace(asked, not_fetched=words), incoming, services)
    return _page(replace(asked, shown=_looked_at(body, choice, None, incoming, services)), incoming, services)


def _looked_at(
    pasted: bytes, choice: str, at: datetime | None, incoming: Incoming, services: Services
) -> tuple[Shown, ...]:
    case = Case(pasted=pasted, choice=choice, at=at)
    found = services.doctor.inspect(case, organization=incoming.signed_in.organization)
    return tuple(_shown(each, incoming, services) for each in found)


def _shown(found: Consultation, incoming: Incoming, services: Services) -> Shown:
    known = guide_of(found.connection)
    words = told(
        found.inspection,
        guide=known,
        values=values_of(found.connection, incoming, services),
        reader=Reader.ADMIN,
    )
    return Shown(
        words=words,
        inspection=found.inspection,
        connection=found.connection,
        provider=known.name if known else "",
        was_chosen=found.was_chosen,
        revision=found.revision.number if found.revision else None,
        can_fetch=_fetchable(found.inspection),
    )


def _holds_secrets(shown: tuple[Shown, ...]) -> bool:
    """Whether it is better not sent back into the field: keys, tokens, recordings."""
    specimens = [each.inspection.specimen for each in shown]
    return any(each.kind in _SECRETS or each.carrier is Carrier.RECORDING for each in specimens)


def _fetchable(inspection: Inspection) -> str:
    """The address, where something may stand at it that can be looked at."""
    if inspection.specimen.kind is not Kind.URL:
        return ""
    looks = [each.facts.get("looks_like") for each in inspection.remarks if each.code == AddressOnly.code]
    address = inspection.specimen.sent_to
    return address if set(looks) & _FETCHABLE and address.lower().startswith("http") else ""


def _page(asked: _Asked, incoming: Incoming, services: Services) -> Page:
    shown = asked.shown
    is_wrong = any(each.words.verdict is not Verdict.RIGHT for each in shown)
    return Page(
        template="admin/doctor.html",
        values={
            "asked": asked,
            "shown": shown,
            "first": next((each for each in shown if each.words.verdict is Verdict.WRONG), shown[0] if shown else None),
            "secrets": next(
                (note for each in shown for note in each.words.notes if note.code == SecretsInside.code), None
            ),
            "choices": _choices(services, incoming),
            "used_for": _USED_FOR,
            "is_error": is_wrong or bool(asked.errors) or asked.not_fetched is not None,
        },
        status=422 if asked.errors else 200,
    )


def _choices(services: Services, incoming: Incoming) -> list[tuple[str, str]]:
    """Every connection, and its newest settings where they wait for their test."""
    options = [("", "Find it by itself")]
    for each in services.doctor.connections(incoming.signed_in.organization):
        name = called(each)
        options.append((each.id, name))
        if each.serving is not None and each.has_untested_changes:
            options.append((f"{each.id}{NEWEST}", f"{name}, newest settings"))
    return options


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    at = datetime.fromisoformat(written.removesuffix("UTC").strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
