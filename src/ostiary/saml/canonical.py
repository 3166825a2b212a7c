"""Canonical XML: the octets that a signature is made over. Any error is a refusal, never an empty result."""

from dataclasses import dataclass
from typing import Final, cast

from lxml import etree

from ostiary.saml.config import SamlPolicy
from ostiary.saml.constants import EXCLUSIVE_C14N, XML
from ostiary.saml.errors import CanonicalizationRefused, SignatureStructure, TooComplex, XmlFeatureRefused

_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_INCLUSIVE_1_1 = "http://www.w3.org/2006/12/xml-c14n11"
_INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
MOST_PREFIXES: Final = 64


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """One of the six canonicalizations that we know; all but the first only where the connection allows it."""

    is_exclusive: bool
    with_comments: bool
    prefixes: tuple[str, ...] = ()
    """The PrefixList of exclusive canonicalization: namespaces that are kept though unused."""
    inherits: frozenset[str] = frozenset()
    """Which attributes of the namespace `xml` come down from the ancestors. Canonical XML 1.0 2.4, 1.1 2.4."""


_FROM_ANCESTORS = frozenset({f"{{{XML}}}lang", f"{{{XML}}}space"})
_FROM_ANCESTORS_1_0 = _FROM_ANCESTORS | {f"{{{XML}}}base"}
_KNOWN = {
    EXCLUSIVE_C14N: Canonicalization(is_exclusive=True, with_comments=False),
    EXCLUSIVE_C14N + "WithComments": Canonicalization(is_exclusive=True, with_comments=True),
    **{
        uri + suffix: Canonicalization(is_exclusive=False, with_comments=bool(suffix), inherits=inherits)
        for uri, inherits in ((_INCLUSIVE, _FROM_ANCESTORS_1_0), (_INCLUSIVE_1_1, _FROM_ANCESTORS))
        for suffix in ("", "#WithComments")
    },
}


def canonicalization(method: etree._Element | None, *, name: str, policy: SamlPolicy) -> Canonicalization:
    """What a CanonicalizationMethod or Transform stands for. None is XML Signature's default, inclusive.

    Raises: `SignatureStructure`, `CanonicalizationRefused`, `TooComplex`.
    """
    known = _KNOWN.get(_INCLUSIVE if method is None else method.get("Algorithm", ""))
    if known is None:
        raise SignatureStructure(element=name, part="Transform")
    if not known.is_exclusive and not policy.allow_inclusive_c14n:
        raise CanonicalizationRefused(element=name, algorithm="inclusive", allowance="allow_inclusive_c14n")
    if known.with_comments and not policy.allow_c14n_with_comments:
        raise CanonicalizationRefused(element=name, algorithm="with comments", allowance="allow_c14n_with_comments")
    if method is None or not len(method):
        return known
    [*parameters] = method
    if not known.is_exclusive or len(parameters) != 1 or parameters[0].tag != _INCLUSIVE_NAMESPACES:
        raise SignatureStructure(element=name, part="Transform")
    prefixes = tuple(parameters[0].get("PrefixList", "").split())
    if len(prefixes) > MOST_PREFIXES:
        raise TooComplex(what="prefixes", limit=MOST_PREFIXES)
    return Canonicalization(is_exclusive=True, with_comments=known.with_comments, prefixes=prefixes)


def canonicalize(element: etree._Element, *, how: Canonicalization, name: str) -> bytes:
    """The canonical octets of the element, with the namespaces of its ancestors in scope.

    Raises: `XmlFeatureRefused` where there is no canonical form: a relative namespace made other libraries go on with
    an empty text, whose digest everybody knows (CVE-2025-66475).
    """
    try:
        octets = etree.tostring(
            _rehosted(element, how=how),
            method="c14n",
            exclusive=how.is_exclusive,
            with_comments=how.with_comments,
            inclusive_ns_prefixes=list(how.prefixes) or None,
        )
    except (etree.C14NError, ValueError):
        raise XmlFeatureRefused(feature="relative namespace", received=name) from None
    if not octets:
        raise XmlFeatureRefused(feature="relative namespace", received=name)
    return octets


def exclusive_octets(element: etree._Element) -> bytes:
    """The element written out alone, without comments and with every namespace that it uses. Raises: as above."""
    return canonicalize(element, how=_KNOWN[EXCLUSIVE_C14N], name=element.tag.rpartition("}")[2])


def _rehosted(element: etree._Element, *, how: Canonicalization) -> etree._Element:
    """The element as root of a document of its own, where the ancestors' namespaces matter; else the element itself.

    lxml canonicalises a part of a document without the declarations of its ancestors, which inclusive
    canonicalization, and a PrefixList, must see.
    """
    parent = element.getparent()
    if parent is None or (how.is_exclusive and not _sees_ancestors(parent, prefixes=how.prefixes)):
        return element
    # The element's own prefix last: of two prefixes for one namespace lxml takes the last.
    scope: dict[str | None, str] = {prefix: uri for prefix, uri in element.nsmap.items() if prefix != element.prefix}
    if element.prefix in element.nsmap:
        scope[element.prefix] = element.nsmap[element.prefix]
    # The stubs know no default namespace, whose prefix is None.
    host = etree.Element(element.tag, nsmap=cast("dict[str, str]", scope))
    for name in how.inherits:
        carrier = next((each for each in element.iterancestors() if name in each.attrib), None)
        if carrier is not None:
            host.set(name, carrier.get(name, ""))
    host.attrib.update(element.attrib)
    host.text = element.text
    host.extend(list(element))
    return host


def _sees_ancestors(parent: etree._Element, *, prefixes: tuple[str, ...]) -> bool:
    if not prefixes:
        return False
    above = parent.nsmap
    return any((None if prefix == "#default" else prefix) in above for prefix in prefixes)
