"""What an admin of Keycloak sets up for a client that speaks OpenID Connect, by the API that its console uses."""

from collections.abc import Mapping
from typing import Any

from tests.interop.connecting import Person
from tests.interop.connecting_openid import OpenidConnected
from tests.interop.keycloak import Keycloak, oidc_client

CLIENT_ID = "ringline openid:1"
"""With a space and a colon: in Basic authentication both have to be encoded."""
SECRET = "s3cret: ü+%/ of these tests"
_MAPPERS: Mapping[str, Mapping[str, str]] = {
    "list": {"protocolMapper": "oidc-group-membership-mapper", "full.path": "false"},
    "text": {
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "claim.value": "Sales;Support",
        "jsonType.label": "String",
    },
}


def register(
    keycloak: Keycloak, connected: OpenidConnected, attributes: Mapping[str, str] | None = None, **client: Any
) -> None:
    """Clients → Create client → OpenID Connect, with our URLs and a secret. PKCE by S256 is demanded."""
    made = oidc_client(
        CLIENT_ID,
        secret=SECRET,
        redirect_uri=connected.urls.redirect_uri,
        logout_uri=connected.urls.signed_out_url,
    )
    made["attributes"] |= attributes or {}
    remove(keycloak)
    keycloak.ask("POST", _clients(keycloak), json=made | client)


def change(keycloak: Keycloak, attributes: Mapping[str, str] | None = None, **client: Any) -> None:
    """Save the client with these changes."""
    [known] = keycloak.clients(CLIENT_ID)
    known["attributes"] |= attributes or {}
    keycloak.ask("PUT", f"{_clients(keycloak)}/{known['id']}", json=known | client)


def remove(keycloak: Keycloak) -> None:
    """Delete the client, if it is there."""
    for known in keycloak.clients(CLIENT_ID):
        keycloak.ask("DELETE", f"{_clients(keycloak)}/{known['id']}")


def send_groups(keycloak: Keycloak, *, as_a: str) -> None:
    """Client scopes → dedicated → Add mapper: the person's groups, or one text that stands for all of them."""
    [known] = keycloak.clients(CLIENT_ID)
    config = {"claim.name": "groups", "id.token.claim": "true", "userinfo.token.claim": "true"}
    settings = dict(_MAPPERS[as_a])
    mapper = {"name": "groups", "protocol": "openid-connect", "protocolMapper": settings.pop("protocolMapper")}
    path = f"{_clients(keycloak)}/{known['id']}/protocol-mappers/models"
    keycloak.ask("POST", path, json=mapper | {"config": config | settings})


def put_into(keycloak: Keycloak, person: Person, *groups: str) -> None:
    """Groups → Create group, and Users → the person → Groups → Join Group."""
    realm, [user] = f"/admin/realms/{keycloak.realm}", people(keycloak, person)
    for name in groups:
        found = keycloak.ask("GET", f"{realm}/groups", params={"search": name, "exact": "true"}).json()
        if not found:
            keycloak.ask("POST", f"{realm}/groups", json={"name": name})
            found = keycloak.ask("GET", f"{realm}/groups", params={"search": name, "exact": "true"}).json()
        keycloak.ask("PUT", f"{realm}/users/{user['id']}/groups/{found[0]['id']}")


def people(keycloak: Keycloak, person: Person) -> list[dict[str, Any]]:
    """The account of this person there."""
    path = f"/admin/realms/{keycloak.realm}/users"
    return list(keycloak.ask("GET", path, params={"username": person.user, "exact": "true"}).json())


def change_person(keycloak: Keycloak, person: Person, **changes: Any) -> None:
    """Users → the person → Details."""
    [user] = people(keycloak, person)
    keycloak.ask("PUT", f"/admin/realms/{keycloak.realm}/users/{user['id']}", json=user | changes)


def end_sessions(keycloak: Keycloak, person: Person) -> None:
    """Users → the person → Sessions → Logout all sessions: each client with a backchannel logout URL hears of it."""
    [user] = people(keycloak, person)
    keycloak.ask("POST", f"/admin/realms/{keycloak.realm}/users/{user['id']}/logout")


def _clients(keycloak: Keycloak) -> str:
    return f"/admin/realms/{keycloak.realm}/clients"
