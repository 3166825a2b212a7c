"""XML Encryption, as the simulated vendors do it. Shares no line with what the product decrypts with."""

from base64 import b64encode
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from ostiary.kernel.randomness import Random
from ostiary.simulator.profile import CipherName, Transport
from ostiary.simulator.request import ASSERTION
from ostiary.simulator.signing import DS

XENC = "http://www.w3.org/2001/04/xmlenc#"
_XENC11 = "http://www.w3.org/2009/xmlenc11#"
_TRIPLE_DES_BYTES, _TRIPLE_DES_BLOCK, _AES_BLOCK, _GCM_NONCE = 24, 8, 16, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Encrypter:
    """For whom to encrypt, how, and in which shape."""

    certificate_pem: str
    cipher: CipherName
    transport: Transport
    key_beside: bool
    """Whether the EncryptedKey stands beside the EncryptedData, named by a RetrievalMethod, and not inside it."""


def encrypt_assertion(assertion: etree._Element, *, encrypter: Encrypter, random: Random) -> None:
    """Put an EncryptedAssertion into the assertion's place. XML Encryption 1.1, SAML Core 2.3.4."""
    holder = etree.Element(f"{{{ASSERTION}}}EncryptedAssertion", nsmap={assertion.prefix or "saml": ASSERTION})
    key = random.token(_key_bytes(encrypter.cipher))
    data = etree.SubElement(holder, f"{{{XENC}}}EncryptedData", nsmap={"xenc": XENC}, Type=XENC + "Element")
    etree.SubElement(data, f"{{{XENC}}}EncryptionMethod", Algorithm=_uri(encrypter.cipher))
    info = etree.SubElement(data, f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    key_id = "_" + random.token(16).hex()
    if encrypter.key_beside:
        _key(holder, wrapped=_wrapped(key, encrypter=encrypter), encrypter=encrypter).set("Id", key_id)
        etree.SubElement(info, f"{{{DS}}}RetrievalMethod", Type=XENC + "EncryptedKey", URI="#" + key_id)
    else:
        _key(info, wrapped=_wrapped(key, encrypter=encrypter), encrypter=encrypter)
    _value(
        data, octets=_encrypted(etree.tostring(assertion, with_tail=False), key=key, encrypter=encrypter, random=random)
    )
    parent = assertion.getparent()
    if parent is None:
        raise ValueError("The assertion stands in no response.")
    parent.replace(assertion, holder)


def _key_bytes(cipher: CipherName) -> int:
    return _TRIPLE_DES_BYTES if cipher == "tripledes-cbc" else int(cipher[3:6]) // 8


def _uri(cipher: CipherName) -> str:
    return (_XENC11 if cipher.endswith("gcm") else XENC) + cipher


def _encrypted(octets: bytes, *, key: bytes, encrypter: Encrypter, random: Random) -> bytes:
    """The start value, and behind it what became of the octets."""
    if encrypter.cipher.endswith("gcm"):
        nonce = random.token(_GCM_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, octets, None)
    is_aes = encrypter.cipher.startswith("aes")
    block = _AES_BLOCK if is_aes else _TRIPLE_DES_BLOCK
    start = random.token(block)
    count = block - len(octets) % block
    padded = octets + random.token(count)[: count - 1] + bytes([count])
    writer = Cipher(AES(key) if is_aes else TripleDES(key), CBC(start)).encryptor()
    return start + writer.update(padded) + writer.finalize()


def _wrapped(key: bytes, *, encrypter: Encrypter) -> bytes:
    public = x509.load_pem_x509_certificate(encrypter.certificate_pem.encode("ascii")).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("A simulator encrypts to RSA keys.")
    if encrypter.transport == "rsa-1_5":
        return public.encrypt(key, padding.PKCS1v15())
    return public.encrypt(key, padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None))  # noqa: S303 - OAEP


def _key(parent: etree._Element, *, wrapped: bytes, encrypter: Encrypter) -> etree._Element:
    node = etree.SubElement(parent, f"{{{XENC}}}EncryptedKey", nsmap={"xenc": XENC})
    method = etree.SubElement(node, f"{{{XENC}}}EncryptionMethod", Algorithm=XENC + encrypter.transport)
    if encrypter.transport != "rsa-1_5":
        etree.SubElement(method, f"{{{DS}}}DigestMethod", nsmap={"ds": DS}, Algorithm=DS + "sha1")
    _value(node, octets=wrapped)
    return node


def _value(parent: etree._Element, *, octets: bytes) -> None:
    text = b64encode(octets).decode("ascii")
    etree.SubElement(etree.SubElement(parent, f"{{{XENC}}}CipherData"), f"{{{XENC}}}CipherValue").text = text
