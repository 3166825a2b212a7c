"""What an admin of Acme does with a real OpenID Connect provider, page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ostiary.domain.connection import Connection, ConnectionUrls, urls
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.kernel.ids import ConnectionId
from tests.interop.connecting import PeerConnection, SignIn
from tests.journeys.steps import follow_to_a_new_connection
from tests.journeys.world import PRODUCT, World


def _nothing() -> None:
    pass


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
        self.admin.open(self.page).press("Save Configuration", files=None, **values)
        assert "Saved." in self.admin.text, self.admin.text

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
    """A connection of Acme by the guide for this provider, before anything was saved."""
    admin = world.signed_in()
    world.verify_domain(admin, domain)
    admin.open(f"{PRODUCT}/settings/security/single-sign-on")
    follow_to_a_new_connection(admin).follow("IDOpenID Connect…")
    admin.press(f"{provider}…")
    return OpenidConnected(
        world=world, admin=admin, page=admin.url, sign_in=sign_in, id=ConnectionId(admin.url.rpartition("/")[2])
    )
