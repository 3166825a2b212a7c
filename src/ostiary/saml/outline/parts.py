"""One thing that a document says, as text that can be shown whatever it is: bounded in length and in number."""

from collections.abc import Iterable
from dataclasses import dataclass

import pybase64
from lxml import etree

from ostiary.kernel.errors import Refusal
from ostiary.saml.certificates import Certificate, stranger_from_der
from ostiary.saml.constants import DS
from ostiary.saml.xml import text_of

_LONGEST = 2048
MOST_VALUES = 50
_MOST_CERTIFICATES = 20
_CERTIFICATE = f"{{{DS}}}X509Certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that a document says. `name` is ours, in snake_case; the values are as they were written."""

    name: str
    values: tuple[str, ...]


def part(name: str, *values: str) -> Part:
    """The part with those of these values that say something."""
    return Part(name=name, values=tuple(each[:_LONGEST] for each in values[:MOST_VALUES] if each.strip()))


def shown(element: etree._Element) -> str:
    """The text of the element without the white space around it."""
    return text_of(element)[: 2 * _LONGEST].strip()[:_LONGEST]


def last_word(uri: str) -> str:
    """`RSA-SHA256` of `http://…xmldsig-more#rsa-sha256`; the text itself where it is no such name."""
    ends = uri.rstrip("/").replace("#", ":")
    return (ends.rpartition("/")[2] if ends.startswith("http") else ends).rpartition(":")[2][:100]


def certificates_in(element: etree._Element) -> tuple[Certificate, ...]:
    """The certificates inside this element, each once. What can't be read is left out."""
    found: dict[str, Certificate] = {}
    for count, node in enumerate(element.iter(_CERTIFICATE)):
        if count >= _MOST_CERTIFICATES:
            break
        found.update({each.fingerprint: each for each in _read(text_of(node))})
    return tuple(found.values())


def _read(text: str) -> Iterable[Certificate]:
    try:
        return (stranger_from_der(pybase64.b64decode("".join(text.split()), validate=True)),)
    except (Refusal, ValueError):
        return ()
