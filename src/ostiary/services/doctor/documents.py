"""XML and web pages: what kind of message or document they are, by their outermost element."""

import html
import re
from typing import Final

from ostiary import saml
from ostiary.domain.doctor.findings import CutShort, NotSaml, WebPage
from ostiary.domain.doctor.specimen import Carrier, Kind, Specimen
from ostiary.kernel.errors import Refusal
from ostiary.saml.errors import NotXml

_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_KINDS: Final = {
    (_PROTOCOL, "Response"): Kind.RESPONSE,
    (_PROTOCOL, "AuthnRequest"): Kind.AUTHN_REQUEST,
    (_PROTOCOL, "LogoutRequest"): Kind.LOGOUT_REQUEST,
    (_PROTOCOL, "LogoutResponse"): Kind.LOGOUT_RESPONSE,
    ("urn:oasis:names:tc:SAML:2.0:assertion", "Assertion"): Kind.ASSERTION,
    ("urn:oasis:names:tc:SAML:2.0:assertion", "EncryptedAssertion"): Kind.ASSERTION,
}
_OLD: Final = {
    "urn:oasis:names:tc:SAML:1.0:protocol": "a message of SAML 1.1",
    "urn:oasis:names:tc:SAML:1.0:assertion": "an assertion of SAML 1.1",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512": "an answer of WS-Federation",
    "http://schemas.xmlsoap.org/ws/2005/02/trust": "an answer of WS-Federation",
    "http://schemas.xmlsoap.org/soap/envelope/": "a SOAP message",
    "http://www.w3.org/2003/05/soap-envelope": "a SOAP message",
}
_DECLARATION = re.compile(rb"\A<\?xml\s[^<>?]{0,200}\?>")
_UTF8 = re.compile(rb"""encoding\s*=\s*["']utf-8["']""", re.IGNORECASE)
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<form", b"<script")
_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_INPUT = re.compile(rb"<input\b([^<>]*)>", re.IGNORECASE)
_NAME = re.compile(rb"""\bname\s*=\s*["']?(SAMLResponse|SAMLRequest|RelayState)["'\s/]""", re.IGNORECASE)
_VALUE = re.compile(rb"""\bvalue\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def of_xml(document: bytes, *, carrier: Carrier, form_value: bytes) -> Specimen:
    """The specimen that this XML is. `form_value`: the same in base64."""
    document = _without_a_foreign_encoding(document.strip())
    try:
        outline = saml.unverified_outline(document)
    except NotXml:
        if not document.rstrip().endswith(b">"):
            return Specimen(kind=Kind.CUT_SHORT, carrier=carrier, findings=(CutShort(part="an XML document"),))
        return Specimen(kind=Kind.OTHER_XML, carrier=carrier, octets=document, form_value=form_value)
    except Refusal:
        return Specimen(kind=Kind.OTHER_XML, carrier=carrier, octets=document, form_value=form_value)
    kind = _KINDS.get((outline.namespace, outline.element)) or _metadata_kind(outline)
    old = _OLD.get(outline.namespace)
    findings = (NotSaml(received=old),) if old else ()
    return Specimen(kind=kind, carrier=carrier, octets=document, form_value=form_value, findings=findings)


def is_page(text: bytes) -> bool:
    """Whether this is HTML."""
    start = text[:2048].lstrip().lower()
    return start.startswith(_PAGE_STARTS) or b"<html" in start


def page_fields(page: bytes) -> dict[str, bytes]:
    """The fields of a page that posts itself: SAMLResponse, SAMLRequest, RelayState, as far as they are there."""
    found: dict[str, bytes] = {}
    for field in _INPUT.finditer(page):
        name, value = _NAME.search(field[1]), _VALUE.search(field[1])
        if name and value:
            written = (value[1] or value[2] or b"").decode("utf-8", "replace")
            found.setdefault(name[1].decode(), _unescaped(written).encode())
    return found


def of_page(page: bytes) -> Specimen:
    """The specimen that a web page is, where no message is in it."""
    title = _TITLE.search(page[:20_000])
    text = _unescaped(title[1].decode("utf-8", "replace")).strip() if title else ""
    return Specimen(kind=Kind.WEB_PAGE, carrier=Carrier.BARE, findings=(WebPage(page_title=" ".join(text.split())),))


def _unescaped(text: str) -> str:
    """As a browser reads it; as it was written where a reference has more digits than Python reads as a number."""
    try:
        return html.unescape(text)
    except ValueError:
        return text


def _metadata_kind(outline: saml.Outline) -> Kind:
    if outline.namespace != "urn:oasis:names:tc:SAML:2.0:metadata":
        return Kind.OTHER_XML
    if outline.element == "EntitiesDescriptor":
        return Kind.SEVERAL_METADATA
    roles = next((part.values for part in outline.parts if part.name == "roles"), ())
    return Kind.SP_METADATA if roles == ("service provider",) else Kind.IDP_METADATA


def _without_a_foreign_encoding(document: bytes) -> bytes:
    """A text that was pasted is UTF-8 by now, whatever its declaration says (.NET writes utf-16)."""
    declaration = _DECLARATION.match(document)
    if declaration is None or b"encoding" not in declaration[0] or _UTF8.search(declaration[0]):
        return document
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        return document
    return document[declaration.end() :].lstrip()
