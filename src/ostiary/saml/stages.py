"""The stages of reading, in the only order that is safe: decode, parse, verify, read what was verified.

Each is the first half of a check: it fills in the case, or raises why it can't.
"""

from typing import Final

from lxml import etree

from ostiary.kernel.errors import Refusal
from ostiary.saml.assertion import children, only, read_content
from ostiary.saml.bindings import decode_post
from ostiary.saml.case import Case, Header, element_of, header_of
from ostiary.saml.constants import SAML, SAMLP, STATUS_SUCCESS
from ostiary.saml.errors import (
    AssertionCount,
    NotAResponse,
    SignatureMissing,
    StructureRefused,
    VersionRefused,
)
from ostiary.saml.plain.content import read_octets
from ostiary.saml.plain.document import read_document
from ostiary.saml.xml import local, parse_digested, parse_untrusted, text_of, walk
from ostiary.saml.xmldsig import SIGNATURE, own_signature, verify, verify_plain
from ostiary.saml.xmlenc.decryption import ASSERTION, ENCRYPTED_ASSERTION, count_hidden, open_parts, verify_encrypted

RESPONSE: Final = f"{{{SAMLP}}}Response"
_ISSUER = f"{{{SAML}}}Issuer"
_STATUS = f"{{{SAMLP}}}Status"
_STATUS_CODE = f"{{{SAMLP}}}StatusCode"
_STATUS_MESSAGE = f"{{{SAMLP}}}StatusMessage"
_LONGEST_MESSAGE = 1000
_LONGEST_END = 80
"""Of the last two end tags: "EncryptedAssertion" stands there, if anywhere."""
_ENCRYPTED = b"Encrypted"
"""Canonical octets are UTF-8 and spell every name out, so that a look at them is enough. Only for speed."""


def read_message(case: Case) -> None:
    """Decode and parse the form field once, and read what stands outside the assertion.

    Raises: `TooLarge`, `NotBase64`, `NotXml`, `DoctypeRefused`, `TooComplex`, `XmlFeatureRefused`, `DuplicateId`,
    `IdAmbiguous`, `NotAResponse`, `VersionRefused`, `StructureRefused`.
    """
    case.document = decode_post(case.form_value)
    if _read_plainly(case):
        return
    root = parse_untrusted(case.document)
    if root.tag != RESPONSE:
        raise NotAResponse(received=local(root)[:100])
    walk(root)
    version = root.get("Version", "")
    if version != "2.0":
        raise VersionRefused(element="Response", received=version[:100])
    if not root.get("ID"):
        raise StructureRefused(element="Response ID", problem="missing")
    case.header = _read_header(root)


def _read_plainly(case: Case) -> bool:
    """Read the document from its text, if it is of the usual shape, every signature in it is good, and one covers it.

    What takes a tree 250 µs takes this 110. It refuses nothing: False leaves everything to the tree.
    """
    # An encrypted assertion is read from its own text, once it is open.
    plain = None if _ENCRYPTED in case.document[-_LONGEST_END:] else read_document(case.document)
    if plain is None:
        return False
    response, assertion = (
        None if each.signature is None else verify_plain(each, provider=case.identity_provider, policy=case.policy)
        for each in (plain.response, plain.assertion)
    )
    if (plain.response.signature and not response) or (plain.assertion.signature and not assertion):
        return False
    if assertion is not None:
        content = read_octets(assertion.octets)
    else:
        # Without a signature of its own, it was read as a part of the octets that the Response's covers.
        content = read_octets(plain.assertion.octets) if response is not None else None
    if content is None:
        return False
    case.signed_response, case.signed_assertion, case.content_read = response, assertion, content
    case.header = Header(
        element=None,
        issuer=plain.issuer,
        destination=plain.destination,
        in_response_to=plain.in_response_to,
        has_signature=response is not None,
        status=STATUS_SUCCESS,
        substatus="",
        status_message="",
        assertions=(),
        assertion_count=1,
        hidden_assertions=0,
    )
    return True


def _read_header(root: etree._Element) -> Header:
    parts = children(root)
    issuer = only(parts, tag=_ISSUER)
    status = children(only(parts, tag=_STATUS))
    code = only(status, tag=_STATUS_CODE)
    inner = only(children(code), tag=_STATUS_CODE)
    message = only(status, tag=_STATUS_MESSAGE)
    assertions = (*parts.get(ASSERTION, ()), *parts.get(ENCRYPTED_ASSERTION, ()))
    return Header(
        element=root,
        issuer=None if issuer is None else text_of(issuer),
        destination=root.get("Destination"),
        in_response_to=root.get("InResponseTo"),
        has_signature=SIGNATURE in parts,
        status="" if code is None else code.get("Value", ""),
        substatus="" if inner is None else inner.get("Value", ""),
        status_message="" if message is None else text_of(message)[:_LONGEST_MESSAGE],
        assertions=assertions,
        assertion_count=len(assertions),
        hidden_assertions=count_hidden(root, known=assertions),
    )


def verify_response(case: Case) -> None:
    """Verify the Response's own signature, if it has one. A present but bad signature always refuses.

    Raises: as `xmldsig.verify`.
    """
    if case.signed_response is not None or not header_of(case).has_signature:
        return
    try:
        case.signed_response = verify(
            element_of(case), certificates=case.identity_provider.certificates, policy=case.policy, now=case.now
        )
    except Refusal as refusal:
        case.response_refusal = refusal
        raise


def verify_assertion(case: Case) -> None:
    """Verify the Assertion's own signature, if it has one, after decrypting it. One of the two must be there.

    Raises: `EncryptedRefused`, `EncryptionRefused`, `DecryptionFailed`, `AssertionCount`, `SignatureMissing`; as
    `xmldsig.verify`.
    """
    if case.content_read is not None:
        return
    header = header_of(case)
    [assertion] = header.assertions
    if assertion.tag == ENCRYPTED_ASSERTION:
        verify_encrypted(case, container=assertion)
    elif own_signature(assertion) is not None:
        case.signed_assertion = verify(
            assertion, certificates=case.identity_provider.certificates, policy=case.policy, now=case.now
        )
    elif not header.has_signature:
        raise SignatureMissing


def read_assertion(case: Case) -> None:
    """Read the assertion from the octets that were digested, and from nothing else.

    Raises: as `assertion.read_content`, as `open_parts`; `AssertionCount`.
    """
    octets = _signed_octets(case)
    case.content = case.content_read or read_octets(octets)
    if case.content is not None:
        return
    root = parse_digested(octets)
    assertions = [root] if root.tag == ASSERTION else list(root.iterchildren(ASSERTION))
    if len(assertions) != 1:
        raise AssertionCount(received=len(assertions))
    if _ENCRYPTED in octets:
        open_parts(assertions[0], service_provider=case.service_provider, policy=case.policy)
    case.content = read_content(assertions[0])


def _signed_octets(case: Case) -> bytes:
    """Of the assertion, or of the Response around it."""
    if case.signed_assertion is not None:
        return case.signed_assertion.octets
    if case.signed_response is None:
        raise SignatureMissing
    return case.opened_assertion or case.signed_response.octets
