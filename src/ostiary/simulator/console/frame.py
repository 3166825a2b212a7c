"""What every page of a console has: its navigation, what the last action did, and its mistakes."""

from collections.abc import Mapping

from starlette.responses import Response

from ostiary.simulator.pages import message, page, problem
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming
from ostiary.simulator.state import App

Mistakes = Mapping[str, str]
"""What is wrong with a form: the name of a field and a sentence."""


def console_page(
    idp: IdentityProvider,
    incoming: Incoming,
    *,
    template: str,
    facts: Mapping[str, object],
    mistakes: Mistakes | None = None,
) -> Response:
    """A page of the console; with mistakes it is the answer to a form, and has status 422."""
    found = mistakes or {}
    shown = {"path": incoming.path, "message": message(incoming), "mistakes": found, **facts}
    return page(idp, template=template, facts=shown, status=422 if found else 200)


def app_of(idp: IdentityProvider, incoming: Incoming) -> App | None:
    """The application that the URL names."""
    return idp.store.read().apps.get(incoming.path_values["app_id"])


def no_such_page(idp: IdentityProvider) -> Response:
    """The answer where the URL names nothing that is here."""
    return problem(idp, title="404 Page not found", text="There is no such page in this console.", status=404)


def one_of(known: Mapping[str, str], *, chosen: str) -> str:
    """What was chosen from a list; the first entry where that is not in it."""
    return chosen if chosen in known else next(iter(known))
