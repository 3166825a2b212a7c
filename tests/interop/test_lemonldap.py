"""Whole sign-ins and sign-outs with a real LemonLDAP::NG, set up from its metadata and from ours, all of it signed."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts import machine
from tests.interop import lemonldap
from tests.interop.connecting import Connected, drafted, go_on, is_signed_in, require
from tests.interop.lemonldap import DOCTOR, ROSE, LemonLdap, asks_for_the_password, sign_in
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


class Pair:
    """A connection, and the peer on its other side, which is started anew with each change of its settings."""

    def __init__(self, connected: Connected, peer: LemonLdap, stack: ExitStack) -> None:
        self.connected = connected
        self.peer = peer
        self._stack = stack

    def set_up(self, **options: object) -> None:
        """It reads our metadata, and has these options of its manager for us."""
        self._stack.close()
        self._stack.enter_context(self.peer.running(sp_metadata=self.connected.metadata(), options=options))

    def passes(self) -> str:
        """A test with the Doctor that passed."""
        report = self.connected.test(DOCTOR)
        assert "Test Connection passed" in report, report
        return report


@pytest.fixture
def pair(world: World, tmp_path: Path, record_xml_attribute) -> Iterator[Pair]:
    """Acme, whose people have addresses of badwolf.org, with signed requests. Not tested."""
    require(machine.LEMONLDAP)
    connected = drafted(world, sign_in, domain="badwolf.org")
    peer = lemonldap.made(tmp_path / "lemonldap")
    record_xml_attribute("classname", f"LemonLDAP::NG {peer.version}")
    with ExitStack() as stack:
        pair = Pair(connected, peer, stack)
        pair.set_up()
        connected.save_file(peer.metadata())
        connected.save(signs_requests="yes")
        yield pair


def asks_again(walker: Walker) -> bool:
    """Whether it has forgotten who sits there."""
    again = walker.twin().open(f"{PRODUCT}/login").follow("Sign in with SSO")
    return asks_for_the_password(go_on(again.press("Sign in with SSO", email=DOCTOR.email)))


def test_a_sign_in_that_we_begin_and_one_that_it_begins(pair: Pair, world: World) -> None:
    """By redirect, by a form, and by its tile, which becomes a sign-in of ours and is confirmed once."""
    pair.passes()
    connected = pair.connected
    connected.comes_in(DOCTOR)
    connected.save(sso_binding="post")
    pair.passes()
    leaving = connected.begin(ROSE)
    assert leaving.document.xpath("//form[@data-leaving]/@action") == [f"{pair.peer.base}/saml/singleSignOn"]
    assert sign_in(leaving, ROSE).title == ROSE.signed_in
    user = sign_in(world.walker().open(pair.peer.tile(connected.entity_id)), DOCTOR)
    assert user.title == f"Continue as {DOCTOR.name}?"
    assert user.press(f"Continue as {DOCTOR.name}").title == DOCTOR.signed_in


def test_a_request_that_is_not_signed_is_refused_there(pair: Pair) -> None:
    """Our metadata had said that they are."""
    pair.set_up()
    pair.passes()
    pair.connected.save(signs_requests="no")
    admin = pair.connected.admin.press("Test Connection")
    assert admin.url.startswith(pair.peer.base)
    assert not asks_for_the_password(admin)


def test_what_it_encrypts_is_read_where_cbc_is_put_up_with(pair: Pair) -> None:
    """AES-128-CBC and RSA-OAEP are what Lasso does.

    Its other mode, for the name alone, encrypts nothing in the answers of this version.
    """
    connected = pair.connected
    connected.save(wants_encryption="yes")
    pair.set_up(EncryptionMode="assertion")
    assert "saml.encryption_refused" in connected.test(DOCTOR)
    connected.save(allowance="allow_cbc")
    pair.passes()
    connected.comes_in(DOCTOR)


@pytest.mark.parametrize("mode", ["none", "assertion"])
def test_signing_out_on_either_side_signs_out_on_both(pair: Pair, mode: str) -> None:
    """Its page loads our Single Logout URL in a frame, where no cookie of ours comes along."""
    connected = pair.connected
    connected.save(wants_encryption="yes", allowance="allow_cbc")
    pair.set_up(EncryptionMode=mode)
    pair.passes()
    doctor, rose = connected.comes_in(DOCTOR), connected.comes_in(ROSE)
    go_on(doctor.press("Sign out"))
    assert doctor.title == "You are signed out", doctor.text
    assert "Both sessions have ended." in doctor.text
    assert asks_again(doctor)
    assert is_signed_in(rose, ROSE)
    rose.open(pair.peer.logout_url)
    [frame] = rose.document.xpath("//iframe/@src[contains(., '/slo?')]")
    inside = Walker(apps=rose.apps).open(frame)
    assert inside.url.endswith("/ok.png"), inside.url
    assert not is_signed_in(rose, ROSE)


def test_a_new_key_comes_with_its_metadata(pair: Pair, world: World) -> None:
    """Its admin makes a new key, and the metadata URL is where we look."""
    connected = pair.connected
    connected.save(metadata_url=pair.peer.entity_id)
    pair.passes()
    world.work()
    pair.peer = lemonldap.with_a_new_key(pair.peer)
    pair.set_up()
    stranger = sign_in(connected.begin(DOCTOR), DOCTOR)
    assert stranger.title == "Your company's sign-in may have a new key"
    world.work()
    connected.comes_in(DOCTOR)
