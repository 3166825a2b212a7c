"""The algorithms of XML Encryption: an exact table, with the allowance that the weak ones need."""

import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pybase64
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA1, SHA224, SHA256, SHA384, SHA512, HashAlgorithm
from lxml import etree

from ostiary.saml.config import SamlPolicy
from ostiary.saml.constants import DS, XENC, XENC11
from ostiary.saml.errors import DecryptionFailed, EncryptionRefused
from ostiary.saml.xmlenc.keys import DecryptionKey

NO_XML_SPACE: Final = dict.fromkeys(map(ord, " \t\r\n"))
"""Base64 in XML may be wrapped: for `str.translate`. Other white space is not XML's, and no part of it."""
_GCM_NONCE = 12
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_DIGEST: Final = f"{{{DS}}}DigestMethod"
_MGF: Final = f"{{{XENC11}}}MGF"
_LABEL: Final = f"{{{XENC}}}OAEPparams"


@dataclass(frozen=True, slots=True)
class ContentCipher:
    """How content is encrypted. Opening it raises nothing: what does not fit gives None or what nobody can parse."""

    name: str
    key_bytes: int
    open: Callable[[bytes, bytes], bytes | None]
    """Key and octets, the start value in front, to the content."""
    allowance: str = ""

    @property
    def shows_changes(self) -> bool:
        """Whether ciphertext that somebody has changed can't be opened at all."""
        return not self.allowance


def _open_gcm(key: bytes, octets: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(octets[:_GCM_NONCE], octets[_GCM_NONCE:], None)
    except (InvalidTag, ValueError):
        return None


def _cbc(algorithm: Callable[[bytes], AES | TripleDES], *, block: int) -> Callable[[bytes, bytes], bytes | None]:
    def open_cbc(key: bytes, octets: bytes) -> bytes | None:
        """A wrong padding is no failure of its own: the content is then not XML, as with any wrong key."""
        if len(octets) < 2 * block or len(octets) % block:
            return None
        opener = Cipher(algorithm(key), CBC(octets[:block])).decryptor()
        content = opener.update(octets[block:]) + opener.finalize()
        count = content[-1]
        return content[: len(content) - (count if 1 <= count <= block else 0)]

    return open_cbc


_aes_cbc = _cbc(AES, block=16)
_CIPHERS: Final[dict[str, ContentCipher]] = {
    **{f"{XENC11}aes{bits}-gcm": ContentCipher(f"AES-{bits}-GCM", bits // 8, _open_gcm) for bits in (128, 192, 256)},
    **{
        f"{XENC}aes{bits}-cbc": ContentCipher(f"AES-{bits}-CBC", bits // 8, _aes_cbc, "allow_cbc")
        for bits in (128, 192, 256)
    },
    f"{XENC}tripledes-cbc": ContentCipher("Triple-DES", 24, _cbc(TripleDES, block=8), "allow_3des"),
}


def content_cipher(method: etree._Element, *, element: str, policy: SamlPolicy) -> ContentCipher:
    """What this EncryptionMethod of an EncryptedData stands for. Raises: `EncryptionRefused`."""
    uri = method.get("Algorithm", "")
    cipher = _CIPHERS.get(uri)
    if cipher is None:
        raise EncryptionRefused(element=element, algorithm=uri[:200], uri=uri[:200])
    allowed = {"": True, "allow_cbc": policy.allow_cbc, "allow_3des": policy.allow_3des}
    if not allowed[cipher.allowance]:
        raise EncryptionRefused(element=element, algorithm=cipher.name, uri=uri, allowance=cipher.allowance)
    return cipher


@dataclass(frozen=True, slots=True)
class KeyTransport:
    """How the key of the content is wrapped for us."""

    is_guessable: bool
    """Whether a padding that can be seen to be right or wrong would give the key away (Bleichenbacher)."""
    padding: padding.AsymmetricPadding

    def unwrap(self, octets: bytes, *, key: DecryptionKey, size: int) -> bytes:
        """The key of the content. Where none can be unwrapped it is one that nobody can foresee: implicit rejection.

        So that a wrong padding, another length and a wrong key all look alike (Bleichenbacher 1998, ESORICS 2012).
        """
        instead = hashlib.sha512(key.rejection + octets).digest()[:size]
        try:
            unwrapped = key.private.decrypt(octets, self.padding)
        except ValueError:
            return instead
        return unwrapped if len(unwrapped) == size else instead


_OAEP_MGF1P: Final = XENC + "rsa-oaep-mgf1p"
_OAEP: Final = XENC11 + "rsa-oaep"
_RSA_1_5: Final = XENC + "rsa-1_5"
_DIGESTS: Final[dict[str, Callable[[], HashAlgorithm]]] = {
    DS + "sha1": SHA1,
    _MORE + "sha224": SHA224,
    XENC + "sha256": SHA256,
    _MORE + "sha384": SHA384,
    XENC + "sha512": SHA512,
}
_MASKS: Final[dict[str, Callable[[], HashAlgorithm]]] = {
    XENC11 + "mgf1" + name: make
    for name, make in (("sha1", SHA1), ("sha224", SHA224), ("sha256", SHA256), ("sha384", SHA384), ("sha512", SHA512))
}


def key_transport(method: etree._Element, *, element: str, policy: SamlPolicy) -> KeyTransport:
    """What this EncryptionMethod of an EncryptedKey stands for.

    Raises: `EncryptionRefused`, `DecryptionFailed` where its parameters are none.
    """
    uri = method.get("Algorithm", "")
    if uri == _RSA_1_5:
        if not policy.allow_rsa15:
            raise EncryptionRefused(element=element, algorithm="RSA 1.5", uri=uri, allowance="allow_rsa15")
        return KeyTransport(is_guessable=True, padding=padding.PKCS1v15())
    if uri not in {_OAEP_MGF1P, _OAEP}:
        raise EncryptionRefused(element=element, algorithm=uri[:200], uri=uri[:200])
    # SHA-1 is the default, and no weakness here: OAEP does not rest on collisions.
    digest = _parameter(method, tag=_DIGEST, known=_DIGESTS, element=element)
    mask = SHA1 if uri == _OAEP_MGF1P else _parameter(method, tag=_MGF, known=_MASKS, element=element)
    label = method.find(_LABEL)
    try:
        octets = (
            None if label is None else pybase64.b64decode((label.text or "").translate(NO_XML_SPACE), validate=True)
        )
    except (binascii.Error, ValueError):
        raise DecryptionFailed(element=element) from None
    return KeyTransport(
        is_guessable=False, padding=padding.OAEP(mgf=padding.MGF1(mask()), algorithm=digest(), label=octets)
    )


def _parameter(
    method: etree._Element, *, tag: str, known: dict[str, Callable[[], HashAlgorithm]], element: str
) -> Callable[[], HashAlgorithm]:
    node = method.find(tag)
    if node is None:
        return SHA1
    uri = node.get("Algorithm", "")
    if uri not in known:
        raise EncryptionRefused(element=element, algorithm=uri[:200], uri=uri[:200])
    return known[uri]
