"""Our own logout messages, not signed yet. SAML Core 3.7.1, 3.7.2."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pybase64
from lxml import etree

from ostiary.saml.assertion import NameId
from ostiary.saml.certificates import Certificate
from ostiary.saml.constants import SAML, SAMLP
from ostiary.saml.logout.message import LogoutStatus
from ostiary.saml.signing.enveloped import signed
from ostiary.saml.signing.keys import SigningKey

GOOD_FOR: Final = timedelta(minutes=5)
_USER = "urn:oasis:names:tc:SAML:2.0:logout:user"


def build_logout_request(
    *, entity_id: str, destination: str, request_id: str, name_id: NameId, session_index: str, now: datetime
) -> bytes:
    """The LogoutRequest as XML. It names the person exactly as the identity provider has: it compares letter by letter.

    An empty `session_index` is left away: the provider has given none, and ends all sessions of the person.
    """
    root = _message("LogoutRequest", entity_id=entity_id, destination=destination, message_id=request_id, now=now)
    root.set("NotOnOrAfter", _time(now + GOOD_FOR))
    root.set("Reason", _USER)
    written = etree.SubElement(root, f"{{{SAML}}}NameID")
    if name_id.states_format:
        written.set("Format", name_id.format)
    if name_id.name_qualifier:
        written.set("NameQualifier", name_id.name_qualifier)
    if name_id.sp_name_qualifier:
        written.set("SPNameQualifier", name_id.sp_name_qualifier)
    written.text = name_id.value
    if session_index:
        etree.SubElement(root, f"{{{SAMLP}}}SessionIndex").text = session_index
    return etree.tostring(root)


def build_logout_response(
    *,
    entity_id: str,
    destination: str,
    response_id: str,
    in_response_to: str,
    status: LogoutStatus,
    now: datetime,
) -> bytes:
    """The LogoutResponse as XML. It says nothing but how it ended: not whether the person is known here."""
    root = _message("LogoutResponse", entity_id=entity_id, destination=destination, message_id=response_id, now=now)
    root.set("InResponseTo", in_response_to)
    etree.SubElement(etree.SubElement(root, f"{{{SAMLP}}}Status"), f"{{{SAMLP}}}StatusCode", Value=status.value)
    return etree.tostring(root)


def posted(message: bytes, *, key: SigningKey, certificate: Certificate) -> str:
    """The value of the form field for a message of ours, with the signature inside. SAML Bindings 3.5.4."""
    return pybase64.b64encode(signed(etree.fromstring(message), key=key, certificate=certificate)).decode("ascii")


def _message(kind: str, *, entity_id: str, destination: str, message_id: str, now: datetime) -> etree._Element:
    root = etree.Element(f"{{{SAMLP}}}{kind}", nsmap={"samlp": SAMLP, "saml": SAML})
    root.set("ID", message_id)
    root.set("Version", "2.0")
    root.set("IssueInstant", _time(now))
    root.set("Destination", destination)
    etree.SubElement(root, f"{{{SAML}}}Issuer").text = entity_id
    return root


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
