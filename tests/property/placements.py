"""One small answer in every way in which it may be signed and encrypted, and what is read of each."""

import copy
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from tests.saml.circumstances import SERVICE_PROVIDER, usual
from tests.vectors.accepted import WITH_ONE_NAME
from tests.vectors.encryption import Encrypting, encrypt_assertion
from tests.vectors.message import DS, SAML, SAMLP, Message, Signing, signed
from tests.vectors.vector import document, private_pem
from tests.vectors.wrapping import FORGED

ASSERTION = f"{{{SAML}}}Assertion"
ENCRYPTED = f"{{{SAML}}}EncryptedAssertion"
SIGNATURE = f"{{{DS}}}Signature"
HOLDERS = (None, f"{{{SAMLP}}}Extensions", f"{{{DS}}}Object", f"{{{SAML}}}Advice")
CBC = Encrypting(cipher="http://www.w3.org/2001/04/xmlenc#aes128-cbc")
OURS = {"service_provider": replace(SERVICE_PROVIDER, decryption_keys=(saml.read_decryption_key(private_pem("sp")),))}
FACTS = (
    *("issuer", "id", "name_id", "attributes", "session_index", "session_not_on_or_after", "authn_instant"),
    *("authn_context", "not_on_or_after", "in_response_to"),
)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which elements are signed, in this order, and whether the assertion is encrypted in between."""

    signed: tuple[str, ...]
    encrypting: Encrypting | None = None

    def tree(
        self, message: Message = WITH_ONE_NAME, *, how: Signing | None = None, outside: Signing | None = None
    ) -> etree._Element:
        """The answer, signed inside, encrypted, signed outside; there by another key where one is given."""
        root = signed(message.tree(), *[each for each in self.signed if each == "Assertion"], how=how)
        if self.encrypting is not None:
            root = encrypt_assertion(root, how=self.encrypting)
        # Written and read again: an element that was put into a tree declares its namespaces in a place of its own.
        root = etree.fromstring(etree.tostring(root))
        return signed(root, *[each for each in self.signed if each == "Response"], how=outside or how)

    def read(self, tree: etree._Element | bytes, **changes: Any) -> saml.Assertion | Refusal:
        """What a sign-in makes of it, at the usual connection with the usual key of ours."""
        policy = {"allow_cbc": self.encrypting is CBC}
        try:
            return saml.read_response(b64encode(document(tree)), **usual(policy=policy, **OURS, **changes))
        except Refusal as refusal:
            return refusal


PLACEMENTS = {
    "assertion": Placement(signed=("Assertion",)),
    "response": Placement(signed=("Response",)),
    "both": Placement(signed=("Assertion", "Response")),
    "assertion, encrypted": Placement(signed=("Assertion",), encrypting=Encrypting()),
    "response around encrypted": Placement(signed=("Response",), encrypting=Encrypting()),
    "both, encrypted": Placement(signed=("Assertion", "Response"), encrypting=Encrypting()),
    "assertion, encrypted with CBC": Placement(signed=("Assertion",), encrypting=CBC),
}
WRITTEN = {name: document(placement.tree()) for name, placement in PLACEMENTS.items()}


def genuine(name: str) -> saml.Assertion:
    """What is read of the answer as it was signed."""
    outcome = PLACEMENTS[name].read(WRITTEN[name])
    assert isinstance(outcome, saml.Assertion), outcome.facts()
    return outcome


def says_the_same(outcome: saml.Assertion, *, expected: saml.Assertion) -> bool:
    """Every fact of it. Which signature vouched for them may differ: one of two may have become no signature."""
    return all(getattr(outcome, name) == getattr(expected, name) for name in FACTS)


def forged(name: str) -> etree._Element:
    """An assertion that names somebody else, as anybody can make it: encrypted where the genuine one is."""
    placement = PLACEMENTS[name]
    root = FORGED.tree()
    if placement.encrypting is not None:
        root = encrypt_assertion(root, how=placement.encrypting)
    return assertion_in(root)


def assertion_in(root: etree._Element) -> etree._Element:
    """The Assertion or EncryptedAssertion directly in this Response."""
    [found] = root.iterchildren(ASSERTION, ENCRYPTED)
    return found


def moved(element: etree._Element, *, root: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """Every document in which the element stands elsewhere: under each other element, at each place, in each holder.

    With each, whether the element still is a child of the parent that it had: only its place there is another one.
    """
    parts = list(root.iter("*"))
    number = parts.index(element)
    parent = element.getparent()
    inside = set(element.iter("*"))
    for at, spot in enumerate(parts):
        if spot in inside:
            continue
        for place in range(len(spot) + 1):
            for holder in HOLDERS:
                known = list(copy.deepcopy(root).iter("*"))
                put(known[number], under=known[at], place=place, holder=holder)
                yield known[0], spot is parent and holder is None


def put(element: etree._Element, *, under: etree._Element, place: int, holder: str | None) -> None:
    """Move the element there, into a new element of this name where one is given."""
    if holder is None:
        under.insert(place, element)
        return
    around = etree.Element(holder)
    under.insert(place, around)
    around.append(element)
