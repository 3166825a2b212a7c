"""Base64 and deflate as people paste them: mended where it can be, and told where a sign-in would not mend it."""

import base64
import re
import zlib
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ostiary.domain.doctor.findings import DoctorFinding, PlusSignsLost, UrlSafeBase64

LARGEST_UNPACKED = 2 * 1024 * 1024
_ALPHABET = re.compile(rb"[A-Za-z0-9+/=_\-\s]*")
_SHORTEST_LINE = 40
_SHORTEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwrapped:
    """What was inside a piece of base64."""

    octets: bytes
    form_value: bytes
    """The base64 in one line, its padding complete."""
    findings: tuple[DoctorFinding, ...]
    is_cut: bool
    """The end of the base64 is missing."""


def unwrapped(text: bytes) -> Unwrapped | None:
    """What this base64 holds, be it wrapped, percent-encoded, URL-safe or without its plus signs. None: no base64."""
    value = text.strip().strip(b"\"'")
    if b"%" in value:
        value = unquote_to_bytes(value).strip()
    if len(value) < _SHORTEST or not _ALPHABET.fullmatch(value):
        return None
    findings: list[DoctorFinding] = []
    if _has_lost_plus_signs(value):
        findings.append(PlusSignsLost())
        value = value.replace(b" ", b"+")
    compact = b"".join(value.split())
    if b"-" in compact or b"_" in compact:
        findings.append(UrlSafeBase64())
        compact = compact.translate(bytes.maketrans(b"-_", b"+/"))
    body = compact.rstrip(b"=")
    if not body or b"=" in body:
        return None
    if body == compact and _ends_with_a_lost_plus_sign(body):
        body += b"+"
        findings = [PlusSignsLost(), *(each for each in findings if not isinstance(each, PlusSignsLost))]
    is_cut = len(body) % 4 == 1
    if is_cut:
        body = body[:-1]
    padded = body + b"=" * (-len(body) % 4)
    return Unwrapped(octets=base64.b64decode(padded), form_value=padded, findings=tuple(findings), is_cut=is_cut)


def inflated(octets: bytes) -> tuple[bytes, bool] | None:
    """What was deflated, and whether its end is there; None where it is something else or too large."""
    unpacker = zlib.decompressobj(-15)
    try:
        document = unpacker.decompress(octets, LARGEST_UNPACKED + 1)
    except zlib.error:
        return None
    if not document.lstrip().startswith(b"<") or len(document) > LARGEST_UNPACKED:
        return None
    return document, unpacker.eof


def _ends_with_a_lost_plus_sign(body: bytes) -> bool:
    """Whether one more plus sign makes the end of an element of it: a space at the end is lost when it is copied."""
    # One letter is missing to a group of four. What was deflated may end with any octet.
    if len(body) % 4 != 3 or not base64.b64decode(body[:4]).startswith(b"<"):  # noqa: PLR2004
        return False
    tail = body[-3:]
    return not base64.b64decode(tail + b"=").endswith(b">") and base64.b64decode(tail + b"+").endswith(b">")


def _has_lost_plus_signs(value: bytes) -> bool:
    """Spaces inside a line, unless they are the line ends of a text that was put into one line."""
    lines = [line.strip() for line in value.splitlines()]
    pieces = [line.split(b" ") for line in lines if b" " in line]
    return any(
        len({len(each) for each in parts[:-1]}) > 1 or len(parts[0]) < _SHORTEST_LINE or not all(parts)
        for parts in pieces
    )
