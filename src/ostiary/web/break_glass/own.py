"""One's own break-glass access: recovery codes, shown once, and passkeys. Both ask for the password first.

Who has none is asked to sign in with SSO once more instead (docs/decisions/0017).
"""

from urllib.parse import quote, urlsplit

from ostiary.domain.break_glass.errors import PasskeyUnusable, SignInNotFresh
from ostiary.domain.break_glass.fresh import is_fresh
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.errors import OwnPasswordRefused, PageUnknown, PasswordTooShort, TooManyAttempts
from ostiary.guides import called
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import KeyId
from ostiary.services import Services
from ostiary.services.break_glass.alarm import PATH
from ostiary.services.break_glass.roster import Own
from ostiary.services.break_glass.webauthn import Ceremony
from ostiary.services.saml.request import Departure
from ostiary.web import problem_pages
from ostiary.web.admin.messages import message_of
from ostiary.web.break_glass.last_way_in import explained_last_way
from ostiary.web.client_of import actor_of, client_of
from ostiary.web.context import Incoming
from ostiary.web.login.start import leave
from ostiary.web.responses import Answer, Csp, Page, SeeOther

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
    account, session = incoming.signed_in.account, incoming.signed_in.session
    book, actor, form = services.break_glass.codes, actor_of(incoming), incoming.form
    try:
        if account.password_hash is None:
            codes = book.make_after_sign_in(account, form.one("new_password"), session=session, actor=actor)
        else:
            codes = book.make(account, form.one("password"), actor=actor, client=client_of(incoming, services))
    except (OwnPasswordRefused, TooManyAttempts, LastWayIn, PasswordTooShort, SignInNotFresh) as refusal:
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
    visitor, keyring = incoming.signed_in, services.break_glass.keyring
    try:
        if visitor.account.password_hash is None:
            ceremony = keyring.begin_after_sign_in(visitor.account, session=visitor.session)
        else:
            ceremony = keyring.begin(
                visitor.account,
                incoming.form.one("password"),
                session_id=visitor.session.id,
                client=client_of(incoming, services),
            )
    except (OwnPasswordRefused, TooManyAttempts, PasskeyUnusable, SignInNotFresh) as refusal:
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


def sign_in_again(incoming: Incoming, services: Services) -> Answer:
    """To the provider, which asks who it is, and back to what was to be made."""
    _own(incoming, services)
    visitor = incoming.signed_in
    target = f"{OWN}/passkeys/new" if incoming.form.one("then") == "passkey" else f"{OWN}/codes"
    connection = services.sessions.connection_of(visitor)
    if connection is None:  # by a passkey at the door, or the connection is gone
        return SeeOther(location=f"/o/{visitor.organization.slug}?return_to={target}")
    departure = Departure(return_to=target, email_hint=str(visitor.account.email), asks_anew=True)
    client = client_of(incoming, services)
    return leave(services.start_login.start(connection.id, departure=departure, client=client), services)


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
    if _has_to_sign_in(incoming):
        return _ask_to_sign_in(incoming, services, then="codes")
    last_way = refusal if isinstance(refusal, LastWayIn) else None
    words = problem_pages.words(refusal) if refusal and last_way is None else None
    said, status = explained_last_way(last_way, incoming, services)
    values = {"holder": _own(incoming, services).holder, "error": words, "is_error": words is not None, **said}
    return Page(template="break_glass/make_codes.html", values=values, status=words.status if words else status)


def _ask_for_passkey(
    incoming: Incoming, services: Services, *, refusal: Refusal | None, ceremony: Ceremony | None = None
) -> Page:
    _own(incoming, services)
    if ceremony is None and _has_to_sign_in(incoming):
        return _ask_to_sign_in(incoming, services, then="passkey")
    words = problem_pages.words(refusal) if refusal else None
    values = {
        "ceremony": ceremony,
        "name": incoming.form.optional("name"),
        "error": words,
        "is_field_error": isinstance(refusal, OwnPasswordRefused),
        "is_error": words is not None,
    }
    return Page(template="break_glass/add_passkey.html", values=values, status=words.status if words else 200)


def _has_to_sign_in(incoming: Incoming) -> bool:
    """Whether this person has no password, and has not just signed in with SSO."""
    visitor = incoming.signed_in
    return visitor.account.password_hash is None and not is_fresh(visitor.session, incoming.now)


def _ask_to_sign_in(incoming: Incoming, services: Services, *, then: str) -> Page:
    """Asks for a fresh sign-in. A form that came too late ends here, too: with the status of what was refused."""
    _own(incoming, services)
    connection = services.sessions.connection_of(incoming.signed_in)
    refused = problem_pages.words_of(SignInNotFresh.code).status
    return Page(
        template="break_glass/sign_in_again.html",
        values={"by": called(connection) if connection else "", "then": then},
        status=refused if incoming.method == "POST" else 200,
        csp=Csp.FORMS_LEAVE,
    )
