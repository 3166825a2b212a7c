"""The page of Google by the operator's client: nothing to put in, but who is let in and what becomes of new people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ostiary.domain.connection import Connection
from ostiary.services import Services
from ostiary.services.connections import ConnectionView
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownForm:
    """What the form shows: it has two values, and neither can be wrong."""

    values: Mapping[str, str]
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[tuple[str, str], ...] = ()


def shown(view: ConnectionView, incoming: Incoming, services: Services) -> dict[str, object]:
    """What the page shows besides what every connection's page shows."""
    settings = view.connection.latest.oidc if view.connection.latest else None
    domains = services.domains.of(incoming.signed_in.organization.id)
    return {
        "form": ShownForm(
            values={
                "default_role": settings.default_role.value if settings else "",
                "creates_accounts": "yes" if settings and settings.creates_accounts else "",
            }
        ),
        "verified": [str(domain.name) for domain in domains if domain.is_verified],
        "has_client": services.google.is_offered,
        "is_error": False,
    }


def save(view: ConnectionView, incoming: Incoming, services: Services) -> Connection:
    """Another answer to what becomes of new people."""
    return services.google.save(
        view.connection.id,
        default_role=incoming.form.one("default_role"),
        creates_accounts=incoming.form.optional("creates_accounts") == "yes",
        organization=incoming.signed_in.organization,
        actor=actor_of(incoming),
    )
