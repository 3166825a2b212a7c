"""Changes to XML that leave it XML: a change of bytes alone seldom gets past a parser."""

import copy
import random
from collections.abc import Callable

from lxml import etree

HOLDERS = (
    "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions",
    "{urn:oasis:names:tc:SAML:2.0:assertion}Advice",
    "{http://www.w3.org/2000/09/xmldsig#}Object",
    "{http://www.w3.org/2000/09/xmldsig#}KeyInfo",
)
NAMES = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id", "URI", "Algorithm", "Version", "Value", "Name")
TEXTS = (
    "",
    " ",
    "A",
    "\x85",
    "2026-03-03T09:41:51Z",
    "9999-12-31T23:59:59.9999999+14:00",
    "urn:oasis:names:tc:SAML:2.0:cm:bearer",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "a" * 3000,
)


def mutate(octets: bytes, *, seed: int) -> bytes | None:
    """The document with one to three elements changed; None where it is no XML."""
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret with it
    try:
        # What has no outermost element of its own, as the inside of an assertion, gets one.
        is_whole = octets.lstrip().startswith((b"<?xml", b"<saml2p:", b"<samlp:", b"<md:"))
        names = b'xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"'
        root = etree.fromstring(octets if is_whole else b"<x " + names + b">" + octets + b"</x>")
    except (etree.XMLSyntaxError, ValueError):
        return None
    for _ in range(chance.randint(1, 3)):
        elements = list(root.iter(etree.Element))
        try:
            chance.choice(CHANGES)(chance.choice(elements), elements, chance)
        except (ValueError, TypeError, AttributeError):
            continue
    written = etree.tostring(root)
    if is_whole:
        return written
    inside, end, _rest = written.partition(b">")[2].rpartition(b"</")
    return inside if end else None


def _remove(element: etree._Element, _others: list[etree._Element], _chance: random.Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(element: etree._Element, _others: list[etree._Element], _chance: random.Random) -> None:
    if element.getparent() is not None:
        element.addnext(copy.deepcopy(element))


def _move(element: etree._Element, others: list[etree._Element], chance: random.Random) -> None:
    target = chance.choice(others)
    if element.getparent() is not None and element not in target.iterancestors() and element is not target:
        target.insert(chance.randint(0, len(target)), element)


def _graft(element: etree._Element, others: list[etree._Element], chance: random.Random) -> None:
    chance.choice(others).insert(0, copy.deepcopy(element))


def _hold(element: etree._Element, _others: list[etree._Element], chance: random.Random) -> None:
    holder = etree.Element(chance.choice(HOLDERS))
    if element.getparent() is not None:
        element.addprevious(holder)
        holder.append(element)


def _rename(element: etree._Element, others: list[etree._Element], chance: random.Random) -> None:
    element.tag = chance.choice([chance.choice(others).tag, chance.choice(HOLDERS), "x", "{}x"])


def _write(element: etree._Element, others: list[etree._Element], chance: random.Random) -> None:
    element.text = chance.choice([chance.choice(TEXTS), chance.choice(others).text or ""])


def _attribute(element: etree._Element, others: list[etree._Element], chance: random.Random) -> None:
    known = [*element.keys(), *NAMES]
    values = [value for other in others for value in other.values()]
    element.set(str(chance.choice(known)), str(chance.choice([*TEXTS, *values])))


def _without_attribute(element: etree._Element, _others: list[etree._Element], chance: random.Random) -> None:
    if element.keys():
        del element.attrib[chance.choice(element.keys())]


def _comment(element: etree._Element, _others: list[etree._Element], chance: random.Random) -> None:
    text = element.text or ""
    at = chance.randint(0, len(text))
    node = chance.choice([etree.Comment("x"), etree.ProcessingInstruction("x", "y")])
    element.text, node.tail = text[:at], text[at:]
    element.insert(0, node)


CHANGES: tuple[Callable[[etree._Element, list[etree._Element], random.Random], None], ...] = (
    *(_remove, _repeat, _move, _graft, _hold, _rename),
    *(_write, _attribute, _without_attribute, _comment),
)
