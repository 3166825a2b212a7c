"""Encrypting as an identity provider would, for the generator of vectors. The same bytes on every run.

So the padding of RSA is written out here: libraries draw its random bytes themselves, here they come from a digest.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from tests.vectors.message import DS, KEYS, SAML

XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
OAEP = XENC + "rsa-oaep-mgf1p"
OAEP_1_1 = XENC11 + "rsa-oaep"
RSA_1_5 = XENC + "rsa-1_5"
_KEY_BYTES = {"128": 16, "192": 24, "256": 32}


@dataclass(frozen=True, kw_only=True)
class Encrypting:
    """How a part is encrypted, and how wrongly."""

    cipher: str = XENC11 + "aes256-gcm"
    transport: str = OAEP
    digest: str = ""
    """The hash of OAEP, as "sha256"; empty: no DigestMethod, which is SHA-1."""
    mask: str = ""
    recipients: tuple[str, ...] = ("sp",)
    key_beside: bool = False
    """The EncryptedKey beside the EncryptedData, with a RetrievalMethod that points to it (Okta)."""
    retrieval: str = "#_key0"
    declaration: str = ""
    padding_count: int | None = None
    """The last byte of CBC padding, where it is to be another than the right one."""


def encrypted_part(name: str, content: str, *, how: Encrypting | None = None, prefix: str = "saml2") -> str:
    """An EncryptedAssertion, EncryptedID or EncryptedAttribute with this content."""
    how = how or Encrypting()
    secret = _bytes(content, purpose="key", count=_key_bytes(how.cipher))
    octets = _encrypt(how, key=secret, content=(how.declaration + content).encode())
    keys = "".join(_encrypted_key(how, secret=secret, number=number) for number in range(len(how.recipients)))
    pointer = f'<ds:RetrievalMethod URI="{how.retrieval}" Type="{XENC}EncryptedKey"/>' if how.key_beside else keys
    return (
        f'<{prefix}:{name} xmlns:{prefix}="{SAML}"><xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{how.cipher}"/><ds:KeyInfo xmlns:ds="{DS}">{pointer}</ds:KeyInfo>'
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(octets).decode()}</xenc:CipherValue></xenc:CipherData>"
        f"</xenc:EncryptedData>{keys if how.key_beside else ''}</{prefix}:{name}>"
    )


def encrypt_assertion(root: etree._Element, *, how: Encrypting | None = None) -> etree._Element:
    """The message with its assertion encrypted, signature and all."""
    assertion = root.find(f"{{{SAML}}}Assertion")
    if assertion is None:
        raise LookupError("Assertion")
    content = etree.tostring(assertion, with_tail=False).decode()
    root.replace(assertion, etree.fromstring(encrypted_part("EncryptedAssertion", content, how=how)))
    return root


def _key_bytes(cipher: str) -> int:
    return next((size for bits, size in _KEY_BYTES.items() if bits in cipher.rpartition("#")[2]), 24)


def _bytes(content: str | bytes, *, purpose: str, count: int) -> bytes:
    seed = content.encode() if isinstance(content, str) else content
    return hashlib.shake_256(purpose.encode() + b"\0" + seed).digest(count)


def _encrypt(how: Encrypting, *, key: bytes, content: bytes) -> bytes:
    if how.cipher.endswith("-gcm"):
        nonce = _bytes(content, purpose="nonce", count=12)
        return nonce + AESGCM(key).encrypt(nonce, content, None)
    algorithm = TripleDES(key) if "tripledes" in how.cipher else AES(key)
    block = algorithm.block_size // 8
    start = _bytes(content, purpose="start", count=block)
    count = block - len(content) % block
    last = count if how.padding_count is None else how.padding_count
    sealing = Cipher(algorithm, CBC(start)).encryptor()
    return start + sealing.update(content + bytes(count - 1) + bytes([last])) + sealing.finalize()


def _encrypted_key(how: Encrypting, *, secret: bytes, number: int) -> str:
    numbers = _public_numbers(how.recipients[number])
    wrapped = base64.b64encode(_wrap(how, secret=secret, numbers=numbers)).decode()
    digests = {"sha1": DS + "sha1", "sha256": XENC + "sha256"}
    digest = f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{digests[how.digest]}"/>' if how.digest else ""
    mask = f'<xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1{how.mask}"/>' if how.mask else ""
    return (
        f'<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="_key{number}"><xenc:EncryptionMethod Algorithm="{how.transport}">'
        f"{digest}{mask}</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue>"
        "</xenc:CipherData></xenc:EncryptedKey>"
    )


@cache
def _public_numbers(name: str) -> rsa.RSAPublicNumbers:
    key = load_pem_private_key((KEYS / f"{name}.key").read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(name)
    return key.public_key().public_numbers()


def _wrap(how: Encrypting, *, secret: bytes, numbers: rsa.RSAPublicNumbers) -> bytes:
    size = (numbers.n.bit_length() + 7) // 8
    if how.transport == RSA_1_5:
        filler = bytes(each % 255 + 1 for each in _bytes(secret, purpose="filler", count=size - 3 - len(secret)))
        block = b"\0\2" + filler + b"\0" + secret
    else:
        block = _oaep(secret, size=size, digest=how.digest or "sha1", mask=how.mask or "sha1")
    return pow(int.from_bytes(block), numbers.e, numbers.n).to_bytes(size)


def _oaep(secret: bytes, *, size: int, digest: str, mask: str) -> bytes:
    """RFC 8017 7.1.1, with an empty label."""
    label = hashlib.new(digest).digest()
    filled = label + bytes(size - len(secret) - 2 * len(label) - 2) + b"\1" + secret
    seed = _bytes(secret, purpose="seed", count=len(label))
    masked = _xor(filled, _mgf1(seed, count=len(filled), digest=mask))
    return b"\0" + _xor(seed, _mgf1(masked, count=len(seed), digest=mask)) + masked


def _mgf1(seed: bytes, *, count: int, digest: str) -> bytes:
    made = b""
    for number in range(count):
        if len(made) >= count:
            break
        made += hashlib.new(digest, seed + number.to_bytes(4)).digest()
    return made[:count]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
