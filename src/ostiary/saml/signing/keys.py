"""What we sign with: the octets of a message under one of our keys, by the algorithm that fits the key."""

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ostiary.saml.constants import ECDSA_SHA256, RSA_SHA256

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def algorithm_of(key: SigningKey) -> str:
    """The URI of the signature that this key makes. RFC 6931 2.3.2, 2.3.6."""
    return RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256


def sign_octets(octets: bytes, *, key: SigningKey) -> bytes:
    """The signature over these octets; of an elliptic curve both numbers side by side, as XML Signature wants them."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), SHA256())
    left, right = decode_dss_signature(key.sign(octets, ec.ECDSA(SHA256())))
    size = (key.key_size + 7) // 8
    return left.to_bytes(size) + right.to_bytes(size)
