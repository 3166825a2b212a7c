"""Another implementation looks at the same documents: a misreading shared with our own generator would show here."""

import warnings
from typing import Any, cast

import pytest
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.verifier import VerifyResult, XMLVerifier

from ostiary import saml
from ostiary.saml.xml import parse_untrusted
from ostiary.saml.xmldsig import verify
from tests.saml.circumstances import AT, an_identity_provider
from tests.vectors.vector import Vector, pem, read_all

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
DS = "{http://www.w3.org/2000/09/xmldsig#}Signature"

# What signxml does otherwise: it checks the dates of certificates, takes no SHA-1 and no Reference without a URI, and
# digests comments that XML Signature 4.4.3.3 leaves out. xmlsec agrees with us on these: see tests/differential.
OTHERWISE = {
    "accepted/expired-certificate-still-signs",
    "accepted/sha1-where-allowed",
    "accepted/no-uri-where-allowed",
    "accepted/with-comments-where-allowed",
    "accepted/inclusive-with-comments-where-allowed",
}
VECTORS = [
    vector for vector in read_all() if vector.expect == "ok" and vector.document and vector.path not in OTHERWISE
]


def signed_elements(vector: Vector) -> list[etree._Element]:
    root = etree.fromstring(vector.document)
    return [element for element in (root, *root.findall(SAML)) if element.find(DS) is not None]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.path for vector in VECTORS])
def test_signxml_digests_the_same_octets(vector):

    for number, element in enumerate(signed_elements(vector)):
        theirs = {octets for name in vector.certificates if (octets := by_signxml(element, certificate=pem(name)))}
        ours = signed_parts(vector)[number]
        made = verify(
            ours,
            certificates=an_identity_provider(*vector.certificates).certificates,
            policy=saml.SamlPolicy(**cast("Any", vector.policy)),
            now=AT,
        )
        assert {made.octets} == theirs


def signed_parts(vector: Vector) -> list[etree._Element]:
    root = parse_untrusted(vector.document)
    return [element for element in (root, *root.findall(SAML)) if element.find(DS) is not None]


def by_signxml(element: etree._Element, *, certificate: bytes) -> bytes:
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = XMLVerifier().verify(
                alone, x509_cert=certificate.decode(), id_attribute="ID", validate_schema=False
            )
    except (InvalidSignature, InvalidDigest):
        return b""
    assert isinstance(result, VerifyResult)
    return result.signed_data
