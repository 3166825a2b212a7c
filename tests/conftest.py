"""What holds for every test: nothing leaves this machine, random cases repeat, and a missing engine is said."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.house.opened_routes", "tests.storage.postgres"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

SLOW_MACHINE = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("fast", derandomize=True, deadline=None, max_examples=25, suppress_health_check=SLOW_MACHINE)
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=100, suppress_health_check=SLOW_MACHINE)
settings.register_profile("fuzz", deadline=None, max_examples=20_000, print_blob=True)
settings.load_profile(os.environ.get("OSTIARY_TEST_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, and skip what reads cases that this checkout does not have."""
    for item in items:
        if {"postgres_url", "postgres_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.postgres)
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="../shared is not beside this checkout"))


def pytest_collection_finish() -> None:
    """Take what was imported and collected out of each garbage collection: it stays until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of captured cases beside the checkout. A test that asks for it is marked `shared`."""
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _names_of_this_machine_only() -> Iterator[None]:
    """Refuse to look up any name but this machine's own.

    The guard of pytest-socket stops connections; a name that is looked up has left the machine before that.
    """
    look_up = socket.getaddrinfo

    def guarded(host, *arguments, **named):
        if not _is_of_this_machine(host):
            pytest.fail(f"A test asked the network for the address of {host!r}.", pytrace=True)
        return look_up(host, *arguments, **named)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket, "getaddrinfo", guarded)
    yield
    patch.undo()


def _is_of_this_machine(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost"} or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    return True
