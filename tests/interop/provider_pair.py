"""A connection of Acme and the oidc-provider on its other side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.interop.connecting import BOB, go_on, submit
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.interop.front_door import front_door
from tests.interop.oidc_provider import CLIENT_ID, SECRET, OidcProvider, sign_in
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

_ANSWER = "//form[contains(@action, '/oauth2/idpresponse/')]"


class Pair:
    """A connection, and the provider on its other side, which is set up anew with each change."""

    def __init__(self, connected: OpenidConnected, provider: OidcProvider, *, door: str) -> None:
        self.connected = connected
        self.provider = provider
        self._door = door

    def set_up(self, client: Mapping[str, Any] | None = None, **options: Any) -> None:
        """It knows us as a client with these settings, and has these options."""
        addresses = self.connected.urls
        known = {
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "redirect_uris": [addresses.redirect_uri],
            "post_logout_redirect_uris": [addresses.signed_out_url],
            "backchannel_logout_uri": addresses.backchannel_logout_url,
            "backchannel_logout_session_required": True,
            **(client or {}),
        }
        kept = {name: value for name, value in known.items() if value is not None}
        self.provider.set_up(kept, elsewhere={PRODUCT: self._door}, **options)

    def comes_in(self) -> None:
        """A test that passes, and then somebody who signs in."""
        self.connected.passes()
        self.connected.comes_in(BOB)

    def tests_with_a_changed_answer(self, **changes: str) -> str:
        """The report of a test whose answer, which travels in a form, somebody has changed on its way."""
        return submit(self.connected.begin_test(), _ANSWER, **changes).text

    def goes_by_the_browser(self) -> Walker:
        """The admin's browser with a test at the provider's sign-in page."""
        return go_on(self.connected.begin_test())


@contextmanager
def paired(world: World, provider: OidcProvider) -> Iterator[Pair]:
    """Acme's connection, saved and not tested."""
    connected = drafted_openid(world, sign_in, provider="Another provider")
    with front_door(world) as door:
        pair = Pair(connected, provider, door=door)
        pair.set_up()
        connected.save(client_id=CLIENT_ID, client_secret=SECRET, discovery_url=provider.issuer, creates_accounts="yes")
        yield pair
