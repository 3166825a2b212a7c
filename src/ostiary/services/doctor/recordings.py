"""JSON: a browser's recording (HAR) with the messages that travel in it, and what is no SAML at all.

A recording holds cookies and passwords: nothing of it is looked at but the fields of SAML, their addresses and times.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from ostiary.domain.doctor.findings import CutShort, NotSaml, OpenIdConnect, RecordingWithoutSaml, SecretsInside
from ostiary.domain.doctor.specimen import Carrier, Kind, Specimen
from ostiary.services.doctor.unwrapping import LARGEST_UNPACKED

MOST_MESSAGES = 20
_MOST_ENTRIES = 20_000
_MOST_BODIES = 60
"""With a message inside."""
_LONGEST_FACT = 500

Fields = Callable[[bytes], tuple[Specimen, ...]]
"""Reads the messages in a form's body or a query."""


def of_json(text: bytes, *, messages: Fields) -> tuple[Specimen, ...]:
    """The specimens in this JSON: those of a recording, or the one that it is itself."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        is_cut = not text.rstrip().endswith((b"}", b"]"))
        finding = CutShort(part="a JSON document") if is_cut else NotSaml(received="a text that begins like JSON")
        return (Specimen(kind=Kind.CUT_SHORT if is_cut else Kind.UNKNOWN, carrier=Carrier.BARE, findings=(finding,)),)
    if not isinstance(content, dict):
        return (_foreign(Kind.JSON, NotSaml(received="a JSON document")),)
    log = content.get("log")
    if isinstance(log, dict) and isinstance(log.get("entries"), list):
        return _of_recording(log["entries"], messages)
    posted = [
        f"{name}={content[name]}" for name in ("SAMLResponse", "SAMLRequest") if isinstance(content.get(name), str)
    ]
    if posted:
        return messages("&".join(posted).encode("utf-8", "replace"))
    return (_of_object(content),)


def _of_object(content: Mapping[str, object]) -> Specimen:
    if isinstance(content.get("issuer"), str) and {"authorization_endpoint", "jwks_uri"} & content.keys():
        return _discovery(content)
    if isinstance(content.get("keys"), list):
        return _foreign(Kind.JSON_WEB_KEYS, OpenIdConnect(received="a set of public keys (JWKS)"))
    if {"id_token", "access_token"} & content.keys():
        return _foreign(Kind.JSON_WEB_TOKEN, OpenIdConnect(received="the answer of a token endpoint"))
    return _foreign(Kind.JSON, NotSaml(received="a JSON document"))


def _foreign(kind: Kind, finding: NotSaml | OpenIdConnect) -> Specimen:
    return Specimen(kind=kind, carrier=Carrier.BARE, findings=(finding,))


def _discovery(content: Mapping[str, object]) -> Specimen:
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    facts = tuple((name, (writable(content[name])[:_LONGEST_FACT],)) for name in names if content.get(name))
    finding = OpenIdConnect(received="a discovery document (openid-configuration)")
    return replace(_foreign(Kind.OIDC_DISCOVERY, finding), facts=facts)


def _of_recording(entries: list[object], messages: Fields) -> tuple[Specimen, ...]:
    found: dict[bytes, Specimen] = {}
    seen: set[str] = set()
    octets = 0
    for entry in entries[:_MOST_ENTRIES]:
        if len(found) >= MOST_MESSAGES or len(seen) >= _MOST_BODIES or octets >= LARGEST_UNPACKED:
            break
        for specimen in _of_entry(entry, messages, seen=seen):
            octets += len(specimen.octets)
            found.setdefault(specimen.form_value or specimen.octets, specimen)
    if not found:
        finding = RecordingWithoutSaml(requests=len(entries))
        return (Specimen(kind=Kind.RECORDING, carrier=Carrier.BARE, findings=(finding, SecretsInside())),)
    # Each once, and the warning with the first.
    first, *others = found.values()
    return (replace(first, findings=(*first.findings, SecretsInside())), *others[: MOST_MESSAGES - 1])


def _of_entry(entry: object, messages: Fields, *, seen: set[str]) -> Iterator[Specimen]:
    """The messages of one request. What was seen before is not looked at again: a few bytes may hold two megabytes."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(request, dict):
        return
    url = request.get("url")
    address = url if isinstance(url, str) else ""
    for text in (_posted(request.get("postData")), address if "SAML" in address else ""):
        if text in seen or ("SAMLResponse=" not in text and "SAMLRequest=" not in text):
            continue
        seen.add(text)
        carrier = Carrier.QUERY if text == address else Carrier.FORM
        for specimen in messages(text.encode("utf-8", "replace")):
            yield replace(
                specimen,
                carrier=specimen.carrier if carrier is Carrier.QUERY else Carrier.RECORDING,
                sent_to=without_query(address),
                sent_at=_moment(entry.get("startedDateTime")),
            )


def _posted(body: object) -> str:
    """The body of the form: as it was sent, or put together from its fields."""
    if not isinstance(body, dict):
        return ""
    text = body.get("text")
    if isinstance(text, str) and "SAML" in text:
        return text
    fields = body.get("params")
    return "&".join(
        f"{field['name']}={field['value']}"
        for field in (fields if isinstance(fields, list) else ())[:100]
        if isinstance(field, dict)
        and field.get("name") in {"SAMLResponse", "SAMLRequest", "RelayState"}
        and isinstance(field.get("value"), str)
    )


def without_query(url: str) -> str:
    """Scheme, host and path of the URL; queries hold codes and tokens. Empty where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else ""
    return writable(address)[:_LONGEST_FACT]


def writable(text: object) -> str:
    """The text of a JSON document, that may hold halves of letters which no page can be written with."""
    return str(text).encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else ""


def _moment(written: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
