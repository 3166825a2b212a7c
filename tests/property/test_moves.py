"""The signed element at every other place of the document: wrapping attacks, published ones and all the others."""

import copy

import pytest
from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from tests.property.placements import (
    PLACEMENTS,
    SIGNATURE,
    assertion_in,
    forged,
    genuine,
    moved,
    says_the_same,
)
from tests.vectors.accepted import WITH_ONE_NAME
from tests.vectors.wrapping import FORGED

EVERY_PLACEMENT = pytest.mark.parametrize("name", PLACEMENTS)
SIGNED_IN_THE_OPEN = pytest.mark.parametrize(
    "name", [name for name, placement in PLACEMENTS.items() if placement.tree().find(f".//{SIGNATURE}") is not None]
)


@EVERY_PLACEMENT
def test_the_assertion_counts_as_a_child_of_its_response_only(name):
    root = PLACEMENTS[name].tree()
    expected = genuine(name)
    elsewhere = 0
    for tree, is_home in moved(assertion_in(root), root=root):
        outcome = PLACEMENTS[name].read(tree)
        elsewhere += not is_home
        assert isinstance(outcome, Refusal) or (is_home and says_the_same(outcome, expected=expected))
    assert elsewhere > 20


@EVERY_PLACEMENT
@pytest.mark.parametrize("same_id", [False, True], ids=["another ID", "the same ID"])
@pytest.mark.parametrize("with_signature", [False, True], ids=["bare", "with the signature"])
def test_a_forged_assertion_in_its_place_is_refused_wherever_the_signed_one_is_kept(name, same_id, with_signature):
    root = PLACEMENTS[name].tree()
    original = assertion_in(root)
    evil = forged(name)
    if same_id and evil.get("ID"):
        evil.set("ID", WITH_ONE_NAME.assertion_id)
    signature = original.find(SIGNATURE)
    if with_signature and signature is not None:
        evil.insert(1, copy.deepcopy(signature))
    original.addprevious(evil)
    outcomes = [PLACEMENTS[name].read(tree) for tree, _is_home in moved(original, root=root)]
    assert len(outcomes) > 40
    assert [each for each in outcomes if isinstance(each, saml.Assertion)] == []


@EVERY_PLACEMENT
def test_a_forged_assertion_anywhere_else_is_refused_or_not_read(name):
    root = PLACEMENTS[name].tree()
    evil = forged(name)
    assertion_in(root).addnext(evil)
    expected = genuine(name)
    outcomes = [PLACEMENTS[name].read(tree) for tree, _is_home in moved(evil, root=root)]
    assert sum(isinstance(each, Refusal) for each in outcomes) > len(outcomes) / 2
    assert all(isinstance(each, Refusal) or says_the_same(each, expected=expected) for each in outcomes)


@SIGNED_IN_THE_OPEN
def test_a_signature_counts_as_a_child_of_what_it_covers_only(name):
    root = PLACEMENTS[name].tree()
    expected = genuine(name)
    signatures = list(root.iter(SIGNATURE))
    elsewhere = 0
    for tree, is_home in moved(signatures[0], root=root):
        outcome = PLACEMENTS[name].read(tree)
        if not is_home:
            elsewhere += 1
            # Without the first of two signatures the second one vouches for everything that is read.
            assert isinstance(outcome, Refusal) or (len(PLACEMENTS[name].signed) > 1 and signed_once(outcome))
        assert isinstance(outcome, Refusal) or says_the_same(outcome, expected=expected)
    assert elsewhere > 40


def signed_once(outcome: saml.Assertion) -> bool:
    return outcome.response_signed + outcome.assertion_signed == 1


@EVERY_PLACEMENT
def test_a_signed_response_counts_as_the_outermost_element_only(name):
    host = FORGED.tree()
    guest = PLACEMENTS[name].tree()
    host.append(guest)
    outcomes = [PLACEMENTS[name].read(tree) for tree, _is_home in moved(guest, root=host)]
    assert len(outcomes) > 40
    assert [each for each in outcomes if isinstance(each, saml.Assertion)] == []


@EVERY_PLACEMENT
def test_a_response_in_a_new_outermost_element_is_refused(name):
    genuine(name)
    for tag in ("{urn:oasis:names:tc:SAML:2.0:protocol}ArtifactResponse", "{http://schemas.xmlsoap.org/soap/}Body"):
        around = etree.Element(tag)
        around.append(PLACEMENTS[name].tree())
        outcome = PLACEMENTS[name].read(around)
        assert isinstance(outcome, Refusal)
        assert outcome.code == "saml.not_a_response"
