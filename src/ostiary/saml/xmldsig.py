"""The SAML profile of XML Signature. Rule: only this file makes a `SignedElement`, and only after verifying.

Nothing is searched: a signature counts only as a direct child of the element that it covers, refers to that very
element, and hands back exactly the octets that were digested. SAML Core 5.4, XML Signature 1.1.
"""

import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import pybase64
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from ostiary.saml.algorithms import SignatureMethod, digest_method, signature_method
from ostiary.saml.canonical import Canonicalization, canonicalization, canonicalize
from ostiary.saml.certificates import (
    MINIMUM_EC_BITS,
    Certificate,
    certificate_from_der,
    is_strong,
    public_key,
    stranger_from_der,
)
from ostiary.saml.config import IdentityProvider, SamlPolicy
from ostiary.saml.constants import DS, ENVELOPED
from ostiary.saml.errors import (
    AlgorithmRefused,
    CertificateExpired,
    CertificateRefusal,
    CertificateUnknown,
    KeyTooWeak,
    SignatureReference,
    SignatureStructure,
    SignatureWrong,
)
from ostiary.saml.plain.document import PlainElement
from ostiary.saml.xml import local

SIGNATURE: Final = f"{{{DS}}}Signature"
_PARTS = [f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue"]
_KEY_INFO = f"{{{DS}}}KeyInfo"
_SIGNED_INFO_PARTS = [f"{{{DS}}}CanonicalizationMethod", f"{{{DS}}}SignatureMethod", f"{{{DS}}}Reference"]
_REFERENCE_PARTS = [f"{{{DS}}}Transforms", f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue"]
_TRANSFORM = f"{{{DS}}}Transform"
_NO_XML_SPACE = dict.fromkeys(map(ord, " \t\r\n"))
_MADE_HERE = object()


@dataclass(frozen=True, slots=True)
class SignedElement:
    """Octets that a pinned key has signed. Whoever holds one may read it; nobody else can make one."""

    octets: bytes
    """The canonical form that was digested, and nothing else."""
    fingerprint: str
    """Of the certificate whose key fitted."""
    algorithm: str
    """As "RSA-SHA256"."""
    made_by: object

    def __post_init__(self) -> None:
        if self.made_by is not _MADE_HERE:
            raise TypeError("a SignedElement is made by verifying")


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a ds:Signature says, each part checked for its shape."""

    signed_info: etree._Element
    canonicalization: Canonicalization
    method: SignatureMethod
    value: bytes
    content_canonicalization: Canonicalization
    digest: Callable[[bytes], bytes]
    digest_value: bytes
    key_info: etree._Element | None


def own_signature(element: etree._Element) -> etree._Element | None:
    """The element's own signature: its direct child. None where it has none.

    Raises: `SignatureStructure` where it has two.
    """
    found = list(element.iterchildren(SIGNATURE))
    if len(found) > 1:
        raise SignatureStructure(element=local(element), part="Signature")
    return found[0] if found else None


def verify(
    element: etree._Element, *, certificates: Sequence[Certificate], policy: SamlPolicy, now: datetime
) -> SignedElement:
    """What the element's own signature covers. The element is taken apart on the way: don't read it afterwards.

    Raises: `SignatureStructure`, `SignatureReference`, `AlgorithmRefused`, `CertificateUnknown`, `CertificateExpired`,
    `KeyTooWeak`, `SignatureWrong`.
    """
    node = own_signature(element)
    name = local(element)
    if node is None:
        raise SignatureStructure(element=name, part="Signature")
    signature = _read_signature(node, element=element, policy=policy)
    signed_info = canonicalize(signature.signed_info, how=signature.canonicalization, name=name)
    signer = _signer(signature, message=signed_info, certificates=certificates, name=name, now=now)
    _refuse_weak(signer, name=name, policy=policy)
    _remove(node, parent=element)
    octets = canonicalize(element, how=signature.content_canonicalization, name=name)
    if not hmac.compare_digest(signature.digest(octets), signature.digest_value):
        raise SignatureWrong(element=name)
    return SignedElement(octets, signer.fingerprint, signature.method.name, _MADE_HERE)


def verify_plain(element: PlainElement, *, provider: IdentityProvider, policy: SamlPolicy) -> SignedElement | None:
    """The same for octets that were only guessed; None where they are not those that were signed, or may not count.

    Their digest proves them: whoever finds other octets with it has broken the digest, and `verify` with it.
    """
    signature = element.signature
    if signature is None or signature.uri != f"#{element.id}":
        return None
    try:
        method = signature_method(signature.method, element="", allow_sha1=policy.allow_sha1)
        digest = digest_method(signature.digest, element="", allow_sha1=policy.allow_sha1)
        expected = pybase64.b64decode("".join(signature.digest_value.split()), validate=True)
        value = pybase64.b64decode("".join(signature.value.split()), validate=True)
    except (AlgorithmRefused, ValueError):
        return None
    if not hmac.compare_digest(digest(element.octets), expected):
        return None
    for certificate in provider.certificates:
        if method.fits(public_key(certificate), signature=value, message=signature.info):
            if not _is_long_enough(certificate.der, minimum_rsa_bits=policy.minimum_rsa_bits):
                return None
            return SignedElement(element.octets, certificate.fingerprint, method.name, _MADE_HERE)
    return None


@lru_cache(maxsize=2048)
def _is_long_enough(der: bytes, *, minimum_rsa_bits: int) -> bool:
    """Whether signatures of this pinned certificate count. To take its key's numbers out each time takes 4 µs."""
    return is_strong(public_key(certificate_from_der(der)), minimum_rsa_bits=minimum_rsa_bits)


def _read_signature(node: etree._Element, *, element: etree._Element, policy: SamlPolicy) -> _Signature:
    """The parts of the signature. XSW 7, 8: no Object. CVE-2025-29774: one SignedInfo. KeyInfo is never believed."""
    name = local(element)
    parts = list(node)
    tags = [part.tag for part in parts]
    if tags[:2] != _PARTS or tags[2:] not in ([], [_KEY_INFO]):
        raise SignatureStructure(element=name, part=_first_unexpected(tags, expected=[*_PARTS, _KEY_INFO]))
    signed_info, value = parts[0], parts[1]
    children = list(signed_info)
    _expect(children, expected=_SIGNED_INFO_PARTS, name=name)
    how, method, reference = children
    if len(method):
        raise SignatureStructure(element=name, part="SignatureMethod")
    content, digest, digest_value = _read_reference(reference, element=element, policy=policy)
    return _Signature(
        signed_info=signed_info,
        canonicalization=canonicalization(how, name=name, policy=policy),
        method=signature_method(method.get("Algorithm", ""), element=name, allow_sha1=policy.allow_sha1),
        value=_octets(value, name=name),
        content_canonicalization=content,
        digest=digest,
        digest_value=digest_value,
        key_info=parts[2] if len(parts) > 2 else None,  # noqa: PLR2004 - the third part, counted above
    )


def _read_reference(
    reference: etree._Element, *, element: etree._Element, policy: SamlPolicy
) -> tuple[Canonicalization, Callable[[bytes], bytes], bytes]:
    """How the content was canonicalised, how digested, and the digest. It must be this element, by its ID."""
    name = local(element)
    _refuse_other(reference.get("URI"), element=element, policy=policy)
    parts = list(reference)
    _expect(parts, expected=_REFERENCE_PARTS, name=name)
    transforms, method, value = parts
    if len(method):
        raise SignatureStructure(element=name, part="DigestMethod")
    digest = digest_method(method.get("Algorithm", ""), element=name, allow_sha1=policy.allow_sha1)
    return _read_transforms(transforms, name=name, policy=policy), digest, _octets(value, name=name)


def _refuse_other(uri: str | None, *, element: etree._Element, policy: SamlPolicy) -> None:
    """Wrapping attacks sign one element and show another. A signature that names nothing can only be the root's."""
    expected = "#" + element.get("ID", "")
    if uri == expected != "#":
        return
    allowance = ""
    if not uri and element.getparent() is None:
        allowance = "allow_missing_reference_uri" if uri is None else "allow_empty_reference_uri"
        if policy.allow_missing_reference_uri if uri is None else policy.allow_empty_reference_uri:
            return
    raise SignatureReference(element=local(element), expected=expected, received=(uri or "")[:200], allowance=allowance)


def _read_transforms(transforms: etree._Element, *, name: str, policy: SamlPolicy) -> Canonicalization:
    """SAML Core 5.4.4: enveloped-signature, then a canonicalization. XSLT and XPath never run.

    What a same-document Reference names has no comments, whatever the canonicalization says (XML Signature 4.4.3.3).
    """
    steps = list(transforms)
    if not 1 <= len(steps) <= 2 or any(step.tag != _TRANSFORM for step in steps):  # noqa: PLR2004
        raise SignatureStructure(element=name, part="Transforms")
    if steps[0].get("Algorithm") != ENVELOPED or len(steps[0]):
        raise SignatureStructure(element=name, part="Transform")
    how = canonicalization(steps[1] if len(steps) > 1 else None, name=name, policy=policy)
    return replace(how, with_comments=False) if how.with_comments else how


def _expect(parts: Sequence[etree._Element], *, expected: list[str], name: str) -> None:
    tags = [part.tag for part in parts]
    if tags != expected:
        raise SignatureStructure(element=name, part=_first_unexpected(tags, expected=expected))


def _first_unexpected(tags: Sequence[object], *, expected: list[str]) -> str:
    for tag, wanted in zip(tags, expected, strict=False):
        if tag != wanted:
            return str(tag).rpartition("}")[2][:100] if isinstance(tag, str) else "comment"
    surplus = tags[len(expected) :]
    missing = expected[len(tags) :]
    tag = surplus[0] if surplus else missing[0]
    return str(tag).rpartition("}")[2][:100] if isinstance(tag, str) else "comment"


def _octets(element: etree._Element, *, name: str) -> bytes:
    """The base64 in the element. Nothing but text may be inside: a comment hid a second digest (CVE-2025-29775)."""
    if len(element):
        raise SignatureStructure(element=name, part=local(element))
    text = (element.text or "").translate(_NO_XML_SPACE)
    try:
        octets = pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    if not octets:
        raise SignatureStructure(element=name, part=local(element))
    return octets


def _signer(
    signature: _Signature, *, message: bytes, certificates: Sequence[Certificate], name: str, now: datetime
) -> Certificate:
    """The pinned certificate whose key has made the signature. Its dates don't matter (decision 4)."""
    for certificate in certificates:
        if signature.method.fits(public_key(certificate), signature=signature.value, message=message):
            return certificate
    carried = _carried_certificate(signature.key_info)
    pinned = tuple(certificate.fingerprint for certificate in certificates)
    if carried is not None and carried.fingerprint in pinned:
        raise SignatureWrong(element=name)
    received = carried.fingerprint if carried else ""
    received_subject = carried.subject if carried else ""
    expired = [certificate for certificate in certificates if certificate.is_expired(now)]
    if expired:
        oldest = min(expired, key=lambda certificate: certificate.not_after)
        raise CertificateExpired(
            element=name,
            not_after=oldest.not_after,
            expired_fingerprint=oldest.fingerprint,
            expected=pinned,
            received=received,
            received_subject=received_subject,
        )
    raise CertificateUnknown(element=name, expected=pinned, received=received, received_subject=received_subject)


def _carried_certificate(key_info: etree._Element | None) -> Certificate | None:
    """The certificate that the message carries, to be shown beside the pinned ones. It is never trusted."""
    if key_info is None:
        return None
    node = key_info.find(f"{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if node is None or len(node):
        return None
    try:
        return stranger_from_der(pybase64.b64decode("".join((node.text or "").split()), validate=True))
    except (binascii.Error, ValueError, CertificateRefusal):
        return None


def _refuse_weak(certificate: Certificate, *, name: str, policy: SamlPolicy) -> None:
    key = public_key(certificate)
    if not is_strong(key, minimum_rsa_bits=policy.minimum_rsa_bits):
        minimum = policy.minimum_rsa_bits if isinstance(key, rsa.RSAPublicKey) else MINIMUM_EC_BITS
        raise KeyTooWeak(
            element=name,
            bits=key.key_size,
            minimum=minimum,
            fingerprint=certificate.fingerprint,
            allowance="minimum_rsa_bits" if isinstance(key, rsa.RSAPublicKey) else "",
        )


def _remove(node: etree._Element, *, parent: etree._Element) -> None:
    """Take the signature out as the enveloped-signature transform does: the text behind it stays."""
    tail = node.tail
    before = node.getprevious()
    parent.remove(node)
    if not tail:
        return
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
