"""What end users see: signing in, the portal with its tiles, and the way to an application."""

import hmac
import re
from base64 import b64decode, b64encode
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse, Response

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.certificates import certificate_named
from ostiary.simulator.faults import Fault
from ostiary.simulator.logout.flow import sign_out_everywhere
from ostiary.simulator.logout.sessions import opened
from ostiary.simulator.metadata import metadata_xml
from ostiary.simulator.oidc.endpoints.logout import end
from ostiary.simulator.oidc.tiles import Tile, oidc_tiles
from ostiary.simulator.pages import page, problem, set_cookie, to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.request import AuthnRequest, UnreadableRequest, read_posted, read_redirected, redirected
from ostiary.simulator.response import Answer, response_xml, session_index
from ostiary.simulator.rim import Incoming
from ostiary.simulator.state import App, Participant, Session, User

_LONGEST_RELAY_STATE = 4096


class RefusedRequest(ValueError):
    """The vendor's own page says this, and the service provider hears nothing."""


def home(idp: IdentityProvider, _incoming: Incoming) -> Response:
    """The front door leads to the portal."""
    return to(idp.profile.portal_path)


def show_portal(idp: IdentityProvider, incoming: Incoming) -> Response:
    """The tiles of the person who is signed in."""
    user = idp.signed_in_user(_session(idp, incoming))
    if user is None:
        return _to_sign_in(incoming)
    state = idp.store.read()
    own = [app for app in state.apps.values() if state.assignment(app, user) is not None]
    tiles = [Tile(name=app.name, url=idp.sso_url(app), logo=f"/logo/{app.id}" if app.logo else "") for app in own]
    tiles += oidc_tiles(idp, user)
    return page(idp, template="portal.html", facts={"user": user, "tiles": tiles})


def show_sign_in(idp: IdentityProvider, incoming: Incoming) -> Response:
    """The form of the sign-in page."""
    next_path = _own_path(idp, incoming.query.get("next"))
    return _sign_in_page(idp, next_path=next_path, email=incoming.query.get("email"))


def sign_in(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Check the password, and go on to where the person was going."""
    next_path = _own_path(idp, incoming.form.get("next"))
    email = incoming.form.get("email")
    user = idp.store.read().user_by_email(email)
    expected = user.password if user is not None else ""
    if user is None or not hmac.compare_digest(expected.encode(), incoming.form.get("password").encode()):
        return _sign_in_page(idp, next_path=next_path, email=email, refused=True)
    return set_cookie(to(next_path), idp=idp, kind="session", token=idp.sign_in(user.id))


def sign_out(idp: IdentityProvider, incoming: Incoming) -> Response:
    """End the session at this identity provider, then those of the applications that take part in single logout."""
    name = idp.cookie_name("session")
    token = incoming.cookies.get(name)
    session = idp.session(token)
    end(idp, token=token or "")
    answer = sign_out_everywhere(idp, participants=session.participants if session else ()) or to("/login")
    answer.delete_cookie(name)
    return answer


def single_sign_on(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A request by Redirect, or a click on a tile: without SAMLRequest nobody has asked."""
    app = idp.store.read().apps.get(incoming.path_values["app_id"])
    if app is None:
        return problem(idp, title="404 Page not found", text="There is no such application here.", status=404)
    try:
        request = read_redirected(incoming.query.get("SAMLRequest")) if incoming.query.has("SAMLRequest") else None
        acs_url = accepted_acs_url(idp, app=app, request=request)
    except (UnreadableRequest, RefusedRequest) as refused:
        return problem(idp, title="400 Bad Request", text=str(refused), status=400)
    session = _session(idp, incoming)
    user = idp.signed_in_user(session)
    if session is None or user is None or _must_sign_in_again(session, app=app, request=request):
        return _to_sign_in(incoming)
    return _answer(idp, incoming=incoming, app=app, user=user, request=request, acs_url=acs_url, session=session)


def single_sign_on_by_post(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A request by POST, continued as one by Redirect: the session's cookie does not come along from another site."""
    try:
        read_posted(incoming.form.get("SAMLRequest"))
    except UnreadableRequest as refused:
        return problem(idp, title="400 Bad Request", text=str(refused), status=400)
    message = redirected(_octets(incoming.form.get("SAMLRequest")))
    query = {"SAMLRequest": b64encode(message).decode("ascii")}
    if incoming.form.has("RelayState"):
        query["RelayState"] = incoming.form.get("RelayState")
    return RedirectResponse(f"{incoming.path}?{urlencode(query)}", status_code=303)


def show_metadata(idp: IdentityProvider, incoming: Incoming) -> Response:
    """The metadata of one application: with the certificate that signs at present, or with the one asked for."""
    app = idp.store.read().apps.get(incoming.path_values["app_id"])
    if app is None:
        return problem(idp, title="404 Page not found", text="There is no such application here.", status=404)
    formats = idp.saml.app.name_id_formats
    shown = certificate_named(app, name=incoming.query.get("certificate"))
    xml = metadata_xml(
        issuer=idp.issuer(app),
        sso_url=idp.sso_url(app),
        slo_url=idp.slo_url(app) if app.slo_url else "",
        certificate_pem=shown.pem,
        name_id_formats=tuple(dict.fromkeys((formats["Unspecified"], formats[app.name_id_format]))),
    )
    etag = f'"{fingerprint(xml.decode())[:32]}"'
    if incoming.if_none_match == etag:
        return Response(status_code=304, headers={"etag": etag})
    return Response(xml, media_type="text/xml", headers={"etag": etag})


def accepted_acs_url(idp: IdentityProvider, *, app: App, request: AuthnRequest | None) -> str:
    """Where the answer goes, by the vendor's rule. Raises: `RefusedRequest`."""
    wanted = request.acs_url if request is not None and request.acs_url else app.acs_url
    rules = idp.saml.request
    if not wanted:
        raise RefusedRequest(f"{app.name} has no ACS URL yet.")
    if rules.acs_rule == "exact" and wanted != app.acs_url:
        raise RefusedRequest(
            f"The Assertion Consumer Service URL in the request, {wanted}, is not the Single sign-on URL of {app.name}."
        )
    if rules.acs_rule == "validator" and not _matches(app.acs_validator, url=wanted):
        raise RefusedRequest(f"The ACS URL {wanted} does not match the ACS URL Validator of {app.name}.")
    if rules.name_id_policy_must_match and request is not None:
        _check_name_id_policy(idp, app=app, request=request)
    return wanted


def _matches(validator: str, *, url: str) -> bool:
    try:
        return re.search(validator, url) is not None
    except re.error:
        return False


def _check_name_id_policy(idp: IdentityProvider, *, app: App, request: AuthnRequest) -> None:
    formats = idp.saml.app.name_id_formats
    asked, own = request.name_id_format, formats[app.name_id_format]
    if asked not in {"", own, formats["Unspecified"]}:
        raise RefusedRequest(
            f"The request asks for the Name ID format {asked}, and {app.name} is set to {app.name_id_format}."
        )


def _must_sign_in_again(session: Session, *, app: App, request: AuthnRequest | None) -> bool:
    if request is None or not request.force_authn or Fault.FORCE_AUTHN_IGNORED in app.faults:
        return False
    return session.signed_in_at < request.issued_at


def _answer(
    idp: IdentityProvider,
    *,
    incoming: Incoming,
    app: App,
    user: User,
    request: AuthnRequest | None,
    acs_url: str,
    session: Session,
) -> Response:
    assignment = idp.store.read().assignment(app, user)
    if assignment is None or Fault.NOT_ASSIGNED in app.faults:
        words = idp.profile.not_assigned
        return problem(idp, title=words.title, text=words.text.format(email=user.email, app=app.name), status=403)
    answer = Answer(
        profile=idp.saml,
        app=app,
        issuer=idp.issuer(app),
        acs_url=acs_url,
        user=user,
        user_name=assignment.user_name,
        request=request,
        signed_in_at=session.signed_in_at,
        session_index=session_index(idp.saml.message, request=request, random=idp.random),
    )
    if app.slo_url:
        opened(idp, _participant(answer), token=incoming.cookies.get(idp.cookie_name("session")))
    xml = response_xml(answer, random=idp.random, now=idp.clock.now())
    facts = {
        "app": app,
        "acs_url": acs_url,
        "saml_response": b64encode(xml).decode("ascii"),
        "relay_state": _relay_state(idp, incoming=incoming, app=app, request=request),
    }
    return page(idp, template="auto_post.html", facts=facts, may_leave=True)


def _participant(answer: Answer) -> Participant:
    return Participant(
        app_id=answer.app.id,
        name_id=answer.name_id,
        name_id_format=answer.profile.app.name_id_formats[answer.app.name_id_format],
        session_index=answer.session_index,
    )


def _relay_state(idp: IdentityProvider, *, incoming: Incoming, app: App, request: AuthnRequest | None) -> str | None:
    """What came along comes back; the application's default only where nobody asked. None: no such field is sent."""
    if incoming.query.has("RelayState"):
        return incoming.query.get("RelayState")[:_LONGEST_RELAY_STATE]
    if request is not None:
        return None
    return app.relay_state or ("" if idp.saml.message.empty_relay_state else None)


def _session(idp: IdentityProvider, incoming: Incoming) -> Session | None:
    return idp.session(incoming.cookies.get(idp.cookie_name("session")))


def _to_sign_in(incoming: Incoming) -> Response:
    return RedirectResponse("/login?next=" + quote(incoming.path_and_query, safe=""), status_code=303)


def _own_path(idp: IdentityProvider, path: str) -> str:
    # Two slashes, or a slash and a backslash, would lead to another host.
    return path if path.startswith("/") and path[1:2] not in {"/", "\\"} else idp.profile.portal_path


def _octets(saml_request: str) -> bytes:
    return b64decode("".join(saml_request.split()))


def _sign_in_page(idp: IdentityProvider, *, next_path: str, email: str = "", refused: bool = False) -> Response:
    users = sorted(idp.store.read().users.values(), key=lambda user: user.email)
    facts = {"users": users, "next": next_path, "email": email, "refused": refused}
    # A request of OpenID Connect is answered by a redirect, so this form may end at the application.
    may_leave = next_path.startswith("/interaction/")
    return page(idp, template="sign_in.html", facts=facts, status=403 if refused else 200, may_leave=may_leave)
