"""The few parts of an X.509 certificate that we show and pin, read straight from its DER. RFC 5280.

A library that refuses a certificate for its serial number or an odd date would lock out a customer whose identity
provider has used that certificate for years; the pinned key is what counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_SEQUENCE, _SET = 0x30, 0x31
_EXPLICIT_VERSION = 0xA0
_UTC_TIME = 0x17
_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.6": "C",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "DC",
}
_WIDE_TEXT = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What was read."""

    issuer: str
    subject: str
    not_before: datetime
    not_after: datetime
    public_key: bytes
    """The SubjectPublicKeyInfo, in DER."""


@dataclass(frozen=True, slots=True)
class _Value:
    tag: int
    content: bytes
    whole: bytes


def read_parts(der: bytes) -> Parts:
    """The parts of this certificate. Does not verify its signature: the key is pinned, nobody vouches for it.

    Raises: `ValueError`.
    """
    certificate = _only(der, tag=_SEQUENCE)
    body = next(_values(certificate.content))
    if body.tag != _SEQUENCE:
        raise ValueError(body.tag)
    fields = [value for value in _values(body.content) if value.tag != _EXPLICIT_VERSION]
    if len(fields) < 6:  # noqa: PLR2004 - serial, algorithm, issuer, validity, subject, key
        raise ValueError(len(fields))
    _serial, _algorithm, issuer, validity, subject, key = fields[:6]
    not_before, not_after = _values(validity.content)
    return Parts(
        issuer=_name(issuer),
        subject=_name(subject),
        not_before=_time(not_before),
        not_after=_time(not_after),
        public_key=key.whole,
    )


def enveloped(public_key: bytes) -> bytes:
    """A certificate around this SubjectPublicKeyInfo that nobody has signed and that names nobody, 2000 to 2049."""
    algorithm = _written(_SEQUENCE, _written(0x06, bytes.fromhex("2a864886f70d01010b")))
    validity = _written(_SEQUENCE, _written(_UTC_TIME, b"000101000000Z") + _written(_UTC_TIME, b"491231235959Z"))
    nobody = _written(_SEQUENCE, b"")
    body = _written(_SEQUENCE, _written(0x02, b"\1") + algorithm + nobody + validity + nobody + public_key)
    return _written(_SEQUENCE, body + algorithm + _written(0x03, b"\0"))


def _written(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - the short form of a length ends here
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width) + content


def _only(der: bytes, *, tag: int) -> _Value:
    [value] = _values(der)
    if value.tag != tag:
        raise ValueError(value.tag)
    return value


def _values(octets: bytes) -> Iterator[_Value]:
    """The values that stand one after the other."""
    at = 0
    while at < len(octets):
        start = at
        if len(octets) < at + 2:
            raise ValueError("cut short")
        tag, size = octets[at], octets[at + 1]
        at += 2
        if size & 0x80:
            width = size & 0x7F
            if not 1 <= width <= 4 or len(octets) < at + width:  # noqa: PLR2004 - four bytes of length are 4 GiB
                raise ValueError("length")
            size = int.from_bytes(octets[at : at + width])
            at += width
        if len(octets) < at + size:
            raise ValueError("cut short")
        yield _Value(tag, octets[at : at + size], octets[start : at + size])
        at += size


def _name(value: _Value) -> str:
    """As "CN=idp.example.com, O=Example", the most specific part first."""
    parts = []
    for relative in _values(value.content):
        for pair in _values(relative.content):
            kind, text = _values(pair.content)
            number = _object_identifier(kind.content)
            parts.append(f"{_NAMES.get(number, number)}={_text(text)}")
    return ", ".join(reversed(parts))


def _text(value: _Value) -> str:
    written = value.content.decode(_WIDE_TEXT.get(value.tag, "utf-8"), errors="replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in written)[:200]


def _object_identifier(octets: bytes) -> str:
    if not octets:
        raise ValueError("object identifier")
    numbers = [min(octets[0] // 40, 2)]
    numbers.append(octets[0] - 40 * numbers[0])
    number = 0
    for octet in octets[1:]:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    return ".".join(str(part) for part in numbers)


def _time(value: _Value) -> datetime:
    """UTCTime has two digits for the year, GeneralizedTime four; seconds may be missing in old certificates."""
    written = value.content.decode("ascii")
    if value.tag == _UTC_TIME:
        written = ("19" if written[:2] >= "50" else "20") + written
    if not written.endswith("Z"):
        raise ValueError(written)
    digits = written[:-1].partition(".")[0].ljust(14, "0")
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
