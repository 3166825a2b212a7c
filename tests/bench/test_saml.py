"""What reading one answer costs, beside the bare work that nobody can leave out."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from ostiary import saml
from tests.bench.figures import compare, keep
from tests.saml.circumstances import IDENTITY_PROVIDER, usual
from tests.vectors.message import DS, SAML, Message, Signing, attribute, signed

# Okta's shape, with groups until the message has the size that the figures are named for.
GROUPS = tuple(f"Ringline-{number:02}-of-the-telephony-and-support-teams" for number in range(12))
ATTRIBUTES = Message().attributes + attribute("memberOf", *GROUPS)
HOW = Signing(prefixes="xs")


def posted(*elements):
    return base64.b64encode(etree.tostring(signed(Message(attributes=ATTRIBUTES).tree(), *elements, how=HOW)))


def bare_work(form_value: bytes, *, key: rsa.RSAPublicKey, paths: tuple[str, ...]) -> None:
    """Decode, parse, canonicalise, digest and verify, with no look at what it says. No service provider by far."""
    root = etree.fromstring(base64.b64decode(form_value))
    for path in paths:
        element = root if path == "." else _child(root, path)
        signature = _child(element, f"{{{DS}}}Signature")
        signed_info = etree.tostring(signature[0], method="c14n", exclusive=True)
        value = base64.b64decode(signature[1].text or "")
        key.verify(value, signed_info, padding.PKCS1v15(), hashes.SHA256())
        element.remove(signature)
        octets = etree.tostring(element, method="c14n", exclusive=True, inclusive_ns_prefixes=["xs"])
        assert hashlib.sha256(octets).digest() == base64.b64decode(signature[0][2][2].text or "")


def _child(parent: etree._Element, path: str) -> etree._Element:
    found = parent.find(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "elements", "paths"),
    [
        ("assertion signed", ("Assertion",), (f"{{{SAML}}}Assertion",)),
        ("both signed", ("Assertion", "Response"), (".", f"{{{SAML}}}Assertion")),
    ],
)
def test_reading_an_answer_costs_little_more_than_the_bare_work(name, elements, paths):
    form_value = posted(*elements)
    key = load_der_x509_certificate(IDENTITY_PROVIDER.certificates[0].der).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    arguments = usual()
    compared = compare(
        {
            "bare work": lambda: bare_work(form_value, key=key, paths=paths),
            "read_response": lambda: saml.read_response(form_value, **arguments),
            "diagnose_response": lambda: saml.diagnose_response(form_value, **arguments),
        }
    )
    ratio = compared.ratio("read_response", to="bare work")
    keep(
        f"saml, {name}",
        {
            "bytes": len(base64.b64decode(form_value)),
            "read_response_us": compared.microseconds("read_response"),
            "diagnose_response_us": compared.microseconds("diagnose_response"),
            "bare_work_us": compared.microseconds("bare work"),
            "ratio_to_bare_work": ratio,
        },
    )
    assert ratio < 3  # a slip of an order of magnitude, not a busy machine
