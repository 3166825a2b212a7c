"""The way out: here first, then at the identity provider; and the way out that begins there. SAML Profiles 4.4."""

from typing import assert_never

from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.errors import PageUnknown
from ostiary.guides import called
from ostiary.kernel.ids import ConnectionId, Reference
from ostiary.saml import logout as messages
from ostiary.services import Services
from ostiary.services.saml.logout import Answered, Sent, SignedOutHere
from ostiary.services.saml.logout_record import LogoutRefused
from ostiary.services.saml.request import AutoPost, Redirect
from ostiary.services.sessions import Visitor
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.responses import Answer, Csp, Page, SeeOther, SetCookie

_SIGNED_OUT = "/login?done=signed-out"


def sign_out(incoming: Incoming, services: Services) -> Answer:
    """Ends this browser's session, if there is one, and then goes to end the one at the identity provider."""
    cookies = Cookies.of(services.settings)
    token = cookies.read_session(incoming.cookies)
    visitor = services.sessions.visitor(token) if token else None
    going = _end(visitor, incoming, services) if visitor is not None else None
    if going is None:
        return SeeOther(location=_SIGNED_OUT, cookies=(cookies.signed_out(),))
    return _leave(going, cookies=(cookies.signed_out(),), is_ours=True)


def state(incoming: Incoming, services: Services) -> Answer:
    """Where somebody who signed out here is signed out, as far as the provider has said."""
    answered = services.single_logout.answered(incoming.path_parameters["logout_id"])
    if answered is None:
        raise PageUnknown
    return _told(answered.logout.outcome.value, answered.connection, incoming)


def slo_by_redirect(incoming: Incoming, services: Services) -> Answer:
    """Takes a message from a query. It comes from another site: its signature speaks for it, and no cookie."""
    # A HEAD request of a scanner must not use the message up.
    if incoming.method == "HEAD":
        return SeeOther(location=_SIGNED_OUT)
    return _take(messages.arrival_of_query(incoming.raw_query), incoming, services)


def slo_by_post(incoming: Incoming, services: Services) -> Answer:
    """Takes a message from a form, in the same way."""
    form = incoming.form
    arrival = messages.arrival_of_form(
        request=form.one(messages.REQUEST) if messages.REQUEST in form else None,
        response=form.one(messages.RESPONSE) if messages.RESPONSE in form else None,
        relay_state=form.optional("RelayState"),
    )
    return _take(arrival, incoming, services)


def _end(visitor: Visitor, incoming: Incoming, services: Services) -> Sent | None:
    # Signed out here before anything else can go wrong: a provider that is away keeps nobody signed in.
    connection = services.sessions.connection_of(visitor)
    id_token = services.oidc_logout.id_token_of(visitor)
    services.sessions.sign_out(visitor, client=client_of(incoming, services))
    if connection is None:
        return None
    if connection.protocol is Protocol.OIDC:
        return services.oidc_logout.leave(visitor, connection, id_token=id_token)
    return services.single_logout.leave(visitor, connection)


def _take(arrival: messages.Arrival, incoming: Incoming, services: Services) -> Answer:
    connection_id = ConnectionId(incoming.path_parameters["connection_id"])
    taken = services.single_logout.take(connection_id, arrival, client=client_of(incoming, services))
    match taken:
        case Sent():
            return _leave(taken, cookies=(), is_ours=False)
        case SignedOutHere():
            return _told("provider", taken.connection, incoming)
        case Answered():
            return SeeOther(location=f"/logout/{taken.logout.id}")
        case LogoutRefused():
            return _refused(taken, incoming)
        case _:
            assert_never(taken)


def _leave(going: Sent, *, cookies: tuple[SetCookie, ...], is_ours: bool) -> Answer:
    """The browser takes our message along. `is_ours`: it began here, so the page says what has happened already."""
    values: dict[str, object] = {"idp": called(going.connection), "is_ours": is_ours}
    match going.way:
        case Redirect(url=url) if is_ours:
            # A page, because Chromium lets no form of ours end at another site, not even by a redirect (decision 23).
            return Page(template="login/logout_leave.html", values={**values, "url": url}, cookies=cookies)
        case Redirect(url=url):
            return SeeOther(location=url, cookies=cookies)
        case AutoPost() as form:
            values["form"] = form
            return Page(template="login/logout_leave.html", values=values, csp=Csp.FORMS_LEAVE, cookies=cookies)
        case _:
            assert_never(going.way)


def _refused(refused: LogoutRefused, incoming: Incoming) -> Page:
    outcome = "unclear" if refused.is_response else "not_ended"
    return _told(outcome, refused.connection, incoming, reference=refused.reference, status=403)


def _told(
    outcome: str,
    connection: Connection,
    incoming: Incoming,
    *,
    reference: Reference | None = None,
    status: int = 200,
) -> Page:
    """What is certain: where somebody is signed out. `outcome` is a LogoutOutcome, provider, unclear or not_ended."""
    values = {"outcome": outcome, "idp": called(connection), "reference": reference, "at": incoming.now}
    return Page(template="login/logout.html", values=values, status=status)
