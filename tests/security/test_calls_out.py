"""What asks servers of others is shared among the organizations: one whose servers hang holds up nobody else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from starlette.testclient import TestClient

from ostiary.domain.account import Role
from ostiary.domain.organization import Plan
from ostiary.services import Services
from ostiary.web import build_app
from ostiary.web.app import CALLS_OUT, CALLS_OUT_OF_ONE
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Document
from ostiary.web.routes import ROWS
from ostiary.web.routing import Where, Who, get
from tests.journeys.world import PASSWORD, PRODUCT, World

HERE = "/asks-somebody"


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


def hang(client: TestClient, session: dict[str, str]) -> int:
    return client.get(HERE, params={"hangs": "yes"}, headers=session).status_code
