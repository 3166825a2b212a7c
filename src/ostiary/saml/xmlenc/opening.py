"""Encrypted parts into elements. Rule: whatever goes wrong with a ciphertext is one refusal, `DecryptionFailed`.

Encryption is no authentication: our public key is public, so that anybody can encrypt to us. What is opened here
counts only after a signature, that of the Response around it or its own.
"""

import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pybase64
from lxml import etree

from ostiary.saml.config import SamlPolicy
from ostiary.saml.constants import DS, XENC
from ostiary.saml.errors import DecryptionFailed, EncryptionRefused, SamlRefusal, TooComplex
from ostiary.saml.xml import local, parse_fragment
from ostiary.saml.xmlenc.algorithms import NO_XML_SPACE, ContentCipher, KeyTransport, content_cipher, key_transport
from ostiary.saml.xmlenc.keys import DecryptionKey

MOST_RECIPIENTS: Final = 8
_DATA: Final = f"{{{XENC}}}EncryptedData"
_KEY: Final = f"{{{XENC}}}EncryptedKey"
_METHOD: Final = f"{{{XENC}}}EncryptionMethod"
_VALUE: Final = f"{{{XENC}}}CipherData/{{{XENC}}}CipherValue"
_KEY_INFO: Final = f"{{{DS}}}KeyInfo"
_RETRIEVAL: Final = f"{{{DS}}}RetrievalMethod"

_WELL_KNOWN: Final[dict[str | None, str]] = {
    "xs": "http://www.w3.org/2001/XMLSchema",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
"""Often declared on the Response, whose exclusive canonical form leaves them away where nothing outside uses them."""

Scope = Mapping[str | None, str]
"""The namespaces that are declared where the content will stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An encrypted part whose shape and algorithms were checked, not yet opened."""

    element: str
    cipher: ContentCipher
    octets: bytes
    wrapped: tuple[tuple[KeyTransport, bytes], ...]
    """The key of the content, once for each recipient and each way."""

    @property
    def is_guessable(self) -> bool:
        """Whether answers to many changed copies could tell what is inside, or open its key (CBC, RSA 1.5)."""
        return not self.cipher.shows_changes or any(transport.is_guessable for transport, _ in self.wrapped)


def read_sealed(container: etree._Element, *, policy: SamlPolicy) -> Sealed:
    """What stands in an EncryptedAssertion, EncryptedID or EncryptedAttribute.

    Raises: `EncryptionRefused`, `TooComplex`, `DecryptionFailed`.
    """
    name = local(container)
    data = _one(container, path=_DATA, name=name)
    nodes = _wrapped_keys(container, data=data)
    if len(nodes) > MOST_RECIPIENTS:
        raise TooComplex(what="recipients", limit=MOST_RECIPIENTS)
    cipher = content_cipher(_one(data, path=_METHOD, name=name), element=name, policy=policy)
    wrapped: list[tuple[KeyTransport, bytes]] = []
    refused: EncryptionRefused | None = None
    for node in nodes:
        try:
            transport = key_transport(_one(node, path=_METHOD, name=name), element=name, policy=policy)
        except EncryptionRefused as refusal:
            # Perhaps for another recipient, who still takes it.
            refused = refused or refusal
            continue
        wrapped.append((transport, _octets(_one(node, path=_VALUE, name=name), name=name)))
    if not wrapped:
        raise refused or DecryptionFailed(element=name)
    octets = _octets(_one(data, path=_VALUE, name=name), name=name)
    return Sealed(element=name, cipher=cipher, octets=octets, wrapped=tuple(wrapped))


def _wrapped_keys(container: etree._Element, *, data: etree._Element) -> list[etree._Element]:
    """The EncryptedKeys: in the KeyInfo, or beside the EncryptedData, where a RetrievalMethod may point (Okta).

    It points into this very container or nowhere: a URL in it would make the server fetch it.
    """
    info = data.find(_KEY_INFO)
    inside = [] if info is None else info.findall(_KEY)
    beside = container.findall(_KEY)
    pointers = [] if info is None else [each.get("URI", "") for each in info.findall(_RETRIEVAL)]
    if pointers:
        beside = [each for each in beside if each.get("Id") and "#" + each.get("Id", "") in pointers]
    return inside + beside


def _one(parent: etree._Element, *, path: str, name: str) -> etree._Element:
    found = parent.findall(path)
    if len(found) != 1:
        raise DecryptionFailed(element=name)
    return found[0]


def _octets(node: etree._Element, *, name: str) -> bytes:
    if len(node):
        raise DecryptionFailed(element=name)
    text = node.text or ""
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    # Only where it does not do as it is: to look for white space in 11 KB takes 30 µs.
    try:
        return pybase64.b64decode(text.translate(NO_XML_SPACE), validate=True)
    except (binascii.Error, ValueError):
        raise DecryptionFailed(element=name) from None


def open_sealed(
    sealed: Sealed, *, tag: str, scope: Scope, keys: tuple[DecryptionKey, ...], taken: Iterable[str] = ()
) -> etree._Element:
    """The one element of this name inside, parsed where it stands: its prefixes may be declared outside.

    `taken`: the IDs of the document around it.

    Raises: `DecryptionFailed`, for whatever reason.
    """
    for content in contents(sealed, keys=keys):
        found = element_in(content, tag=tag, scope=scope, taken=taken)
        if found is not None:
            return found
    raise DecryptionFailed(element=sealed.element)


def contents(sealed: Sealed, *, keys: tuple[DecryptionKey, ...]) -> Iterator[bytes]:
    """What each of our keys makes of it. Which one it was meant for is not asked: KeyInfo can say anything."""
    for transport, octets in sealed.wrapped:
        for key in keys:
            unwrapped = transport.unwrap(octets, key=key, size=sealed.cipher.key_bytes)
            content = sealed.cipher.open(unwrapped, sealed.octets)
            if content is not None:
                yield content


def element_in(content: bytes, *, tag: str, scope: Scope, taken: Iterable[str] = ()) -> etree._Element | None:
    """The one element of this name that this is; None where it is anything else."""
    holder = _parsed(content, scope=dict(scope), taken=taken)
    if holder is None:
        # Only where it lacks one: to declare more than what is there changes what a PrefixList keeps.
        holder = _parsed(content, scope=_WELL_KNOWN | dict(scope), taken=taken)
    if holder is None or len(holder) != 1 or holder[0].tag != tag:
        return None
    return None if (holder.text or "").strip() or (holder[0].tail or "").strip() else holder[0]


def _parsed(content: bytes, *, scope: Scope, taken: Iterable[str]) -> etree._Element | None:
    try:
        return parse_fragment(content, scope=scope, taken=taken)
    except SamlRefusal:
        return None
