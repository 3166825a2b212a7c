"""Servers of others that never answer slow down nobody who signs in."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.web.calling.calls_out import CALLS_OUT_OF_ONE
from tests.load.door import PASSWORD, Client, Door, a_door
from tests.load.provider import ISSUER, SSO_URL

SAVES = 50
CONNECTIONS = 10
FORM = {
    "sso_url": "",
    "idp_entity_id": "",
    "certificate": "",
    "attribute_email": "email",
    "attribute_first_name": "firstName",
    "attribute_last_name": "lastName",
    "default_role": "member",
}
PATIENCE = 5.0
"""Seconds for a whole sign-in beside them: far above what it takes on a busy machine, far below what they wait."""


@pytest.mark.slow
def test_fifty_hanging_fetches_slow_down_no_sign_in(tmp_path: Path) -> None:
    with a_door(tmp_path, allow_loopback=True) as door, a_silent_server() as metadata_url:
        ids = [one_more(door) for _ in range(CONNECTIONS)]
        assert len(set(ids)) == CONNECTIONS
        door.start()
        with closing(Client(door)) as client:
            session = signed_in(client)
            saving, statuses = begin_to_save(door, ids, session=session, metadata_url=metadata_url)
            time.sleep(0.5)  # now all of them hang, or were turned away
            times = [timed_sign_in(client, number) for number in range(10)]
            assert max(times) < PATIENCE, times
            began = time.monotonic()
            assert signed_in(client)
            assert time.monotonic() - began < PATIENCE
            assert any(thread.is_alive() for thread in saving), "nothing hung: the test proved nothing"
        for thread in saving:
            thread.join()
        said = Counter(statuses)
        assert set(said) <= {422, 503}, said
        assert said[503] >= SAVES - CALLS_OUT_OF_ONE, said
        assert door.stop() == 0


@contextmanager
def a_silent_server() -> Iterator[str]:
    """The address of a server that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/metadata"


def one_more(door: Door) -> str:
    """One more connection of Acme, saved once, so that the next draft is another one."""
    with door.services() as services:
        actor = Actor.of(door.owner, client_address="")
        drafted = services.connections.draft("okta", organization=door.organization, actor=actor).connection
        form = SaveSaml(sso_url=SSO_URL, idp_entity_id=ISSUER, certificate=door.provider.certificate)
        services.connections.save(drafted.id, form, organization=door.organization, actor=actor)
    return str(drafted.id)


def signed_in(client: Client) -> str:
    """The session of the owner, by password."""
    form = {"email": "dana@acme.example", "password": PASSWORD}
    answered = client.ask("POST", "/login", form=form)
    assert answered.session, answered
    return answered.session


def timed_sign_in(client: Client, number: int) -> float:
    """Seconds that a sign-in with SSO takes, both legs."""
    began = time.monotonic()
    leaving = client.leave(f"person.{number}@acme.example")
    assert client.come_back(leaving, client.door.answer(leaving)).session
    return time.monotonic() - began


def begin_to_save(
    door: Door, connections: list[str], *, session: str, metadata_url: str
) -> tuple[list[threading.Thread], list[int]]:
    """Many admins that save a metadata address at once, each in a thread; and, in the end, their statuses."""
    statuses: list[int] = []

    def save(connection: str) -> None:
        with closing(Client(door)) as client:
            path = f"/settings/security/connections/{connection}"
            form = FORM | {"metadata_url": metadata_url}
            statuses.append(client.ask("POST", path, form=form, cookie=session).status)

    threads = [threading.Thread(target=save, args=(connections[n % CONNECTIONS],)) for n in range(SAVES)]
    for thread in threads:
        thread.start()
    return threads, statuses
