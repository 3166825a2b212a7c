"""A provider of OpenID Connect whose server drips, never ends or leads elsewhere is told within the deadline.

Nothing of it can be seen in one process, so this provider is a real server.
"""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from ostiary.outbound import GuardedFetch, Limits, Resolver
from ostiary.simulator import ProviderFault, Simulator
from tests.journeys.openid import Office, open_office
from tests.journeys.steps import DANA
from tests.journeys.world import PRODUCT, World, a_world

DEADLINE = 2.0


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Acme with a Keycloak that really listens, and a transport that waits for two seconds at most."""
    with a_world(tmp_path_factory.mktemp("network")) as world:
        listener = socket.create_server(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        keycloak = Simulator(profile="keycloak", base_url=base, state_path=None, clock=world.clock, random=world.random)
        server = uvicorn.Server(uvicorn.Config(keycloak.app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        world.wire.otherwise = GuardedFetch(
            clock=world.clock,
            resolver=Resolver(server=None),
            allow_loopback_http=True,
            limits=Limits(connect_seconds=DEADLINE, total_seconds=DEADLINE),
        )
        yield open_office(world, "keycloak", simulator=keycloak)
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize(
    ("fault", "code", "title", "says"),
    [
        (
            ProviderFault.DISCOVERY_SLOW,
            "outbound.timed_out",
            "127.0.0.1 gave no whole answer in 2 s.",
            "look whether Keycloak reports a disturbance",
        ),
        (
            ProviderFault.KEYS_SLOW,
            "outbound.timed_out",
            "127.0.0.1 gave no whole answer in 2 s.",
            "Sign in once more in a few minutes.",
        ),
        (
            ProviderFault.DISCOVERY_ENDLESS,
            "outbound.too_large",
            "127.0.0.1 sent more than the 2097152 bytes that are read.",
            "What Ringline asks is what the Discovery URL names.",
        ),
        (
            ProviderFault.DISCOVERY_REDIRECTS,
            "outbound.redirected",
            "127.0.0.1 sends the caller to another address, and Ringline does not follow.",
            "http://169.254.169.254/latest/meta-data/",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, ProviderFault) else "",
)
def test_a_server_that_misbehaves_is_told_on_the_report(
    office: Office, fault: ProviderFault, code: str, title: str, says: str
) -> None:
    with office.fault(fault):
        _forget(office.world, office)
        began = time.monotonic()
        report = office.test()
        assert time.monotonic() - began < 10 * DEADLINE
    assert code in report.text
    assert report.title == title
    assert says in report.text
    assert "metadata" not in report.text.replace("meta-data", "")
    assert "Configuration and keys of Keycloak" in report.text
    assert "Asked Keycloak for its configuration and keys" in report.text


def test_a_person_reads_that_the_provider_can_not_be_reached_and_the_admin_reads_why(office: Office) -> None:
    _forget(office.world, office)
    assert "Test Connection passed" in office.test().text
    with office.fault(ProviderFault.DISCOVERY_SLOW):
        office.world.pass_time(days=9)  # what is kept of the provider serves for a week
        user = office.world.walker().open(f"{PRODUCT}/login").follow("Sign in with SSO")
        user.press("Sign in with SSO", email=DANA)
    assert user.title == "Your company's sign-in can't be reached at the moment"
    reference = user.document.xpath("//dd/text()")[0]
    admin = office.world.signed_in().open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "outbound.timed_out" in admin.text
    assert "“Your company's sign-in can't be reached at the moment." in admin.text
    assert "The decoded answer" not in admin.text


def _forget(world: World, office: Office) -> None:
    """What is kept of the provider grows too old, and so does the session."""
    world.pass_time(hours=30)
    office.admin = world.signed_in()
