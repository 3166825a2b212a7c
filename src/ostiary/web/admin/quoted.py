"""The words for a refusal, a finding or an attempt at one connection, in the names of its provider's console."""

from collections.abc import Mapping

from ostiary.domain.connection import Connection
from ostiary.guides import ConnectionValues, Guide, guide
from ostiary.kernel.errors import Fact
from ostiary.problems import Explanation, Reader, explain
from ostiary.services import Services
from ostiary.web.context import Incoming


def values_of(connection: Connection | None, incoming: Incoming, services: Services) -> ConnectionValues:
    """The names and URLs that texts about this connection quote."""
    settings = services.settings
    organization = incoming.signed_in.organization.name
    if connection is None:
        return ConnectionValues.without_connection(product=settings.product_name, organization=organization)
    return ConnectionValues.of(
        connection, product=settings.product_name, organization=organization, public_url=settings.public_url
    )


def guide_of(connection: Connection | None) -> Guide | None:
    """The guide of this connection's provider."""
    return guide(connection.provider) if connection else None


def explained(
    code: str,
    facts: Mapping[str, Fact],
    *,
    connection: Connection | None,
    incoming: Incoming,
    services: Services,
    reader: Reader = Reader.ADMIN,
    person: str = "",
) -> Explanation:
    """What an admin reads about this code and these facts."""
    return explain(
        code,
        facts,
        guide=guide_of(connection),
        values=values_of(connection, incoming, services),
        reader=reader,
        person=person,
    )
