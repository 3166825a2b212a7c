"""Any document of SAML as a list of what it says. Rule: nothing here is verified, so nothing here decides anything."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from lxml import etree

from ostiary.saml.assertion import read_time
from ostiary.saml.certificates import Certificate
from ostiary.saml.constants import METADATA, SAML, SAMLP
from ostiary.saml.errors import TimeUnreadable, TooComplex
from ostiary.saml.metadata import LARGEST_METADATA
from ostiary.saml.outline.entity import entity_parts, key_certificates
from ostiary.saml.outline.parts import MOST_VALUES, Part, certificates_in, last_word, part, shown
from ostiary.saml.xml import MOST_ELEMENTS, local, parse_digested, parse_untrusted

_ASSERTIONS = (f"{{{SAML}}}Assertion", f"{{{SAML}}}EncryptedAssertion")
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_MOST_ASSERTIONS = 5
_AUDIENCE = f"{{{SAML}}}Conditions/{{{SAML}}}AudienceRestriction/{{{SAML}}}Audience"
_CONTEXT = f"{{{SAML}}}AuthnContextClassRef"
_LAID_OUT = 3
_has_too_many = etree.XPath(f"boolean((//*)[{MOST_ELEMENTS + 1}])")
_IN_A_LINE = ("\n", "\r")
_ENTITIES = f"{{{METADATA}}}EntitiesDescriptor"
_ENTITY = f"{{{METADATA}}}EntityDescriptor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a document says. To be shown as unverified."""

    element: str
    """The name of its outermost element: Response, AuthnRequest, EntityDescriptor, …"""
    namespace: str
    id: str
    issuer: str
    """Of the message; of the assertion where the message names none; the entity ID of metadata."""
    destination: str
    in_response_to: str
    issue_instant: datetime | None
    audiences: tuple[str, ...]
    recipients: tuple[str, ...]
    parts: tuple[Part, ...]
    """Everything worth reading, in order."""
    certificates: tuple[Certificate, ...]
    """Those that it carries: anybody can put theirs there."""
    is_encrypted: bool
    is_laid_out: bool
    """White space stands between its elements: a tool has laid it out for reading, which no signature outlives."""


def unverified_outline(document: bytes) -> Outline:
    """What this document says. Only the size and the shape of the XML are judged.

    Raises: `TooLarge`, `TooComplex`, `DoctypeRefused`, `NotXml`, `XmlFeatureRefused`.
    """
    parse_untrusted(document, limit=LARGEST_METADATA)
    # Without comments, so that the text of an element is always one whole.
    root = parse_digested(document)
    if root.tag not in {_ENTITY, _ENTITIES} and _has_too_many(root):
        raise TooComplex(what="elements", limit=MOST_ELEMENTS)
    assertions = _assertions(root)
    issuers = [shown(each) for node in (root, *assertions) for each in node.findall(f"{{{SAML}}}Issuer")]
    return Outline(
        element=local(root)[:100],
        namespace=etree.QName(root).namespace or "",
        id=root.get("ID", "")[:256],
        issuer=root.get("entityID", "") if root.tag == _ENTITY else next(iter(issuers), ""),
        destination=root.get("Destination", ""),
        in_response_to=root.get("InResponseTo", ""),
        issue_instant=_time(root, "IssueInstant"),
        audiences=_texts(assertions, _AUDIENCE),
        recipients=_recipients(assertions),
        parts=tuple(each for each in _parts(root, assertions) if each.values),
        certificates=key_certificates(root) if root.tag in {_ENTITY, _ENTITIES} else _signers(root, assertions),
        is_encrypted=next(root.iter("{http://www.w3.org/2001/04/xmlenc#}EncryptedData"), None) is not None,
        is_laid_out=_is_laid_out(root),
    )


def _assertions(root: etree._Element) -> list[etree._Element]:
    if root.tag in _ASSERTIONS:
        return [root]
    return [each for each in root if each.tag in _ASSERTIONS][:_MOST_ASSERTIONS]


def _parts(root: etree._Element, assertions: list[etree._Element]) -> list[Part]:
    if root.tag == _ENTITY:
        return entity_parts(root)
    if root.tag == _ENTITIES:
        names = [each.get("entityID", "") for each in root.iter(_ENTITY)]
        return [part("entities", *names), part("valid_until", root.get("validUntil", ""))]
    found = _header(root)
    for assertion in assertions:
        found += _of_assertion(assertion)
    return found


def _header(root: etree._Element) -> list[Part]:
    codes = [each.get("Value", "") for each in root.iterfind(f"{{{SAMLP}}}Status//{{{SAMLP}}}StatusCode")]
    policy = root.find(f"{{{SAMLP}}}NameIDPolicy")
    contexts = [shown(each) for each in root.iterfind(f"{{{SAMLP}}}RequestedAuthnContext/*")]
    return [
        part("status", *[last_word(code) for code in codes]),
        part("status_message", *[shown(each) for each in root.iterfind(f"{{{SAMLP}}}Status/{{{SAMLP}}}StatusMessage")]),
        part("issuer", *[shown(each) for each in root.iterfind(f"{{{SAML}}}Issuer")]),
        part("destination", root.get("Destination", "")),
        part("acs_url", root.get("AssertionConsumerServiceURL", "")),
        part("protocol_binding", last_word(root.get("ProtocolBinding", ""))),
        part("id", root.get("ID", "")),
        part("in_response_to", root.get("InResponseTo", "")),
        part("issue_instant", root.get("IssueInstant", "")),
        part("not_on_or_after", root.get("NotOnOrAfter", "")),
        part("force_authn", root.get("ForceAuthn", "")),
        part("is_passive", root.get("IsPassive", "")),
        part("name_id_policy", "" if policy is None else last_word(policy.get("Format", ""))),
        part("requested_context", *[last_word(each) for each in contexts]),
        part("name_id", *[shown(each) for each in root.iterfind(f"{{{SAML}}}NameID")]),
        part("session_index", *[shown(each) for each in root.iterfind(f"{{{SAMLP}}}SessionIndex")]),
        *_signature(root, name=f"{'response' if local(root) == 'Response' else 'message'}_signature"),
    ]


def _of_assertion(assertion: etree._Element) -> list[Part]:
    if assertion.tag != _ASSERTIONS[0]:
        methods = [last_word(each.get("Algorithm", "")) for each in assertion.iter("{*}EncryptionMethod")]
        return [part("encrypted", *methods or ["yes"])]
    subject, conditions = f"{{{SAML}}}Subject/", assertion.find(f"{{{SAML}}}Conditions")
    name_ids = assertion.findall(f"{subject}{{{SAML}}}NameID")
    statements = assertion.findall(f"{{{SAML}}}AuthnStatement")
    return [
        part("assertion_issuer", *[shown(each) for each in assertion.iterfind(f"{{{SAML}}}Issuer")]),
        *_signature(assertion, name="assertion_signature"),
        part("name_id", *[shown(each) for each in name_ids]),
        part("name_id_format", *[last_word(each.get("Format", "")) for each in name_ids]),
        part("audience", *_texts([assertion], _AUDIENCE)),
        part("recipient", *_recipients([assertion])),
        part("not_before", "" if conditions is None else conditions.get("NotBefore", "")),
        part("not_on_or_after", "" if conditions is None else conditions.get("NotOnOrAfter", "")),
        part("authn_instant", *[each.get("AuthnInstant", "") for each in statements]),
        part("session_not_on_or_after", *[each.get("SessionNotOnOrAfter", "") for each in statements]),
        part("session_index", *[each.get("SessionIndex", "") for each in statements]),
        part(
            "authn_context",
            *[last_word(shown(each)) for node in statements for each in islice(node.iter(_CONTEXT), MOST_VALUES)],
        ),
    ]


def _signature(element: etree._Element, *, name: str) -> list[Part]:
    """How the element's own signature was made."""
    node = element.find(_SIGNATURE)
    if node is None:
        return []
    methods = [each for kind in ("SignatureMethod", "DigestMethod") for each in node.iter(f"{{*}}{kind}")]
    return [
        part(name, *[last_word(each.get("Algorithm", "")).upper() for each in methods]),
        part(f"{name}_certificate", *[f"{each.fingerprint} ({each.subject})" for each in certificates_in(node)]),
    ]


def _signers(root: etree._Element, assertions: list[etree._Element]) -> tuple[Certificate, ...]:
    nodes = [each for element in (root, *assertions) for each in element.findall(_SIGNATURE)]
    found = {each.fingerprint: each for node in nodes for each in certificates_in(node)}
    return tuple(found.values())


def _recipients(assertions: list[etree._Element]) -> tuple[str, ...]:
    path = f"{{{SAML}}}Subject/{{{SAML}}}SubjectConfirmation/{{{SAML}}}SubjectConfirmationData"
    found = [node.get("Recipient", "") for assertion in assertions for node in assertion.iterfind(path)]
    return tuple(dict.fromkeys(each for each in found if each))


def _texts(elements: list[etree._Element], path: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shown(node) for element in elements for node in element.iterfind(path)))


def _time(element: etree._Element, name: str) -> datetime | None:
    try:
        return read_time(element, name=name)
    except TimeUnreadable:
        return None


def _is_laid_out(root: etree._Element) -> bool:
    tails = (node.tail or "" for node in root.iter())
    gaps = (True for tail in tails if tail.startswith(_IN_A_LINE) and tail.isspace())
    return len(list(islice(gaps, _LAID_OUT))) == _LAID_OUT
