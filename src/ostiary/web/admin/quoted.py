"""The words for a refusal, a finding or an attempt at one connection, in the names of its provider's console."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ostiary.domain.connection import Connection
from ostiary.guides import ConnectionValues, Guide, Sibling, called, guide
from ostiary.kernel.errors import Fact
from ostiary.problems import AMONG_SIBLINGS, Explanation, Reader, explain
from ostiary.services import Services
from ostiary.web.context import Incoming
from ostiary.web.login.ways_left import with_ways_left


def values_of(connection: Connection | None, incoming: Incoming, services: Services) -> ConnectionValues:
    """The names and URLs that texts about this connection quote."""
    settings = services.settings
    organization = incoming.signed_in.organization.name
    if connection is None:
        outside = ConnectionValues.without_connection(product=settings.product_name, organization=organization)
        return replace(outside, sign_in_label=settings.sign_in_label)
    return ConnectionValues.of(
        connection,
        product=settings.product_name,
        organization=organization,
        public_url=settings.public_url,
        sign_in_label=settings.sign_in_label,
    )


def guide_of(connection: Connection | None) -> Guide | None:
    """The guide of this connection's provider."""
    return guide(connection.provider, protocol=connection.protocol) if connection else None


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


def explained_in_full(
    code: str,
    facts: Mapping[str, Fact],
    *,
    began_at: datetime,
    connection: Connection | None,
    incoming: Incoming,
    services: Services,
    reader: Reader,
    person: str,
) -> Explanation:
    """The same on the page of one attempt, which looks further.

    Whether the value is that of another connection of the organization, whether the answer bears a time before the
    attempt began, and how an owner gets in who has to confirm something.
    """
    values = values_of(connection, incoming, services)
    if connection is not None and code in AMONG_SIBLINGS:
        values = replace(values, siblings=_siblings(connection, incoming, services))
    told = with_ways_left(code, facts, organization=incoming.signed_in.organization, services=services)
    known = {**told, "began_at": began_at.isoformat(timespec="seconds")}
    return explain(code, known, guide=guide_of(connection), values=values, reader=reader, person=person)


def _siblings(connection: Connection, incoming: Incoming, services: Services) -> tuple[Sibling, ...]:
    others = [
        view
        for view in services.connections.overview(incoming.signed_in.organization).connections
        if view.connection.id != connection.id
    ]
    names = [view.name for view in others]
    taken = {called(connection)}
    return tuple(
        Sibling(
            name=name if names.count(name) == 1 and name not in taken else f"{name} ({view.connection.id})",
            acs_url=view.urls.acs_url,
            entity_id=view.connection.entity_id,
            sso_url=view.connection.saml_latest.sso_url if view.connection.saml_latest else "",
            idp_entity_id=view.connection.saml_latest.idp_entity_id if view.connection.saml_latest else "",
            fingerprints=tuple(certificate.fingerprint for certificate in view.certificates),
        )
        for name, view in zip(names, others, strict=True)
    )
