"""A service provider for these tests only, on independent libraries: writes requests, and verifies with signxml."""

import re
import zlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from html import unescape
from typing import Any

from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

ACS_URL = "https://product.example/saml/c1/acs"
ENTITY_ID = "https://product.example/saml/c1"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def authn_request(*, acs_url=ACS_URL, request_id="_a1", more="", policy="", issued="2026-11-21T09:59:59Z"):
    acs = f' AssertionConsumerServiceURL="{acs_url}"' if acs_url else ""
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{NAMES["p"]}" ID="{request_id}" Version="2.0"'
        f' IssueInstant="{issued}"{acs}{more}>'
        f'<saml:Issuer xmlns:saml="{NAMES["a"]}">{ENTITY_ID}</saml:Issuer>{policy}</samlp:AuthnRequest>'
    ).encode()


def redirect_query(xml, *, relay_state="back-to-me"):
    deflater = zlib.compressobj(wbits=-15)
    message = b64encode(deflater.compress(xml) + deflater.flush()).decode()
    return {"SAMLRequest": message, "RelayState": relay_state}


def hidden_fields(page):
    return {name: unescape(value) for name, value in _HIDDEN.findall(page)}


def posted_xml(page):
    return b64decode(hidden_fields(page)["SAMLResponse"])


def signed_parts(xml, *, certificate_pem, algorithm="SHA256"):
    """The local names of the elements that a signature by this certificate's key covers, as signxml verifies it."""
    root = parsed(xml)
    config = SignatureConfiguration(
        signature_methods=frozenset({SignatureMethod[f"RSA_{algorithm}"]}),
        digest_algorithms=frozenset({DigestAlgorithm[algorithm]}),
        require_x509=False,
        location="./",
    )
    found: list[str] = []
    for element in (root, root.find("a:Assertion", NAMES)):
        if element is not None and element.find("ds:Signature", NAMES) is not None:
            alone = etree.fromstring(etree.tostring(element))
            verified = XMLVerifier().verify(
                alone, x509_cert=certificate_pem, id_attribute="ID", expect_config=config, validate_schema=False
            )
            assert not isinstance(verified, list)
            found.append(etree.QName(verified.signed_xml).localname)
    return found


def parsed(xml) -> Any:
    """The root of the message."""
    return etree.fromstring(xml)


def text_of(xml, path):
    return parsed(xml).findtext(path, namespaces=NAMES)


def attributes_of(xml):
    found = parsed(xml).iterfind(".//a:Attribute", NAMES)
    return {one.get("Name"): one.findtext("a:AttributeValue", namespaces=NAMES) for one in found}
