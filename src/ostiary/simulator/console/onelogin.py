"""The OneLogin Admin Console: the list of applications, Add App, and the tabs Info, SSO, Users and Access."""

from dataclasses import replace

from starlette.responses import Response

from ostiary.simulator.certificates import certificate_named, certificates_of
from ostiary.simulator.console import app_pages, onelogin_settings
from ostiary.simulator.console.frame import app_of, console_page, no_such_page, one_of
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page
from ostiary.simulator.state import App, Assignment, State

CONNECTOR = "SAML Custom Connector (Advanced)"
_CONNECTORS = (
    (CONNECTOR, "SAML2.0", "/admin/apps/new"),
    ("OpenId Connect (OIDC)", "OpenID Connect", "/admin/oidc/new"),
)


def _apps(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    apps = sorted(state.apps.values(), key=lambda app: app.name.lower())
    clients = sorted(state.oidc.clients.values(), key=lambda client: client.name.lower())
    return console_page(idp, incoming, template="onelogin/apps.html", facts={"apps": apps, "clients": clients})


def _find(idp: IdentityProvider, incoming: Incoming) -> Response:
    wanted = incoming.query.get("q")
    found = [one for one in _CONNECTORS if wanted and wanted.lower() in one[0].lower()]
    facts = {"q": wanted, "connectors": found}
    return console_page(idp, incoming, template="onelogin/find.html", facts=facts)


def _new(idp: IdentityProvider, incoming: Incoming) -> Response:
    return console_page(idp, incoming, template="onelogin/new.html", facts={"name": CONNECTOR})


def _create(idp: IdentityProvider, incoming: Incoming) -> Response:
    name = incoming.form.get("name")
    if not name:
        mistakes = {"name": "Display Name is empty."}
        return console_page(idp, incoming, template="onelogin/new.html", facts={"name": ""}, mistakes=mistakes)
    app = idp.new_app(name)
    idp.store.change(lambda state: state.with_app(app))
    return to(f"/admin/apps/{app.id}/info", done="saved")


def _app(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    return no_such_page(idp) if app is None else to(f"/admin/apps/{app.id}/info")


def _info(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    return console_page(idp, incoming, template="onelogin/info.html", facts={"app": app})


def _save_info(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    name = incoming.form.get("name")
    if not name:
        mistakes = {"name": "Display Name is empty."}
        return console_page(idp, incoming, template="onelogin/info.html", facts={"app": app}, mistakes=mistakes)
    idp.store.change(lambda state: state.with_app(replace(state.apps[app.id], name=name)))
    return to(incoming.path, done="saved")


def _sso(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    facts = {
        "app": app,
        "certificates": certificates_of(app),
        "sso_url": idp.sso_url(app),
        "slo_url": idp.slo_url(app),
        "issuer": idp.issuer(app),
    }
    return console_page(idp, incoming, template="onelogin/sso.html", facts=facts)


def _save_sso(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    chosen = one_of(idp.saml.app.signature_algorithms, chosen=incoming.form.get("signature_algorithm"))
    idp.store.change(
        lambda state: state.with_app(replace(state.apps[app.id], signature_algorithm=chosen, digest_algorithm=chosen))
    )
    return to(incoming.path, done="saved")


def _certificate(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    shown = certificate_named(app, name=incoming.path_values["certificate"])
    facts = {"app": app, "certificate": shown, "now": idp.clock.now()}
    return console_page(idp, incoming, template="onelogin/certificate.html", facts=facts)


def _users(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    state = idp.store.read()
    facts = {
        "app": app,
        "users": sorted(state.users.values(), key=lambda user: user.email),
        "assigned": {one.user_id for one in app.people},
        "by_role": {user.id for user in state.users.values() if _has_by_role(state, app=app, user_id=user.id)},
    }
    return console_page(idp, incoming, template="onelogin/users.html", facts=facts)


def _has_by_role(state: State, *, app: App, user_id: str) -> bool:
    return any(user_id in state.groups[role].members for role in app.groups if role in state.groups)


def _save_users(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    users = idp.store.read().users
    people = tuple(Assignment(user_id=one) for one in incoming.form.every("user") if one in users)
    idp.store.change(lambda state: state.with_app(replace(state.apps[app.id], people=people)))
    return to(incoming.path, done="saved")


def _access(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    roles = sorted(idp.store.read().groups.values(), key=lambda role: role.name)
    return console_page(idp, incoming, template="onelogin/access.html", facts={"app": app, "roles": roles})


def _save_access(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    known = idp.store.read().groups
    roles = tuple(one for one in incoming.form.every("role") if one in known)
    idp.store.change(lambda state: state.with_app(replace(state.apps[app.id], groups=roles)))
    return to(incoming.path, done="saved")


PAGES = (
    *app_pages.PAGES,
    Page("/admin/apps", get=_apps),
    Page("/admin/apps/find", get=_find),
    Page("/admin/apps/new", get=_new, post=_create),
    Page("/admin/apps/{app_id}", get=_app),
    Page("/admin/apps/{app_id}/info", get=_info, post=_save_info),
    *onelogin_settings.PAGES,
    Page("/admin/apps/{app_id}/sso", get=_sso, post=_save_sso),
    Page("/admin/apps/{app_id}/certificates/{certificate}", get=_certificate),
    Page("/admin/apps/{app_id}/users", get=_users, post=_save_users),
    Page("/admin/apps/{app_id}/access", get=_access, post=_save_access),
)
