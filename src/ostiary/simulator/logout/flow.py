"""A logout under way: one application after the other is asked, by the front channel, until none is left."""

from base64 import b64encode
from dataclasses import replace
from urllib.parse import quote

from lxml import etree
from starlette.responses import RedirectResponse, Response

from ostiary.simulator.certificates import signing_key
from ostiary.simulator.logout.messages import (
    AUTHN_FAILED,
    PARTIAL,
    SUCCESS,
    Message,
    query_of,
    read,
    request_root,
    response_root,
)
from ostiary.simulator.logout.sessions import end_session_of
from ostiary.simulator.logout.signature import RSA_SHA256, is_signed_by
from ostiary.simulator.pages import page, problem
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.request import UnreadableRequest
from ostiary.simulator.rim import Incoming
from ostiary.simulator.signing import Signer, sign, sign_octets
from ostiary.simulator.state import App, Initiator, LogoutUnderWay, Participant


def sign_out_everywhere(idp: IdentityProvider, *, participants: tuple[Participant, ...]) -> Response | None:
    """The way to the first application that takes logout messages; None where there is none."""
    if not participants:
        return None
    return _next(idp, logout_id=_begin(idp, LogoutUnderWay(left=participants)))


def take(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A logout message of an application."""
    app = idp.store.read().apps.get(incoming.path_values["app_id"])
    if app is None or not app.slo_url:
        return problem(idp, title="404 Page not found", text="There is no single logout here.", status=404)
    try:
        message = read(incoming)
    except UnreadableRequest as refused:
        return problem(idp, title="400 Bad Request", text=str(refused), status=400)
    is_known = _is_from(app, idp=idp, message=message, incoming=incoming)
    if message.is_request:
        return _take_request(idp, app=app, message=message, is_known=is_known)
    return _take_response(idp, app=app, message=message, is_known=is_known)


def _is_from(app: App, *, idp: IdentityProvider, message: Message, incoming: Incoming) -> bool:
    """Whether the application wrote it, as far as the vendor looks."""
    if not idp.saml.logout.checks_signature:
        return message.issuer == app.audience
    return message.issuer == app.sp_issuer and is_signed_by(app.sp_certificate, message=message, incoming=incoming)


def _take_request(idp: IdentityProvider, *, app: App, message: Message, is_known: bool) -> Response:
    initiator = Initiator(app_id=app.id, request_id=message.id, relay_state=message.relay_state)
    if not is_known:
        return _answer(idp, initiator=initiator, status=AUTHN_FAILED)
    others = end_session_of(idp, app.id, name_id=message.name_id, session_indexes=message.session_indexes)
    return _next(idp, logout_id=_begin(idp, LogoutUnderWay(left=others, initiator=initiator)))


def _take_response(idp: IdentityProvider, *, app: App, message: Message, is_known: bool) -> Response:
    under_way = idp.store.read().logouts.get(message.relay_state)
    if under_way is None or not is_known or message.in_response_to != under_way.waiting_for:
        return problem(idp, title="400 Bad Request", text=f"Nobody asked {app.name} to sign out.", status=400)
    result = "signed out" if message.status == SUCCESS else "not signed out"
    changed = replace(under_way, results=(*under_way.results, (app.name, result)))
    idp.store.change(lambda state: state.with_logout(message.relay_state, changed))
    return _next(idp, logout_id=message.relay_state)


def _begin(idp: IdentityProvider, under_way: LogoutUnderWay) -> str:
    logout_id = idp.random.token(16).hex()
    idp.store.change(lambda state: state.with_logout(logout_id, under_way))
    return logout_id


def _next(idp: IdentityProvider, *, logout_id: str) -> Response:
    """Ask the next application, or tell the end."""
    state = idp.store.read()
    under_way = state.logouts[logout_id]
    for number, participant in enumerate(under_way.left):
        app = state.apps.get(participant.app_id)
        if app is None or not app.slo_url:
            continue
        message_id = "_" + idp.random.token(16).hex()
        waiting = replace(under_way, left=under_way.left[number + 1 :], waiting_for=message_id)
        idp.store.change(lambda now, waiting=waiting: now.with_logout(logout_id, waiting))  # type: ignore[misc]
        root = request_root(
            message_id=message_id,
            issuer=idp.issuer(app),
            destination=app.slo_url,
            participant=participant,
            now=idp.clock.now(),
        )
        return _send(idp, app=app, root=root, field="SAMLRequest", relay_state=logout_id)
    idp.store.change(lambda now: now.with_logout(logout_id, None))
    if under_way.initiator is not None:
        is_whole = all(result == "signed out" for _, result in under_way.results)
        return _answer(idp, initiator=under_way.initiator, status=SUCCESS if is_whole else PARTIAL)
    return page(idp, template="signed_out.html", facts={"results": under_way.results})


def _answer(idp: IdentityProvider, *, initiator: Initiator, status: str) -> Response:
    app = idp.store.read().apps[initiator.app_id]
    root = response_root(
        message_id="_" + idp.random.token(16).hex(),
        issuer=idp.issuer(app),
        destination=app.slo_url,
        in_response_to=initiator.request_id,
        status=status,
        now=idp.clock.now(),
    )
    return _send(idp, app=app, root=root, field="SAMLResponse", relay_state=initiator.relay_state)


def _send(idp: IdentityProvider, *, app: App, root: etree._Element, field: str, relay_state: str) -> Response:
    """The message, signed, by the binding of the vendor."""
    key = signing_key(app)
    if idp.saml.logout.binding == "redirect":
        query = query_of(root, field=field, relay_state=relay_state, algorithm=RSA_SHA256)
        signature = b64encode(sign_octets(query.encode("ascii"), key=key)).decode("ascii")
        separator = "&" if "?" in app.slo_url else "?"
        return RedirectResponse(f"{app.slo_url}{separator}{query}&Signature={quote(signature, safe='')}", 303)
    quirks = idp.saml.message
    signer = Signer(
        key=key,
        signature="sha256",
        digest="sha256",
        prefix_list=(),
        wrapped_certificate=quirks.wrapped_certificate,
    )
    sign(root, signer=signer)
    facts = {
        "app": app,
        "url": app.slo_url,
        "field": field,
        "value": b64encode(etree.tostring(root)).decode("ascii"),
        "relay_state": relay_state,
    }
    return page(idp, template="logout_post.html", facts=facts, may_leave=True)
