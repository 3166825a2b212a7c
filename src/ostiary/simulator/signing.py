"""Enveloped XML signatures, as the simulated vendors make them. Shares no line with what the product verifies with."""

from base64 import b64encode, encodebytes
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from ostiary.simulator.profile import Digest
from ostiary.simulator.state import SigningKey

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = DS + "enveloped-signature"
_HASHES: dict[Digest, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - one of the faults that can be switched on
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SIGNATURE_METHODS: dict[Digest, str] = {
    "sha1": DS + "rsa-sha1",
    "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "sha512": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
}
_DIGEST_METHODS: dict[Digest, str] = {
    "sha1": DS + "sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """How to sign: with which key, which algorithms, and in which shape."""

    key: SigningKey
    signature: Digest
    digest: Digest
    prefix_list: tuple[str, ...]
    """Prefixes that are canonicalized inclusively, with an `InclusiveNamespaces` element. Empty: none."""
    wrapped_certificate: bool
    """Whether the certificate in the message is cut into lines of 76."""


def sign(element: etree._Element, *, signer: Signer) -> None:
    """Put an enveloped signature after the element's first child, its Issuer. The element has an `ID`.

    Sign what is inside before what is around it.
    """
    digest = _hash(canonical(element, prefix_list=signer.prefix_list), digest=signer.digest)
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
    signed_info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    _method(signed_info, name="CanonicalizationMethod", algorithm=EXCLUSIVE)
    _method(signed_info, name="SignatureMethod", algorithm=_SIGNATURE_METHODS[signer.signature])
    _reference(signed_info, uri="#" + str(element.get("ID")), digest=digest, signer=signer)
    element.insert(1, signature)
    value = _private_key(signer.key).sign(canonical(signed_info), padding.PKCS1v15(), _HASHES[signer.signature])
    etree.SubElement(signature, f"{{{DS}}}SignatureValue").text = b64encode(value).decode("ascii")
    _key_info(signature, signer=signer)


def sign_octets(octets: bytes, *, key: SigningKey) -> bytes:
    """The signature over a query, RSA with SHA-256."""
    return _private_key(key).sign(octets, padding.PKCS1v15(), hashes.SHA256())


def canonical(element: etree._Element, *, prefix_list: tuple[str, ...] = ()) -> bytes:
    """The element in Exclusive XML Canonicalization 1.0, without comments."""
    # Inside a larger tree lxml leaves out a prefix of the list that only an ancestor declares, so it is cut out first.
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    inclusive = list(prefix_list) or None
    return etree.tostring(alone, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=inclusive)


def certificate_text(certificate_pem: str, *, wrapped: bool) -> str:
    """The certificate as it stands in XML: base64 without the BEGIN and END lines."""
    body = "".join(line for line in certificate_pem.splitlines() if not line.startswith("-"))
    if not wrapped:
        return body
    return "\n".join(body[start : start + 76] for start in range(0, len(body), 76))


def _private_key(key: SigningKey) -> rsa.RSAPrivateKey:
    loaded = serialization.load_pem_private_key(key.private_key_pem.encode("ascii"), password=None)
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise TypeError("A simulator signs with RSA keys.")
    return loaded


def _hash(octets: bytes, *, digest: Digest) -> str:
    state = hashes.Hash(_HASHES[digest])
    state.update(octets)
    return encodebytes(state.finalize()).decode("ascii").replace("\n", "")


def _method(parent: etree._Element, *, name: str, algorithm: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{DS}}}{name}", Algorithm=algorithm)


def _reference(signed_info: etree._Element, *, uri: str, digest: str, signer: Signer) -> None:
    reference = etree.SubElement(signed_info, f"{{{DS}}}Reference", URI=uri)
    transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
    _method(transforms, name="Transform", algorithm=_ENVELOPED)
    exclusive = _method(transforms, name="Transform", algorithm=EXCLUSIVE)
    if signer.prefix_list:
        tag = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
        etree.SubElement(exclusive, tag, PrefixList=" ".join(signer.prefix_list), nsmap={"ec": EXCLUSIVE})
    _method(reference, name="DigestMethod", algorithm=_DIGEST_METHODS[signer.digest])
    etree.SubElement(reference, f"{{{DS}}}DigestValue").text = digest


def _key_info(signature: etree._Element, *, signer: Signer) -> None:
    data = etree.SubElement(etree.SubElement(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    text = certificate_text(signer.key.certificate_pem, wrapped=signer.wrapped_certificate)
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = text
