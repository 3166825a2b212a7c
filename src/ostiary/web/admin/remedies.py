"""Ways out of a refusal that lead to the form of the connection: a name to take over, a switch to look at."""

from collections.abc import Mapping
from urllib.parse import urlencode

from ostiary.domain.connection import Allowance, Connection
from ostiary.kernel.errors import Fact
from ostiary.oidc.errors import TenantMismatch
from ostiary.services.oidc.google import is_operators
from ostiary.web.admin.domains import PATH as DOMAINS
from ostiary.web.admin.places import connection_path

_FIELDS = ("email", "first_name", "last_name", "groups")


def use_name_path(code: str, facts: Mapping[str, Fact], *, connection: Connection | None) -> str:
    """Where the form stands filled with the attribute name that came ("Use this name"); empty where none is offered."""
    received = facts.get("received")
    field = _field(code, facts, connection)
    if connection is None or not field or not isinstance(received, str) or not received:
        return ""
    query = urlencode({f"attribute_{field}": received})
    return f"{connection_path(connection.id)}?{query}#attribute_{field}"


def domains_path(code: str, facts: Mapping[str, Fact], *, connection: Connection | None) -> str:
    """Where a domain is verified, if nobody can sign in before one is; empty where that is not what is missing."""
    is_google = connection is not None and connection.latest is not None and is_operators(connection)
    return DOMAINS if is_google and code == TenantMismatch.code and not facts.get("expected") else ""


def switch_path(allowance: Allowance, *, connection: Connection) -> str:
    """Where the Advanced section stands open at this switch. Nothing is ticked by going there."""
    return f"{connection_path(connection.id)}?{urlencode({'allow': allowance.value})}#{allowance.value}"


def _field(code: str, facts: Mapping[str, Fact], connection: Connection | None) -> str:
    match code:
        case "saml.email_named_otherwise":
            return "email"
        case "saml.attribute_named_otherwise":
            return next((name for name in _FIELDS if name == facts.get("field")), "")
        case "saml.attribute_case_differs" if connection is not None and connection.saml_latest is not None:
            names = connection.saml_latest.attributes
            return next((name for name in _FIELDS if getattr(names, name) == facts.get("expected")), "")
        case _:
            return ""
