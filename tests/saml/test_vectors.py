from datetime import datetime
from typing import Any, cast

import pytest

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import NotRun, Passed, Refused
from ostiary.saml.errors import SamlRefusal
from tests.vectors.generate import all_vectors
from tests.vectors.vector import SSO_URL, Vector, pem, private_pem, read_all

VECTORS = read_all()
SIGNATURES = ("response_signature", "assertion_signature")
# Limits have tests of their own (test_limits.py: too big to keep), as has a request to sign in anew
# (test_force_authn.py); the others are raised by those who remember assertions and read attributes.
RAISED_ELSEWHERE = {
    "saml.too_large",
    "saml.response_replayed",
    "saml.attribute_missing",
    "saml.authentication_stale",
}
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS, ids=[vector.path for vector in VECTORS])


def circumstances(vector: Vector) -> dict:
    certificates = tuple(
        certificate
        for name in vector.certificates
        for certificate in saml.read_certificates(pem(name), minimum_rsa_bits=1024)
    )
    return {
        "service_provider": saml.ServiceProvider(
            entity_id=vector.entity_id,
            acs_url=vector.acs_url,
            decryption_keys=tuple(saml.read_decryption_key(private_pem(name)) for name in vector.decryption_keys),
        ),
        "identity_provider": saml.IdentityProvider(
            entity_id=vector.idp_entity_id, sso_url=SSO_URL, certificates=certificates
        ),
        "policy": saml.SamlPolicy(**cast("Any", vector.policy)),
        "expected_request_id": vector.expected_request_id,
        "now": datetime.fromisoformat(vector.now),
    }


def read(vector: Vector) -> saml.Assertion | Refusal:
    try:
        return saml.read_response(vector.form, **circumstances(vector))
    except Refusal as refusal:
        return refusal


def attributes(assertion: saml.Assertion) -> dict[str, list[str]]:
    merged: dict[str, list[str]] = {}
    for attribute in assertion.attributes:
        merged.setdefault(attribute.name, []).extend(attribute.values)
    return merged


@EVERY_VECTOR
def test_a_response_gets_its_verdict(vector):
    outcome = read(vector)
    if vector.expect == "ok":
        assert isinstance(outcome, saml.Assertion), outcome.facts()
        assert outcome.name_id.value == vector.name_id
        assert attributes(outcome) == vector.attributes
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code == vector.expect
        received = {name: list(value) if isinstance(value, tuple) else value for name, value in outcome.facts().items()}
        assert received | vector.facts == received


@EVERY_VECTOR
def test_a_test_and_a_sign_in_judge_alike(vector):
    outcome = read(vector)
    diagnosis = saml.diagnose_response(vector.form, **circumstances(vector))
    refusal = diagnosis.refusal
    if isinstance(outcome, saml.Assertion):
        assert refusal is None
        assert diagnosis.assertion == outcome
        assert all(isinstance(result, Passed) for result in diagnosis.results)
    else:
        assert refusal is not None
        assert (refusal.code, refusal.facts()) == (outcome.code, outcome.facts())
    assert [result.name for result in diagnosis.results] == [check.name for check in saml.CHECKS]


@EVERY_VECTOR
def test_nothing_unverified_is_returned_as_verified(vector):
    diagnosis = saml.diagnose_response(vector.form, **circumstances(vector))
    trusted = [result for result in diagnosis.results if result.name in {*SIGNATURES, "contents"}]
    if any(isinstance(result, Refused | NotRun) for result in trusted):
        assert diagnosis.assertion is None
    else:
        assert diagnosis.unverified is None


def test_no_attack_is_ever_expected_to_succeed():
    assert [vector.path for vector in VECTORS if vector.path.startswith("attacks/") and vector.expect == "ok"] == []
    assert [vector.path for vector in VECTORS if vector.path.startswith("accepted/") and vector.expect != "ok"] == []


def test_the_vectors_are_what_the_generator_writes():
    made = {vector.path: (vector.form, vector.expect) for vector in all_vectors()}
    assert {vector.path: (vector.form, vector.expect) for vector in VECTORS} == made


def test_every_reason_for_refusing_a_response_has_a_vector():
    made_here = {vector.expect for vector in VECTORS}
    reasons = {each.code for each in leaves(SamlRefusal)}
    assert reasons - made_here == RAISED_ELSEWHERE


def leaves(reason: type[Refusal]) -> list[type[Refusal]]:
    below = reason.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] or [reason]
