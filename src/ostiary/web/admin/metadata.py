"""The panel Metadata of a connection: where its keys come from, what was found there, and what it proposes."""

from dataclasses import dataclass

from ostiary.domain.connection import Connection
from ostiary.kernel.ids import ConnectionId
from ostiary.problems import Explanation
from ostiary.services import Services
from ostiary.services.upkeep.metadata_review import SourceView
from ostiary.web.admin.places import connection_path
from ostiary.web.admin.quoted import explained
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, SeeOther

_LABELS = {
    "idp_entity_id": "Issuer / Entity ID",
    "sso_url": "SSO URL",
    "sso_binding": "Way of our requests",
    "slo_url": "Logout URL",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows."""

    seen: SourceView
    trouble: Explanation | None
    """Why the last check came to nothing."""

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Label, saved value and published value of each thing that the document says differently."""
        return [(_LABELS[each.field], each.saved, each.published) for each in self.seen.differences]


def panel(connection: Connection, incoming: Incoming, services: Services) -> Panel | None:
    """The panel of this connection; None where its keys come from no metadata URL."""
    seen = services.metadata_review.view(connection)
    if not seen.url:
        return None
    source = seen.source
    trouble = (
        explained(source.code, source.facts, connection=connection, incoming=incoming, services=services)
        if source is not None and source.code
        else None
    )
    return Panel(seen, trouble)


def check(incoming: Incoming, services: Services) -> Answer:
    """Looks at the metadata URL now."""
    connection_id = _id(incoming)
    was_asked = services.metadata_review.check_now(
        connection_id, organization_id=incoming.signed_in.organization.id, actor=actor_of(incoming)
    )
    return _back(connection_id, "metadata-checked" if was_asked else "metadata-waits")


def decide(incoming: Incoming, services: Services) -> Answer:
    """Takes over what the metadata proposes, as settings that wait for their test, or keeps what is saved."""
    connection_id = _id(incoming)
    scope = {"organization_id": incoming.signed_in.organization.id}
    if incoming.form.one("decision") != "take":
        services.metadata_review.put_aside(connection_id, actor=actor_of(incoming), **scope)
        return _back(connection_id, "proposal-kept")
    if services.metadata_review.accept(connection_id, actor=actor_of(incoming), **scope):
        return _back(connection_id, "saved-newer")
    return _back(connection_id, "")


def _id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])


def _back(connection_id: ConnectionId, done: str) -> SeeOther:
    return SeeOther(location=f"{connection_path(connection_id, done=done)}#metadata")
