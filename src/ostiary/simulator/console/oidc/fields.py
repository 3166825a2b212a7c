"""The fields of an application's pages: what stands in them, what is wrong with them, and what they change."""

import json
from dataclasses import replace

from ostiary.simulator.console.app_pages import mistake_in_url
from ostiary.simulator.oidc.endpoints.routes import WELL_KNOWN
from ostiary.simulator.oidc.naming import issuer_of
from ostiary.simulator.oidc.profile import AuthMethod
from ostiary.simulator.oidc.state import Client
from ostiary.simulator.oidc.words import ConsoleField, ConsoleForm, FieldName
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Fields

_LISTS = ("redirect_uris", "post_logout_redirect_uris")
_URLS = ("initiate_login_uri", "backchannel_logout_uri", "jwks_uri")
_TEXTS = ("name", "initiate_login_uri", "backchannel_logout_uri", "jwks_uri", "jwks", "groups_claim")
_MANY = ("optional_claims", "people", "groups")
_TICKS = ("requires_pkce", "requires_pushed", "asks_consent")


def shown_value(idp: IdentityProvider, client: Client, *, name: FieldName) -> str:
    """What is shown of an application and can't be changed."""
    tenant = next(iter(idp.oidc.tenants), "")
    issuer = issuer_of(idp, tenant)
    known = {"client_id": client.client_id, "issuer": issuer, "tenant": tenant, "discovery_url": issuer + WELL_KNOWN}
    return known.get(name, "")


def chosen(client: Client, *, one: ConsoleField) -> str:
    """The label of what is chosen in a list."""
    values = {
        "auth_method": client.auth_method,
        "access": "everyone" if client.everyone else "nobody",
        "is_multi_tenant": "yes" if client.is_multi_tenant else "",
        "signing_algorithm": client.signing_algorithm,
        "encryption_algorithm": client.encryption_algorithm,
        "encryption_content": client.encryption_content,
    }
    wanted = values.get(one.field, "")
    return next((label for label, value in one.choices.items() if value == wanted), next(iter(one.choices)))


def mistakes_of(idp: IdentityProvider, form: ConsoleForm, *, fields: Fields) -> dict[str, str]:
    """What is wrong with the fields of a page, by field."""
    found: dict[str, str] = {}
    for one in form.fields:
        mistake = _mistake(idp, one, fields=fields)
        if mistake:
            found[one.field] = mistake
    return found


def _mistake(idp: IdentityProvider, one: ConsoleField, *, fields: Fields) -> str:
    typed = fields.get(one.field)
    if one.required and not typed:
        return f"{one.label} is empty."
    if one.field in _LISTS:
        wrong = (mistake_in_url(line, label=line) for line in typed.split())
        return next((text for text in wrong if text), "")
    if one.field in _URLS and typed:
        return mistake_in_url(typed, label=one.label)
    if one.field == "new_client_id" and any(
        client.client_id == typed for client in idp.store.read().oidc.clients.values()
    ):
        return f"There is a client {typed} already."
    if one.field == "jwks" and typed:
        return _mistake_in_keys(typed, label=one.label)
    return ""


def _mistake_in_keys(typed: str, *, label: str) -> str:
    try:
        is_set = isinstance(json.loads(typed), dict)
    except ValueError:
        is_set = False
    return "" if is_set else f"{label} is not a key set."


def applied(idp: IdentityProvider, client: Client, *, form: ConsoleForm, fields: Fields) -> Client:
    """The application with what stands in the fields of that page."""
    changes: dict[str, object] = {}
    for one in form.fields:
        changes |= _changes(idp, client, one=one, fields=fields)
    return replace(client, **changes)  # type: ignore[arg-type]


def _changes(idp: IdentityProvider, client: Client, *, one: ConsoleField, fields: Fields) -> dict[str, object]:
    typed = fields.get(one.field)
    picked = one.choices.get(typed, next(iter(one.choices.values()), ""))
    if one.field in _LISTS:
        return {one.field: tuple(typed.split())}
    if one.field in _TEXTS:
        return {one.field: typed}
    if one.field in _TICKS:
        return {one.field: fields.has(one.field)}
    if one.field in _MANY:
        return {one.field: fields.every(one.field)}
    others: dict[FieldName, dict[str, object]] = {
        "signing_algorithm": {"signing_algorithm": picked},
        "encryption_algorithm": {"encryption_algorithm": picked},
        "encryption_content": {"encryption_content": picked},
        "auth_method": {"auth_method": picked},
        "new_client_id": {"client_id": typed},
        "confidential": {"auth_method": _method(idp, client, is_confidential=fields.has("confidential"))},
        "access": {"everyone": picked == "everyone"},
        "is_multi_tenant": {"is_multi_tenant": picked == "yes"},
    }
    return others.get(one.field, {})


def _method(idp: IdentityProvider, client: Client, *, is_confidential: bool) -> AuthMethod:
    if not is_confidential:
        return "none"
    return idp.oidc.auth_methods[0] if client.auth_method == "none" else client.auth_method
