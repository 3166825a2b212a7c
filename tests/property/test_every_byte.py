"""Every byte of a small answer, in each way of signing and encrypting it: not a sample, all of them."""

import pytest

from ostiary import saml
from ostiary.kernel.errors import Refusal
from tests.property.placements import PLACEMENTS, WRITTEN, genuine, says_the_same

EVERY_PLACEMENT = pytest.mark.parametrize("name", PLACEMENTS)
CHANGES = {
    "the last bit": lambda byte: byte ^ 0x01,
    "the case of a letter": lambda byte: byte ^ 0x20,
    "a space": lambda byte: 0x20,
    "the start of a tag": lambda byte: ord("<"),
}
"""What is put into each place in turn."""


def faults_of(name: str, *, documents: list[bytes]) -> list[bytes]:
    """The documents that are accepted and yet say something else. Fails where none of them is refused."""
    expected = genuine(name)
    outcomes = [(document, PLACEMENTS[name].read(document)) for document in documents]
    assert sum(isinstance(outcome, Refusal) for _document, outcome in outcomes) > len(documents) / 2
    return [
        document
        for document, outcome in outcomes
        if isinstance(outcome, saml.Assertion) and not says_the_same(outcome, expected=expected)
    ]


@EVERY_PLACEMENT
def test_a_small_sample_of_changed_bytes_is_refused_or_changes_nothing_that_is_read(name):
    written = WRITTEN[name]
    places = range(0, len(written), 97)
    assert faults_of(name, documents=[changed(written, at=at, change="the last bit") for at in places]) == []


@pytest.mark.slow
@EVERY_PLACEMENT
@pytest.mark.parametrize("change", CHANGES)
def test_any_changed_byte_is_refused_or_changes_nothing_that_is_read(name, change):
    written = WRITTEN[name]
    documents = [changed(written, at=at, change=change) for at in range(len(written))]
    assert faults_of(name, documents=[each for each in documents if each != written]) == []


@pytest.mark.slow
@EVERY_PLACEMENT
def test_any_missing_byte_is_refused_or_changes_nothing_that_is_read(name):
    written = WRITTEN[name]
    assert faults_of(name, documents=[written[:at] + written[at + 1 :] for at in range(len(written))]) == []


@pytest.mark.slow
@EVERY_PLACEMENT
def test_a_comment_anywhere_is_refused_or_changes_nothing_that_is_read(name):
    written = WRITTEN[name]
    ends = [at + 1 for at in range(len(written)) if written[at : at + 1] in {b">", b"@", b".", b"="}]
    documents = [written[:at] + b"<!--x-->" + written[at:] for at in ends]
    expected = genuine(name)
    outcomes = [PLACEMENTS[name].read(document) for document in documents]
    assert any(isinstance(outcome, Refusal) for outcome in outcomes)
    assert all(isinstance(each, Refusal) or says_the_same(each, expected=expected) for each in outcomes)


def changed(written: bytes, *, at: int, change: str) -> bytes:
    return written[:at] + bytes([CHANGES[change](written[at])]) + written[at + 1 :]
