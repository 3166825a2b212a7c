"""Encrypted tokens: opened by our own keys, with the signed token inside. RFC 7516, RFC 7519 5.2 and 11.2.

Encryption hides; it proves nothing, for everybody can encrypt to a public key. What comes out is one more token from
outside, and is judged as if it had come plain. All that can be refused is refused before a private key is used.

No limit is needed as for SAML (docs/decisions/0014): AES-GCM and AES-CBC with HMAC find every change before anything
is decrypted, and RSA-OAEP gives no answer to guesses. Whoever learns what is wrong inside has written the inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ostiary.oidc import jose
from ostiary.oidc.encryption_errors import (
    ContentEncryptionRefused,
    EncryptionKeyUnknown,
    KeyEncryptionRefused,
    TokenCompressed,
    TokenNotOpened,
    TokenTwiceEncrypted,
    TokenUnsigned,
)
from ostiary.oidc.errors import HeaderRefused, TokenMalformed
from ostiary.oidc.json_text import JsonObject
from ostiary.oidc.own_keys import KEY_ENCRYPTIONS, OwnKey

if TYPE_CHECKING:
    from joserfc._rfc7516.models import JWEEncModel

CONTENT_ENCRYPTIONS: Final = ("A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512")
LARGEST_HEADER: Final = 2048
_DOTS = 4
_DOTS_SIGNED = 2
_MOST_TRIED = 3
"""A connection has a key in each of three roles."""
_GCM_IV, _GCM_TAG = 12, 16
_CBC_IV = 16
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class UnverifiedJwe:
    """A compact JWE that has been taken apart, encrypted in ways that we take. Nothing in it is believed."""

    header: JsonObject
    algorithm: str
    content: str
    """How the content is encrypted (`enc`)."""
    protected: bytes
    """The header as it came: it is authenticated with the content."""
    encrypted_key: bytes
    iv: bytes
    ciphertext: bytes
    tag: bytes

    @property
    def key_name(self) -> str | None:
        """`kid`; None where there is none."""
        value = self.header.get("kid")
        return None if value is None else str(value)[:_LONGEST_SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was inside, and how it was opened."""

    token: str = field(repr=False)
    """A signed token, of which nothing has been verified."""
    key_name: str
    algorithm: str
    content: str


def is_encrypted(token: str) -> bool:
    """Whether the text has the five parts of an encrypted token."""
    return token.count(".") == _DOTS


def read_jwe(text: str) -> UnverifiedJwe:
    """The parts of an encrypted token that we could open. No key is needed, and none is used.

    Raises: `TokenMalformed`, `KeyEncryptionRefused`, `ContentEncryptionRefused`, `TokenCompressed`, `HeaderRefused`.
    """
    if len(text) > jose.LARGEST_TOKEN:
        raise TokenMalformed(what="size", detail=f"{len(text)} characters")
    if not is_encrypted(text) or not text.isascii():
        raise TokenMalformed(what="form", detail="not five parts of plain text")
    head, *parts = text.split(".")
    if len(head) > LARGEST_HEADER:
        raise TokenMalformed(what="header", detail=f"{len(head)} characters")
    header = jose.read_header(head)
    algorithm, content = _require_taken(header)
    names = ("encrypted key", "initialization vector", "ciphertext", "tag")
    encrypted_key, iv, ciphertext, tag = (jose.octets(what, part) for what, part in zip(names, parts, strict=True))
    return UnverifiedJwe(
        header=header,
        algorithm=algorithm,
        content=content,
        protected=head.encode("ascii"),
        encrypted_key=encrypted_key,
        iv=iv,
        ciphertext=ciphertext,
        tag=tag,
    )


def open_jwe(jwe: UnverifiedJwe, *, keys: Sequence[OwnKey]) -> Opened:
    """The signed token inside. One operation with a private key; up to three where the token names none.

    Raises: `EncryptionKeyUnknown`, `TokenNotOpened`, `TokenUnsigned`, `TokenTwiceEncrypted`.
    """
    for key in _candidates(jwe, keys):
        octets = _plaintext(jwe, key)
        if octets is not None:
            return Opened(token=_signed(octets), key_name=key.name, algorithm=jwe.algorithm, content=jwe.content)
    raise TokenNotOpened(key=jwe.key_name or "", algorithm=jwe.algorithm, content=jwe.content)


def _require_taken(header: JsonObject) -> tuple[str, str]:
    """How key and content are encrypted, if we take both and the header demands nothing else."""
    algorithm, content = header.get("alg"), header.get("enc")
    if not isinstance(algorithm, str) or algorithm not in KEY_ENCRYPTIONS:
        raise KeyEncryptionRefused(expected=KEY_ENCRYPTIONS, received=_shown(algorithm))
    if not isinstance(content, str) or content not in CONTENT_ENCRYPTIONS:
        raise ContentEncryptionRefused(expected=CONTENT_ENCRYPTIONS, received=_shown(content))
    if "zip" in header:
        raise TokenCompressed(received=_shown(header["zip"]))
    # We understand no extension, so every critical one is refused (RFC 7516 4.1.13).
    if "crit" in header:
        raise HeaderRefused(parameter="crit")
    return algorithm, content


def _candidates(jwe: UnverifiedJwe, keys: Sequence[OwnKey]) -> Sequence[OwnKey]:
    """Our keys to which this may be encrypted."""
    name = jwe.key_name
    if name is None:
        return keys[:_MOST_TRIED]
    named = [key for key in keys if name in key.names]
    if not named:
        raise EncryptionKeyUnknown(received=name, known=tuple(key.name for key in keys))
    return named[:_MOST_TRIED]


def _plaintext(jwe: UnverifiedJwe, key: OwnKey) -> bytes | None:
    """The content; None where this key, or anything else, does not fit. Why is told to nobody."""
    # Loaded with the first token, not with the server (decision 33).
    from joserfc.errors import JoseError
    from joserfc.jwe import JWERegistry

    content = JWERegistry.algorithms["enc"][jwe.content]
    if not _fits(jwe, content):
        return None
    try:
        content_key = _content_key(jwe, key)
        # RFC 7518 4.1: a key of another length is none, even if it would do for some of the bytes.
        if len(content_key) * 8 != content.cek_size:
            return None
        return content.decrypt(jwe.ciphertext, jwe.tag, content_key, jwe.iv, jwe.protected)
    except (JoseError, ValueError):
        return None


def _fits(jwe: UnverifiedJwe, content: "JWEEncModel") -> bool:
    """Whether vector and tag are as long as they must be: a short tag is easier to guess. RFC 7518 5.2 and 5.3."""
    is_gcm = jwe.content.endswith("GCM")
    tag = _GCM_TAG if is_gcm else content.cek_size // 16
    return len(jwe.iv) == (_GCM_IV if is_gcm else _CBC_IV) and len(jwe.tag) == tag


def _content_key(jwe: UnverifiedJwe, key: OwnKey) -> bytes:
    from joserfc._rfc7516.models import CompactEncryption, JWEKeyEncryption, Recipient
    from joserfc.jwe import JWERegistry

    recipient = Recipient(CompactEncryption({}), None, key.key)
    recipient.encrypted_key = jwe.encrypted_key
    algorithm = JWERegistry.algorithms["alg"][jwe.algorithm]
    if not isinstance(algorithm, JWEKeyEncryption):
        raise TypeError(jwe.algorithm)
    return algorithm.decrypt_cek(recipient)


def _signed(octets: bytes) -> str:
    """The text of the token inside, if it has the form of a signed one. What it says is judged elsewhere."""
    text = octets.decode("ascii", "replace")
    # Claims alone: the dots of an address and an issuer make no parts of them.
    is_compact = text.isascii() and not text.lstrip().startswith("{")
    if is_compact and is_encrypted(text):
        raise TokenTwiceEncrypted
    if not is_compact or text.count(".") != _DOTS_SIGNED:
        raise TokenUnsigned
    return text


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:_LONGEST_SHOWN]
