"""Reading an AuthnRequest, as strictly as a stranger's words deserve."""

import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from lxml import etree

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
_LONGEST = 65_536


class UnreadableRequest(ValueError):
    """What came is no AuthnRequest. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthnRequest:
    """What a service provider asks for. Empty texts: not said. SAML Core 3.4.1."""

    id: str
    issuer: str
    issued_at: datetime
    acs_url: str
    name_id_format: str
    force_authn: bool


def read_redirected(saml_request: str) -> AuthnRequest:
    """The request of the Redirect binding: base64 of DEFLATE. SAML Bindings 3.4.4.1. Raises: `UnreadableRequest`."""
    inflater = zlib.decompressobj(wbits=-15)
    try:
        octets = inflater.decompress(_decode(saml_request), _LONGEST)
    except zlib.error as error:
        raise UnreadableRequest("SAMLRequest is not compressed as the Redirect binding asks for.") from error
    if inflater.unconsumed_tail:
        raise UnreadableRequest("SAMLRequest grows beyond 64 KiB.")
    return _read(octets)


def read_posted(saml_request: str) -> AuthnRequest:
    """The request of the POST binding: base64. SAML Bindings 3.5.4. Raises: `UnreadableRequest`."""
    return _read(_decode(saml_request))


def redirected(octets: bytes) -> bytes:
    """The message, compressed as the Redirect binding asks for."""
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(octets) + deflater.flush()


def _decode(text: str) -> bytes:
    if len(text) > 2 * _LONGEST:
        raise UnreadableRequest("SAMLRequest is longer than 128 KiB.")
    try:
        return b64decode("".join(text.split()), validate=True)
    except (NotBase64, ValueError) as error:
        raise UnreadableRequest("SAMLRequest is not base64.") from error


def _read(octets: bytes) -> AuthnRequest:
    root = parse(octets)
    if root.tag != f"{{{PROTOCOL}}}AuthnRequest":
        raise UnreadableRequest("The message is not an AuthnRequest.")
    policy = root.find(f"{{{PROTOCOL}}}NameIDPolicy")
    return AuthnRequest(
        id=_needed(root, name="ID"),
        issuer=(root.findtext(f"{{{ASSERTION}}}Issuer") or "").strip(),
        issued_at=_time(_needed(root, name="IssueInstant")),
        acs_url=str(root.get("AssertionConsumerServiceURL", "")),
        name_id_format="" if policy is None else str(policy.get("Format", "")),
        force_authn=root.get("ForceAuthn") in {"true", "1"},
    )


def parse(octets: bytes) -> etree._Element:
    """The outermost element of a message. Raises: `UnreadableRequest`."""
    # Billion laughs, files and networks: no DTD is ever read, and a message with one is refused.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.parse(BytesIO(octets), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableRequest("The message is not well-formed XML.") from error
    if document.docinfo.internalDTD is not None:
        raise UnreadableRequest("The message has a document type declaration.")
    return document.getroot()


def _needed(root: etree._Element, *, name: str) -> str:
    value = root.get(name)
    if not value:
        raise UnreadableRequest(f"The AuthnRequest has no {name}.")
    return str(value)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableRequest("IssueInstant is not a time.") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
