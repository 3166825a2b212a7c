"""Sign in with SSO: from the company email, or the organization's own link, to the identity provider."""

from dataclasses import replace
from typing import Final, assert_never
from urllib.parse import urlsplit

from ostiary.domain.attempt import Origin
from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import SessionEnforced
from ostiary.domain.errors import ConnectionUnknown, EmailUnreadable, NoSsoForDomain
from ostiary.domain.routing import Choose, Route, UseConnection, UsePassword
from ostiary.guides import called, guide
from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from ostiary.services.saml.request import AutoPost, Departure, LeaveFor, Redirect
from ostiary.web import problem_pages
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.responses import Answer, Csp, Page, SeeOther
from ostiary.web.security import own_path

_ANOTHER: Final = "another"


def sso_page(incoming: Incoming, services: Services) -> Answer:
    """The page that asks for the company email."""
    slug = incoming.cookies.get(Cookies.of(services.settings).organization, "")
    remembered = services.organizations.by_slug(slug) if slug else None
    return _ask(incoming, email="", error=(), status=200, remembered=remembered)


def submit_email(incoming: Incoming, services: Services) -> Answer:
    """The way in for this address, by its domain and never by the person (decision 9)."""
    typed = incoming.form.one("email")
    if incoming.form.optional("way") == "password":
        return password_page(incoming, email=typed)
    try:
        email, route = services.begin_login.by_email(typed)
    except EmailUnreadable as refusal:
        words = problem_pages.words(refusal)
        return _ask(incoming, email=typed, error=(words.title + ".", words.text), status=400, remembered=None)
    return _follow(route, incoming, services, email=str(email))


def organization_link(incoming: Incoming, services: Services) -> Answer:
    """An organization's own link: to its identity provider at once, also for guests outside its domains."""
    organization, route = services.begin_login.by_slug(incoming.path_parameters["slug"])
    # A HEAD request of a mail scanner must not begin a sign-in.
    if incoming.method == "HEAD" or organization is None or isinstance(route, UsePassword):
        return password_page(incoming, email="")
    return _follow(route, incoming, services, email="")


def choose(incoming: Incoming, services: Services) -> Answer:
    """Goes on with the connection that was chosen."""
    connection_id = ConnectionId(incoming.form.one("connection"))
    going = _leave(connection_id, incoming, services, email=incoming.form.optional("email"))
    remembered = Cookies.of(services.settings).connection_remembered(connection_id)
    return replace(going, cookies=(*going.cookies, remembered))


def password_page(incoming: Incoming, *, email: str, no_sso: bool = False) -> Page:
    """The password form, the same for every address that has no other way."""
    note = problem_pages.words(NoSsoForDomain(domain="")) if no_sso else None
    values = {"email": email, "return_to": return_to(incoming), "note": note, "error": None, "done": ""}
    return Page(template="login/password.html", values=values, csp=Csp.FORMS_LEAVE)


def return_to(incoming: Incoming) -> str:
    """Where the person wanted to go: a page of ours, or "" for home."""
    source = incoming.form if "return_to" in incoming.form else incoming.query
    return own_path(source.optional("return_to"), default="")


def leave(going: LeaveFor, services: Services) -> SeeOther | Page:
    """The browser goes to the identity provider, with the cookie that binds the login to it."""
    cookies = (Cookies.of(services.settings).login_begun(going.login_key),)
    match going.way:
        case Redirect(url=url):
            return SeeOther(location=url, cookies=cookies)
        case AutoPost(url=url, fields=fields):
            values = {"url": url, "fields": fields, "host": urlsplit(url).hostname or ""}
            return Page(template="login/leaving.html", values=values, csp=Csp.FORMS_LEAVE, cookies=cookies)
        case _:
            assert_never(going.way)


def _ask(incoming: Incoming, *, email: str, error: tuple[str, ...], status: int, remembered: object) -> Page:
    values = {
        "email": email,
        "error": error,
        "is_error": bool(error),
        "return_to": return_to(incoming),
        "remembered": remembered,
        "note": problem_pages.words(SessionEnforced(organization="")) if _was_enforced(incoming) else None,
    }
    return Page(template="login/sso.html", values=values, status=status, csp=Csp.FORMS_LEAVE)


def _was_enforced(incoming: Incoming) -> bool:
    """Whether a session has just ended because single sign-on is enforced."""
    return incoming.query.optional("done") == "sso-enforced"


def _follow(route: Route, incoming: Incoming, services: Services, *, email: str) -> Answer:
    match route:
        case UseConnection(connection):
            return _leave(connection.id, incoming, services, email=email)
        case Choose(_, connections, takes_passwords):
            last = incoming.cookies.get(Cookies.of(services.settings).connection, "")
            values = {
                "email": email,
                "choices": [_choice(connection, last=last) for connection in connections],
                "return_to": return_to(incoming),
                "account": _ANOTHER if _chooses_account(incoming) else "",
                "takes_passwords": takes_passwords,
            }
            return Page(template="login/choose.html", values=values, csp=Csp.FORMS_LEAVE)
        case UsePassword():
            return password_page(incoming, email=email, no_sso=True)
        case _:
            assert_never(route)


def _choice(connection: Connection, *, last: str) -> dict[str, str | bool]:
    known = guide(connection.provider, protocol=connection.protocol)
    if known is None:
        raise ConnectionUnknown
    is_last = connection.id == last
    return {"id": connection.id, "name": called(connection), "tile": known.tile, "is_last": is_last}


def _leave(connection_id: ConnectionId, incoming: Incoming, services: Services, *, email: str) -> SeeOther | Page:
    # Who typed an address meant this organization; a link of it may stand on any page (login CSRF).
    origin = Origin.SIGN_IN_PAGE if email else Origin.LINK
    departure = Departure(
        origin=origin,
        return_to=return_to(incoming),
        email_hint=email[:254],
        chooses_account=_chooses_account(incoming),
    )
    return leave(
        services.start_login.start(connection_id, departure=departure, client=client_of(incoming, services)), services
    )


def _chooses_account(incoming: Incoming) -> bool:
    """Whether our page about a refusal asked so. Put on any other page, it shows one more page of the provider."""
    source = incoming.form if "account" in incoming.form else incoming.query
    return source.optional("account") == _ANOTHER
