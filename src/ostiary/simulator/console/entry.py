"""Into the console and out of it."""

import hmac
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from ostiary.simulator.console.frame import console_page
from ostiary.simulator.pages import page, set_cookie, to
from ostiary.simulator.provider import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, IdentityProvider
from ostiary.simulator.rim import Access, Incoming, Page


def to_console_sign_in(_idp: IdentityProvider, incoming: Incoming) -> Response:
    """Ask the administrator to sign in, and come back."""
    back = incoming.path_and_query if incoming.method == "GET" else "/admin"
    return RedirectResponse("/admin/login?next=" + quote(back, safe=""), status_code=303)


def _show(idp: IdentityProvider, incoming: Incoming) -> Response:
    return _form(idp, next_path=_own_path(incoming.query.get("next")), refused=False)


def _sign_in(idp: IdentityProvider, incoming: Incoming) -> Response:
    next_path = _own_path(incoming.form.get("next"))
    typed = (incoming.form.get("username").lower(), incoming.form.get("password"))
    expected = (idp.profile.administrator, ADMINISTRATOR_PASSWORD)
    if not all(hmac.compare_digest(one.encode(), other.encode()) for one, other in zip(typed, expected, strict=True)):
        return _form(idp, next_path=next_path, refused=True)
    return set_cookie(to(next_path), idp=idp, kind="admin", token=idp.sign_in(ADMINISTRATOR))


def _sign_out(idp: IdentityProvider, incoming: Incoming) -> Response:
    name = idp.cookie_name("admin")
    idp.sign_out(incoming.cookies.get(name))
    answer = to("/admin/login")
    answer.delete_cookie(name)
    return answer


def _dashboard(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    facts = {"apps": len(state.apps) + len(state.oidc.clients), "users": len(state.users)}
    return console_page(idp, incoming, template="console/dashboard.html", facts=facts)


def _form(idp: IdentityProvider, *, next_path: str, refused: bool) -> Response:
    facts = {"next": next_path, "refused": refused, "password": ADMINISTRATOR_PASSWORD}
    return page(idp, template="console/sign_in.html", facts=facts, status=403 if refused else 200)


def _own_path(path: str) -> str:
    return path if path.startswith(("/admin", "/faults")) else "/admin"


PAGES = (
    Page("/admin/login", get=_show, post=_sign_in, access=Access.ANYONE),
    Page("/admin/logout", post=_sign_out),
    Page("/admin", get=_dashboard),
)
