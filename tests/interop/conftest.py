"""The peers, each started once; a world of its own for each test, on the real clock: peers have no other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scripts import machine
from tests.interop import keycloak as keycloak_server
from tests.interop import oidc_provider as provider_server
from tests.interop import simplesamlphp
from tests.interop.connecting import require
from tests.interop.keycloak import Keycloak
from tests.interop.oidc_provider import OidcProvider
from tests.interop.simplesamlphp import SimpleSamlPhp
from tests.journeys.world import World, a_world


@pytest.fixture(scope="session")
def ssp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleSamlPhp]:
    """A running SimpleSAMLphp."""
    require(machine.SIMPLESAMLPHP)
    with simplesamlphp.running(tmp_path_factory.mktemp("simplesamlphp")) as peer:
        yield peer


@pytest.fixture
def ssp(ssp_server: SimpleSamlPhp, record_xml_attribute) -> SimpleSamlPhp:
    """SimpleSAMLphp as at its start. The class name of each result names the peer and its version."""
    record_xml_attribute("classname", f"SimpleSAMLphp {ssp_server.version}")
    ssp_server.set_up()
    return ssp_server


@pytest.fixture(scope="session")
def keycloak_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """A running Keycloak with its realm."""
    require(machine.KEYCLOAK)
    with keycloak_server.running(tmp_path_factory.mktemp("keycloak")) as peer:
        peer.import_realm()
        yield peer


@pytest.fixture
def keycloak(keycloak_running: Keycloak, record_xml_attribute) -> Keycloak:
    """Keycloak, whose client is made anew by `know`. The class name of each result names the peer and its version."""
    record_xml_attribute("classname", f"Keycloak {keycloak_running.version}")
    return keycloak_running


@pytest.fixture(scope="session")
def provider_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    """A running oidc-provider."""
    require(machine.OIDC_PROVIDER)
    with provider_server.running(tmp_path_factory.mktemp("oidc-provider")) as peer:
        yield peer


@pytest.fixture
def provider(provider_running: OidcProvider, record_xml_attribute) -> OidcProvider:
    """oidc-provider, to be `set_up`. The class name of each result names the peer and its version."""
    record_xml_attribute("classname", f"oidc-provider {provider_running.version}")
    provider_running.forget()
    return provider_running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The product with nothing configured, at the present moment."""
    with a_world(tmp_path) as made:
        made.clock.at = datetime.now(UTC)
        yield made
