"""The pages between a request and its answer: signing in, consent, and the code. OIDC Core 3.1.2."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from ostiary.kernel.ids import fingerprint
from ostiary.simulator.oidc.endpoints.requests import drop_request, kept_request, refuse, send_back
from ostiary.simulator.oidc.faults import OidcFault
from ostiary.simulator.oidc.naming import sid_of, tenant_of
from ostiary.simulator.oidc.people import has_client
from ostiary.simulator.oidc.refusals import Refused, as_page
from ostiary.simulator.oidc.state import AuthorizationRequest, Client, Grant, OidcState, Opened
from ostiary.simulator.pages import page
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Access, Incoming, Page
from ostiary.simulator.state import Session, User

CODE_LASTS = timedelta(seconds=60)
_ASKS_AGAIN = frozenset({"login", "select_account"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A person with a request."""

    name: str
    request: AuthorizationRequest
    client: Client
    session: Session
    sid: str
    user: User

    @property
    def facts(self) -> Mapping[str, str]:
        return {
            "client_id": self.client.client_id,
            "app": self.client.name,
            "email": self.user.email,
            "tenant": self.request.tenant,
        }


def show(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Ask for what is missing, then answer the application."""
    return _go_on(idp, incoming, decision="")


def decide(idp: IdentityProvider, incoming: Incoming) -> Response:
    """What the person has said to the question for consent."""
    return _go_on(idp, incoming, decision=incoming.form.get("decision"))


def _go_on(idp: IdentityProvider, incoming: Incoming, *, decision: str) -> Response:
    name = incoming.path_values["request"]
    request = kept_request(idp, name)
    client = idp.store.read().oidc.clients.get(request.client) if request else None
    if request is None or client is None:
        return as_page(idp, Refused("request_expired"))
    try:
        visit = _visit(idp, incoming, name=name, request=request, client=client)
        if visit is None:
            return _to_sign_in(incoming, request=request)
        _require_admitted(idp, visit)
        if _has_to_decide(idp, visit, decision=decision):
            return _ask_consent(idp, visit)
    except Refused as refused:
        drop_request(idp, name)
        return refuse(idp, refused, client=client, parameters=request.parameters, tenant=request.tenant)
    return _answer(idp, visit)


def _visit(
    idp: IdentityProvider, incoming: Incoming, *, name: str, request: AuthorizationRequest, client: Client
) -> _Visit | None:
    """The person who is signed in, as freshly as was asked for; None: they have to sign in first."""
    token = incoming.cookies.get(idp.cookie_name("session"), "")
    session = idp.session(token)
    user = idp.signed_in_user(session)
    if session is None or user is None or _is_too_old(session, request=request):
        if "none" in request.parameters.get("prompt", "").split():
            raise Refused("login_required", client_id=client.client_id, app=client.name)
        return None
    return _Visit(name=name, request=request, client=client, session=session, sid=sid_of(token), user=user)


def _is_too_old(session: Session, *, request: AuthorizationRequest) -> bool:
    if not _ASKS_AGAIN.isdisjoint(request.parameters.get("prompt", "").split()):
        return session.signed_in_at < request.created_at
    if "max_age" not in request.parameters:
        return False
    return session.signed_in_at < request.created_at - timedelta(seconds=int(request.parameters["max_age"]))


def _require_admitted(idp: IdentityProvider, visit: _Visit) -> None:
    home = tenant_of(idp, visit.user)
    if visit.request.tenant not in {home, *idp.oidc.shared_tenants}:
        raise Refused("other_tenant", **visit.facts)
    is_assigned = has_client(idp.store.read(), visit.client, visit.user)
    if not is_assigned or OidcFault.NOT_ASSIGNED in visit.client.faults:
        raise Refused("not_assigned", **visit.facts)
    if OidcFault.CONSENT_DECLINED in visit.client.faults:
        raise Refused("consent_declined", **visit.facts)


def _has_to_decide(idp: IdentityProvider, visit: _Visit, *, decision: str) -> bool:
    """Whether the person is to be asked for consent. What they said is noted. Raises: `Refused`."""
    if _has_consented(idp, visit):
        return False
    if "none" in visit.request.parameters.get("prompt", "").split():
        raise Refused("consent_required", **visit.facts)
    if not decision:
        return True
    if decision != "accept":
        raise Refused("consent_declined", **visit.facts)
    _remember_consent(idp, visit)
    return False


def _has_consented(idp: IdentityProvider, visit: _Visit) -> bool:
    if "consent" in visit.request.parameters.get("prompt", "").split():
        return False
    given = (visit.user.id, visit.client.id) in idp.store.read().oidc.consents
    return given or not visit.client.asks_consent


def _ask_consent(idp: IdentityProvider, visit: _Visit) -> Response:
    scopes = visit.request.parameters.get("scope", "").split()
    facts = {"app": visit.client, "user": visit.user, "scopes": [one for one in scopes if one != "openid"]}
    # The form's answer is a redirect to the application, which Chromium holds against form-action too.
    return page(idp, template="oidc/consent.html", facts=facts, may_leave=True)


def _remember_consent(idp: IdentityProvider, visit: _Visit) -> None:
    given = (visit.user.id, visit.client.id)
    idp.change_oidc(lambda state: replace(state, consents=(*(one for one in state.consents if one != given), given)))


def _to_sign_in(incoming: Incoming, *, request: AuthorizationRequest) -> Response:
    query = {"next": incoming.path}
    if "login_hint" in request.parameters:
        query["email"] = request.parameters["login_hint"]
    return RedirectResponse("/login?" + urlencode(query), 303)


def _grant(idp: IdentityProvider, visit: _Visit) -> Grant:
    parameters = visit.request.parameters
    wanted, value = idp.oidc.refresh.parameter
    scopes = parameters.get("scope", "").split()
    return Grant(
        client=visit.client.id,
        user_id=visit.user.id,
        redirect_uri=parameters["redirect_uri"],
        nonce=parameters.get("nonce", ""),
        code_challenge=parameters.get("code_challenge", ""),
        scope=parameters.get("scope", ""),
        tenant=tenant_of(idp, visit.user),
        sid=visit.sid,
        signed_in_at=visit.session.signed_in_at,
        expires_at=idp.clock.now() + CODE_LASTS,
        wants_refresh=parameters.get(wanted) == value if wanted else idp.oidc.refresh.scope in {"", *scopes},
    )


def _answer(idp: IdentityProvider, visit: _Visit) -> Response:
    code, grant = idp.new_token(), _grant(idp, visit)
    key = fingerprint(code)

    def change(state: OidcState) -> OidcState:
        opened = state.opened.get(visit.sid, Opened(user_id=visit.user.id))
        clients = (*(one for one in opened.clients if one != visit.client.id), visit.client.id)
        return replace(
            state,
            codes={**state.codes, key: grant},
            opened={**state.opened, visit.sid: replace(opened, clients=clients)},
        )

    idp.change_oidc(change)
    drop_request(idp, visit.name)
    told = {"code": code}
    if idp.oidc.session_state:
        told["session_state"] = visit.sid
    return send_back(
        idp,
        told,
        client=visit.client,
        parameters=visit.request.parameters,
        tenant=visit.request.tenant,
        user_tenant=grant.tenant,
    )


PAGES = (Page("/interaction/{request}", get=show, post=decide, access=Access.ANYONE),)
