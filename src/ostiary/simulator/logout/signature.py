"""Whether an application has signed its logout message. Shares no line with what the product verifies with."""

from base64 import b64decode
from binascii import Error as NotBase64
from hashlib import sha256
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from ostiary.simulator.logout.messages import Message, raw_parameters
from ostiary.simulator.rim import Incoming
from ostiary.simulator.signing import DS, canonical

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def is_signed_by(certificate_pem: str, *, message: Message, incoming: Incoming) -> bool:
    """Whether the key of this certificate has signed the query, or the message of the form."""
    try:
        key = x509.load_pem_x509_certificate(certificate_pem.encode("ascii")).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        if incoming.method == "POST":
            return _in_message(message.root, key=key)
        return _in_query(incoming.query_string, key=key)
    except (ValueError, NotBase64):
        return False


def _in_query(query: str, *, key: rsa.RSAPublicKey) -> bool:
    raw = raw_parameters(query)
    names = [name for name in ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg") if name in raw]
    signed = "&".join(f"{name}={raw[name]}" for name in names).encode("ascii")
    if unquote_to_bytes(raw.get("SigAlg", "")) != RSA_SHA256.encode("ascii"):
        return False
    return _fits(key, signature=b64decode(unquote_to_bytes(raw.get("Signature", ""))), octets=signed)


def _in_message(root: etree._Element, *, key: rsa.RSAPublicKey) -> bool:
    alone = etree.fromstring(etree.tostring(root))
    signature = alone.find(f"{{{DS}}}Signature")
    if signature is None:
        return False
    info = signature.find(f"{{{DS}}}SignedInfo")
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if info is None or reference is None or reference.get("URI") != "#" + str(root.get("ID")):
        return False
    value = b64decode(signature.findtext(f"{{{DS}}}SignatureValue") or "")
    digest = b64decode(reference.findtext(f"{{{DS}}}DigestValue") or "")
    octets = canonical(info)
    alone.remove(signature)
    return sha256(canonical(alone)).digest() == digest and _fits(key, signature=value, octets=octets)


def _fits(key: rsa.RSAPublicKey, *, signature: bytes, octets: bytes) -> bool:
    try:
        key.verify(signature, octets, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
