"""Whole sign-ins with a real Keycloak: client made from our metadata, client signature required, key of the realm."""

import pytest

from tests.interop.connecting import BOB, PASSED, Connected, drafted, made_passive
from tests.interop.keycloak import CBC, GCM, OAEP, OAEP_MGF1P, Keycloak, sign_in
from tests.journeys.world import PRODUCT, World

pytestmark = pytest.mark.filterwarnings("ignore:record_xml_attribute is an experimental feature")


def connected_to(keycloak: Keycloak, world: World, **values: str) -> Connected:
    """Acme's connection by the guide for Keycloak and its metadata URL; it made its client from our metadata."""
    connected = drafted(world, sign_in, provider="Keycloak")
    connected.save(metadata_url=keycloak.metadata_url, **values)
    keycloak.know(connected.metadata())
    return connected


def enabled(keycloak: Keycloak, world: World, **values: str) -> Connected:
    """The same, with a passed test."""
    connected = connected_to(keycloak, world, **values)
    connected.passes()
    return connected


def test_its_client_is_what_our_metadata_says(world: World, keycloak: Keycloak) -> None:
    """It demands signed requests, signs the assertion, encrypts to our key, and knows where to sign out."""
    connected = connected_to(keycloak, world, wants_encryption="yes")
    [client] = keycloak.clients(connected.entity_id)
    made = client["attributes"]
    assert made["saml.client.signature"] == "true"
    assert made["saml.assertion.signature"] == "true"
    assert made["saml.encrypt"] == "true"
    assert made["saml_assertion_consumer_url_post"] == connected.acs_url
    assert made["saml_single_logout_service_url_redirect"] == connected.slo_url
    assert made["saml_single_logout_service_url_post"] == connected.slo_url


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_a_sign_in_that_we_begin(world: World, keycloak: Keycloak, binding: str) -> None:
    """Its metadata wants requests signed, so they are: in the query, and inside the form."""
    connected = enabled(keycloak, world, sso_binding=binding)
    user = connected.begin(BOB)
    assert bool(user.document.xpath("//form[@data-leaving]")) is (binding == "post")
    assert sign_in(user, BOB).title == BOB.signed_in


def test_a_request_that_is_not_signed_is_refused_there(world: World, keycloak: Keycloak) -> None:
    connected = enabled(keycloak, world)
    keycloak.know(connected.metadata(), {"saml.client.signature": "false"})
    connected.save(signs_requests="no")
    connected.passes()
    keycloak.know(connected.metadata(), {"saml.client.signature": "true"})
    refused = sign_in(connected.begin(BOB), BOB)
    assert refused.url.startswith(keycloak.base)
    assert "Invalid requester" in refused.text


def test_a_sign_in_that_it_begins(world: World, keycloak: Keycloak) -> None:
    """ "IDP-Initiated SSO URL name": turned into a sign-in of ours, confirmed once."""
    enabled(keycloak, world)
    user = sign_in(world.walker().open(f"{keycloak.tile()}?RelayState=/settings/attempts"), BOB)
    assert user.title == "Continue as Bob Builder?"
    assert user.press("Continue as Bob Builder").url == f"{PRODUCT}/settings/attempts"
    assert user.open(f"{PRODUCT}/").title == BOB.signed_in


@pytest.mark.parametrize(
    ("document", "assertion", "says"),
    [("true", "false", "Response"), ("false", "true", "Assertion"), ("true", "true", "Response")],
    ids=["document", "assertion", "both"],
)
def test_each_placement_of_the_signature(
    world: World, keycloak: Keycloak, document: str, assertion: str, says: str
) -> None:
    """ "Sign documents" and "Sign assertions"."""
    connected = connected_to(keycloak, world)
    signed = {"saml.server.signature": document, "saml.assertion.signature": assertion}
    keycloak.know(connected.metadata(), signed)
    assert f"{says} signed by a known key RSA-SHA256" in connected.passes()
    connected.comes_in(BOB)


def test_signatures_with_sha1_count_only_where_they_are_put_up_with(world: World, keycloak: Keycloak) -> None:
    connected = connected_to(keycloak, world)
    keycloak.know(connected.metadata(), {"saml.signature.algorithm": "RSA_SHA1"})
    assert "saml.algorithm_refused" in connected.test()
    connected.save(allowance="allow_sha1")
    connected.passes()


@pytest.mark.parametrize(
    ("algorithm", "says"), [("RSA_SHA512", "RSA-SHA512"), ("RSA_SHA256_MGF1", "RSA-PSS-SHA256")], ids=["sha512", "pss"]
)
def test_its_other_signatures_are_verified(world: World, keycloak: Keycloak, algorithm: str, says: str) -> None:
    connected = connected_to(keycloak, world)
    keycloak.know(connected.metadata(), {"saml.signature.algorithm": algorithm})
    assert f"Response signed by a known key {says}" in connected.passes()


@pytest.mark.parametrize(
    ("method", "allowance"),
    [
        ("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "allow_c14n_with_comments"),
        ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "allow_inclusive_c14n"),
    ],
    ids=["with-comments", "inclusive"],
)
def test_its_other_canonicalizations_count_only_where_they_are_put_up_with(
    world: World, keycloak: Keycloak, method: str, allowance: str
) -> None:
    """ "Canonicalization method" of the client, with "Sign documents" alone.

    By the inclusive one it signs an assertion before it stands in its response, so that nobody can verify that.
    """
    connected = connected_to(keycloak, world)
    signed = {"saml.server.signature": "true", "saml.assertion.signature": "false"}
    keycloak.know(connected.metadata(), {"saml_signature_canonicalization_method": method} | signed)
    assert "saml.canonicalization_refused" in connected.test()
    connected.save(allowance=allowance)
    connected.passes()
    connected.comes_in(BOB)


def test_nobody_is_asked_and_nobody_is_signed_in_there(world: World, keycloak: Keycloak) -> None:
    """NoPassive: the answer to a request that somebody has made passive."""
    connected = connected_to(keycloak, world, sso_binding="post")
    connected.save(signs_requests="no")
    keycloak.know(connected.metadata(), {"saml.client.signature": "false"})
    report = made_passive(connected).text
    assert "saml.status_denied" in report
    assert "NoPassive" in report


@pytest.mark.parametrize(
    ("document", "assertion"), [("true", "true"), ("true", "false"), ("false", "true")], ids=["both", "outer", "inner"]
)
@pytest.mark.parametrize("transport", [OAEP_MGF1P, OAEP], ids=["oaep-mgf1p", "oaep-sha256"])
def test_an_encrypted_assertion_is_read(
    world: World, keycloak: Keycloak, transport: str, document: str, assertion: str
) -> None:
    """By AES-256-GCM, with nothing allowed on our side, and the key of our metadata."""
    connected = connected_to(keycloak, world, wants_encryption="yes")
    encrypted = {"saml.encrypt": "true", "saml.encryption.algorithm": GCM, "saml.encryption.keyAlgorithm": transport}
    if transport == OAEP:
        encrypted |= {
            "saml.encryption.digestMethod": "http://www.w3.org/2001/04/xmlenc#sha256",
            "saml.encryption.maskGenerationFunction": "http://www.w3.org/2009/xmlenc11#mgf1sha256",
        }
    signed = {"saml.server.signature": document, "saml.assertion.signature": assertion}
    keycloak.know(connected.metadata(), encrypted | signed)
    connected.passes()
    connected.comes_in(BOB)


def test_as_it_comes_it_encrypts_in_a_way_that_is_read(world: World, keycloak: Keycloak) -> None:
    """What it chooses after our metadata was imported needs no switch; CBC, chosen by an admin, waits for one."""
    connected = connected_to(keycloak, world, wants_encryption="yes")
    connected.passes()
    keycloak.know(connected.metadata(), {"saml.encryption.algorithm": CBC})
    report = connected.test()
    assert PASSED not in report
    assert "saml.encryption_refused" in report
    connected.save(allowance="allow_cbc")
    connected.passes()


def test_a_change_of_our_key_loses_no_sign_in(world: World, keycloak: Keycloak) -> None:
    """It keeps one certificate for a client, so that it stops checking requests while we switch. Encryption goes on."""
    connected = enabled(keycloak, world, wants_encryption="yes")
    keys, admin = f"{connected.page}/keys", connected.admin
    admin.open(keys).press("Prepare the next key")
    connected.comes_in(BOB)
    keycloak.know(connected.metadata(), {"saml.client.signature": "false"})
    connected.comes_in(BOB)
    admin.open(keys).press("Switch to the next key")
    connected.comes_in(BOB)
    keycloak.know(connected.metadata())
    connected.comes_in(BOB)
    admin.open(keys).follow("Remove the previous key").press("Remove the previous key")
    connected.comes_in(BOB)


def test_a_new_key_of_the_realm_comes_with_its_metadata(world: World, keycloak: Keycloak) -> None:
    """Its admin changes the key at once; the first sign-in asks for the metadata, the next one is in."""
    connected = enabled(keycloak, world)
    world.work()
    keycloak.change_key()
    stranger = sign_in(connected.begin(BOB), BOB)
    assert stranger.title == "Your company's sign-in may have a new key"
    world.work()
    connected.comes_in(BOB)


def test_a_key_that_is_announced_is_known_before_it_signs(world: World, keycloak: Keycloak) -> None:
    """Both keys in the metadata when the daily job reads it: nobody is refused."""
    connected = enabled(keycloak, world)
    world.work()
    keycloak.change_key(keeps_old=True)
    connected.admin.open(connected.page).press("Check now")
    assert "Key that came" in connected.admin.text
    connected.comes_in(BOB)


def test_somebody_without_the_attributes_is_explained(world: World, keycloak: Keycloak) -> None:
    """A client whose mappers were forgotten: the report says what did not come."""
    connected = connected_to(keycloak, world)
    keycloak.know(connected.metadata(), protocolMappers=[])
    report = connected.passes()
    assert "Keycloak does not send urn:oid:1.2.840.113549.1.9.1. The NameID stands in for it." in report
    assert "add the predefined mapper X500 email" in report
    assert "Keycloak does not send urn:oid:2.5.4.42 and urn:oid:2.5.4.4." in report
