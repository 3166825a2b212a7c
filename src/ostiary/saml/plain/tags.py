"""Tags as text. Only where no `<` or `>` stands in a value, and nothing but spaces before each attribute."""

import re
from typing import Final

from ostiary.saml.constants import DS, SAML, SAMLP
from ostiary.saml.xml import LARGEST_MESSAGE

NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
PREFIX: Final = rf"(?:{NAME}:)?"
ATTRIBUTES: Final = r'(?: {1,4}[A-Za-z][A-Za-z0-9_:.-]*="[^"<>\t\n\r]*"){0,32}'
NAMESPACES: Final = rf'(?: xmlns(?::{NAME})?="[^"<>&]*"){{1,8}}'
TEXT: Final = r"[^<>]*"
VALUE: Final = r'[^"<>\t\n]'
"""A letter of an attribute's value in canonical octets, where no tab and no line end stands as it is."""


def optional(*names: str) -> str:
    """A pattern of these attributes, in this order, with a group for the value of each, which may be absent."""
    return "".join(rf'(?: {name}="({VALUE}*)")?' for name in names)


_ATTRIBUTE = re.compile(r' +([^= ]+)="([^"]*)"')
_KNOWN_NAMESPACES = frozenset(
    {SAML, SAMLP, DS, "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/2001/XMLSchema-instance"}
)
_FORBIDDEN = bytes({*range(0x20)} - set(b"\t\n\r"))
"""XML 1.0, 2.2."""
_ESCAPES = {"&quot;": '"', "&#x9;": "\t", "&#xA;": "\n", "&#xD;": "\r", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
_STRANGE = re.compile(r"&(?!(?:amp|lt|gt|quot|#x9|#xA|#xD);)")
_ESCAPE = re.compile("|".join(_ESCAPES))
_BY_NUMBER = re.compile("&#x([0-9A-Fa-f]{2,5});|&#([0-9]{3,6});")
_LETTERS = (range(0xA0, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
"""XML 1.0, 2.2, without what has a meaning in XML or is a control."""

Attributes = dict[str, str]


def text_of(document: bytes) -> str:
    """The text, in UTF-8, with no character that XML forbids and no reference but the usual; else empty."""
    if b"!" in document and b"<!" in document:
        return ""
    if len(document) > LARGEST_MESSAGE or len(document.translate(None, _FORBIDDEN)) != len(document):
        return ""
    try:
        text = document.decode()
    except UnicodeDecodeError:
        return ""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # as a parser does before all else. XML 1.0, 2.11
    if "&#" in text:
        text = _BY_NUMBER.sub(_by_number, text)
    if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
        return ""
    return "" if "&" in text and has_strange_escape(text) else text


def _by_number(reference: re.Match[str]) -> str:
    """The letter that is written as its number (OneLogin writes all so that are not ASCII); a strange one stays."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(number) if any(number in letters for letters in _LETTERS) else reference[0]


def attributes(written: str) -> Attributes:
    """The attributes of a tag by their names as written, declarations of namespaces among them."""
    pairs = _ATTRIBUTE.findall(written)
    found = dict(pairs)
    # One of two with the same name would be dropped: such a text is no XML, and says nothing here.
    return found if len(found) == len(pairs) else {}


def declared(found: Attributes) -> Attributes | None:
    """The namespaces by their prefixes ("" for the default one); None where there is one that we don't know."""
    namespaces = {}
    for name, value in found.items():
        if name.startswith("xmlns"):
            # Nothing may bind a prefix that begins with "xml". Namespaces 1.0, 3.
            if value not in _KNOWN_NAMESPACES or name[5:6] not in {"", ":"} or name[6:9].lower() == "xml":
                return None
            namespaces[name[6:]] = value
    return namespaces


def declares(written: str, *, prefix: str, uri: str) -> bool:
    """Whether they bind the prefix (with its colon, or empty) to this namespace, and others to some that we know."""
    if written == (f' xmlns:{prefix[:-1]}="{uri}"' if prefix else f' xmlns="{uri}"'):
        return True
    namespaces = declared(attributes(written))
    return namespaces is not None and namespaces.get(prefix[:-1]) == uri


def has_strange_escape(text: str) -> bool:
    """Whether there is a reference that canonical XML does not write."""
    return _STRANGE.search(text) is not None


def unescaped(value: str) -> str:
    """The value that canonical XML has written so. Canonical XML 1.0, 2.3."""
    return _ESCAPE.sub(lambda escape: _ESCAPES[escape[0]], value) if "&" in value else value
