"""Logout messages, written and read by nothing that the product reads and writes with. SAML Core 3.7."""

import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from lxml import etree

from ostiary.simulator.request import ASSERTION, PROTOCOL, UnreadableRequest, parse, redirected
from ostiary.simulator.rim import Incoming
from ostiary.simulator.state import Participant

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = _STATUS + "Success"
PARTIAL = _STATUS + "PartialLogout"
AUTHN_FAILED = _STATUS + "AuthnFailed"
_REQUESTER = _STATUS + "Requester"
_LARGEST = 65_536
_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A LogoutRequest or LogoutResponse as it came. Empty texts: not said."""

    root: etree._Element
    is_request: bool
    id: str
    issuer: str
    name_id: str
    session_indexes: tuple[str, ...]
    in_response_to: str
    status: str
    relay_state: str


def read(incoming: Incoming) -> Message:
    """The message in the query or the form. Raises: `UnreadableRequest`."""
    fields = incoming.form if incoming.method == "POST" else incoming.query
    is_request = fields.has("SAMLRequest")
    try:
        octets = b64decode("".join(fields.get("SAMLRequest" if is_request else "SAMLResponse").split()), validate=True)
        if incoming.method != "POST":
            octets = zlib.decompressobj(wbits=-15).decompress(octets, _LARGEST)
    except (NotBase64, ValueError, zlib.error) as error:
        raise UnreadableRequest("The logout message can't be unpacked.") from error
    root = parse(octets)
    expected = "LogoutRequest" if is_request else "LogoutResponse"
    if root.tag != f"{{{PROTOCOL}}}{expected}":
        raise UnreadableRequest(f"The message is not a {expected}.")
    code = root.find(f"{{{PROTOCOL}}}Status/{{{PROTOCOL}}}StatusCode")
    return Message(
        root=root,
        is_request=is_request,
        id=str(root.get("ID", "")),
        issuer=(root.findtext(f"{{{ASSERTION}}}Issuer") or "").strip(),
        name_id=(root.findtext(f"{{{ASSERTION}}}NameID") or "").strip(),
        session_indexes=tuple((one.text or "").strip() for one in root.iterfind(f"{{{PROTOCOL}}}SessionIndex")),
        in_response_to=str(root.get("InResponseTo", "")),
        status="" if code is None else str(code.get("Value", "")),
        relay_state=fields.get("RelayState"),
    )


def raw_parameters(query: str) -> dict[str, str]:
    """The parameters of a query as they were sent, still encoded."""
    return dict(part.partition("=")[::2] for part in query.split("&") if part)


def request_root(
    *, message_id: str, issuer: str, destination: str, participant: Participant, now: datetime
) -> etree._Element:
    """A LogoutRequest for one application."""
    root = _root("LogoutRequest", message_id=message_id, issuer=issuer, destination=destination, now=now)
    root.set("NotOnOrAfter", _time(now + _LASTS))
    name_id = etree.SubElement(root, f"{{{ASSERTION}}}NameID", Format=participant.name_id_format)
    name_id.text = participant.name_id
    etree.SubElement(root, f"{{{PROTOCOL}}}SessionIndex").text = participant.session_index
    return root


def response_root(
    *, message_id: str, issuer: str, destination: str, in_response_to: str, status: str, now: datetime
) -> etree._Element:
    """A LogoutResponse with this status; one that is no first-level status stands inside another."""
    root = _root("LogoutResponse", message_id=message_id, issuer=issuer, destination=destination, now=now)
    root.set("InResponseTo", in_response_to)
    outer = {PARTIAL: SUCCESS, AUTHN_FAILED: _REQUESTER}.get(status, status)
    code = etree.SubElement(etree.SubElement(root, f"{{{PROTOCOL}}}Status"), f"{{{PROTOCOL}}}StatusCode", Value=outer)
    if outer != status:
        etree.SubElement(code, f"{{{PROTOCOL}}}StatusCode", Value=status)
    return root


def query_of(root: etree._Element, *, field: str, relay_state: str, algorithm: str) -> str:
    """The query that is to be signed. SAML Bindings 3.4.4.1."""
    pairs = [(field, b64encode(redirected(etree.tostring(root))).decode("ascii"))]
    if relay_state:
        pairs.append(("RelayState", relay_state))
    pairs.append(("SigAlg", algorithm))
    # Percent signs with small letters, as .NET writes them: whoever encodes anew signs something else.
    return "&".join(f"{name}={_small(quote(value, safe=''))}" for name, value in pairs)


def _small(text: str) -> str:
    head, *rest = text.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in rest)])


def _root(kind: str, *, message_id: str, issuer: str, destination: str, now: datetime) -> etree._Element:
    root = etree.Element(
        f"{{{PROTOCOL}}}{kind}",
        nsmap={"saml2p": PROTOCOL, "saml2": ASSERTION},
        Destination=destination,
        ID=message_id,
        IssueInstant=_time(now),
        Version="2.0",
    )
    etree.SubElement(root, f"{{{ASSERTION}}}Issuer").text = issuer
    return root


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
