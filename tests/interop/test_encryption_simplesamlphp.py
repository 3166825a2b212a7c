"""What a real SimpleSAMLphp encrypts to us: AES-128-CBC and RSA-OAEP, the only ones that version 1.19 can."""

import pytest

from tests.interop.connecting import BOB, PASSED, Connected
from tests.interop.simplesamlphp import SimpleSamlPhp, sign_in
from tests.interop.test_simplesamlphp import connected_to
from tests.journeys.world import World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")

ENCRYPTED = {"assertion.encryption": "true"}


@pytest.fixture
def connected(world: World, ssp: SimpleSamlPhp) -> Connected:
    """A connection whose metadata offers a key, and that puts up with CBC. Not tested."""
    return connected_to(ssp, world, wants_encryption="yes", allowance="allow_cbc")


def test_cbc_is_refused_with_its_code_unless_it_is_put_up_with(world: World, ssp: SimpleSamlPhp) -> None:
    connected = connected_to(ssp, world, wants_encryption="yes")
    ssp.know(connected.metadata(), ENCRYPTED)
    assert "saml.encryption_refused" in connected.test()
    connected.save(allowance="allow_cbc")
    connected.passes()
    connected.comes_in(BOB)


@pytest.mark.parametrize(
    ("response", "assertion"), [("true", "true"), ("true", "false"), ("false", "true")], ids=["both", "outer", "inner"]
)
def test_an_encrypted_assertion_is_read_with_each_placement_of_the_signature(
    connected: Connected, ssp: SimpleSamlPhp, response: str, assertion: str
) -> None:
    """Signed around the ciphertext, inside it, and both: with the names that stand in it."""
    signed = {"saml20.sign.response": response, "saml20.sign.assertion": assertion}
    ssp.know(connected.metadata(), ENCRYPTED | signed)
    connected.passes()
    connected.comes_in(BOB)


def test_ciphertext_that_nobody_signed_is_refused(connected: Connected, ssp: SimpleSamlPhp) -> None:
    """Whoever has our metadata can encrypt to us: encryption says nothing about who wrote it."""
    unsigned = {"saml20.sign.response": "false", "saml20.sign.assertion": "false"}
    ssp.know(connected.metadata(), ENCRYPTED | unsigned)
    report = connected.test()
    assert PASSED not in report
    assert "saml.decryption_failed" in report or "saml.signature_missing" in report


@pytest.mark.parametrize("also", [{}, ENCRYPTED], ids=["name", "name-in-assertion"])
def test_an_encrypted_name_is_read(connected: Connected, ssp: SimpleSamlPhp, also: dict[str, str]) -> None:
    """EncryptedID, in a plain assertion and in an encrypted one."""
    ssp.know(connected.metadata(), {"nameid.encryption": "true"} | also)
    connected.passes()
    connected.comes_in(BOB)


def test_what_was_encrypted_for_somebody_else_is_not_opened(
    connected: Connected, world: World, ssp: SimpleSamlPhp
) -> None:
    ssp.know(connected.metadata(), ENCRYPTED)
    connected.passes()
    stale = (
        f"[['type' => 'X509Certificate', 'signing' => false, 'encryption' => true, 'X509Certificate' => '{_own(ssp)}']]"
    )
    ssp.know(connected.metadata(), ENCRYPTED | {"keys": stale})
    user = sign_in(connected.begin(BOB), BOB)
    assert user.status == 403
    assert "saml.decryption_failed" in connected.newest_attempt()


def test_a_change_of_our_key_loses_no_sign_in(connected: Connected, ssp: SimpleSamlPhp) -> None:
    """It goes on with our old metadata, takes the new one when it likes, and each answer is opened."""
    before = connected.metadata()
    ssp.know(before, ENCRYPTED | {"validate.authnrequest": "true"})
    connected.save(signs_requests="yes")
    connected.passes()
    admin = connected.admin
    admin.open(f"{connected.page}/keys").press("Prepare the next key")
    connected.comes_in(BOB)
    between = connected.metadata()
    ssp.know(between, ENCRYPTED | {"validate.authnrequest": "true"})
    connected.comes_in(BOB)
    admin.open(f"{connected.page}/keys").press("Switch to the next key")
    connected.comes_in(BOB)
    after = connected.metadata()
    assert len({before, between, after}) == 3
    ssp.know(after, ENCRYPTED | {"validate.authnrequest": "true"})
    connected.comes_in(BOB)
    admin.open(f"{connected.page}/keys").follow("Remove the previous key").press("Remove the previous key")
    connected.comes_in(BOB)


def _own(ssp: SimpleSamlPhp) -> str:
    """Its own certificate, in one line: a key that is not ours."""
    return "".join(line for line in ssp.certificate.splitlines() if not line.startswith("-"))
