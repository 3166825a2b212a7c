"""Certificates as people paste and upload them: every shape that is seen, read into one value."""

import binascii
import hashlib
import html
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import pybase64
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from ostiary.saml.algorithms import PublicKey
from ostiary.saml.der import Parts, enveloped, read_parts
from ostiary.saml.errors import (
    CertificateIsFingerprint,
    CertificateIsMetadata,
    CertificateIsPrivateKey,
    CertificateIsPublicKey,
    CertificateUnreadable,
    CertificateWeak,
)

MINIMUM_RSA_BITS = 2048
_ALLOWED_RSA_BITS = 1024
MINIMUM_EC_BITS = 256
_LEAST_EXPONENT = 3
_LARGEST_RSA_BITS = 8192
_LONGEST_EXPONENT = 33
"""In bits. 65537 has 17; with 3,071 of them a verification takes 7 ms in place of 0.05."""
_LARGEST = 64 * 1024
_LARGEST_STRANGER = 16 * 1024
_SEQUENCE = 0x30
_KEPT = 2048
"""Certificates whose keys stay parsed; about 6 KB each."""

# A word that touches the dashes shows that something was cut or glued by hand. Every repetition is bounded: with open
# ones 64 KiB of "-----BEGIN" held a server, and all its tenants, for minutes.
_LABEL = r"[A-Z0-9]{1,20}(?: {1,4}[A-Z0-9]{1,20}){0,3}"
_BEGIN = re.compile(rf"(?<![^\s-])-----\s{{0,8}}BEGIN ({_LABEL})\s{{0,8}}-----")
_END = re.compile(rf"-----\s{{0,8}}END {_LABEL}\s{{0,8}}-----(?![^\s-])")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}[:\s-]?){19}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}[:\s-]?){31}[0-9A-Fa-f]{2}")
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"), "") | {0xA0: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate whose key is pinned. Its dates are for warnings only."""

    der: bytes
    subject: str
    """As "CN=idp.example.com, O=Example", the most specific part first."""
    not_before: datetime
    not_after: datetime
    fingerprint: str
    """SHA-256 of the DER, upper-case hex with colons."""
    key: str
    """The kind of key and its size, as "RSA 2048" or "EC secp256r1"."""

    def is_expired(self, now: datetime) -> bool:
        """Whether its last moment has passed."""
        return now > self.not_after

    @property
    def base64(self) -> str:
        """The DER in base64, in one line: the form in which it is stored and sent."""
        return pybase64.b64encode(self.der).decode("ascii")


def read_certificates(pasted: bytes, *, minimum_rsa_bits: int = MINIMUM_RSA_BITS) -> tuple[Certificate, ...]:
    """The certificates in what was pasted or uploaded, in their order, each once, without the authorities above them.

    Reads PEM, bare base64, DER, PKCS #7, several, a chain, base64 of PEM; with extra white space, Windows line ends,
    literal backslash-n, HTML entities, typographic dashes, text around it. An expired one is returned: its dates are
    for the caller to judge.

    Raises: `CertificateUnreadable`, `CertificateIsPrivateKey`, `CertificateIsFingerprint`, `CertificateIsPublicKey`,
    `CertificateIsMetadata`, `CertificateWeak`.
    """
    if len(pasted) > _LARGEST:
        raise CertificateUnreadable(detail="too large")
    found: dict[str, Certificate] = {}
    for der in _read_shapes(pasted, nested=False):
        certificate = certificate_from_der(der)
        found[certificate.fingerprint] = certificate
    leaves = _without_authorities(list(found.values()))
    for certificate in leaves:
        require_strong_key(certificate, minimum_rsa_bits=minimum_rsa_bits)
    return leaves


def certificate_around(public_key_pem: bytes) -> Certificate:
    """A certificate around a bare public key, so that it can be pinned; it says nothing else.

    Raises: `CertificateUnreadable`, `CertificateWeak` where it is of a kind that SAML does not sign with.
    """
    try:
        written = load_pem_public_key(public_key_pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateUnreadable(detail="not a certificate") from None
    return certificate_from_der(enveloped(written))


def certificate_from_stored(stored: str) -> Certificate:
    """The certificate that was stored as base64 of its DER. Raises: `CertificateUnreadable`."""
    try:
        return certificate_from_der(pybase64.b64decode(stored, validate=True))
    except (binascii.Error, ValueError):
        raise CertificateUnreadable(detail="not a certificate") from None


@lru_cache(maxsize=_KEPT)
def certificate_from_der(der: bytes) -> Certificate:
    """The certificate of this DER, of any strength and date, parsed once. Raises: `CertificateUnreadable`."""
    return _certificate(der, key=_key(der))


def stranger_from_der(der: bytes) -> Certificate:
    """The same for a certificate that came with a message of anyone. Raises: `CertificateUnreadable`.

    It is never kept: 2,048 of those that anybody may send were 800 MB, and drove out the pinned ones.
    """
    if len(der) > _LARGEST_STRANGER:
        raise CertificateUnreadable(detail="too large")
    return _certificate(der, key=_read_key(der))


def _certificate(der: bytes, *, key: PublicKey) -> Certificate:
    parts = _parts(der)
    digest = hashlib.sha256(der).hexdigest().upper()
    return Certificate(
        der=der,
        subject=parts.subject,
        not_before=parts.not_before,
        not_after=parts.not_after,
        fingerprint=":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
        key=_describe(key),
    )


def public_key(certificate: Certificate) -> PublicKey:
    """The certificate's key, parsed once and kept."""
    return _key(certificate.der)


@lru_cache(maxsize=_KEPT)
def _key(der: bytes) -> PublicKey:
    return _read_key(der)


def _read_key(der: bytes) -> PublicKey:
    try:
        key = load_der_public_key(_parts(der).public_key)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateUnreadable(detail="not a certificate") from None
    if isinstance(key, rsa.RSAPublicKey) and _is_costly(key):
        raise CertificateUnreadable(detail="unusual key")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise CertificateWeak(key=type(key).__name__.strip("_"), minimum="RSA 2048", fingerprint="")
    return key


def _is_costly(key: rsa.RSAPublicKey) -> bool:
    """Whether one verification takes more than a millisecond: ten such keys, and each answer held up all tenants."""
    return key.key_size > _LARGEST_RSA_BITS or key.public_numbers().e.bit_length() > _LONGEST_EXPONENT


def _parts(der: bytes) -> Parts:
    try:
        return read_parts(der)
    except (ValueError, StopIteration, RuntimeError):
        raise CertificateUnreadable(detail="not a certificate") from None


def _describe(key: PublicKey) -> str:
    return f"RSA {key.key_size}" if isinstance(key, rsa.RSAPublicKey) else f"EC {key.curve.name}"


def has_strong_key(certificate: Certificate, *, minimum_rsa_bits: int = MINIMUM_RSA_BITS) -> bool:
    """Whether what this certificate's key has signed can't be forged with the means of today."""
    return is_strong(public_key(certificate), minimum_rsa_bits=minimum_rsa_bits)


def is_strong(key: PublicKey, *, minimum_rsa_bits: int) -> bool:
    """Whether what this key has signed can't be forged with the means of today."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= minimum_rsa_bits and key.public_numbers().e >= _LEAST_EXPONENT
    return key.key_size >= MINIMUM_EC_BITS


def require_strong_key(certificate: Certificate, *, minimum_rsa_bits: int = MINIMUM_RSA_BITS) -> None:
    """Raise if nothing that this key has signed would count. Raises: `CertificateWeak`."""
    key = public_key(certificate)
    if is_strong(key, minimum_rsa_bits=minimum_rsa_bits):
        return
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    raise CertificateWeak(
        key=certificate.key,
        minimum=f"RSA {minimum_rsa_bits}" if is_rsa else f"EC {MINIMUM_EC_BITS}",
        fingerprint=certificate.fingerprint,
        allowance="minimum_rsa_bits" if is_rsa and is_strong(key, minimum_rsa_bits=_ALLOWED_RSA_BITS) else "",
    )


def _without_authorities(certificates: list[Certificate]) -> tuple[Certificate, ...]:
    """Without those that issued another one of the list: pinning an authority would trust all that it ever signs.

    Two generations of one self-signed certificate bear the same name (Okta): both stay.
    """
    parts = [(certificate, _parts(certificate.der)) for certificate in certificates]
    issuers = {part.issuer for _, part in parts if part.issuer != part.subject}
    return tuple(certificate for certificate, part in parts if part.subject not in issuers) or tuple(certificates)


def _read_shapes(pasted: bytes, *, nested: bool) -> list[bytes]:
    """The DER of each certificate, whatever stands around it."""
    if pasted[:1] == bytes([_SEQUENCE]) and len(pasted) > 1 and pasted[1] & 0x80:
        return _from_der(pasted)
    text = _tidy(pasted)
    if not text:
        raise CertificateUnreadable(detail="empty")
    if "PRIVATE KEY" in text:
        raise CertificateIsPrivateKey
    blocks = _blocks(text)
    if blocks:
        return [der for label, body in blocks for der in _from_block(label, body=body)]
    if text.startswith("<"):
        raise CertificateIsMetadata
    if _FINGERPRINT.fullmatch(text):
        raise CertificateIsFingerprint(received=text[:100])
    if "-----BEGIN" in text:
        raise CertificateUnreadable(detail="cut short")
    inner = _from_base64(text)
    if not nested and inner.lstrip()[:10].startswith(b"-----BEGIN"):
        return _read_shapes(inner, nested=True)
    return _from_der(inner)


def _blocks(text: str) -> list[tuple[str, str]]:
    """Label and body of each PEM block, in one walk through the text."""
    found = []
    at = 0
    while (begin := _BEGIN.search(text, at)) and (end := _END.search(text, begin.end())):
        found.append((begin[1], text[begin.end() : end.start()]))
        at = end.end()
    return found


def _tidy(pasted: bytes) -> str:
    """The text that was meant: what consoles, spreadsheets and chat programs do to it is undone."""
    encoding = "utf-16" if pasted[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = pasted.decode(encoding)
    except UnicodeDecodeError:
        raise CertificateUnreadable(detail="not a certificate") from None
    text = text.translate(_INVISIBLE).replace("\\r", "").replace("\\n", "\n")
    try:
        text = html.unescape(text) if "&" in text else text
    except ValueError:  # A reference to a letter, of more digits than Python reads as a number.
        raise CertificateUnreadable(detail="not a certificate") from None
    return _DASHES.sub("-", text).strip().strip("\"'").strip()


def _from_block(label: str, *, body: str) -> list[bytes]:
    if label == "PUBLIC KEY" or label.endswith("PUBLIC KEY"):
        raise CertificateIsPublicKey
    if label not in _CERTIFICATE_LABELS and label != "PKCS7":
        raise CertificateUnreadable(detail="not a certificate")
    return _from_der(_from_base64(body))


def _from_base64(text: str) -> bytes:
    compact = "".join(text.split())
    try:
        return pybase64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CertificateUnreadable(detail="not a certificate") from None


def _from_der(der: bytes) -> list[bytes]:
    """One certificate, or those of a PKCS #7 file; anything else is named for what it is."""
    try:
        read_parts(der)
    except (ValueError, StopIteration, RuntimeError):
        pass
    else:
        return [der]
    from cryptography.hazmat.primitives.serialization import pkcs7

    try:
        return [each.public_bytes(Encoding.DER) for each in pkcs7.load_der_pkcs7_certificates(der)]
    except (ValueError, UnsupportedAlgorithm):
        pass
    raise _named(der)


def _named(der: bytes) -> Exception:
    """The refusal for DER that holds no certificate: a key, or nothing that we know."""
    try:
        load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        # PKCS #1 and PKCS #8 private keys both begin with a version number.
        is_private = der[:1] == bytes([_SEQUENCE]) and b"\x02\x01\x00" in der[:8]
        return CertificateIsPrivateKey() if is_private else CertificateUnreadable(detail="not a certificate")
    return CertificateIsPublicKey()
