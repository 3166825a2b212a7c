"""Bytes into a tree, or a refusal. Rule: every XML that someone else wrote is parsed here and nowhere else."""

import html
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Final, cast

from lxml import etree

from ostiary.kernel.errors import Refusal
from ostiary.saml.constants import DS, SAML, XENC, XENC11
from ostiary.saml.errors import (
    DoctypeRefused,
    DuplicateId,
    IdAmbiguous,
    NotXml,
    TooComplex,
    TooLarge,
    XmlFeatureRefused,
)

LARGEST_MESSAGE: Final = 512 * 1024
DEEPEST: Final = 64
MOST_ELEMENTS: Final = 10_000
MOST_ATTRIBUTES: Final = 32

MOST_NAMESPACES_HERE: Final = 32
"""On one element."""
MOST_NAMESPACES_IN_SCOPE: Final = 64
_FEW_NAMESPACES = 100
_SHALLOW = 12
"""Okta declares two namespaces for each value of an attribute; at this depth they can't add up to a wide scope."""

_ENCODINGS = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII", "ASCII"})
# Such a document is UTF-8 (XML 1.0, appendix F), so that its bytes can be searched.
_PLAIN_START = re.compile(rb"""<[A-Za-z_]|<\?xml version=["']1\.0["'](?: encoding=["'][Uu][Tt][Ff]-8["'])?\s*\?>""")
_DECLARATION = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s{0,8}<\?xml\s[^<>?]{0,100}\?>""")
_WIDE_DOCTYPES = tuple(
    mark.encode(encoding) for mark in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-16-le", "utf-16-be")
)
_NO_IDS = frozenset(
    {"Name", "NameFormat", "FriendlyName", "Format", "Value", "Method", "Algorithm", "URI", "Version", "IssueInstant"}
    | {"Destination", "Recipient", "InResponseTo", "NotBefore", "NotOnOrAfter", "AuthnInstant", "SessionIndex"}
    | {"SessionNotOnOrAfter", "{http://www.w3.org/2001/XMLSchema-instance}type"}
)
"""Attributes that need no second look: only for speed."""
_ID_SPELLINGS = frozenset({"id", "assertionid", "responseid", "requestid"})
_WITH_ID = tuple(f"{{{namespace}}}" for namespace in (DS, XENC, XENC11))
"""XML Signature and XML Encryption spell it `Id`."""

_OURS = ("{urn:oasis:names:tc:SAML:", *_WITH_ID)
"""What could be taken for the signed element, or for one around it: all versions of SAML, signatures, encryption."""
_ATTRIBUTE_VALUE = f"{{{SAML}}}AttributeValue"

# lxml has no public names for the classes of what is no element.
_NO_ELEMENTS = (etree._Comment, etree._Entity, etree._ProcessingInstruction)  # noqa: SLF001

_is_not_shallow = etree.XPath("boolean(" + "/*" * (_SHALLOW + 1) + ")")
_is_too_deep = etree.XPath("boolean(" + "/*" * (DEEPEST + 1) + ")")
_has_instruction = etree.XPath("boolean(//processing-instruction())")
_first_instruction = etree.XPath("name(//processing-instruction())")


class _Parsers(threading.local):
    """The parsers of this thread: one shared by threads is slower than one thread."""

    def __init__(self) -> None:
        self.whole = _parser(remove_comments=False)
        self.without_comments = _parser(remove_comments=True)


def _parser(*, remove_comments: bool) -> etree.XMLParser:
    """No entities, no network, no document type, no repair, no tables of IDs."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        collect_ids=False,
        remove_comments=remove_comments,
    )


_parsers = _Parsers()


def parse_untrusted(document: bytes, *, limit: int = LARGEST_MESSAGE) -> etree._Element:
    """The outermost element of a document that anyone may have written. Comments are kept (a signature may cover them).

    Raises: `TooLarge`, `TooComplex`, `DoctypeRefused`, `NotXml`, `XmlFeatureRefused`.
    """
    if len(document) > limit:
        raise TooLarge(limit=limit, received=len(document))
    # Before parsing, so that no bomb is ever lit.
    if b"!" in document and (b"<!DOCTYPE" in document or b"<!ENTITY" in document):
        raise DoctypeRefused
    most_here = _count_namespaces(document)
    is_plain = _PLAIN_START.match(document) is not None
    if not is_plain and any(mark in document for mark in _WIDE_DOCTYPES):
        raise DoctypeRefused
    try:
        root = etree.fromstring(document, _parsers.whole)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise not_xml(error) from None
    if not is_plain:
        _refuse_disguise(root)
    if most_here * _SHALLOW > MOST_NAMESPACES_IN_SCOPE or (most_here and _is_not_shallow(root)):
        _refuse_wide_scope(root)
    return root


def _count_namespaces(document: bytes) -> int:
    """How many namespaces one element declares at most; 0 where all together are few.

    Canonicalization keeps the namespaces in scope as a sorted list: 20,000 on one element take it 17 seconds.
    """
    if document.count(b"xmlns") <= _FEW_NAMESPACES and b"\0" not in document:
        return 0
    # No `<` can stand inside a tag, so each piece holds at most one. UTF-16 has a zero in each letter.
    pieces = document.replace(b"\0", b"").split(b"<")
    most_here = max(piece.count(b"xmlns") for piece in pieces)
    if most_here > MOST_NAMESPACES_HERE:
        raise TooComplex(what="namespaces", limit=MOST_NAMESPACES_HERE)
    return most_here


def _refuse_wide_scope(root: etree._Element) -> None:
    """A few namespaces on each of many levels add up: 1,500 in scope of 5,000 elements take 38 seconds."""
    # In the order of the document, so that no scope is looked at that is much larger than the limit.
    if any(len(element.nsmap) > MOST_NAMESPACES_IN_SCOPE for element in root.iter("*")):
        raise TooComplex(what="namespaces", limit=MOST_NAMESPACES_IN_SCOPE)


def _refuse_disguise(root: etree._Element) -> None:
    """A document whose encoding could hide a document type from a look at its bytes is looked at again as a tree."""
    facts: etree.DocInfo = root.getroottree().docinfo
    if cast("etree.DTD | None", facts.internalDTD) is not None:
        raise DoctypeRefused
    encoding = facts.encoding or "UTF-8"
    if encoding.upper() not in _ENCODINGS:
        raise XmlFeatureRefused(feature="encoding", received=encoding[:100])


def parse_digested(octets: bytes) -> etree._Element:
    """The tree of what a signature covers, without comments: so the text of an element is always one whole.

    An address with a comment inside would otherwise end at the comment (VU#475445).
    """
    try:
        return etree.fromstring(octets, _parsers.without_comments)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise not_xml(error) from None


def parse_fragment(octets: bytes, *, scope: Mapping[str | None, str], taken: Iterable[str]) -> etree._Element:
    """An element around what these octets hold, with these namespaces declared around it. Comments are kept.

    `taken`: the IDs of the document in which it stands; none of them may come again.

    Raises: as `parse_untrusted` and `walk`.
    """
    names = "".join(
        f' xmlns{":" + prefix if prefix else ""}="{html.escape(uri)}"' for prefix, uri in scope.items() if uri
    )
    root = parse_untrusted(f"<inside{names}>".encode() + _DECLARATION.sub(b"", octets, count=1) + b"</inside>")
    walk(root, taken=taken)
    return root


def parse_for_display(document: bytes) -> etree._Element | None:
    """The tree of a document whose content is only shown, never used; None where it can't be read."""
    try:
        parse_untrusted(document)
        return parse_digested(document)
    except Refusal:
        return None


def not_xml(error: Exception) -> NotXml:
    """The refusal for what the parser said."""
    detail = error.msg if isinstance(error, etree.XMLSyntaxError) else str(error)
    return NotXml(detail=(detail or "")[:200], line=getattr(error, "lineno", 0) or 0)


def walk(root: etree._Element, *, taken: Iterable[str] = ()) -> None:
    """Look at every element once: how deep, how many, which IDs. None of those that are taken may come again.

    Raises: `TooComplex`, `XmlFeatureRefused`, `DuplicateId`, `IdAmbiguous`.
    """
    if _has_instruction(root):
        raise XmlFeatureRefused(feature="processing instruction", received=str(_first_instruction(root))[:100])
    ids, foreign = set(taken), set[str]()
    count = 0
    for element in root.iter():
        count += 1
        keys = element.keys()
        if len(keys) > MOST_ATTRIBUTES:
            raise TooComplex(what="attributes", limit=MOST_ATTRIBUTES)
        for key in keys:
            if key not in _NO_IDS:
                _collect_id(element, name=str(key), ids=ids, foreign=foreign)
        if count > MOST_ELEMENTS:
            raise TooComplex(what="elements", limit=MOST_ELEMENTS)
    if count > DEEPEST and _is_too_deep(root):
        raise TooComplex(what="depth", limit=DEEPEST)
    if not foreign.isdisjoint(ids):
        raise DuplicateId(received=min(foreign & ids)[:200])


def _collect_id(element: etree._Element, *, name: str, ids: set[str], foreign: set[str]) -> None:
    """Put the element's ID among the others. A second one would let a signature be taken for another's.

    What somebody else's XML calls its ID, inside an attribute's value, is `foreign`: it may come as often as it likes
    and in any spelling, but never be one of ours. Nothing of that kind is signed or has anything signed inside.
    """
    if name.rpartition("}")[2].lower() not in _ID_SPELLINGS:
        return
    value = element.get(name, "")
    if not element.tag.startswith(_OURS) and next(element.iterancestors(_ATTRIBUTE_VALUE), None) is not None:
        foreign.add(value)
        return
    if name != "ID" and not (name == "Id" and element.tag.startswith(_WITH_ID)):
        raise IdAmbiguous(element=local(element), attribute=name)
    if value in ids:
        raise DuplicateId(received=value[:200])
    ids.add(value)


def local(element: etree._Element) -> str:
    """The element's name without its namespace; empty for a comment."""
    return "" if isinstance(element, _NO_ELEMENTS) else element.tag.rpartition("}")[2]


def text_of(element: etree._Element) -> str:
    """All the text inside, in order. Never only the first piece."""
    if not len(element):
        return element.text or ""
    return "".join(str(piece) for piece in element.itertext())
