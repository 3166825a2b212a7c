"""One's own break-glass access: recovery codes, shown once, and passkeys. Both ask for the password first."""

from urllib.parse import quote, urlsplit

from ostiary.domain.break_glass.errors import PasskeyUnusable
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.errors import OwnPasswordRefused, PageUnknown, TooManyAttempts
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import KeyId
from ostiary.services import Services
from ostiary.services.break_glass.alarm import PATH
from ostiary.services.break_glass.roster import Own
from ostiary.services.break_glass.webauthn import Ceremony
from ostiary.web import problem_pages
from ostiary.web.admin.messages import message_of
from ostiary.web.break_glass.last_way_in import explained_last_way
from ostiary.web.client_of import actor_of, client_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther

OWN = f"{PATH}/own"


def own(incoming: Incoming, services: Services) -> Answer:
    """The codes that are left, the passkeys, and whether they are proven."""
    return Page(
        template="break_glass/own.html",
        values={
            "own": _own(incoming, services),
            "door": f"{services.settings.public_url}/login/break-glass",
            "message": message_of(incoming),
        },
    )


def codes_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before the codes that are left end, and for the password."""
    return _ask_for_codes(incoming, services, refusal=None)


def make_codes(incoming: Incoming, services: Services) -> Answer:
    """The new codes, on the only page that ever shows them. Raises: `OwnersOnly`."""
    account = incoming.signed_in.account
    try:
        codes = services.break_glass.codes.make(
            account, incoming.form.one("password"), actor=actor_of(incoming), client=client_of(incoming, services)
        )
    except (OwnPasswordRefused, TooManyAttempts, LastWayIn) as refusal:
        return _ask_for_codes(incoming, services, refusal=refusal)
    product, host = services.settings.product_name, urlsplit(services.settings.public_url).netloc
    door = f"{services.settings.public_url}/login/break-glass"
    text = "\n".join((f"{product}: recovery codes of {account.email}", f"Use them at {door}", "", *codes, ""))
    # A link to the text itself: it works without script, and no address of ours ever answers with the codes.
    values = {"codes": codes, "door": door, "file": f"data:text/plain;charset=utf-8,{quote(text)}", "host": host}
    return Page(template="break_glass/codes.html", values=values)


def passkey_page(incoming: Incoming, services: Services) -> Answer:
    """Asks for a name and the password."""
    return _ask_for_passkey(incoming, services, refusal=None)


def begin_passkey(incoming: Incoming, services: Services) -> Answer:
    """Lets the browser make the passkey. Raises: `OwnersOnly`."""
    visitor = incoming.signed_in
    try:
        ceremony = services.break_glass.keyring.begin(
            visitor.account,
            incoming.form.one("password"),
            session_id=visitor.session.id,
            client=client_of(incoming, services),
        )
    except (OwnPasswordRefused, TooManyAttempts, PasskeyUnusable) as refusal:
        return _ask_for_passkey(incoming, services, refusal=refusal)
    return _ask_for_passkey(incoming, services, refusal=None, ceremony=ceremony)


def add_passkey(incoming: Incoming, services: Services) -> Answer:
    """Keeps what the browser has made. Raises: `OwnersOnly`."""
    visitor, form = incoming.signed_in, incoming.form
    try:
        services.break_glass.keyring.add(
            visitor.account,
            form.one("answer"),
            sealed=form.one("challenge"),
            name=form.optional("name"),
            session_id=visitor.session.id,
            actor=actor_of(incoming),
        )
    except PasskeyUnusable as refusal:
        return _ask_for_passkey(incoming, services, refusal=refusal)
    return SeeOther(location=f"{OWN}?done=passkey-added")


def remove_passkey_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before a passkey is removed."""
    return _ask_to_remove(incoming, services, refusal=None)


def remove_passkey(incoming: Incoming, services: Services) -> Answer:
    """Removes it."""
    passkey_id = KeyId(incoming.path_parameters["passkey_id"])
    account = incoming.signed_in.account
    try:
        is_removed = services.break_glass.keyring.remove(account, passkey_id, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _ask_to_remove(incoming, services, refusal=refusal)
    if not is_removed:
        raise PageUnknown
    return SeeOther(location=f"{OWN}?done=passkey-removed")


def _ask_to_remove(incoming: Incoming, services: Services, *, refusal: LastWayIn | None) -> Page:
    found = _own(incoming, services)
    passkey = next((each for each in found.passkeys if each.id == incoming.path_parameters["passkey_id"]), None)
    if passkey is None:
        raise PageUnknown
    values = {"passkey": passkey, "codes_left": found.holder.codes_left, "is_last": len(found.passkeys) == 1}
    said, status = explained_last_way(refusal, incoming, services)
    return Page(template="break_glass/remove_passkey.html", values={**values, **said}, status=status)


def _own(incoming: Incoming, services: Services) -> Own:
    """Their access. Raises: `PageUnknown` for who was not named."""
    found = services.break_glass.roster.own(incoming.signed_in.account)
    if found is None:
        raise PageUnknown
    return found


def _ask_for_codes(incoming: Incoming, services: Services, *, refusal: Refusal | None) -> Page:
    last_way = refusal if isinstance(refusal, LastWayIn) else None
    words = problem_pages.words(refusal) if refusal and last_way is None else None
    said, status = explained_last_way(last_way, incoming, services)
    values = {"holder": _own(incoming, services).holder, "error": words, "is_error": words is not None, **said}
    return Page(template="break_glass/make_codes.html", values=values, status=words.status if words else status)


def _ask_for_passkey(
    incoming: Incoming, services: Services, *, refusal: Refusal | None, ceremony: Ceremony | None = None
) -> Page:
    _own(incoming, services)
    words = problem_pages.words(refusal) if refusal else None
    values = {
        "ceremony": ceremony,
        "name": incoming.form.optional("name"),
        "error": words,
        "is_field_error": isinstance(refusal, OwnPasswordRefused),
        "is_error": words is not None,
    }
    return Page(template="break_glass/add_passkey.html", values=values, status=words.status if words else 200)
