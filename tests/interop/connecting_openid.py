"""What an admin of Acme does with a real OpenID Connect provider, page by page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ostiary.domain.connection import Connection, ConnectionUrls, Protocol, Revision, urls
from ostiary.domain.openid.settings import Authentication, ClientSecret, OidcSettings, UserinfoUse
from ostiary.kernel import ids
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import ConnectionId
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party import Method, ResponseMode
from ostiary.services.audit_trail import Actor
from tests.interop.connecting import PeerConnection, SignIn
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World


def _nothing() -> None:
    pass


_READ: Mapping[str, Callable[[str], Any]] = {
    "authentication": Authentication,
    "assertion_audience": AssertionAudience,
    "response_mode": ResponseMode,
    "userinfo_method": Method,
    "userinfo_use": UserinfoUse,
    "creates_accounts": lambda value: value == "yes",
    "max_age": int,
    "acr_values": lambda value: tuple(value.split()),
    "scopes": lambda value: tuple(value.split()),
    "extra": lambda value: tuple(tuple(line.split("=", maxsplit=1)) for line in value.splitlines()),
}
_SETTINGS = frozenset({*_READ, "client_id", "prompt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenidConnected(PeerConnection):
    """A connection that speaks OpenID Connect."""

    id: ConnectionId

    @property
    def urls(self) -> ConnectionUrls:
        """What the page of the connection gives to copy."""
        return urls(PRODUCT, self.id)

    @property
    def saved(self) -> Connection:
        """The connection as it is stored now."""
        with self.world.store.read() as tx:
            found = tx.connections.by_id(self.id)
        assert found is not None
        return found

    def save(self, **values: str) -> None:
        """Change what is named, leave the rest, and save. The newest settings serve after their test."""
        self.at_present()
        scope = {"organization_id": self.saved.organization_id}
        latest = self.saved.latest
        before = latest.oidc if latest else OidcSettings(issuer="", client_id="")
        with self.world.store.write() as tx:
            revision = Revision(
                connection_id=self.id,
                number=latest.number + 1 if latest else 1,
                settings=_changed(before, values),
                saved_at=self.world.clock.now(),
                saved_by=self.world.dana.id,
                tested_at=None,
                tested_by=None,
                **scope,
            )
            tx.connections.save_revision(revision, **scope)
            secret = ClientSecret(
                id=ids.key_id(self.world.random),
                connection_id=self.id,
                created_at=self.world.clock.now(),
                created_by="Dana",
                expires_at=None,
                **scope,
            )
            if values.get("client_secret"):
                tx.client_secrets.add(secret, value=values["client_secret"])

    def begin_test(self) -> Walker:
        """Press Test Connection: the admin's browser has left for the peer."""
        self.at_present()
        return self.admin.open(f"{PRODUCT}/settings").post(f"{self.page}/test", b"")

    def around(
        self, path: str, *, before: Callable[[], object] = _nothing, after: Callable[[], object] = _nothing
    ) -> None:
        """From now on let this happen before or after each call of ours to an address that ends so."""
        ordinary = self.world.wire.otherwise

        def call(request: HttpRequest, *, purpose: str) -> HttpResponse:
            is_meant = request.url.endswith(path)
            if is_meant:
                before()
            answer = ordinary(request, purpose=purpose)
            if is_meant:
                after()
            return answer

        self.world.wire.otherwise = call

    def waits(self) -> None:
        """Let so much time pass that the provider may be asked again for keys. No token of theirs is too old then."""
        self.at_present()
        self.world.clock.at += timedelta(seconds=61)


def drafted_openid(world: World, sign_in: SignIn, *, provider: str, domain: str = "acme.example") -> OpenidConnected:
    """A connection of Acme, before anything was saved."""
    admin = world.signed_in()
    world.verify_domain(admin, domain)
    actor = Actor.of(world.dana, client_address="203.0.113.7")
    view = world.services.connections.draft(provider, organization=world.acme, actor=actor, protocol=Protocol.OIDC)
    return OpenidConnected(
        world=world, admin=admin, page=view.urls.settings_url, sign_in=sign_in, id=view.connection.id
    )


def _changed(before: OidcSettings, values: Mapping[str, str]) -> OidcSettings:
    """Stands for the form."""
    changes = {name: _READ.get(name, str)(value) for name, value in values.items() if name in _SETTINGS}
    if "discovery_url" in values:
        changes["issuer"] = values["discovery_url"]
    if "claim_groups" in values:
        changes["claims"] = replace(before.claims, groups=values["claim_groups"])
    return replace(before, **changes)
