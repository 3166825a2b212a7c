"""A ds:Signature from its text, and the canonical octets of its SignedInfo made of that, without canonicalization.

Who verifies these octets proves both: another text would need another signature.
"""

import re
from collections.abc import Container
from typing import NamedTuple

from ostiary.saml.canonical import MOST_PREFIXES
from ostiary.saml.constants import DS, ENVELOPED, EXCLUSIVE_C14N
from ostiary.saml.plain.canonical import expanded
from ostiary.saml.plain.tags import NAME, PREFIX

_BASE64 = r"[A-Za-z0-9+/= \t\n]+"
_SPACE = r"[ \t\n]*+"
"""Never given back: where two stand side by side, 500 KB of white space would be divided in every way."""
_URI = r'[^"<>&\t\n\r]*'


def _empty(name: str, inside: str = "") -> str:
    """An element without content, written either way."""
    return rf"<(?P=p){name}{inside}(?: ?/>|></(?P=p){name}>)"


def _holding(name: str, inside: str) -> str:
    """An element that holds this, and white space around it."""
    return rf"<(?P=p){name}>{_SPACE}{inside}{_SPACE}</(?P=p){name}>{_SPACE}"


def _exclusive(name: str, prefixes: str) -> str:
    """An element that stands for exclusive canonicalization; the group `prefixes` holds its PrefixList."""
    e = f"e_{prefixes}"
    return (
        rf'<(?P=p){name} Algorithm="{re.escape(EXCLUSIVE_C14N)}"(?: ?/>|>{_SPACE}'
        rf'(?:<(?P<{e}>{NAME}):InclusiveNamespaces xmlns:(?P={e})="{re.escape(EXCLUSIVE_C14N)}"'
        rf' PrefixList="(?P<{prefixes}>{_URI})"(?: ?/>|></(?P={e}):InclusiveNamespaces>))?{_SPACE}</(?P=p){name}>)'
    )


_WORDS = r"[^<>]*+"
_NUMBER = r"[A-Za-z0-9+/=][A-Za-z0-9+/= \t\n]*+"
_KEY_NAME = _holding("KeyName", _WORDS)
_KEY_VALUE = _holding("KeyValue", _holding("RSAKeyValue", _holding("Modulus", _NUMBER) + _holding("Exponent", _NUMBER)))
_CERTIFICATES = _holding(
    "X509Data",
    f"(?:{_holding('X509SubjectName', _WORDS)})?(?:{_holding('X509Certificate', _NUMBER)}){{1,4}}",
)
_KEYS = rf"(?:{_KEY_NAME}|{_KEY_VALUE}|{_CERTIFICATES}){{1,4}}"
"""What a KeyInfo has, in any order. Nobody believes it: it is only passed over."""

_SIGNATURE = re.compile(
    _SPACE.join(
        (
            rf'<(?P<p>{PREFIX})Signature (?P<declaration>xmlns(?::(?P<q>{NAME}))?="{re.escape(DS)}")>',
            r"(?P<info><(?P=p)SignedInfo>",
            _exclusive("CanonicalizationMethod", prefixes="info_prefixes"),
            _empty("SignatureMethod", rf' Algorithm="(?P<method>{_URI})"'),
            rf'<(?P=p)Reference URI="(?P<uri>{_URI})">',
            r"<(?P=p)Transforms>",
            _empty("Transform", rf' Algorithm="{re.escape(ENVELOPED)}"'),
            _exclusive("Transform", prefixes="prefixes"),
            r"</(?P=p)Transforms>",
            _empty("DigestMethod", rf' Algorithm="(?P<digest>{_URI})"'),
            rf"<(?P=p)DigestValue>(?P<digest_value>{_BASE64})</(?P=p)DigestValue>",
            r"</(?P=p)Reference>",
            r"</(?P=p)SignedInfo>)",
            rf"<(?P=p)SignatureValue>(?P<value>{_BASE64})</(?P=p)SignatureValue>",
            # AD FS writes it without the prefix that all around it have.
            rf'(?:<(?P=p)KeyInfo(?: xmlns="{re.escape(DS)}")?>{_SPACE}{_KEYS}</(?P=p)KeyInfo>',
            rf'|<KeyInfo xmlns="{re.escape(DS)}">{_SPACE}{_KEYS}</KeyInfo>)?',
            r"</(?P=p)Signature>",
        )
    )
)


class PlainSignature(NamedTuple):
    """What a ds:Signature of the usual shape says: exclusive canonicalization without comments, twice."""

    info: bytes
    """The canonical octets of SignedInfo."""
    method: str
    uri: str
    prefixes: tuple[str, ...]
    digest: str
    digest_value: str
    value: str
    end: int
    """Where it ends in the text that was read."""


def read_signature(text: str, *, at: int, scope: Container[str]) -> PlainSignature | None:
    """The signature that begins here; None where none does, or one of another shape.

    `scope`: the prefixes that are declared around it. One of them in the PrefixList of SignedInfo is not usual.
    """
    signature = _SIGNATURE.match(text, at)
    if signature is None:
        return None
    p, declaration, q, info, _, of_info, method, uri, _, listed, digest, digest_value, value = signature.groups()
    prefixes = tuple(listed.split()) if listed else ()
    if p != (f"{q}:" if q else "") or len(prefixes) > MOST_PREFIXES:
        return None
    if of_info and (of_info.count(" ") >= MOST_PREFIXES or any(prefix in scope for prefix in of_info.split())):
        return None
    start = len(p) + len("<SignedInfo")
    return PlainSignature(
        info=expanded(f"{info[:start]} {declaration}{info[start:]}").encode(),
        method=method,
        uri=uri,
        prefixes=prefixes,
        digest=digest,
        digest_value=digest_value,
        value=value,
        end=signature.end(),
    )
