"""Pages: Jinja2 with autoescape, one stylesheet, a strict content policy, and no script but the one that posts."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MESSAGES = {
    "saved": "Saved.",
    "assigned": "Assigned.",
    "unassigned": "Unassigned. They can't sign in to this application any more.",
    "added": "Added.",
    "removed": "Removed.",
    "switched": "Switched.",
}


def templates() -> Environment:
    """The templates of this package."""
    return Environment(
        loader=PackageLoader("ostiary.simulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    idp: IdentityProvider, *, template: str, facts: Mapping[str, object], status: int = 200, may_leave: bool = False
) -> Response:
    """A page. `may_leave`: its form goes to another site.

    Chromium applies `form-action` to redirects as well, so such a page has none.
    """
    own = {"profile": idp.profile, "base_url": idp.base_url, "message": "", **facts}
    answer = HTMLResponse(idp.templates.get_template(template).render(own), status_code=status)
    answer.headers["content-security-policy"] = _POLICY if may_leave else _POLICY + "; form-action 'self'"
    answer.headers["cache-control"] = "no-store"
    answer.headers["x-content-type-options"] = "nosniff"
    # Not "no-referrer" nor "same-origin": with those the POST to the service provider would carry "Origin: null".
    answer.headers["referrer-policy"] = "strict-origin"
    return answer


def problem(idp: IdentityProvider, *, title: str, text: str, status: int) -> Response:
    """The vendor's own page that says what was refused. Nothing is sent to the service provider."""
    return page(idp, template="problem.html", facts={"title": title, "text": text}, status=status)


def message(incoming: Incoming) -> str:
    """What the last action did, as its redirect says."""
    return _MESSAGES.get(incoming.query.get("done"), "")


def to(path: str, *, done: str = "") -> Response:
    """Answer a form: go on to that page, and say there what was done."""
    return RedirectResponse(f"{path}?done={done}" if done else path, status_code=303)


def set_cookie(answer: Response, *, idp: IdentityProvider, kind: str, token: str) -> Response:
    """The same answer, with the cookie of a session that outlives a restart of the simulator."""
    answer.set_cookie(
        idp.cookie_name(kind),
        token,
        max_age=43_200,
        httponly=True,
        samesite="lax",
        secure=idp.base_url.startswith("https:"),
    )
    return answer
