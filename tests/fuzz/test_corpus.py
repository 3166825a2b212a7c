"""What a fuzzer has kept is played again: every input has an answer, soon, and nothing forged is believed."""

import time
from pathlib import Path

import pytest

from scripts.fuzz import LARGEST_KEPT, WEIGHTS
from tests.fuzz import targets
from tests.fuzz.mutation import mutate
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS, Forged
from tests.vectors.accepted import OKTA
from tests.vectors.message import signed
from tests.vectors.vector import document

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 2.0
KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("target", TARGETS)
def test_every_kept_input_has_an_answer_soon(target):
    inputs = [path.read_bytes() for path in KEPT if path.parent.name == target]
    assert inputs
    slowest = 0.0
    for octets in inputs:
        began = time.process_time()
        TARGETS[target](octets)
        slowest = max(slowest, time.process_time() - began)
    assert slowest < SECONDS


@pytest.mark.parametrize("target", TARGETS)
def test_every_input_to_begin_with_has_an_answer(target):
    inputs = [octets for name, octets in seeds() if name == target]
    assert inputs
    for octets in inputs:
        TARGETS[target](octets)


def test_the_corpus_is_small_and_every_target_has_one():
    assert {path.parent.name for path in KEPT} == set(TARGETS) == set(WEIGHTS)
    assert max(path.stat().st_size for path in KEPT) <= LARGEST_KEPT
    assert sum(path.stat().st_size for path in KEPT) < 1_000_000


def test_a_fuzzer_would_notice_what_is_believed_without_a_signature(monkeypatch):
    """The oracle itself: an answer that only the provider's key can make, and that is in no vector."""
    other = signed(OKTA.tree(), "Response")
    TARGETS["response"](document(other))
    monkeypatch.setattr(targets, "genuine", frozenset)
    with pytest.raises(Forged):
        TARGETS["response"](document(other))


def test_a_change_leaves_xml_that_differs():
    written = document(signed(OKTA.tree(), "Assertion"))
    made = {mutate(written, seed=seed) for seed in range(200)}
    assert None not in made
    assert len(made) > 100
    assert mutate(b"no XML", seed=1) is not None
    assert mutate(b"<a", seed=1) is None
