"""What other people notice of fifty connections whose providers hang: the time of a sign-in, with and without them."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Plan
from ostiary.kernel.clock import SystemClock
from ostiary.services import Services
from tests.bench.figures import keep
from tests.load.door import Client, Door, a_door
from tests.services.oidc.ground import add_connection, verify_domain
from tests.services.oidc.provider import CLIENT_ID, Provider, a_provider, send

CONNECTIONS = 50
PEOPLE_OF_EACH = 3
THREADS_OF_EACH = 2
SIGN_INS = 30
"""In a few seconds: a call of ours gives up after ten."""
WARM_UP = 5
DOMAIN = "fast.example"


@dataclass
class Hanging:
    """Providers that take every call and say nothing: each second one after it has described itself."""

    issuer: str = ""
    may_answer: threading.Event = field(default_factory=threading.Event)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def hanging_providers() -> Iterator[Hanging]:
    hanging = Hanging()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer = f"{hanging.issuer}/{self.path.split('/')[1]}"
            if self.path.endswith("/openid-configuration") and int(self.path.split("/")[1]) % 2:
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                described = {"issuer": issuer} | {name: f"{issuer}/{name}" for name in names}
                send(self, 200, {"content-type": "application/json"}, json.dumps(described).encode())
                return
            hanging.asked.release()
            hanging.may_answer.wait(60)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 4 * CONNECTIONS

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hanging.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hanging
    finally:
        hanging.may_answer.set()
        server.shutdown()
        server.server_close()


def connect(services: Services, name: str, issuer: str) -> str:
    """One more organization, with a domain and a connection that is on. Returns: the connection's id."""
    made = services.organizations.add(name, name=name, owner_email=f"o@{name}.example", plan=Plan.BUSINESS)
    store = services.passwords.store
    verify_domain(store, made.organization, f"{name}.example")
    settings = OidcSettings(issuer=issuer, client_id=CLIENT_ID, creates_accounts=True)
    return str(add_connection(store, made.organization, made.owner, settings))


def wait_in_vain(door: Door, connection_id: str, *, issuer: str) -> None:
    """Somebody who begins at the tile of a provider that hangs."""
    with closing(Client(door)) as client, suppress(OSError, HTTPException):
        client.ask("GET", f"/oidc/{connection_id}/start?{urlencode({'iss': issuer})}")


def by_openid(client: Client, provider: Provider, number: int) -> None:
    """A whole sign-in over OpenID Connect: the question, the answer, the code traded in."""
    email = f"person.{number}@{DOMAIN}"
    provider.claims = {"sub": f"s-{number}", "email": email, "email_verified": True, "given_name": "A"}
    provider.claims["family_name"] = "B"
    asked = client.ask("POST", "/login/sso", form={"email": email})
    cookie = next(f"{name}={value}" for name, value in asked.cookies.items() if "login" in name)
    location = asked.headers["location"]
    if location.startswith(client.door.public_url):
        parts = urlsplit(location)
        location = client.ask("GET", f"{parts.path}?{parts.query}", cookie=cookie).headers["location"]
    back = dict(provider.approve(location))
    path = urlsplit(provider.grants[back["code"]].asked["redirect_uri"]).path
    assert client.ask("GET", f"{path}?{urlencode(back)}", cookie=cookie).session


def by_saml(client: Client, number: int) -> None:
    """A whole sign-in with SAML."""
    leaving = client.leave(f"person.{number}@acme.example")
    assert client.come_back(leaving, client.door.answer(leaving)).session


def measured(*ways: Callable[[int], None], begin: int) -> list[list[float]]:
    """Milliseconds of each way, in turns."""
    times: list[list[float]] = [[] for _ in ways]
    for number in range(begin, begin + SIGN_INS):
        for way, taken in zip(ways, times, strict=True):
            began = time.perf_counter()
            way(number)
            taken.append((time.perf_counter() - began) * 1e3)
    return times


def test_fifty_connections_that_hang(tmp_path: Path) -> None:
    with (
        a_door(tmp_path, allow_loopback=True) as door,
        a_provider(SystemClock()) as provider,
        hanging_providers() as hanging,
    ):
        with door.services() as services:
            connect(services, DOMAIN.partition(".")[0], provider.issuer)
            issuers = [f"{hanging.issuer}/{number}" for number in range(CONNECTIONS)]
            ids = [connect(services, f"hangs{number}", issuer) for number, issuer in enumerate(issuers)]
        door.start()
        with closing(Client(door)) as client:
            ways = (lambda number: by_openid(client, provider, number), lambda number: by_saml(client, number))
            for way in ways:
                for number in range(WARM_UP):
                    way(number)
            before = measured(*ways, begin=100)
            people = [
                threading.Thread(target=wait_in_vain, args=(door, each), kwargs={"issuer": issuer}, daemon=True)
                for each, issuer in zip(ids, issuers, strict=True)
                for _ in range(PEOPLE_OF_EACH)
            ]
            for person in people:
                person.start()
            for _ in range(CONNECTIONS):
                assert hanging.asked.acquire(timeout=10), "not all of them hang"
            beside = measured(*ways, begin=300)
            waiting = sum(person.is_alive() for person in people)
            hanging.may_answer.set()
            for person in people:
                person.join(timeout=30)
            after = measured(*ways, begin=500)
    alone = [statistics.median(one + other) for one, other in zip(before, after, strict=True)]
    with_them = [statistics.median(each) for each in beside]
    keep(
        "oidc.hanging",
        {
            "connections_that_hang": CONNECTIONS,
            "people_who_wait_there": waiting,
            "sign_in_ms": round(alone[0], 1),
            "sign_in_beside_them_ms": round(with_them[0], 1),
            "ratio": round(with_them[0] / alone[0], 2),
            "slowest_beside_them_ms": round(max(beside[0]), 1),
            "saml_sign_in_ms": round(alone[1], 1),
            "saml_sign_in_beside_them_ms": round(with_them[1], 1),
            "saml_ratio": round(with_them[1] / alone[1], 2),
        },
    )
    assert waiting >= CONNECTIONS * THREADS_OF_EACH, "some were answered: the figures say less than they seem to"
    assert with_them[0] < 5 * alone[0]  # a slip, not a busy machine
    assert max(beside[0] + beside[1]) < 2000
