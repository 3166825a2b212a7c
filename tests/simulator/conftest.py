"""Simulators with a clock that stands, people in them, and an application set up as the guides say."""

import pytest

from ostiary.kernel.clock import FixedClock
from ostiary.kernel.randomness import SeededRandom
from ostiary.simulator import Simulator
from tests.simulator.browser import Browser
from tests.simulator.service_provider import ACS_URL, ENTITY_ID, NOW

PASSWORD = "open-sesame"


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture(params=["okta", "onelogin"])
def vendor(request):
    return request.param


@pytest.fixture
def make(clock):
    """Make a simulator with Ana, who is in the group Sales, and Ben, who is in none."""

    def make_one(profile, state_path=None, seed=1):
        simulator = Simulator(
            profile=profile,
            base_url="http://127.0.0.1:9101",
            state_path=state_path,
            clock=clock,
            random=SeededRandom(seed),
        )
        if simulator.is_new:
            simulator.add_user(
                "ana@acme.example", first_name="Ana", last_name="Silva", password=PASSWORD, groups=["Sales"]
            )
            simulator.add_user("ben@acme.example", first_name="Ben", last_name="Okafor", password=PASSWORD)
        return simulator

    return make_one


@pytest.fixture
def simulator(make, vendor):
    return make(vendor)


@pytest.fixture
def ana(simulator):
    return simulator.add_user("ana@acme.example", first_name="", last_name="", password="")


@pytest.fixture
def app(simulator, ana):
    """An application that Ana has."""
    made = simulator.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    simulator.assign(made, ana)
    return made


@pytest.fixture
def browser(simulator):
    return Browser(simulator)


@pytest.fixture
def sign_in():
    """Sign a person in at the page that the browser shows."""

    def sign_in_as(browser, email="ana@acme.example", password=PASSWORD):
        browser.fill("Email", email)
        browser.fill("Password", password)
        browser.press("Sign in")

    return sign_in_as
