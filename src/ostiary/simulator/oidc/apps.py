"""What a demo or a test arranges at the OpenID Connect side of a simulator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from ostiary.simulator.oidc.endpoints.logout import end_sessions_of
from ostiary.simulator.oidc.endpoints.routes import WELL_KNOWN
from ostiary.simulator.oidc.faults import OidcFault, ProviderFault
from ostiary.simulator.oidc.keys import rotate
from ostiary.simulator.oidc.naming import guid, issuer_of, new_client_id
from ostiary.simulator.oidc.state import Client, ClientSecret, OidcState
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.state import User

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from pydantic import JsonValue


Settings: TypeAlias = Callable[[Client], Client]
"""Makes an application with other settings of one."""


def _unchanged(client: Client) -> Client:
    return client


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcApp:
    """An application as a relying party's admin needs it."""

    id: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str
    discovery_url: str


class OidcSide:
    """The OpenID Connect applications of one simulated identity provider."""

    def __init__(self, idp: IdentityProvider) -> None:
        self._idp = idp

    @property
    def tenants(self) -> Sequence[str]:
        """The tenants, where the vendor has any; the first is where people are."""
        return self._idp.oidc.tenants

    def add_app(self, name: str, *, redirect_uri: str, settings: Settings = _unchanged) -> OidcApp:
        """An application for everyone or nobody, as the vendor begins, and with these settings.

        Returns: the one of that name, unchanged, if there is one.
        """
        known = next((one for one in self._idp.store.read().oidc.clients.values() if one.name == name), None)
        if known is not None:
            return self.app(known.id)
        client = settings(replace(new_client(self._idp, name), redirect_uris=(redirect_uri,)))
        self._idp.change_oidc(lambda state: state.with_client(client))
        return self.app(client.id)

    def app(self, app_id: str) -> OidcApp:
        """What is known of an application. Raises: `KeyError` when there is none."""
        client = self._idp.store.read().oidc.clients[app_id]
        issuer = issuer_of(self._idp, next(iter(self._idp.oidc.tenants), ""))
        return OidcApp(
            id=client.id,
            client_id=client.client_id,
            client_secret=client.secrets[0].value if client.secrets else "",
            issuer=issuer,
            discovery_url=issuer.rstrip("/") + WELL_KNOWN,
        )

    def apps(self) -> Sequence[tuple[str, OidcApp]]:
        """Every application with its name, those that were made in the console too."""
        return [(one.name, self.app(one.id)) for one in self._idp.store.read().oidc.clients.values()]

    def change_app(self, app: OidcApp, settings: Settings) -> None:
        """Change the settings of an application."""
        self._idp.change_oidc(lambda state: state.with_client(settings(state.clients[app.id])))

    def assign(self, app: OidcApp, user: User) -> None:
        """Give the person the application."""
        self.change_app(
            app, lambda one: replace(one, people=(*(known for known in one.people if known != user.id), user.id))
        )

    def sign_out(self, user: User) -> Sequence[tuple[str, str]]:
        """End every session of a person. Returns: the applications that were told, and what came of it."""
        return end_sessions_of(self._idp, user)

    def set_fault(self, fault: OidcFault | ProviderFault, *, app: OidcApp | None = None, on: bool = True) -> None:
        """Switch a fault of an application, or of the whole provider, on or off."""
        if isinstance(fault, ProviderFault):
            set_provider_fault(self._idp, fault, on=on)
        elif app is not None:
            set_app_fault(self._idp, app.id, fault, on=on)

    def describe(self, user: User, **claims: "JsonValue") -> None:
        """What is said about a person from now on, by claim, in place of the usual; None: the claim is left out."""
        self._idp.store.change(lambda state: state.with_user(replace(state.users[user.id], claims=claims)))


def known_client(client_id: str, *, secret: str, now: "datetime") -> Settings:
    """Settings of an application whose client ID and secret were agreed on elsewhere."""
    kept = ClientSecret(id=client_id[:16], value=secret, created_at=now)
    return lambda client: replace(client, client_id=client_id, secrets=(kept,))


def new_client(idp: IdentityProvider, name: str, *, client_id: str = "") -> Client:
    """An application as the console makes it, with one secret. It is not stored yet."""
    profile = idp.oidc
    return Client(
        id=idp.random.token(8).hex(),
        client_id=client_id or new_client_id(idp),
        name=name,
        auth_method=profile.auth_methods[0],
        everyone=profile.everyone_assigned,
        asks_consent=profile.asks_consent,
        secrets=(new_secret(idp),),
    )


def new_secret(idp: IdentityProvider, *, description: str = "", lasts: "timedelta | None" = None) -> ClientSecret:
    """A client secret in the vendor's form."""
    now = idp.clock.now()
    return ClientSecret(
        # Entra shows it beside the value, and people copy it in its place.
        id=guid(idp.random.token(8).hex()),
        description=description,
        value=idp.oidc.secret_prefix + idp.new_token(idp.oidc.secret_bytes),
        created_at=now,
        expires_at=now + lasts if lasts is not None else None,
    )


def set_app_fault(idp: IdentityProvider, app_id: str, fault: OidcFault, *, on: bool) -> None:
    """Switch a fault of an application on or off. Raises: `KeyError` if it is not there."""
    client = idp.store.read().oidc.clients[app_id]
    rest = tuple(one for one in client.faults if one is not fault)
    changed = replace(client, faults=(*rest, fault) if on else rest)
    idp.change_oidc(lambda state: state.with_client(changed))


def set_provider_fault(idp: IdentityProvider, fault: ProviderFault, *, on: bool) -> None:
    """Switch a fault of the whole provider on or off."""

    def change(state: OidcState) -> OidcState:
        rest = tuple(one for one in state.faults if one != fault)
        return replace(state, faults=(*rest, fault.value) if on else rest)

    idp.change_oidc(change)
    if on and fault in {ProviderFault.SAME_KID, ProviderFault.NEW_KEY}:
        rotate(idp, same_name=fault is ProviderFault.SAME_KID)
