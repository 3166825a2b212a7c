"""What was pasted: one thing or several, unwrapped and named. Anything may come in; nothing is raised."""

import base64
import json
import re
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_to_bytes

from ostiary import saml
from ostiary.domain.doctor.findings import (
    CutShort,
    NothingHere,
    NotSaml,
    OpenIdConnect,
    ResponseByRedirect,
    TooMuch,
)
from ostiary.domain.doctor.specimen import Carrier, Kind, Specimen
from ostiary.kernel.errors import Finding, Refusal
from ostiary.saml.errors import CertificateIsPrivateKey, CertificateUnreadable
from ostiary.services.doctor.documents import is_page, of_page, of_xml, page_fields
from ostiary.services.doctor.recordings import of_json, without_query, writable
from ostiary.services.doctor.unwrapping import LARGEST_UNPACKED, inflated, unwrapped

_FILES: Final = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive, or an Office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)
_FIELD = re.compile(rb"(?<![A-Za-z0-9_])(SAMLResponse|SAMLRequest)=([^&\"'<>\x00-\x09\x0b\x0c\x0e-\x1f]*)")
_RELAY_STATE = re.compile(rb"(?<![A-Za-z0-9_])RelayState=([^&\"'\s<>]{0,4096})")
_TOKEN = re.compile(rb"(?:Bearer\s{1,4})?(eyJ[A-Za-z0-9_-]{8,65536}+)(\.[A-Za-z0-9_.-]*+)", re.IGNORECASE)
_DOTS_ENCRYPTED = 4
_URL = re.compile(r"(?:https?://|urn:)\S{1,4096}", re.IGNORECASE)
_MOST_FIELDS = 20
_LARGEST_CERTIFICATES = 64 * 1024
_SHORT = 200


def specimens_in(pasted: bytes, *, limit: int) -> tuple[Specimen, ...]:
    """The specimens in what was pasted, at least one. `limit` in bytes: of more nothing is looked at."""
    if len(pasted) > limit:
        return (_foreign(Kind.TOO_LARGE, TooMuch(limit=limit, received=len(pasted))),)
    text = _as_utf8(pasted).strip().lstrip(b"\xef\xbb\xbf").strip()
    if not text:
        return (_foreign(Kind.NOTHING, NothingHere()),)
    known = next((words for start, words in _FILES if text.startswith(start)), None)
    if known is not None:
        return (_foreign(Kind.OTHER_FILE, NotSaml(received=known)),)
    if text.startswith(b"<"):
        return _of_markup(text)
    if text.startswith((b"{", b"[")):
        return of_json(text, messages=_of_fields)
    return _of_text(pasted if pasted[:1] == b"\x30" else text)


def _of_markup(text: bytes) -> tuple[Specimen, ...]:
    if not is_page(text):
        return (of_xml(text, carrier=Carrier.BARE, form_value=base64.b64encode(text)),)
    fields = page_fields(text)
    relay_state = fields.pop("RelayState", b"").decode("utf-8", "replace")
    found = [_of_value(value, name=name, carrier=Carrier.PAGE) for name, value in fields.items()]
    return tuple(replace(each, relay_state=relay_state[:_SHORT]) for each in found) or (of_page(text),)


def _of_text(text: bytes) -> tuple[Specimen, ...]:
    if b"-----BEGIN" in text or b"PRIVATE KEY" in text:
        return (_of_certificate(text),)
    if b"SAMLResponse=" in text or b"SAMLRequest=" in text:
        return _of_fields(text)
    token = _TOKEN.fullmatch(text)
    if token:
        return (_of_token(token[1], is_encrypted=token[2].count(b".") == _DOTS_ENCRYPTED),)
    address = _URL.fullmatch(text.decode("utf-8", "replace"))
    if address:
        facts = (("address", (address[0],)),)
        return (Specimen(kind=Kind.URL, carrier=Carrier.BARE, octets=text, sent_to=address[0], facts=facts),)
    inside = unwrapped(text)
    if inside is not None:
        document = _document_in(inside.octets)
        if document is not None or inside.octets.lstrip().startswith(b"<"):
            return (_of_value(text, name="", carrier=Carrier.BASE64),)
    return (_of_certificate(text),)


def _of_fields(text: bytes) -> tuple[Specimen, ...]:
    """The messages in a form's body, a query, or a line of a log or a command around one."""
    carrier = Carrier.QUERY if text[:4].lower() == b"http" or text[:1] == b"?" else Carrier.FORM
    relay = _RELAY_STATE.search(text)
    relay_state = unquote_to_bytes(relay[1]).decode("utf-8", "replace") if relay else ""
    target = without_query(text[:4096].decode("utf-8", "replace")) if carrier is Carrier.QUERY else ""
    found: list[Specimen] = []
    for field in dict.fromkeys(each.groups() for each in _FIELD.finditer(text)):
        # Twenty pieces of two kilobytes, packed well, are twenty documents of two megabytes.
        if len(found) >= _MOST_FIELDS or sum(len(each.octets) for each in found) >= LARGEST_UNPACKED:
            break
        specimen = _of_value(unquote_to_bytes(field[1]), name=field[0].decode(), carrier=carrier)
        found.append(replace(specimen, relay_state=relay_state[:_SHORT], sent_to=target))
    return tuple(found) or (_foreign(Kind.UNKNOWN, NotSaml(received="a text that names a field of SAML")),)


def _of_value(value: bytes, *, name: str, carrier: Carrier) -> Specimen:
    """The specimen in the value of a field: base64 of XML, deflated or not."""
    words = f"the value of {name}" if name else "a text in base64"
    if not value.strip():
        return Specimen(kind=Kind.NOTHING, carrier=carrier, findings=(NothingHere(),))
    if value.lstrip().startswith(b"<"):
        return of_xml(value, carrier=carrier, form_value=base64.b64encode(value.strip()))
    inside = unwrapped(value)
    if inside is None:
        return Specimen(kind=Kind.UNKNOWN, carrier=carrier, findings=(NotSaml(received=f"{words}, and no base64"),))
    unpacked = _document_in(inside.octets)
    is_deflated = unpacked is not None
    document, is_whole = unpacked or (inside.octets, not inside.is_cut)
    if not document.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        is_packed = inside.octets[:1] not in b"{[" and carrier is Carrier.QUERY
        finding: Finding = CutShort(part=words) if is_packed else NotSaml(received=f"{words}, and no XML inside")
        kind = Kind.CUT_SHORT if is_packed else Kind.UNKNOWN
        return Specimen(kind=kind, carrier=carrier, findings=(finding,))
    if not is_whole:
        return Specimen(kind=Kind.CUT_SHORT, carrier=carrier, findings=(*inside.findings, CutShort(part=words)))
    return _named(document, inside.form_value, inside.findings, carrier=carrier, is_deflated=is_deflated)


def _named(
    document: bytes, form_value: bytes, findings: tuple[Finding, ...], *, carrier: Carrier, is_deflated: bool
) -> Specimen:
    if is_deflated:
        form_value = base64.b64encode(document)
        carrier = Carrier.DEFLATED if carrier is Carrier.BASE64 else carrier
    specimen = of_xml(document, carrier=carrier, form_value=form_value)
    if specimen.kind is Kind.RESPONSE and (is_deflated or carrier is Carrier.QUERY):
        findings = (*findings, ResponseByRedirect())
    return replace(specimen, findings=(*findings, *specimen.findings))


def _document_in(octets: bytes) -> tuple[bytes, bool] | None:
    """The XML that was deflated into these bytes, and whether all of it is there."""
    return None if octets.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else inflated(octets)


def _of_certificate(text: bytes) -> Specimen:
    """A certificate in any shape; a refusal about one is told when it is judged, and what is none is a text."""
    try:
        saml.read_certificates(text, minimum_rsa_bits=0)
    except CertificateIsPrivateKey:
        return Specimen(kind=Kind.PRIVATE_KEY, carrier=Carrier.BARE)
    except CertificateUnreadable as refusal:
        if refusal.detail == "cut short":
            return _foreign(Kind.CUT_SHORT, CutShort(part="a certificate"))
        return _foreign(Kind.UNKNOWN, NotSaml(received=_look(text)))
    except Refusal:
        pass
    return Specimen(kind=Kind.CERTIFICATE, carrier=Carrier.BARE, octets=text[:_LARGEST_CERTIFICATES])


def _of_token(header: bytes, *, is_encrypted: bool) -> Specimen:
    """A JSON Web Token: its header alone is looked at, for the rest may be a secret that still counts."""
    known = "an encrypted JSON Web Token (JWE)" if is_encrypted else "a JSON Web Token (JWT)"
    finding = OpenIdConnect(received=known)
    try:
        said = json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))
    except (ValueError, RecursionError):
        said = {}
    names = ("typ", "alg", "enc", "kid")
    facts = tuple(
        (name, (writable(said[name])[:_SHORT],))
        for name in names
        if isinstance(said, dict) and isinstance(said.get(name), str)
    )
    return replace(_foreign(Kind.JSON_WEB_TOKEN, finding), facts=facts)


def _look(text: bytes) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return "a file that is no text"
    return "a text"


def _foreign(kind: Kind, finding: Finding) -> Specimen:
    return Specimen(kind=kind, carrier=Carrier.BARE, findings=(finding,))


def _as_utf8(pasted: bytes) -> bytes:
    """UTF-16, as editors of Windows save it, in UTF-8."""
    if pasted[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return pasted
    return pasted.decode("utf-16", "replace").encode("utf-8", "replace")
