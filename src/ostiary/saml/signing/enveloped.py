"""A message of ours with its signature inside, for the POST binding. SAML Core 5.4, XML Signature 1.1."""

from hashlib import sha256
from typing import Final

import pybase64
from lxml import etree

from ostiary.saml.canonical import exclusive_octets
from ostiary.saml.certificates import Certificate
from ostiary.saml.constants import DS, ENVELOPED, EXCLUSIVE_C14N, SAML, XENC
from ostiary.saml.signing.keys import SigningKey, algorithm_of, sign_octets

_SHA256: Final = XENC + "sha256"
_ISSUER: Final = f"{{{SAML}}}Issuer"


def signed(message: etree._Element, *, key: SigningKey, certificate: Certificate) -> bytes:
    """The message written out with a signature behind its Issuer, the one place where the schema takes it.

    The certificate goes along in KeyInfo, so that a provider that holds two of ours knows which one fits.
    """
    digest = sha256(exclusive_octets(message)).digest()
    signature = _element("Signature", nsmap={"ds": DS})
    info = _signed_info(signature, reference="#" + message.get("ID", ""), digest=digest, key=key)
    value = _element("SignatureValue", parent=signature)
    data = _element("X509Data", parent=_element("KeyInfo", parent=signature))
    _element("X509Certificate", parent=data).text = certificate.base64
    value.text = _base64(sign_octets(exclusive_octets(info), key=key))
    issuer = message.find(_ISSUER)
    message.insert(0 if issuer is None else message.index(issuer) + 1, signature)
    return etree.tostring(message)


def _signed_info(signature: etree._Element, *, reference: str, digest: bytes, key: SigningKey) -> etree._Element:
    info = _element("SignedInfo", parent=signature)
    _element("CanonicalizationMethod", parent=info, Algorithm=EXCLUSIVE_C14N)
    _element("SignatureMethod", parent=info, Algorithm=algorithm_of(key))
    covered = _element("Reference", parent=info, URI=reference)
    transforms = _element("Transforms", parent=covered)
    for uri in (ENVELOPED, EXCLUSIVE_C14N):
        _element("Transform", parent=transforms, Algorithm=uri)
    _element("DigestMethod", parent=covered, Algorithm=_SHA256)
    _element("DigestValue", parent=covered).text = _base64(digest)
    return info


def _element(
    name: str, *, parent: etree._Element | None = None, nsmap: dict[str, str] | None = None, **attributes: str
) -> etree._Element:
    tag = f"{{{DS}}}{name}"
    made = etree.Element(tag, nsmap=nsmap) if parent is None else etree.SubElement(parent, tag)
    for attribute, value in attributes.items():
        made.set(attribute, value)
    return made


def _base64(octets: bytes) -> str:
    return pybase64.b64encode(octets).decode("ascii")
