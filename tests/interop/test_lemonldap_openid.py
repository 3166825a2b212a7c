"""Whole sign-ins and sign-outs with a real LemonLDAP::NG over OpenID Connect: its issuer ends with a slash."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts import machine
from tests.interop import lemonldap
from tests.interop.connecting import go_on, require
from tests.interop.connecting_openid import OpenidConnected, drafted_openid
from tests.interop.lemonldap import DOCTOR, ROSE, LemonLdap, asks_for_the_password, sign_in
from tests.interop.lemonldap_openid import CLIENT_ID, SECRET, issuer_of, openid
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


class Pair:
    """A connection, and the peer on its other side, which is started anew with each change of its settings."""

    def __init__(self, connected: OpenidConnected, peer: LemonLdap, stack: ExitStack) -> None:
        self.connected = connected
        self.peer = peer
        self._stack = stack

    def set_up(self, *, key_name: str = "first", **options: object) -> None:
        """It has these options of its manager for us."""
        self._stack.close()
        settings = openid(self.peer, self.connected.urls, key_name=key_name, **options)
        self._stack.enter_context(self.peer.running(openid=settings))

    def passes(self) -> str:
        """A test with the Doctor that passed."""
        report = self.connected.test(DOCTOR)
        assert "Test Connection passed" in report, report
        return report


@pytest.fixture
def pair(world: World, tmp_path: Path, record_xml_attribute) -> Iterator[Pair]:
    """Acme, whose people have addresses of badwolf.org. Saved, not tested."""
    require(machine.LEMONLDAP)
    connected = drafted_openid(world, sign_in, provider="Another provider", domain="badwolf.org")
    peer = lemonldap.made(tmp_path / "lemonldap")
    record_xml_attribute("classname", f"LemonLDAP::NG {peer.version}")
    with ExitStack() as stack:
        pair = Pair(connected, peer, stack)
        pair.set_up()
        connected.save(
            client_id=CLIENT_ID,
            client_secret=SECRET,
            discovery_url=issuer_of(peer),
            creates_accounts="yes",
            scopes="openid profile email groups",
            claim_groups="groups",
        )
        yield pair


def asks_again(walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    return asks_for_the_password(go_on(again.press("Sign in with SSO", email=DOCTOR.email)))


def test_a_sign_in_by_its_issuer_with_a_slash_and_its_groups_in_one_text(pair: Pair) -> None:
    """Its ID token is thin: all but the subject comes from UserInfo. Nobody has to type the slash."""
    base = pair.peer.base
    for pasted in (f"{base}/", f"{base}/.well-known/openid-configuration", f"  {base}//  ", base):
        pair.connected.save(discovery_url=pasted)
        latest = pair.connected.saved.latest
        assert latest is not None
        assert latest.oidc.issuer == issuer_of(pair.peer), pasted
    report = pair.passes()
    assert f"Issuer {issuer_of(pair.peer)}" in report
    [groups] = re.findall(r"groups([a-z; ]+)UserInfoGroups", report)
    assert {"timelords", "engineering"} <= set(groups.split("; "))
    [read] = re.findall(r"Groups ([a-z, ]+) Email", report)
    assert sorted(read.split(", ")) == sorted(groups.split("; "))
    for person in (DOCTOR, ROSE):
        pair.connected.comes_in(person)
    pair.connected.save(authentication="client_secret_basic", response_mode="form_post", userinfo_method="POST")
    pair.passes()
    pair.connected.comes_in(DOCTOR)


def test_a_secret_that_has_to_be_encoded_goes_in_the_form_alone(pair: Pair) -> None:
    """It does not decode what RFC 6749 2.3.1 has us encode."""
    secret = "a+secret/of these=tests"
    pair.set_up(ClientSecret=secret, IDTokenForceClaims=1)
    pair.connected.save(client_secret=secret, authentication="client_secret_basic")
    assert "oidc.client_rejected" in pair.connected.test(DOCTOR)
    pair.connected.save(authentication="auto", userinfo_use="never")
    pair.passes()


def test_signing_out_here_signs_out_there(pair: Pair) -> None:
    pair.passes()
    doctor = pair.connected.comes_in(DOCTOR)
    go_on(doctor.press("Sign out"))
    assert doctor.title == "You are signed out", doctor.text
    assert "Both sessions have ended." in doctor.text
    assert asks_again(doctor)


def test_a_new_key_is_found(pair: Pair) -> None:
    """It forgets the one before, whatever the new one is called."""
    pair.passes()
    for key_name in ("first", "second"):
        pair.connected.waits()
        pair.peer = lemonldap.with_a_new_key(pair.peer)
        pair.set_up(key_name=key_name)
        pair.connected.comes_in(DOCTOR)
