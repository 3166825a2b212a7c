"""Which IDs an answer may hold: what could be taken for the signed element has one, and nothing else has the same."""

from base64 import b64encode
from typing import Any

import pytest

from ostiary import saml
from ostiary.saml.errors import DuplicateId, IdAmbiguous
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import DS, SAML, Message, attribute, signed
from tests.vectors.vector import document

SPELLINGS = ["ID", "Id", "id", "iD", "xml:id", "AssertionID", "x:Id"]


def with_value(value: str) -> dict[str, Any]:
    attributes = OKTA.attributes + attribute("profile", value, value_attributes="")
    return {"form_value": b64encode(document(signed(Message(attributes=attributes).tree(), "Assertion"))), **usual()}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_xml_of_somebody_else_inside_a_value_may_have_ids_in_any_spelling(spelling):
    # Two of the same xml:id are no XML for libxml2.
    entries = [f'<x:entry {spelling}="{"one" if spelling != "xml:id" else each}">Dana</x:entry>' for each in "ab"]
    answer = saml.read_response(**with_value(f"<x:list xmlns:x='urn:x'>{''.join(entries)}</x:list>"))
    assert answer.attributes[-1].values == ("DanaDana",)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("taken", [OKTA.assertion_id, OKTA.response_id])
def test_but_never_the_id_of_the_assertion_or_the_response(spelling, taken):
    with pytest.raises(DuplicateId) as refusal:
        saml.read_response(**with_value(f'<x:entry xmlns:x="urn:x" {spelling}="{taken}"/>'))
    assert refusal.value.received == taken


@pytest.mark.parametrize("spelling", [each for each in SPELLINGS if each != "ID"])
@pytest.mark.parametrize("namespace", [SAML, "urn:oasis:names:tc:SAML:1.0:assertion"])
def test_inside_a_value_what_could_be_taken_for_an_assertion_has_an_id_of_one_spelling(spelling, namespace):
    with pytest.raises(IdAmbiguous):
        saml.read_response(**with_value(f'<s:Subject xmlns:s="{namespace}" xmlns:x="urn:x" {spelling}="one"/>'))


def test_two_signatures_inside_a_value_have_two_ids():
    one = f'<ds:Object xmlns:ds="{DS}" Id="one"/>'
    with pytest.raises(DuplicateId):
        saml.read_response(**with_value(one + one))


@pytest.mark.parametrize("spelling", [each for each in SPELLINGS if each != "ID"])
def test_a_value_itself_has_an_id_of_one_spelling(spelling):
    attributes = attribute("profile", "Dana", value_attributes=f' xmlns:x="urn:x" {spelling}="one"')
    written = document(signed(Message(attributes=attributes).tree(), "Assertion"))
    with pytest.raises(IdAmbiguous):
        saml.read_response(b64encode(written), **usual())
