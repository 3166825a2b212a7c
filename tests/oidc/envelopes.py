"""Tokens encrypted by hand, right and wrong: nothing here comes from `ostiary.oidc`. RFC 7516, RFC 7518 5."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from tests.oidc.evil_provider import text

KEY_BYTES = {
    "A128GCM": 16,
    "A192GCM": 24,
    "A256GCM": 32,
    "A128CBC-HS256": 32,
    "A192CBC-HS384": 48,
    "A256CBC-HS512": 64,
}


def sealed(
    content: str | bytes,
    *,
    to: rsa.RSAPublicKey,
    alg: str = "RSA-OAEP-256",
    enc: str = "A256GCM",
    key_bytes: int = 0,
    **header: Any,
) -> str:
    """The content in an envelope to this key. What stands in `header` stands there, None takes it away."""
    said = {"alg": alg, "enc": enc, "cty": "JWT", **header}
    head = text(json.dumps({name: value for name, value in said.items() if value is not None}).encode())
    content_key = secrets.token_bytes(key_bytes or KEY_BYTES.get(enc, 32))
    octets = content.encode() if isinstance(content, str) else content
    iv, ciphertext, tag = encrypted(octets, key=content_key, enc=enc, header=head.encode())
    wrapped = to.encrypt(content_key, _padding(alg))
    return ".".join((head, *(text(part) for part in (wrapped, iv, ciphertext, tag))))


def encrypted(octets: bytes, *, key: bytes, enc: str, header: bytes) -> tuple[bytes, bytes, bytes]:
    """Vector, ciphertext and tag."""
    if "CBC" not in enc:
        iv = secrets.token_bytes(12)
        whole = AESGCM(key).encrypt(iv, octets, header)
        return iv, whole[:-16], whole[-16:]
    half, iv = len(key) // 2, secrets.token_bytes(16)
    pad = PKCS7(128).padder()
    encryptor = Cipher(AES(key[half:]), CBC(iv)).encryptor()
    ciphertext = encryptor.update(pad.update(octets) + pad.finalize()) + encryptor.finalize()
    return iv, ciphertext, _tag(key, iv, ciphertext, header)


def opened(token: str, *, by: rsa.RSAPrivateKey) -> tuple[dict[str, Any], str]:
    """The header of an envelope, and what is inside."""
    head, *parts = token.split(".")
    header = json.loads(octets_of(head))
    wrapped, iv, ciphertext, tag = (octets_of(part) for part in parts)
    key = by.decrypt(wrapped, _padding(header["alg"]))
    if "CBC" not in header["enc"]:
        return header, AESGCM(key).decrypt(iv, ciphertext + tag, head.encode()).decode()
    half = len(key) // 2
    assert hmac.compare_digest(_tag(key, iv, ciphertext, head.encode()), tag)
    decryptor, pad = Cipher(AES(key[half:]), CBC(iv)).decryptor(), PKCS7(128).unpadder()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    return header, (pad.update(padded) + pad.finalize()).decode()


def public_key_of(jwk: Mapping[str, str]) -> rsa.RSAPublicKey:
    """The key that somebody publishes so."""
    numbers = {name: int.from_bytes(octets_of(jwk[name])) for name in ("n", "e")}
    return rsa.RSAPublicNumbers(**numbers).public_key()


def octets_of(part: str) -> bytes:
    """What a part of a token stands for."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _tag(key: bytes, iv: bytes, ciphertext: bytes, header: bytes) -> bytes:
    half = len(key) // 2
    covered = header + iv + ciphertext + (len(header) * 8).to_bytes(8, "big")
    digest = {16: hashlib.sha256, 24: hashlib.sha384, 32: hashlib.sha512}[half]
    return hmac.new(key[:half], covered, digest).digest()[:half]


def _padding(alg: str) -> padding.AsymmetricPadding:
    if not alg.startswith("RSA-OAEP"):
        return padding.PKCS1v15()
    digest = hashes.SHA256() if alg.endswith("256") else hashes.SHA1()  # noqa: S303 - as RFC 7518 4.3 has it
    return padding.OAEP(padding.MGF1(digest), digest, None)
