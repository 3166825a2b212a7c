"""The page on which a connection gets its name."""

from ostiary.domain.errors import NameTaken, ValueTooLong
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from ostiary.services.connections import ConnectionView
from ostiary.web.admin.places import PATH
from ostiary.web.admin.quoted import explained
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther


def page(incoming: Incoming, services: Services) -> Answer:
    """Asks for the name."""
    view = _view(incoming, services)
    return _page(view, view.name, incoming, services)


def rename(incoming: Incoming, services: Services) -> Answer:
    """Takes it."""
    view, typed = _view(incoming, services), incoming.form.one("name")
    organization_id = incoming.signed_in.organization.id
    try:
        services.connection_names.rename(
            view.connection.id, typed, organization_id=organization_id, actor=actor_of(incoming)
        )
    except (NameTaken, ValueTooLong) as refusal:
        return _page(view, typed, incoming, services, refusal=refusal)
    return SeeOther(location=f"{PATH}?done=renamed")


def _page(
    view: ConnectionView, typed: str, incoming: Incoming, services: Services, *, refusal: Refusal | None = None
) -> Page:
    words = (
        explained(refusal.code, refusal.facts(), connection=view.connection, incoming=incoming, services=services)
        if refusal
        else None
    )
    return Page(
        template="admin/single_sign_on/name.html",
        values={
            "view": view,
            "typed": typed,
            "error": (words.title, words.second) if words else (),
            "is_error": words is not None,
        },
        status=422 if words else 200,
    )


def _view(incoming: Incoming, services: Services) -> ConnectionView:
    connection_id = ConnectionId(incoming.path_parameters["connection_id"])
    return services.connections.view(connection_id, organization_id=incoming.signed_in.organization.id)
