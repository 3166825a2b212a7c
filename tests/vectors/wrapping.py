"""Signature wrapping: the signed original is kept somewhere, a forged one stands where the reader looks.

XSW 1 to 8 as in Somorovsky et al., "On Breaking SAML" (USENIX Security 2012).
"""

import copy
from dataclasses import replace

from lxml import etree

from tests.vectors.accepted import OKTA
from tests.vectors.message import DS, SAML, SAMLP, signed
from tests.vectors.vector import Vector, document

_EVIL = OKTA.name_id.replace("dana.whitfield", "mallory") if OKTA.name_id else ""
FORGED = replace(OKTA, name_id=_EVIL, assertion_id="_evil", response_id="_evilResponse")


def wrapping() -> list[Vector]:
    """Every vector of signature wrapping."""
    many, same_id, unsigned = "assertion_count", "duplicate_id", "signature_missing"
    return [
        _bad("xsw-1", many, "XSW 1: the signed Response inside the signature of a forged one.", _xsw_1()),
        _bad("xsw-2", many, "XSW 2: the signed Response beside its signature in a forged one.", _xsw_2()),
        _bad("xsw-3", many, "XSW 3: a forged assertion before the signed one.", _xsw_3()),
        _bad("xsw-4", many, "XSW 4: the signed assertion inside a forged one.", _xsw_4()),
        _bad("xsw-5", many, "XSW 5: a forged assertion with the signature of the one behind it.", _xsw_5()),
        _bad("xsw-6", many, "XSW 6: the signed assertion inside the signature of the forged one.", _xsw_6()),
        _bad("xsw-7", same_id, "XSW 7: a forged assertion of the same ID in Extensions.", _xsw_7()),
        _bad("xsw-8", same_id, "XSW 8: the signed assertion in ds:Object, the forged one with its ID.", _xsw_8()),
        _bad("xsw-9", many, "The signed assertion in Extensions, an unsigned one in its place.", _xsw_9()),
        _bad("signature-elsewhere", unsigned, "A good signature of another message, somewhere.", _elsewhere()),
        _bad("two-assertions", many, "A second, unsigned assertion to be merged (CVE-2026-34840).", _two()),
        _bad("signed-one-in-advice", many, "The signed assertion in Advice, a forged one in its place.", _advice()),
        _bad("forged-one-in-advice", many, "A forged assertion in an Advice that nobody has signed.", _forged_advice()),
    ]


def _bad(name: str, code: str, why: str, tree: etree._Element) -> Vector:
    return Vector(path=f"attacks/{name}", why=why, expect=f"saml.{code}", document=document(tree))


def assertion_of(root: etree._Element) -> etree._Element:
    """The assertion directly in this Response."""
    found = root.find(f"{{{SAML}}}Assertion")
    if found is None:
        raise LookupError("Assertion")
    return found


def signature_of(element: etree._Element) -> etree._Element:
    """The signature directly in this element."""
    found = element.find(f"{{{DS}}}Signature")
    if found is None:
        raise LookupError("Signature")
    return found


def evil_assertion(name: str = "_evil") -> etree._Element:
    """An unsigned assertion that names somebody else."""
    evil = copy.deepcopy(assertion_of(FORGED.tree()))
    evil.set("ID", name)
    return evil


def extensions(inside: etree._Element) -> etree._Element:
    """An Extensions element around it."""
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    holder.append(inside)
    return holder


def _xsw_1() -> etree._Element:
    root, inner = FORGED.tree(), signed(OKTA.tree(), "Response")
    stolen = signature_of(inner)
    inner.remove(stolen)
    stolen.append(inner)
    root.insert(1, stolen)
    return root


def _xsw_2() -> etree._Element:
    root, inner = FORGED.tree(), signed(OKTA.tree(), "Response")
    stolen = signature_of(inner)
    inner.remove(stolen)
    root.insert(1, inner)
    root.insert(2, stolen)
    return root


def _xsw_3() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    root.insert(list(root).index(assertion_of(root)), evil_assertion())
    return root


def _xsw_4() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original, evil = assertion_of(root), evil_assertion()
    root.replace(original, evil)
    evil.append(original)
    return root


def _xsw_5() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original, evil = assertion_of(root), evil_assertion()
    evil.insert(1, signature_of(original))
    root.replace(original, evil)
    root.append(original)
    return root


def _xsw_6() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original, evil = assertion_of(root), evil_assertion()
    stolen = signature_of(original)
    evil.insert(1, stolen)
    root.replace(original, evil)
    stolen.append(original)
    return root


def _xsw_7() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    root.insert(1, extensions(evil_assertion(OKTA.assertion_id)))
    return root


def _xsw_8() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original, evil = assertion_of(root), evil_assertion(OKTA.assertion_id)
    stolen = signature_of(original)
    root.replace(original, evil)
    evil.insert(1, stolen)
    etree.SubElement(stolen, f"{{{DS}}}Object").append(original)
    return root


def _xsw_9() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    original = assertion_of(root)
    root.replace(original, evil_assertion())
    root.insert(1, extensions(original))
    return root


def _elsewhere() -> etree._Element:
    root = FORGED.tree()
    root.insert(1, extensions(signature_of(signed(OKTA.tree(), "Response"))))
    return root


def _two() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    root.append(evil_assertion())
    return root


def _advice() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    holder = etree.SubElement(root, f"{{{SAML}}}Advice")
    holder.append(assertion_of(root))
    root.append(evil_assertion())
    return root


def _forged_advice() -> etree._Element:
    root = signed(OKTA.tree(), "Assertion")
    holder = etree.Element(f"{{{SAML}}}Advice")
    holder.append(evil_assertion())
    root.insert(1, extensions(holder))
    return root
