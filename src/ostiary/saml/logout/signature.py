"""Who wrote a logout message. Rule: only this file makes a `SignedMessage`, and only after verifying."""

import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pybase64
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from ostiary.saml.algorithms import signature_method
from ostiary.saml.certificates import MINIMUM_EC_BITS, Certificate, is_strong, public_key
from ostiary.saml.config import SamlPolicy
from ostiary.saml.errors import CertificateExpired, CertificateUnknown, KeyTooWeak, SignatureStructure
from ostiary.saml.logout.errors import LogoutUnsigned
from ostiary.saml.logout.query import ByRedirect
from ostiary.saml.xml import local
from ostiary.saml.xmldsig import own_signature, verify

_MADE_HERE = object()


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """The octets of a logout message that a pinned key has signed."""

    octets: bytes
    fingerprint: str
    """Of the certificate whose key fitted."""
    algorithm: str
    """As "RSA-SHA256"."""
    made_by: object

    def __post_init__(self) -> None:
        if self.made_by is not _MADE_HERE:
            raise TypeError("a SignedMessage is made by verifying")


def signed_in_form(
    root: etree._Element, *, certificates: Sequence[Certificate], policy: SamlPolicy, now: datetime
) -> SignedMessage:
    """What the message's own signature covers. The tree is taken apart on the way.

    Raises: `LogoutUnsigned`; as `xmldsig.verify`.
    """
    if own_signature(root) is None:
        raise LogoutUnsigned(message=local(root))
    covered = verify(root, certificates=certificates, policy=policy, now=now)
    return SignedMessage(covered.octets, covered.fingerprint, covered.algorithm, _MADE_HERE)


def signed_in_query(
    arrival: ByRedirect,
    *,
    root: etree._Element,
    document: bytes,
    certificates: Sequence[Certificate],
    policy: SamlPolicy,
    now: datetime,
) -> SignedMessage:
    """The document, whose query a pinned key has signed. SAML Bindings 3.4.4.1.

    A signature inside has no place in a query. One that is there all the same has to fit too.

    Raises: `LogoutUnsigned`, `AlgorithmRefused`, `SignatureStructure`, `CertificateUnknown`, `CertificateExpired`,
    `KeyTooWeak`; as `xmldsig.verify`.
    """
    name = local(root)
    if not arrival.signature or not arrival.algorithm:
        raise LogoutUnsigned(message=name)
    method = signature_method(arrival.algorithm, element=name, allow_sha1=policy.allow_sha1)
    signature = _octets(arrival.signature, name=name)
    for certificate in certificates:
        key = public_key(certificate)
        if any(method.fits(key, signature=signature, message=octets) for octets in arrival.signed):
            _refuse_weak(certificate, name=name, policy=policy)
            if own_signature(root) is not None:
                verify(root, certificates=certificates, policy=policy, now=now)
            return SignedMessage(document, certificate.fingerprint, method.name, _MADE_HERE)
    raise _stranger(certificates, name=name, now=now)


def _octets(signature: bytes, *, name: str) -> bytes:
    try:
        return pybase64.b64decode(b"".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureStructure(element=name, part="Signature") from None


def _refuse_weak(certificate: Certificate, *, name: str, policy: SamlPolicy) -> None:
    key = public_key(certificate)
    if is_strong(key, minimum_rsa_bits=policy.minimum_rsa_bits):
        return
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    raise KeyTooWeak(
        element=name,
        bits=key.key_size,
        minimum=policy.minimum_rsa_bits if is_rsa else MINIMUM_EC_BITS,
        fingerprint=certificate.fingerprint,
        allowance="minimum_rsa_bits" if is_rsa else "",
    )


def _stranger(
    certificates: Sequence[Certificate], *, name: str, now: datetime
) -> CertificateExpired | CertificateUnknown:
    """No pinned key fits. A query carries no certificate, so whose key it was can't be said."""
    pinned = tuple(certificate.fingerprint for certificate in certificates)
    expired = [certificate for certificate in certificates if certificate.is_expired(now)]
    if not expired:
        return CertificateUnknown(element=name, expected=pinned, received="", received_subject="")
    oldest = min(expired, key=lambda certificate: certificate.not_after)
    return CertificateExpired(
        element=name,
        not_after=oldest.not_after,
        expired_fingerprint=oldest.fingerprint,
        expected=pinned,
        received="",
        received_subject="",
    )
