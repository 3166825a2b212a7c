"""Simulated OpenID Connect providers, each with an application that Ana has and a relying party at it."""

import pytest

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
