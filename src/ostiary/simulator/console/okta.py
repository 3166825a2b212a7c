"""The Okta Admin Console: the list of applications, and the tabs General and Sign On."""

from starlette.responses import Response

from ostiary.simulator.certificates import certificates_of
from ostiary.simulator.console import app_pages, okta_assignments, okta_wizard
from ostiary.simulator.console.frame import app_of, console_page, no_such_page
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page
from ostiary.simulator.rotation import activate_key, generate_key


def _apps(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    apps = sorted(state.apps.values(), key=lambda app: app.name.lower())
    clients = sorted(state.oidc.clients.values(), key=lambda client: client.name.lower())
    return console_page(idp, incoming, template="okta/apps.html", facts={"apps": apps, "clients": clients})


def _app(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    return no_such_page(idp) if app is None else to(f"/admin/apps/{app.id}/general")


def _general(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    return console_page(idp, incoming, template="okta/general.html", facts={"app": app})


def _sign_on(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    facts = {
        "app": app,
        "certificates": certificates_of(app),
        "sso_url": idp.sso_url(app),
        "slo_url": idp.slo_url(app),
        "issuer": idp.issuer(app),
        "metadata_url": idp.metadata_url(app),
        "now": idp.clock.now(),
    }
    return console_page(idp, incoming, template="okta/sign_on.html", facts=facts)


def _generate(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    generate_key(idp, app.id)
    return to(f"/admin/apps/{app.id}/sign-on", done="saved")


def _activate(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    activate_key(idp, app.id)
    return to(f"/admin/apps/{app.id}/sign-on", done="saved")


PAGES = (
    *app_pages.PAGES,
    Page("/admin/apps", get=_apps),
    *okta_wizard.PAGES,
    *okta_assignments.PAGES,
    Page("/admin/apps/{app_id}", get=_app),
    Page("/admin/apps/{app_id}/general", get=_general),
    Page("/admin/apps/{app_id}/sign-on", get=_sign_on),
    Page("/admin/apps/{app_id}/certificates/new", post=_generate),
    Page("/admin/apps/{app_id}/certificates/spare/activate", post=_activate),
)
