"""A client secret is deleted, after a page that asks."""

from enum import StrEnum
from typing import Final

from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.openid.checkup import ENTRA_LONGEST
from ostiary.domain.openid.settings import ClientSecret
from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from ostiary.services.connections import ConnectionView
from ostiary.web.admin.places import connection_path
from ostiary.web.break_glass.last_way_in import explained_last_way
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther


class _Use(StrEnum):
    """What sign-ins have of a secret: so much follows from its end."""

    ONE_OF_TWO = "one_of_two"
    THE_LAST = "the_last"
    NOT_YET = "not_yet"
    """It is of newer settings, which wait for their test."""


_DONE: Final = {
    _Use.ONE_OF_TWO: "secret-deleted",
    _Use.THE_LAST: "last-secret-deleted",
    _Use.NOT_YET: "untested-secret-deleted",
}


def delete_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before a secret is deleted. One that has gone leads back to those that there are."""
    return _ask(incoming, services, refusal=None)


def delete(incoming: Incoming, services: Services) -> Answer:
    """Deletes it."""
    view = _view(incoming, services)
    secret = _secret(view, incoming)
    if secret is None:
        return SeeOther(location=connection_path(view.connection.id))
    try:
        services.saved_secrets.delete(view.connection, secret, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _ask(incoming, services, refusal=refusal)
    return SeeOther(location=connection_path(view.connection.id, done=_DONE[_use(view, secret)]))


def _ask(incoming: Incoming, services: Services, *, refusal: LastWayIn | None) -> Answer:
    view = _view(incoming, services)
    secret = _secret(view, incoming)
    if secret is None:
        return SeeOther(location=connection_path(view.connection.id))
    said, status = explained_last_way(refusal, incoming, services)
    return Page(
        template="admin/openid/delete_secret.html",
        status=status,
        values={
            "view": view,
            "guide": view.guide,
            "secret": secret,
            "longest_secret": ENTRA_LONGEST,
            "use": _use(view, secret).value,
            **said,
        },
    )


def _use(view: ConnectionView, secret: ClientSecret) -> _Use:
    if any(each.issuer == secret.issuer and each.id != secret.id for each in view.secrets):
        return _Use.ONE_OF_TWO
    serving = view.connection.serving or view.connection.latest
    return _Use.THE_LAST if serving is None or serving.oidc.issuer == secret.issuer else _Use.NOT_YET


def _view(incoming: Incoming, services: Services) -> ConnectionView:
    connection_id = ConnectionId(incoming.path_parameters["connection_id"])
    return services.connections.view(connection_id, organization_id=incoming.signed_in.organization.id)


def _secret(view: ConnectionView, incoming: Incoming) -> ClientSecret | None:
    wanted = incoming.path_parameters["secret_id"]
    return next((each for each in view.secrets if each.id == wanted), None)
