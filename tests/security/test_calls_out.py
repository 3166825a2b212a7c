"""What asks servers of others is shared among the organizations: one whose servers hang holds up nobody else."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from starlette.testclient import TestClient

from ostiary.domain.account import Role
from ostiary.domain.organization import Plan
from ostiary.services import Services
from ostiary.web import build_app
from ostiary.web.calling.calls_out import CALLS_OUT, CALLS_OUT_OF_CONNECTION, CALLS_OUT_OF_ONE, CallsOut
from ostiary.web.calling.turns import Turns
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Document
from ostiary.web.routes import ROWS
from ostiary.web.routing import Where, Who, get
from tests.journeys.world import PASSWORD, PRODUCT, World

HERE = "/asks-somebody"
OF_ONE = "/asks-somebody/{connection_id}"
CONNECTIONS = 50


@dataclass
class Somebody:
    """A server of somebody else that says nothing until it is let."""

    may_answer: threading.Event = field(default_factory=threading.Event)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ask(self, incoming: Incoming, _services: Services) -> Answer:
        if incoming.query.optional("hangs"):
            self.asked.release()
            assert self.may_answer.wait(20)
        return Document(body=b"asked", media_type="text/plain")


def signed_in(client: TestClient, email: str) -> dict[str, str]:
    reply = client.post("/login", data={"email": email, "password": PASSWORD}, headers={"Origin": PRODUCT})
    assert reply.status_code == 303
    cookies = dict(client.cookies)
    client.cookies.clear()
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def test_an_organization_whose_servers_hang_holds_up_itself_alone(world: World) -> None:
    """With a few connections to a server that hangs, one admin kept every other organization from saving anything."""
    other = world.services.organizations.add("mallory", name="Mallory", owner_email="m@m.example", plan=Plan.BUSINESS)
    world.add_account("eve@mallory.example", role=Role.ADMIN, organization=other.organization)
    somebody = Somebody()
    row = get(HERE, somebody.ask, says="Asks somebody.", where=Where.OUT, who=Who.ADMIN)
    app = build_app(world.services, rows=(*ROWS, row))
    with TestClient(app, base_url=PRODUCT, follow_redirects=False) as client, ThreadPoolExecutor(CALLS_OUT) as many:
        mallory, acme = signed_in(client, "eve@mallory.example"), signed_in(client, str(world.dana.email))
        under_way = [many.submit(hang, client, mallory) for _ in range(CALLS_OUT_OF_ONE)]
        for _ in under_way:
            assert somebody.asked.acquire(timeout=20)
        beyond = [many.submit(hang, client, mallory).result(timeout=20) for _ in range(CALLS_OUT - CALLS_OUT_OF_ONE)]
        assert set(beyond) == {503}
        assert client.get(HERE, headers=acme).status_code == 200
        somebody.may_answer.set()
        assert [each.result(timeout=20) for each in under_way] == [200] * CALLS_OUT_OF_ONE
        assert client.get(HERE, headers=mallory).status_code == 200


def test_fifty_connections_that_hang_hold_up_nobody_elses(world: World) -> None:
    """Anybody may begin a sign-in; a provider that hangs has two of the threads, and more people wait without one."""
    somebody = Somebody()
    row = get(OF_ONE, somebody.ask, says="Asks somebody.", where=Where.OUT)
    app = build_app(world.services, rows=(*ROWS, row))
    threads = CONNECTIONS * (CALLS_OUT_OF_CONNECTION + 1)
    with TestClient(app, base_url=PRODUCT, follow_redirects=False) as client, ThreadPoolExecutor(threads) as many:
        asked = [f"/asks-somebody/c{number % CONNECTIONS}?hangs=yes" for number in range(threads)]
        under_way = [many.submit(client.get, path) for path in asked]
        for _ in range(CONNECTIONS * CALLS_OUT_OF_CONNECTION):
            assert somebody.asked.acquire(timeout=20)
        assert not somebody.asked.acquire(timeout=0.2), "a third one of a connection has a thread"
        for path in ("/asks-somebody/healthy", "/login", "/healthz"):
            began = time.monotonic()
            assert client.get(path).status_code == 200
            assert time.monotonic() - began < 10, path
        somebody.may_answer.set()
        assert {each.result(timeout=20).status_code for each in under_way} == {200}


def test_who_waits_too_long_for_a_connection_is_told_so(world: World) -> None:
    somebody = Somebody()
    row = get(OF_ONE, somebody.ask, says="Asks somebody.", where=Where.OUT)
    app = build_app(world.services, rows=(*ROWS, row))
    turns = Turns(at_once=1, waiting=1, seconds=0.3)
    with (
        TestClient(replace(app, calls_out=CallsOut(turns)), base_url=PRODUCT) as client,
        ThreadPoolExecutor(2) as many,
    ):
        first = many.submit(client.get, "/asks-somebody/c1?hangs=yes")
        assert somebody.asked.acquire(timeout=20)
        second = many.submit(client.get, "/asks-somebody/c1")
        assert second.result(timeout=20).status_code == 503
        somebody.may_answer.set()
        assert first.result(timeout=20).status_code == 200
        assert client.get("/asks-somebody/c1").status_code == 200


def hang(client: TestClient, session: dict[str, str]) -> int:
    return client.get(HERE, params={"hangs": "yes"}, headers=session).status_code
