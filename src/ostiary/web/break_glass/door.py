"""/login/break-glass: email, password and a recovery code, or a passkey. The same page for everybody."""

from ostiary.domain.break_glass.errors import BreakGlassRefused, PasskeyRefused
from ostiary.domain.errors import TooManyAttempts
from ostiary.kernel.errors import Refusal
from ostiary.services import Services
from ostiary.services.sessions import NewSession
from ostiary.web import problem_pages
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.login.start import return_to
from ostiary.web.responses import Answer, Page, SeeOther


def page(incoming: Incoming, services: Services) -> Answer:
    """The form for the code, and the question for a passkey."""
    return _page(incoming, services, refusal=None)


def by_code(incoming: Incoming, services: Services) -> Answer:
    """Signs in with email, password and a recovery code, or says to everyone in the same words that they don't fit."""
    form = incoming.form
    email, password, code = form.one("email"), form.one("password"), form.one("code")
    client = client_of(incoming, services)
    replaced = Cookies.of(services.settings).read_session(incoming.cookies) or None
    try:
        new = services.break_glass.door.by_code(email, password, code, client=client, replaces=replaced)
    except (BreakGlassRefused, TooManyAttempts) as refusal:
        return _page(incoming, services, refusal=refusal)
    return _signed_in(new, incoming, services)


def by_passkey(incoming: Incoming, services: Services) -> Answer:
    """Signs in with a passkey."""
    answer, sealed = incoming.form.one("answer"), incoming.form.one("challenge")
    client = client_of(incoming, services)
    replaced = Cookies.of(services.settings).read_session(incoming.cookies) or None
    try:
        new = services.break_glass.door.by_passkey(answer, sealed=sealed, client=client, replaces=replaced)
    except (PasskeyRefused, TooManyAttempts) as refusal:
        return _page(incoming, services, refusal=refusal)
    return _signed_in(new, incoming, services)


def _signed_in(new: NewSession, incoming: Incoming, services: Services) -> SeeOther:
    cookies = Cookies.of(services.settings)
    known = cookies.account_known(new.session.account_id, incoming.cookies)
    location = return_to(incoming) or services.settings.home_url
    return SeeOther(location=location, cookies=(cookies.signed_in(new.token), known))


def _page(incoming: Incoming, services: Services, *, refusal: Refusal | None) -> Page:
    cookies = Cookies.of(services.settings)
    question = services.break_glass.door.ask(client_of(incoming, services))
    words = problem_pages.words(refusal) if refusal else None
    values = {
        "ceremony": question.ceremony,
        "email": incoming.form.optional("email"),
        "return_to": return_to(incoming),
        "error": words,
        "is_error": words is not None,
    }
    return Page(
        template="break_glass/door.html",
        values=values,
        status=words.status if words else 200,
        cookies=(cookies.login_begun(question.login_key),),
    )
