"""Logout messages, by vectors: what is accepted, what is refused and why, and the attacks."""

import zlib
from base64 import b64encode
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.kernel.report import Passed
from ostiary.saml import logout
from ostiary.saml.errors import TooLarge
from ostiary.saml.logout.errors import LogoutRefusal
from ostiary.saml.logout.signature import SignedMessage
from tests.vectors.logout import REQUEST_ID, SLO_URL, Vector, all_vectors, read_all
from tests.vectors.message import ACS_URL, IDP_ENTITY_ID, SP_ENTITY_ID
from tests.vectors.vector import SSO_URL, pem, private_pem

VECTORS = read_all()
EVERY_VECTOR = pytest.mark.parametrize("vector", VECTORS, ids=[vector.path for vector in VECTORS])
# Raised by those who remember what was used, and by what a good response says.
RAISED_ELSEWHERE = {"saml.logout_replayed", "saml.logout_denied", "saml.logout_partial"}


def parties(vector: Vector) -> logout.LogoutParties:
    certificates = tuple(
        each for name in vector.certificates for each in saml.read_certificates(pem(name), minimum_rsa_bits=1024)
    )
    keys = tuple(saml.read_decryption_key(private_pem(name)) for name in vector.decryption_keys)
    return logout.LogoutParties(
        service_provider=saml.ServiceProvider(entity_id=SP_ENTITY_ID, acs_url=ACS_URL, decryption_keys=keys),
        identity_provider=saml.IdentityProvider(entity_id=IDP_ENTITY_ID, sso_url=SSO_URL, certificates=certificates),
        policy=saml.SamlPolicy(**cast("Any", vector.policy)),
        slo_url=SLO_URL,
    )


def arrival(vector: Vector) -> logout.Arrival:
    if vector.query is not None:
        return logout.arrival_of_query(vector.query)
    assert vector.form is not None
    form = vector.form.decode()
    is_request = vector.kind == "LogoutRequest"
    return logout.arrival_of_form(
        request=form if is_request else None, response=None if is_request else form, relay_state="r"
    )


def read(vector: Vector) -> logout.LogoutRequest | logout.LogoutResponse | Refusal:
    now = datetime.fromisoformat(vector.now)
    try:
        if vector.kind == "LogoutRequest":
            return logout.read_logout_request(arrival(vector), parties=parties(vector), now=now)
        return logout.read_logout_response(
            arrival(vector), parties=parties(vector), expected_request_id=REQUEST_ID, now=now
        )
    except Refusal as refusal:
        return refusal


def said(message: logout.LogoutRequest | logout.LogoutResponse) -> dict[str, object]:
    if isinstance(message, logout.LogoutRequest):
        return {"name_id": message.name_id.value, "session_indexes": list(message.session_indexes)}
    return {
        "status": message.status.rpartition(":")[2],
        "substatus": message.substatus.rpartition(":")[2],
        "is_partial": str(message.is_partial),
    }


@EVERY_VECTOR
def test_a_logout_message_gets_its_verdict(vector: Vector) -> None:
    outcome = read(vector)
    if vector.expect != "ok":
        assert isinstance(outcome, Refusal), outcome
        assert outcome.code == vector.expect
        received = {name: list(value) if isinstance(value, tuple) else value for name, value in outcome.facts().items()}
        assert received | vector.facts == received
        return
    assert not isinstance(outcome, Refusal), (outcome.code, outcome.facts())
    found = said(outcome)
    assert found | vector.says == found
    assert vector.says


@EVERY_VECTOR
def test_the_report_and_the_reading_judge_alike(vector: Vector) -> None:
    outcome = read(vector)
    if isinstance(outcome, Refusal) and outcome.code == "saml.logout_query_refused":
        return  # there is no message of which a report could be made
    now = datetime.fromisoformat(vector.now)
    diagnosis = logout.diagnose_logout(
        arrival(vector), parties=parties(vector), expected_request_id=REQUEST_ID, now=now
    )
    if isinstance(outcome, Refusal):
        if diagnosis.kind != vector.kind:
            return  # a response in the place of a request is reported as what it is
        assert diagnosis.refusal is not None
        assert (diagnosis.refusal.code, diagnosis.refusal.facts()) == (outcome.code, outcome.facts())
    else:
        assert all(isinstance(result, Passed) for result in diagnosis.results)
        assert diagnosis.content is not None


def test_the_vectors_are_what_the_generator_writes() -> None:
    made = {vector.path: (vector.form, vector.query, vector.expect) for vector in all_vectors()}
    assert {vector.path: (vector.form, vector.query, vector.expect) for vector in VECTORS} == made


def test_no_attack_is_expected_to_succeed_and_nothing_accepted_to_fail() -> None:
    assert [vector.path for vector in VECTORS if (vector.expect == "ok") != vector.path.startswith("accepted/")] == []


def test_every_reason_for_refusing_a_logout_has_a_vector() -> None:
    reasons = {reason.code for reason in LogoutRefusal.__subclasses__()}
    assert reasons - {vector.expect for vector in VECTORS} == RAISED_ELSEWHERE


def test_a_query_that_unpacks_to_more_than_a_message_is_not_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b64encode(packer.compress(b"<" * 40_000_000) + packer.flush())
    vector = next(each for each in VECTORS if each.path == "accepted/request-by-redirect")
    came = logout.arrival_of_query(b"SAMLRequest=" + quote(bomb).encode() + b"&SigAlg=x&Signature=x")
    with pytest.raises(TooLarge):
        logout.read_logout_request(came, parties=parties(vector), now=datetime.fromisoformat(vector.now))


@pytest.mark.parametrize("path", ["accepted/request-by-redirect", "accepted/request-by-post"])
def test_any_change_of_a_byte_is_refused_or_changes_nothing(path: str) -> None:
    vector = next(each for each in VECTORS if each.path == path)
    whole = vector.query if vector.query is not None else vector.form
    assert whole is not None
    expected = read(vector)
    assert not isinstance(expected, Refusal)
    for place in range(0, len(whole), 7):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        field = {"query": changed} if vector.query is not None else {"form": changed}
        try:
            outcome = read(Vector(**{**_fields(vector), **field}))
        except UnicodeDecodeError:
            continue
        assert isinstance(outcome, Refusal) or outcome == expected, place


def _fields(vector: Vector) -> dict[str, Any]:
    return {name: getattr(vector, name) for name in vector.__dataclass_fields__}


@given(st.binary(max_size=300), st.sampled_from([b"", b"SAMLRequest=", b"SAMLResponse=&", b"SigAlg=&Signature=&"]))
def test_any_query_is_refused_or_read_and_never_breaks(octets: bytes, start: bytes) -> None:
    vector = next(each for each in VECTORS if each.path == "accepted/request-by-redirect")
    try:
        came = logout.arrival_of_query(start + octets)
        logout.unverified_answer_to(came)
        logout.read_logout_request(came, parties=parties(vector), now=datetime.fromisoformat(vector.now))
    except Refusal:
        return
    raise AssertionError("what nobody has signed was read")


def test_nobody_else_makes_a_signed_message() -> None:
    with pytest.raises(TypeError):
        SignedMessage(b"<a/>", "", "", object())


def test_two_messages_in_one_form_are_none() -> None:
    with pytest.raises(LogoutRefusal):
        logout.arrival_of_form(request="x", response="y", relay_state="")
    with pytest.raises(LogoutRefusal):
        logout.arrival_of_form(request=None, response=None, relay_state="")
