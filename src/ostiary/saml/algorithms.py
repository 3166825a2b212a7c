"""Signature and digest algorithms: an exact table. What is not in it is refused, whatever it looks like."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm

from ostiary.saml.constants import DS, ECDSA_SHA256, RSA_SHA256
from ostiary.saml.errors import AlgorithmRefused

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class SignatureMethod:
    """One way to sign: with what kind of key, and over which hash."""

    name: str
    family: str
    hash: HashAlgorithm

    def fits(self, key: PublicKey, *, signature: bytes, message: bytes) -> bool:
        """Whether this key has made this signature over this message. A key of another kind never has."""
        try:
            if isinstance(key, rsa.RSAPublicKey):
                if self.family == "RSA":
                    key.verify(signature, message, padding.PKCS1v15(), self.hash)
                    return True
                if self.family == "RSA-PSS":
                    pss = padding.PSS(padding.MGF1(self.hash), self.hash.digest_size)
                    key.verify(signature, message, pss, self.hash)
                    return True
            elif self.family == "ECDSA":
                key.verify(_as_der(signature, key=key), message, ec.ECDSA(self.hash))
                return True
        except (InvalidSignature, ValueError):
            return False
        return False


def _as_der(signature: bytes, *, key: ec.EllipticCurvePublicKey) -> bytes:
    """XML Signature writes the two numbers side by side (RFC 4050), libraries want them in DER."""
    size = (key.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise ValueError(len(signature))
    return encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))


_RSA_SHA1 = DS + "rsa-sha1"
_SIGNATURES: dict[str, SignatureMethod] = {
    RSA_SHA256: SignatureMethod("RSA-SHA256", "RSA", SHA256()),
    _MORE + "rsa-sha384": SignatureMethod("RSA-SHA384", "RSA", SHA384()),
    _MORE + "rsa-sha512": SignatureMethod("RSA-SHA512", "RSA", SHA512()),
    _MORE_2007 + "sha256-rsa-MGF1": SignatureMethod("RSA-PSS-SHA256", "RSA-PSS", SHA256()),
    _MORE_2007 + "sha384-rsa-MGF1": SignatureMethod("RSA-PSS-SHA384", "RSA-PSS", SHA384()),
    _MORE_2007 + "sha512-rsa-MGF1": SignatureMethod("RSA-PSS-SHA512", "RSA-PSS", SHA512()),
    ECDSA_SHA256: SignatureMethod("ECDSA-SHA256", "ECDSA", SHA256()),
    _MORE + "ecdsa-sha384": SignatureMethod("ECDSA-SHA384", "ECDSA", SHA384()),
    _MORE + "ecdsa-sha512": SignatureMethod("ECDSA-SHA512", "ECDSA", SHA512()),
    _RSA_SHA1: SignatureMethod("RSA-SHA1", "RSA", SHA1()),  # noqa: S303 - reached only where the policy allows it
}

_SHA1 = DS + "sha1"
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": lambda octets: hashlib.sha256(octets).digest(),
    _MORE + "sha384": lambda octets: hashlib.sha384(octets).digest(),
    "http://www.w3.org/2001/04/xmlenc#sha512": lambda octets: hashlib.sha512(octets).digest(),
    _SHA1: lambda octets: hashlib.sha1(octets).digest(),  # noqa: S324 - reached only where the policy allows it
}


def signature_method(uri: str, *, element: str, allow_sha1: bool) -> SignatureMethod:
    """What this URI stands for. Raises: `AlgorithmRefused`."""
    method = _SIGNATURES.get(uri)
    if method is None or (uri == _RSA_SHA1 and not allow_sha1):
        raise _refused(uri, element=element)
    return method


def digest_method(uri: str, *, element: str, allow_sha1: bool) -> Callable[[bytes], bytes]:
    """The digest that this URI stands for. Raises: `AlgorithmRefused`."""
    method = _DIGESTS.get(uri)
    if method is None or (uri == _SHA1 and not allow_sha1):
        raise _refused(uri, element=element)
    return method


def _refused(uri: str, *, element: str) -> AlgorithmRefused:
    """Named so that an admin finds it in a list of choices; the URI stands beside."""
    fragment = uri.rpartition("#")[2].lower()
    if "hmac" in fragment:
        # The "secret" would be the public certificate: everybody could sign (CVE-2021-21239).
        return AlgorithmRefused(element=element, algorithm="HMAC", uri=uri)
    if uri in {_RSA_SHA1, _SHA1}:
        return AlgorithmRefused(element=element, algorithm="SHA-1", uri=uri, allowance="allow_sha1")
    for mark, name in (("sha1", "SHA-1"), ("md5", "MD5")):
        if mark in fragment:
            return AlgorithmRefused(element=element, algorithm=name, uri=uri[:200])
    return AlgorithmRefused(element=element, algorithm=uri[:200], uri=uri[:200])
