"""A client secret is deleted, after a page that asks."""

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


def delete_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before a secret is deleted. One that has gone leads back to those that there are."""
    return _ask(incoming, services, refusal=None)


def delete(incoming: Incoming, services: Services) -> Answer:
    """Deletes it."""
    view = _view(incoming, services)
    secret = _secret(view, incoming)
    try:
        if secret is not None:
            services.saved_secrets.delete(view.connection, secret, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _ask(incoming, services, refusal=refusal)
    done = "secret-deleted" if len(view.secrets) > 1 else "last-secret-deleted"
    return SeeOther(location=connection_path(view.connection.id, done=done))


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
            "is_last": not [each for each in view.secrets if each.issuer == secret.issuer and each.id != secret.id],
            **said,
        },
    )


def _view(incoming: Incoming, services: Services) -> ConnectionView:
    connection_id = ConnectionId(incoming.path_parameters["connection_id"])
    return services.connections.view(connection_id, organization_id=incoming.signed_in.organization.id)


def _secret(view: ConnectionView, incoming: Incoming) -> ClientSecret | None:
    wanted = incoming.path_parameters["secret_id"]
    return next((each for each in view.secrets if each.id == wanted), None)
