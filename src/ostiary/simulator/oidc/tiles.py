"""The tiles of OpenID Connect applications: they lead to the application, which then asks. OIDC Core 4."""

from dataclasses import dataclass
from urllib.parse import urlencode

from ostiary.simulator.oidc.naming import issuer_of, tenant_of
from ostiary.simulator.oidc.people import has_client
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One application in the portal."""

    name: str
    url: str
    logo: str = ""


def oidc_tiles(idp: IdentityProvider, user: User) -> list[Tile]:
    """The applications of the person that say where a sign-in begins, where the vendor has tiles."""
    if idp.profile.oidc is None or not idp.oidc.has_tiles:
        return []
    state = idp.store.read()
    query = "?" + urlencode({"iss": issuer_of(idp, tenant_of(idp, user))}) if idp.oidc.tile_has_iss else ""
    return [
        Tile(name=client.name, url=client.initiate_login_uri + query)
        for client in state.oidc.clients.values()
        if client.initiate_login_uri and has_client(state, client, user)
    ]
