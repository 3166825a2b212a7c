"""Our question to the identity provider: what stands in it, its signature, and what the schema says of it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.exceptions import InvalidDigest
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from ostiary import saml
from tests.saml.circumstances import AT, IDENTITY_PROVIDER, SERVICE_PROVIDER, an_identity_provider
from tests.vectors.message import KEYS, REQUEST_ID
from tests.vectors.vector import pem

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
SCHEMAS = Path("/usr/share/simplesamlphp/schemas")
"""Those of OASIS, where Debian's SimpleSAMLphp is installed (scripts/machine.py)."""
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def a_request(name: str = "idp", *, is_signed: bool = True, name_id_format: str = "", force_authn: bool = False):
    key = load_pem_private_key((KEYS / f"{name}.key").read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    [certificate] = an_identity_provider(name).certificates
    return saml.build_authn_request(
        service_provider=SERVICE_PROVIDER,
        identity_provider=IDENTITY_PROVIDER,
        request_id=REQUEST_ID,
        name_id_format=name_id_format,
        force_authn=force_authn,
        signer=(key, certificate) if is_signed else None,
        now=AT,
    )


def signed_by_another_opinion(document: bytes, *, name: str) -> etree._Element:
    """What signxml says is covered by the signature."""
    ways = SignatureConfiguration(
        signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256})
    )
    result = XMLVerifier().verify(
        document, x509_cert=pem(name).decode(), id_attribute="ID", validate_schema=False, expect_config=ways
    )
    assert isinstance(result, VerifyResult)
    assert result.signed_xml is not None
    return result.signed_xml


@pytest.mark.parametrize("name", ["idp", "ec"])
def test_another_library_verifies_the_signature_in_a_request(name):
    covered = signed_by_another_opinion(a_request(name, name_id_format=PERSISTENT), name=name)
    assert covered.get("ID") == REQUEST_ID
    assert covered.find(SAMLP + "NameIDPolicy") is not None


def test_another_library_refuses_a_request_that_somebody_has_changed():
    changed = a_request(force_authn=True).replace(b'ForceAuthn="true"', b'ForceAuthn="fals"')
    with pytest.raises(InvalidDigest):
        signed_by_another_opinion(changed, name="idp")


def test_the_signature_stands_behind_the_issuer():
    children = [child.tag.rpartition("}")[2] for child in etree.fromstring(a_request(name_id_format=PERSISTENT))]
    assert children == ["Issuer", "Signature", "NameIDPolicy"]


def test_an_elliptic_curve_signs_too():
    key = load_pem_private_key((KEYS / "ec.key").read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    method = etree.fromstring(a_request("ec")).find(".//{*}SignatureMethod")
    assert method is not None
    assert method.get("Algorithm") == "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("", None),
        (PERSISTENT, {"Format": PERSISTENT, "AllowCreate": "true"}),
        (TRANSIENT, {"Format": TRANSIENT}),
    ],
)
def test_a_format_is_asked_for_only_where_one_was_chosen(chosen, expected):
    policy = etree.fromstring(a_request(name_id_format=chosen)).find(SAMLP + "NameIDPolicy")
    assert (None if policy is None else dict(policy.items())) == expected


def test_no_way_of_signing_in_is_asked_for():
    assert b"RequestedAuthnContext" not in a_request(name_id_format=PERSISTENT, force_authn=True)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas come with Debian's simplesamlphp")
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_request_is_as_the_schema_of_oasis_wants_it(is_signed):
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "saml-schema-protocol-2.0.xsd"))
    document = etree.fromstring(a_request(is_signed=is_signed, name_id_format=PERSISTENT, force_authn=True))
    schema.assertValid(document)
    assert (document.find(SIGNATURE) is not None) is is_signed


def test_a_message_goes_out_in_a_form_as_it_is():
    assert saml.decoded(saml.post_value(b"<a>\xc3\xa9</a>")) == b"<a>\xc3\xa9</a>"


@pytest.mark.parametrize("field", ["SAMLRequest", "SAMLResponse"])
def test_a_message_goes_out_under_its_name(field):
    assert saml.redirect_url("https://idp.example/slo", message=b"<a/>", relay_state=None, field=field).startswith(
        f"https://idp.example/slo?{field}="
    )
