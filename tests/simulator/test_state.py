"""What a simulator remembers, and what it does with a file that it can't read."""

import json
import stat
import threading
from functools import partial

import pytest

from ostiary.simulator import Fault
from ostiary.simulator.state import Group, State, Store
from tests.simulator.browser import Browser
from tests.simulator.service_provider import ACS_URL, ENTITY_ID, authn_request, redirect_query


@pytest.fixture
def path(tmp_path):
    return tmp_path / "okta.json"


def test_everything_survives_a_restart_a_sign_in_too(make, path, sign_in):
    before = make("okta", path)
    app = before.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    before.assign(app, before.add_user("ana@acme.example", first_name="", last_name="", password=""))
    before.set_fault(app, Fault.OTHER_CERTIFICATE)
    browser = Browser(before)
    browser.open("/")
    sign_in(browser)
    after = make("okta", path, seed=7)
    assert after.saml_apps() == [("Ringline", app)]
    assert not after.is_new
    again = Browser(after)
    again.client.cookies.update(browser.client.cookies)
    again.open(app.sso_url, **redirect_query(authn_request()))
    assert again.heading == "Signing in to Ringline"


def test_arranging_the_same_twice_changes_nothing(make, path):
    simulator = make("okta", path)
    first = simulator.add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    ana = simulator.add_user("ana@acme.example", first_name="Other", last_name="Name", password="x")
    assert simulator.add_saml_app("Ringline", acs_url="https://other.example/", audience="x") == first
    assert ana.first_name == "Ana"


def test_without_a_path_nothing_is_remembered(make):
    make("okta").add_saml_app("Ringline", acs_url=ACS_URL, audience=ENTITY_ID)
    assert make("okta").saml_apps() == []


def test_the_file_holds_keys_and_is_for_its_owner_only(make, path):
    make("okta", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["okta.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"users": {"u1": {"id": 5}}}'])
def test_a_file_that_is_no_state_is_refused_in_words(make, path, text):
    path.write_text(text)
    with pytest.raises(ValueError, match="Delete it to begin anew"):
        make("okta", path)


def test_a_change_that_can_not_be_written_is_no_change(path):
    store = Store(path)
    store.change(lambda state: state.with_group(Group(id="g1", name="Sales")))
    path.with_name("okta.json.new").mkdir()
    with pytest.raises(OSError, match=r"okta\.json\.new"):
        store.change(lambda state: State())
    assert list(store.read().groups) == ["g1"]
    assert list(json.loads(path.read_text())["groups"]) == ["g1"]


def test_changes_from_many_threads_are_all_kept(path):
    store = Store(path)

    def add(number):
        for part in range(5):
            group = Group(id=f"g{number}-{part}", name="x")
            store.change(partial(State.with_group, group=group))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(Store(path).read().groups) == 20


def test_a_vendor_that_is_not_simulated_is_said(make):
    with pytest.raises(ValueError, match="no simulated identity provider named 'nobody'"):
        make("nobody")
