"""Whole sign-ins against a real SimpleSAMLphp: begun by us, begun by it, signed in each way, and refused."""

import pytest

from tests.interop.connecting import ALICE, BOB, Connected, connect, drafted, go_on, made_passive
from tests.interop.simplesamlphp import POST, SimpleSamlPhp, sign_in
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")

RSA_SHA1 = "'http://www.w3.org/2000/09/xmldsig#rsa-sha1'"
_STATUS = "urn:oasis:names:tc:SAML:2.0:status"
_ERROR = f'new SimpleSAML\\Module\\saml\\Error("{_STATUS}:Responder", "{_STATUS}:RequestDenied", "Bob is not assigned")'
_DENIAL = f"'SimpleSAML\\Auth\\State::throwException($state, {_ERROR});'"


def connected_to(ssp: SimpleSamlPhp, world: World, **values: str) -> Connected:
    """Acme's connection, made from its metadata URL; it knows us by our metadata. Not tested."""
    connected = connect(world, sign_in, metadata_url=ssp.entity_id, **values)
    ssp.know(connected.metadata())
    return connected


def enabled(ssp: SimpleSamlPhp, world: World, **values: str) -> Connected:
    """The same, with a passed test."""
    connected = connected_to(ssp, world, **values)
    connected.passes()
    return connected


def test_a_sign_in_that_we_begin(world: World, ssp: SimpleSamlPhp) -> None:
    """Redirect out, POST back: a new person with the names that it sent."""
    enabled(ssp, world).comes_in(BOB)


def test_a_request_in_a_form(world: World, ssp: SimpleSamlPhp) -> None:
    """POST out, POST back."""
    connected = enabled(ssp, world, sso_binding="post")
    user = connected.begin(BOB)
    assert user.document.xpath("//form[@data-leaving]/@action") == [ssp.sso_url]
    assert sign_in(user, BOB).title == BOB.signed_in


def test_a_sign_in_that_it_begins(world: World, ssp: SimpleSamlPhp) -> None:
    """The tile: verified, turned into a sign-in of ours, confirmed once, and back at the page that it named."""
    connected = enabled(ssp, world)
    tile = f"{ssp.sso_url}?spentityid={connected.entity_id}&RelayState=/settings/attempts"
    user = sign_in(world.walker().open(tile), BOB)
    assert user.title == "Continue as Bob Builder?"
    user.press("Continue as Bob Builder")
    assert user.url == f"{PRODUCT}/settings/attempts"
    assert user.open(f"{PRODUCT}/").title == BOB.signed_in
    assert sign_in(user.open(tile), BOB).url == f"{PRODUCT}/settings/attempts", "asked once for each account"


@pytest.mark.parametrize(("tile", "comes_in"), [("accept", True), ("refuse", False)])
def test_a_tile_is_taken_as_it_is_or_refused(world: World, ssp: SimpleSamlPhp, tile: str, *, comes_in: bool) -> None:
    connected = enabled(ssp, world, tile=tile)
    user = sign_in(world.walker().open(f"{ssp.sso_url}?spentityid={connected.entity_id}"), BOB)
    if comes_in:
        assert user.press("Continue as Bob Builder").title == BOB.signed_in
    else:
        assert user.status == 403
        assert "login.tile_refused" in connected.newest_attempt()


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_signed_requests_where_it_demands_them(world: World, ssp: SimpleSamlPhp, binding: str) -> None:
    """Unsigned ones are refused there; signed ones, in the query or inside, with the key of our metadata are taken."""
    connected = enabled(ssp, world, sso_binding=binding)
    ssp.know(connected.metadata(), {"validate.authnrequest": "true"})
    unsigned = go_on(connected.begin(BOB))
    assert unsigned.url.startswith(ssp.base)
    assert "no signature found on message" in unsigned.text
    connected.save(signs_requests="yes")
    assert 'AuthnRequestsSigned="true"' in connected.metadata()
    connected.passes()
    connected.comes_in(BOB)


def test_signed_requests_are_switched_on_by_its_metadata(world: World, ssp: SimpleSamlPhp) -> None:
    """WantAuthnRequestsSigned, and nobody has to tick anything."""
    ssp.set_up({"validate.authnrequest": "true", "sign.authnrequest": "true"})
    connected = connect(world, sign_in, metadata_url=ssp.entity_id)
    ssp.know(connected.metadata())
    connected.passes()
    connected.comes_in(BOB)


@pytest.mark.parametrize(("unsigned", "signed"), [("response", "assertion"), ("assertion", "response")])
def test_one_signature_is_enough(world: World, ssp: SimpleSamlPhp, unsigned: str, signed: str) -> None:
    """On the assertion alone, and on the response alone."""
    connected = connected_to(ssp, world)
    ssp.know(connected.metadata(), {f"saml20.sign.{unsigned}": "false"})
    assert f"{signed.capitalize()} signed by a known key RSA-SHA256" in connected.passes()


def test_an_answer_without_a_signature_is_refused(world: World, ssp: SimpleSamlPhp) -> None:
    connected = connected_to(ssp, world)
    ssp.know(connected.metadata(), {"saml20.sign.response": "false", "saml20.sign.assertion": "false"})
    assert "saml.signature_missing" in connected.test()


def test_sha1_counts_only_where_it_is_put_up_with(world: World, ssp: SimpleSamlPhp) -> None:
    connected = connected_to(ssp, world)
    ssp.know(connected.metadata(), {"signature.algorithm": RSA_SHA1})
    assert "saml.algorithm_refused" in connected.test()
    connected.save(allowance="allow_sha1")
    connected.passes()
    connected.comes_in(BOB)


def test_a_new_key_comes_with_its_metadata(world: World, ssp: SimpleSamlPhp) -> None:
    """The first answer with it is refused and asks for the metadata; the next one signs in."""
    connected = enabled(ssp, world)
    world.work()  # the source is known from the passed test on
    ssp.change_key()
    stranger = sign_in(connected.begin(BOB), BOB)
    assert stranger.title == "Your company's sign-in may have a new key"
    world.work()
    connected.comes_in(BOB)
    assert "Key that came" in connected.admin.open(connected.page).text


def test_a_wrong_audience_is_refused_with_its_code(world: World, ssp: SimpleSamlPhp) -> None:
    """It addresses another service provider at our ACS URL."""
    connected = enabled(ssp, world)
    other = connected.metadata().replace(f'entityID="{connected.entity_id}"', f'entityID="{connected.entity_id}/"')
    ssp.know(other)
    user = sign_in(world.walker().open(f"{ssp.sso_url}?spentityid={connected.entity_id}/"), ALICE)
    assert user.status == 403
    explained = connected.newest_attempt()
    assert "saml.audience_mismatch" in explained
    assert "a slash at the end" in explained


def test_nobody_is_asked_and_nobody_is_signed_in_there(world: World, ssp: SimpleSamlPhp) -> None:
    """NoPassive: the answer to a request that a proxy, or somebody else, has made passive."""
    connected = connected_to(ssp, world, sso_binding="post")
    report = made_passive(connected).text
    assert "saml.status_denied" in report
    assert "NoPassive" in report


def test_it_denies_a_person(world: World, ssp: SimpleSamlPhp) -> None:
    """RequestDenied with its own words, which the admin reads and the person does not."""
    connected = enabled(ssp, world)
    ssp.know(connected.metadata(), {"authproc": f"[50 => ['class' => 'core:PHP', 'code' => {_DENIAL}]]"})
    user = sign_in(connected.begin(BOB), BOB)
    assert user.status == 403, user.text
    assert "Bob is not assigned" not in user.text
    explained = connected.newest_attempt()
    assert "saml.status_denied" in explained
    assert "RequestDenied" in explained
    assert "Bob is not assigned" in explained


def test_an_answer_is_accepted_once(world: World, ssp: SimpleSamlPhp) -> None:
    """The same form, posted again, signs nobody in."""
    connected = enabled(ssp, world)
    user = connected.begin(BOB)
    user.press("Login", username=BOB.user, password=BOB.password)
    again = user.twin()
    assert user.press("Submit").title == BOB.signed_in
    again.press("Submit")
    assert again.status >= 400
    assert "You are signed in" not in again.text


def test_three_values_make_a_connection(world: World, ssp: SimpleSamlPhp) -> None:
    """As they are copied from its pages: no metadata at all on our side."""
    connected = drafted(world, sign_in)
    connected.save(sso_url=ssp.sso_url, idp_entity_id=ssp.entity_id, certificate=ssp.certificate)
    ssp.know(connected.metadata())
    connected.passes()
    connected.comes_in(BOB)


def test_its_metadata_makes_a_connection(world: World, ssp: SimpleSamlPhp) -> None:
    """By URL, through the guarded transport, and by file."""
    connected = connect(world, sign_in, metadata_url=ssp.entity_id)
    assert connected.admin.field("SSO URL") == ssp.sso_url
    assert connected.admin.field("Logout URL") == ssp.slo_url
    connected.save_file(connected.admin.walk_aside(ssp.entity_id).encode())
    assert connected.admin.field("SSO URL") == ssp.sso_url


def test_the_bindings_of_its_metadata_are_those_that_it_takes(ssp: SimpleSamlPhp, world: World) -> None:
    """Metadata that offers POST alone sets POST."""
    ssp.set_up({"SingleSignOnServiceBinding": f"[{POST}]"})
    connected = connected_to(ssp, world)
    connected.passes()
    leaving = connected.begin(BOB)
    assert leaving.document.xpath("//form[@data-leaving]/@action") == [ssp.sso_url]
