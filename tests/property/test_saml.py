"""Whatever arrives at the ACS: a refusal, or exactly what was signed."""

import copy
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import DS, EMAIL, SAML, SAMLP, Signing, signed
from tests.vectors.vector import document, read_all
from tests.vectors.wrapping import evil_assertion

DOCUMENTS: dict[tuple[str, ...], bytes] = {
    parts: document(signed(OKTA.tree(), *parts)) for parts in (("Assertion",), ("Response",), ("Assertion", "Response"))
}
GENUINE = {parts: saml.read_response(b64encode(written), **usual()) for parts, written in DOCUMENTS.items()}
FORMS = [vector.form for vector in read_all() if len(vector.form) < 20_000]
EVERY_SIGNING = pytest.mark.parametrize("parts", DOCUMENTS)


def outcome_of(form_value: bytes | str, **changes: Any) -> saml.Assertion | Refusal:
    try:
        return saml.read_response(form_value, **usual(**changes))
    except Refusal as refusal:
        return refusal


@EVERY_SIGNING
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing_that_is_read(parts, data):
    written = DOCUMENTS[parts]
    at = data.draw(st.integers(0, len(written) - 1), label="at")
    put = data.draw(st.integers(0, 255), label="put")
    changed = written[:at] + bytes([put]) + written[at + 1 :]
    outcome = outcome_of(b64encode(changed))
    assert isinstance(outcome, Refusal) or is_as_signed(outcome, parts=parts)


@EVERY_SIGNING
@given(data=st.data())
def test_a_byte_more_or_less_is_refused_or_changes_nothing_that_is_read(parts, data):
    written = DOCUMENTS[parts]
    at = data.draw(st.integers(0, len(written) - 1), label="at")
    much = data.draw(st.integers(0, 40), label="much")
    put = data.draw(st.binary(max_size=12), label="put")
    outcome = outcome_of(b64encode(written[:at] + put + written[at + much :]))
    assert isinstance(outcome, Refusal) or is_as_signed(outcome, parts=parts)


def is_as_signed(outcome: saml.Assertion, *, parts: tuple[str, ...]) -> bool:
    """The signature that is left covers the same: a second one may have become something else than a signature."""
    genuine = GENUINE[parts]
    facts = ("issuer", "id", "name_id", "attributes", "session_index", "not_on_or_after", "in_response_to")
    return all(getattr(outcome, name) == getattr(genuine, name) for name in facts)


@EVERY_SIGNING
@given(data=st.data())
def test_a_forged_assertion_is_never_read_wherever_it_stands(parts, data):
    """Every wrapping attack is one of these moves; most of these moves have never been published."""
    root = etree.fromstring(DOCUMENTS[parts])
    original = root.find(f"{{{SAML}}}Assertion")
    assert original is not None
    evil = evil_assertion(data.draw(st.sampled_from(["_evil", OKTA.assertion_id]), label="id"))
    signature = original.find(f"{{{DS}}}Signature")
    if signature is not None and data.draw(st.booleans(), label="with the signature"):
        evil.insert(1, copy.deepcopy(signature))
    swapped = data.draw(st.booleans(), label="swapped")
    if swapped:
        root.replace(original, evil)
    moved = original if swapped else evil
    spots = [element for element in root.iter() if moved not in element.iterancestors() and element is not moved]
    holder = spots[data.draw(st.integers(0, len(spots) - 1), label="under")]
    around = data.draw(st.sampled_from([None, f"{{{SAMLP}}}Extensions", f"{{{DS}}}Object", f"{{{SAML}}}Advice"]))
    if around is not None:
        holder = etree.SubElement(holder, around)
    holder.insert(data.draw(st.integers(0, len(holder)), label="at"), moved)
    outcome = outcome_of(b64encode(document(root)))
    assert isinstance(outcome, Refusal) or outcome.name_id.value == EMAIL


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(form_value):
    assert isinstance(outcome_of(form_value), Refusal)
    assert isinstance(outcome_of(b64encode(form_value)), Refusal)


@given(st.text(max_size=200))
def test_any_text_is_refused(form_value):
    assert isinstance(outcome_of(form_value), Refusal)
    assert isinstance(outcome_of(b64encode(form_value.encode("utf-8", "surrogatepass"))), Refusal)


@given(form_value=st.sampled_from(FORMS), data=st.data())
def test_two_runs_judge_alike_whatever_arrives(form_value, data):
    at = data.draw(st.integers(0, max(len(form_value) - 1, 0)), label="at")
    changed = form_value[:at] + data.draw(st.binary(max_size=4), label="put") + form_value[at + 4 :]
    outcome = outcome_of(changed)
    diagnosis = saml.diagnose_response(changed, **usual())
    if isinstance(outcome, Refusal):
        assert diagnosis.refusal is not None
        assert (diagnosis.refusal.code, diagnosis.refusal.facts()) == (outcome.code, outcome.facts())
    else:
        assert diagnosis.refusal is None
        assert diagnosis.assertion == outcome


@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_told_what_they_are(pasted):
    code = code_of(lambda: saml.read_certificates(pasted))
    assert code is None or code.startswith("setup.certificate_")


@given(at=st.integers(0, 2_000), put=st.binary(min_size=1, max_size=3))
def test_a_changed_certificate_is_read_or_told_what_it_is(at, put):
    [certificate] = usual()["identity_provider"].certificates
    changed = certificate.der[:at] + put + certificate.der[at + 1 :]
    code = code_of(lambda: saml.read_certificates(changed))
    assert code is None or code.startswith("setup.certificate_")


@given(st.binary(max_size=300))
def test_any_bytes_are_metadata_or_told_what_they_are(pasted):
    code = code_of(lambda: saml.read_idp_metadata(pasted))
    assert code is None or code.startswith("setup.metadata_")


def code_of(read: Callable[[], object]) -> str | None:
    try:
        read()
    except Refusal as refusal:
        return refusal.code
    return None


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1))
def test_what_an_identity_provider_writes_is_what_is_read(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    message = OKTA.attributes.replace("IT Operations", escaped)
    root = etree.fromstring(OKTA.xml().replace(OKTA.attributes, message).encode())
    outcome = outcome_of(b64encode(document(signed(root, "Assertion", how=Signing()))))
    assert isinstance(outcome, saml.Assertion)
    assert next(each.values for each in outcome.attributes if each.name == "department") == (text,)
