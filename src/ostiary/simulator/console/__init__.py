"""The admin console of each vendor."""

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from ostiary.simulator.profile import Profile
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page


def pages_of_console(_profile: Profile) -> tuple[Page, ...]:
    """The console of that vendor."""
    return ()


def to_console_sign_in(_idp: IdentityProvider, incoming: Incoming) -> Response:
    """Ask the administrator to sign in, and come back."""
    return RedirectResponse("/admin/login?next=" + quote(incoming.path_and_query, safe=""), status_code=303)
