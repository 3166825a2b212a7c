"""Simulated OpenID Connect providers, each with an application that Ana has and a relying party at it."""

import socket
import threading

import pytest
import uvicorn

from tests.simulator.oidc.relying_party import REDIRECT_URI, RelyingParty

VENDORS = ["google", "okta", "onelogin", "entra", "keycloak"]


@pytest.fixture(params=VENDORS)
def vendor(request):
    return request.param


@pytest.fixture
def simulator(make, vendor):
    return make(vendor)


@pytest.fixture
def app(simulator, ana):
    """An application that Ana has."""
    made = simulator.oidc.add_app("Ringline", redirect_uri=REDIRECT_URI)
    simulator.oidc.assign(made, ana)
    return made


@pytest.fixture
def party(simulator, app):
    return RelyingParty(simulator, app)


@pytest.fixture
def served(simulator):
    """The simulator behind a real server: what drips and what never ends can't be seen otherwise."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(simulator.app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
