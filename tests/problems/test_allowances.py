"""What a connection can put up with: every switch has its words, and every refusal that one would lift names it."""

import ast
import dataclasses
from pathlib import Path

import pytest

import ostiary
from ostiary import saml
from ostiary.domain.connection import Allowance
from ostiary.domain.errors import AllowanceOn
from ostiary.guides import ConnectionValues, guides
from ostiary.problems import Reader, explain
from ostiary.problems.allowances import WORDS, allowance_of
from ostiary.services.saml.parties import policy_of

PACKAGE = Path(ostiary.__file__).parent
VALUES = ConnectionValues.without_connection(product="Ringline", organization="Acme")
BEGINS_ELSEWHERE = "accept_unsolicited"
"""No switch of this kind: the connection's answer to a tile decides it."""


def test_every_allowance_has_its_words_and_each_says_risk_and_need() -> None:
    assert list(WORDS) == list(Allowance)
    for words in WORDS.values():
        assert words.risk.endswith(".")
        assert words.needed_by.endswith(".")
        assert not words.accepts.endswith(".")
        assert len({words.risk, words.needed_by, words.label}) == 3


def test_every_allowance_that_a_refusal_names_is_a_switch() -> None:
    """Read from the code: a name in a fact that no form has would lead an admin to nothing."""
    named = set()
    for path in (PACKAGE / "saml").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                looks_like_one = node.value.startswith(("allow_", "accept_")) or node.value == "minimum_rsa_bits"
                named |= {node.value} if looks_like_one else set()
    assert named == {allowance.value for allowance in Allowance} | {BEGINS_ELSEWHERE}


def test_every_allowance_makes_the_policy_less_strict_and_nothing_else() -> None:
    strict = saml.SamlPolicy()
    for allowance in Allowance:
        policy = policy_of((allowance,), accept_unsolicited=False)
        changed = {
            field.name
            for field in dataclasses.fields(policy)
            if getattr(policy, field.name) != getattr(strict, field.name)
        }
        assert changed == {allowance.value}
    assert policy_of((), accept_unsolicited=False) == strict


@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.key)
@pytest.mark.parametrize("allowance", list(Allowance))
def test_a_refusal_that_a_switch_would_lift_carries_its_words(guide, allowance: Allowance) -> None:
    refusal = saml.errors.AlgorithmRefused(element="Response", algorithm="x", uri="y", allowance=allowance.value)
    told = explain(refusal.code, refusal.facts(), guide=guide, values=VALUES, reader=Reader.ADMIN)
    assert told.allowance == WORDS[allowance]
    assert told.steps != ()
    to_the_person = explain(refusal.code, refusal.facts(), guide=guide, values=VALUES, reader=Reader.USER)
    assert to_the_person.allowance is None


def test_where_no_switch_would_help_none_is_offered() -> None:
    for named in ("", "accept_unsolicited", "allow_everything"):
        assert allowance_of({"allowance": named}) is None
    assert allowance_of({}) is None


@pytest.mark.parametrize("allowance", list(Allowance))
def test_the_finding_says_what_is_accepted_and_the_risk(allowance: Allowance) -> None:
    finding = AllowanceOn(allowance=allowance.value)
    told = explain(finding.code, finding.facts(), guide=None, values=VALUES, reader=Reader.ADMIN)
    assert told.title == f"This connection accepts {WORDS[allowance].accepts}."
    assert told.second == f"{WORDS[allowance].risk} {WORDS[allowance].needed_by}"
    # It is on already: the finding leads to where it is taken back, not to where it is turned on.
    assert told.allowance is None
