"""Why an encrypted token is not opened, or what came out of it not read: a class for each reason, with its facts.

None of these facts tells anything of the content: they are what stands in the open header, and what we would take.
"""

from dataclasses import dataclass
from typing import ClassVar

from ostiary.oidc.errors import OidcRefusal


@dataclass(eq=False)
class TokenEncrypted(OidcRefusal):
    """It came encrypted, and the connection does not take that. `what`: ID token, logout token, answer of UserInfo."""

    code: ClassVar[str] = "oidc.token_encrypted"
    what: str


@dataclass(eq=False)
class TokenNotEncrypted(OidcRefusal):
    """It came plain, and the connection takes only what is encrypted to it. Core 3.1.3.7 (1)."""

    code: ClassVar[str] = "oidc.token_not_encrypted"


@dataclass(eq=False)
class KeyEncryptionRefused(OidcRefusal):
    """Its key is encrypted in a way that we do not take (`alg`): RSA1_5, and all that goes by a shared secret."""

    code: ClassVar[str] = "oidc.key_encryption_refused"
    expected: tuple[str, ...]
    received: str


@dataclass(eq=False)
class ContentEncryptionRefused(OidcRefusal):
    """Its content is encrypted by something else than AES with proof against changes (`enc`)."""

    code: ClassVar[str] = "oidc.content_encryption_refused"
    expected: tuple[str, ...]
    received: str


@dataclass(eq=False)
class TokenCompressed(OidcRefusal):
    """It wants to be unpacked (`zip`): a few bytes may hold gigabytes. RFC 8725 3.6."""

    code: ClassVar[str] = "oidc.token_compressed"
    received: str


@dataclass(eq=False)
class EncryptionKeyUnknown(OidcRefusal):
    """It is encrypted to a key that this connection does not have, or has no more."""

    code: ClassVar[str] = "oidc.encryption_key_unknown"
    received: str
    known: tuple[str, ...]


@dataclass(eq=False)
class TokenNotOpened(OidcRefusal):
    """It could not be opened. Whatever it was, there is this one answer. RFC 7516 11.4, RFC 7518 5.2.2.2."""

    code: ClassVar[str] = "oidc.token_not_opened"
    key: str
    """The `kid` that it names; empty where it names none."""
    algorithm: str
    content: str


@dataclass(eq=False)
class TokenUnsigned(OidcRefusal):
    """What came out of it is not signed: everybody can encrypt to a public key. RFC 7519 11.2."""

    code: ClassVar[str] = "oidc.token_unsigned"


@dataclass(eq=False)
class TokenTwiceEncrypted(OidcRefusal):
    """What came out of it is encrypted once more."""

    code: ClassVar[str] = "oidc.token_twice_encrypted"
