"""Our own keys, to which identity providers encrypt."""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionKey:
    """One of our private keys. Several may be in use while one takes the place of another."""

    private: rsa.RSAPrivateKey = field(repr=False)
    rejection: bytes = field(repr=False)
    """A secret from which a key is made where none can be unwrapped, so that a failure looks like any other key."""


def decryption_key(private: rsa.RSAPrivateKey) -> DecryptionKey:
    """This key, as one to which providers encrypt."""
    written = private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return DecryptionKey(private=private, rejection=hashlib.sha512(b"ostiary: no key\0" + written).digest())


def read_decryption_key(pem: bytes) -> DecryptionKey:
    """The private key in this PEM text, PKCS #1 or PKCS #8, not protected by a password.

    Raises: `ValueError` where there is none, or one of another kind than RSA.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise ValueError("the key is protected by a password") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")  # noqa: TRY004 - the value is of another kind, not the argument
    return decryption_key(key)
