"""Where a sign-in arrives in the browser: taken up at once, or asked about first.

Anybody can lead a browser to a tile or to an organization's link, and a hostile organization's identity provider then
answers without a question: the browser would be signed in to an account of the attacker's, who reads later what was
typed there (login CSRF). The answer is a POST from another site, so the cookie of a session is seen one step later.
"""

from urllib.parse import quote

from ostiary.guides import called
from ostiary.services import Services
from ostiary.services.complete_login import SignedIn
from ostiary.services.sessions import Visitor
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.responses import Answer, Page, SeeOther
from ostiary.web.security import own_path

_PATH = "/login/continue"
_NOBODY = "/login?done=not-signed-in"


def answer(signed_in: SignedIn, incoming: Incoming, services: Services) -> SeeOther:
    """The session is taken up at once where the person began on our page; else the next page decides."""
    cookies = Cookies.of(services.settings)
    token, target = signed_in.session.token, signed_in.return_to or services.settings.home_url
    if signed_in.began_here:
        known = cookies.account_known(signed_in.account.id, incoming.cookies)
        return SeeOther(location=target, cookies=(cookies.signed_in(token), known))
    return SeeOther(location=_asking(own_path(target, default="")), cookies=(cookies.arrived_from_elsewhere(token),))


def ask(incoming: Incoming, services: Services) -> Answer:
    """Goes on where nothing is at stake: this account has signed in here before, and nobody else is signed in."""
    cookies = Cookies.of(services.settings)
    arrived = _visitor(cookies.read_arrived(incoming.cookies), services)
    if arrived is None:
        return SeeOther(location="/login", cookies=(cookies.taken_up(),))
    present = _visitor(cookies.read_session(incoming.cookies), services)
    is_other = present is not None and present.account.id != arrived.account.id
    if incoming.method == "GET" and not is_other and cookies.knows(arrived.account.id, incoming.cookies):
        return _take_up(arrived, present, incoming, services)
    connection = services.sessions.connection_of(arrived)
    values = {
        "arrived": arrived,
        "other": present if is_other else None,
        "by": called(connection) if connection else "",
        "return_to": _target(incoming),
    }
    return Page(template="login/continue.html", values=values)


def decide(incoming: Incoming, services: Services) -> Answer:
    """Takes the session up, or ends it; the one that was there before stays in that case."""
    cookies = Cookies.of(services.settings)
    arrived = _visitor(cookies.read_arrived(incoming.cookies), services)
    present = _visitor(cookies.read_session(incoming.cookies), services)
    if arrived is None:
        return SeeOther(location="/login", cookies=(cookies.taken_up(),))
    if incoming.form.optional("arrived") != arrived.session.id:
        # Another window has brought another sign-in while this one was read about: it is asked about first.
        return SeeOther(location=_asking(_target(incoming)))
    if incoming.form.optional("way") == "continue":
        return _take_up(arrived, present, incoming, services)
    services.sessions.sign_out(arrived, client=client_of(incoming, services))
    return SeeOther(location=services.settings.home_url if present else _NOBODY, cookies=(cookies.taken_up(),))


def _take_up(arrived: Visitor, present: Visitor | None, incoming: Incoming, services: Services) -> SeeOther:
    cookies = Cookies.of(services.settings)
    token = cookies.read_arrived(incoming.cookies)
    if present is not None and present.session.id != arrived.session.id:
        services.sessions.sign_out(present, client=client_of(incoming, services))
    known = cookies.account_known(arrived.account.id, incoming.cookies)
    target = _target(incoming) or services.settings.home_url
    return SeeOther(location=target, cookies=(cookies.signed_in(token), cookies.taken_up(), known))


def _asking(return_to: str) -> str:
    """The page that asks."""
    return f"{_PATH}?return_to={quote(return_to)}"


def _visitor(token: str, services: Services) -> Visitor | None:
    return services.sessions.visitor(token) if token else None


def _target(incoming: Incoming) -> str:
    source = incoming.form if "return_to" in incoming.form else incoming.query
    return own_path(source.optional("return_to"), default="")
