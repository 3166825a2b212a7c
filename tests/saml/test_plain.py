"""What is read from the text of an answer is what a parser, a walk and canonicalization make of it, always.

A comment behind the last tag changes nothing of an answer, and makes it unusual: so each is judged both ways.
"""

import json
import re
from base64 import b64encode
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml.assertion import read_content
from ostiary.saml.bindings import decode_post
from ostiary.saml.constants import DS, SAML, STATUS_SUCCESS
from ostiary.saml.errors import NotXml
from ostiary.saml.plain.content import read_octets
from ostiary.saml.plain.document import read_document
from ostiary.saml.xml import parse_digested, parse_untrusted, walk
from tests.conftest import SHARED
from tests.property.placements import ASSERTION, PLACEMENTS, WRITTEN
from tests.saml.circumstances import usual
from tests.saml.test_vectors import circumstances
from tests.vectors.accepted import OKTA
from tests.vectors.message import TYPED, Message, Signing, attribute, signed
from tests.vectors.vector import document, read_all

VECTORS = {vector.path: vector for vector in read_all()}
IN_THE_OPEN = [name for name, placement in PLACEMENTS.items() if placement.encrypting is None]
SCHEMA = ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
INSTANCE = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def judged(written: bytes, **arguments: Any) -> saml.Assertion | tuple[str, object]:
    try:
        return saml.read_response(b64encode(written), **(arguments or usual()))
    except NotXml as refusal:
        return refusal.code, {}  # how far the parser came is told differently where more follows
    except Refusal as refusal:
        return refusal.code, refusal.facts()


def documents_of_others() -> list[bytes]:
    folder = SHARED / "fixtures" / "saml"
    found = []
    for case in json.loads((folder / "index.json").read_bytes()):
        sent = (folder / case["file"]).read_bytes()
        try:
            found.append(sent if case["encoding"] == "xml" else decode_post(sent))
        except Refusal:
            continue
    return found


def check_against_the_tree(written: bytes) -> bool:
    """Whether this is plain; fails where a parser sees anything else in it than what is read of its text."""
    plain = read_document(written)
    content = None if plain is None else read_octets(plain.assertion.octets)
    if plain is None or content is None:
        return False
    root = parse_untrusted(written)
    walk(root)
    [issuer, *_, status, assertion] = root
    assert (root.get("ID"), root.get("Destination"), root.get("InResponseTo")) == (
        plain.response.id,
        plain.destination,
        plain.in_response_to,
    )
    assert (issuer.text or "") == plain.issuer
    assert status[0].get("Value") == STATUS_SUCCESS
    assert (assertion.tag, assertion.get("ID")) == (ASSERTION, plain.assertion.id)
    for element, node in ((plain.response, root), (plain.assertion, assertion)):
        assert (element.signature is not None) == (node.find(f"{{{DS}}}Signature") is not None)
    assert content == read_content(parse_digested(plain.assertion.octets))
    return True


@pytest.mark.parametrize("path", [path for path, vector in VECTORS.items() if vector.document.strip().endswith(b">")])
def test_a_vector_is_judged_alike_by_its_text_and_by_its_tree(path):
    vector = VECTORS[path]
    assert judged(vector.document, **circumstances(vector)) == judged(
        vector.document + b"<!---->", **circumstances(vector)
    )


def test_many_vectors_are_read_from_their_text():
    plain = [path for path, vector in VECTORS.items() if check_against_the_tree(vector.document)]
    assert len(plain) > len(VECTORS) / 4


@pytest.mark.shared
def test_answers_of_others_say_the_same_by_their_text_and_by_their_tree():
    plain = [check_against_the_tree(written) for written in documents_of_others()]
    assert sum(plain) > 30


@pytest.mark.parametrize("name", IN_THE_OPEN)
@given(data=st.data())
def test_a_changed_answer_is_judged_alike_by_its_text_and_by_its_tree(name, data):
    written = WRITTEN[name]
    at = data.draw(st.integers(0, len(written)), label="at")
    much = data.draw(st.integers(0, 3), label="much")
    put = data.draw(st.binary(max_size=3) | st.sampled_from([b"<!---->", b"&amp;", b"<b/>", b' ID="x"', b"\r\n", b'"']))
    changed = written[:at] + put + written[at + much :]
    check_against_the_tree(changed)
    assert judged(changed) == judged(changed + b"<!---->")


@pytest.mark.parametrize("prefixes", ["", "xs", "xs xsi", "saml2", "#default"])
@pytest.mark.parametrize("outside", ["", SCHEMA, SCHEMA + INSTANCE], ids=["nothing", "xs", "both"])
@pytest.mark.parametrize("on_assertion", [False, True], ids=["outermost", "on the assertion"])
@pytest.mark.parametrize("elements", [("Assertion",), ("Response",), ("Assertion", "Response")], ids=str)
def test_namespaces_are_kept_and_left_away_as_canonicalization_does(prefixes, outside, on_assertion, elements):
    message = OKTA if on_assertion else replace(OKTA, response_namespaces=outside)
    written = message.xml()
    if on_assertion:
        written = written.replace("<saml2:Assertion", f"<saml2:Assertion{outside}")
    typed = TYPED if not outside else TYPED.replace(outside, "")
    root = etree.fromstring(written.replace(TYPED, typed).encode())
    answer = document(signed(root, *elements, how=Signing(prefixes=prefixes)))
    assert isinstance(judged(answer), saml.Assertion)
    assert judged(answer) == judged(answer + b"<!---->")


def test_what_identity_providers_usually_send_is_read_from_its_text():
    for elements in (("Assertion",), ("Response",), ("Assertion", "Response")):
        assert check_against_the_tree(document(signed(OKTA.tree(), *elements, how=Signing(prefixes="xs"))))
    by_default = OKTA.xml().replace("saml2:", "").replace("xmlns:saml2=", "xmlns=")
    assert check_against_the_tree(document(signed(etree.fromstring(by_default.encode()), "Assertion")))


def as_okta(written: str) -> str:
    """It declares its namespace once more in every third tag, in the middle of it."""
    again = f' xmlns:saml2="{SAML}"'
    written = written.replace("<saml2:Issuer>", f"<saml2:Issuer{again}>")
    return re.sub(r'(<saml2:(?:NameID|Conditions|Attribute) [A-Za-z]+="[^"]*")', rf"\1{again}", written)


def as_adfs(written: str) -> str:
    """The KeyInfo of its signatures has no prefix, though all around it have."""
    return written.replace("<ds:KeyInfo>", f'<KeyInfo xmlns="{DS}">').replace("</ds:KeyInfo>", "</KeyInfo>")


def as_keycloak(written: str) -> str:
    """It names its key, and writes it out beside the certificate."""
    number = "<ds:Modulus>q83v\nEjRW</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"
    key = f"<ds:KeyValue><ds:RSAKeyValue>{number}</ds:RSAKeyValue></ds:KeyValue>"
    written = written.replace("<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyName>kJ2-x</ds:KeyName>")
    return written.replace("</ds:KeyInfo>", f"{key}</ds:KeyInfo>")


def as_pingone(written: str) -> str:
    """It breaks the lines of its keys and signatures."""
    return written.replace("<ds:X509", "\n<ds:X509").replace("</ds:X509", "\n</ds:X509")


def as_siteminder(written: str) -> str:
    """On Windows lines end in two letters; a parser makes one of them."""
    return as_pingone(written).replace("\n", "\r\n")


def as_auth0(written: str) -> str:
    """It declares the namespaces of all types at the statement."""
    written = written.replace(SCHEMA + INSTANCE, "")
    return written.replace("<saml2:AttributeStatement>", f"<saml2:AttributeStatement{SCHEMA}{INSTANCE}>")


def as_onelogin(written: str) -> str:
    """It writes letters beyond ASCII by their numbers."""
    return "".join(letter if letter.isascii() else f"&#x{ord(letter):X};" for letter in written)


HABITS = (as_okta, as_auth0, as_onelogin)
HABITS_WITH_KEYS = (as_adfs, as_keycloak, as_pingone, as_siteminder)
"""Of a KeyInfo. That of an inner signature is a part of what the outer one covers."""


@pytest.mark.parametrize(
    ("habit", "elements"),
    [
        *product((*HABITS, *HABITS_WITH_KEYS), [("Assertion",), ("Response",)]),
        *product(HABITS, [("Assertion", "Response")]),
    ],
)
def test_the_habits_of_vendors_are_read_from_the_text(habit, elements):
    message = replace(OKTA, attributes=OKTA.attributes + attribute("city", "S\u00e3o Paulo \u4e03\U0001f511"))
    root = signed(etree.fromstring(message.xml().encode()), *elements)
    written = etree.tostring(root, encoding="unicode")
    answer = habit(written).encode()
    assert answer != written.encode()
    assert check_against_the_tree(answer)
    assert isinstance(judged(answer), saml.Assertion)
    assert judged(answer) == judged(answer + b"<!---->") == judged(written.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</saml2:Subject>", "</saml2:Subject> "),
        ("<saml2:Subject>", "<saml2:Subject><!-- -->"),
        ("<saml2:Subject>", "<saml2:Subject><?x?>"),
        ("<saml2:Subject>", '<saml2:Subject ID="x">'),
        ("<saml2:Audience>", '<saml2:Audience xmlns:saml2="urn:x">'),
        ("<saml2:AttributeStatement>", '<saml2:AttributeStatement><saml2:Attribute Name="x"><b></b></saml2:Attribute>'),
        ("Dana</saml2:AttributeValue>", "Da<b></b>na</saml2:AttributeValue>"),
        ("Dana</saml2:AttributeValue>", "Da<![CDATA[na]]></saml2:AttributeValue>"),
        ("Dana</saml2:AttributeValue>", "Da&#110;a</saml2:AttributeValue>"),
        ("Dana</saml2:AttributeValue>", "Dan\ra</saml2:AttributeValue>"),
        (' Method="urn', ' Method="\nurn'),
        (' InResponseTo="', ' InResponseTo="\t'),
        ('<saml2:Attribute Name="', '<saml2:Attribute Name="\n'),
        ("</saml2:Conditions>", "</saml2:Conditions><saml2:Advice></saml2:Advice>"),
    ],
)
def test_octets_that_are_less_usual_are_left_to_the_tree(old, new):
    written = signed(OKTA.tree(), "Assertion").find(ASSERTION)
    assert written is not None
    signature = written.find(f"{{{DS}}}Signature")
    assert signature is not None
    written.remove(signature)
    octets = etree.tostring(written, method="c14n", exclusive=True).decode()
    assert read_octets(octets.encode()) is not None
    assert old in octets
    assert read_octets(octets.replace(old, new, 1).encode()) is None


@given(
    values=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1),
)
def test_any_values_are_read_from_the_text_as_from_the_tree(values, name):
    root = etree.fromstring(Message(attributes=attribute("NAME", *["VALUE" for _ in values])).xml().encode())
    assertion = root.find(ASSERTION)
    assert assertion is not None
    for node, value in zip(assertion.iter(f"{{{SAML}}}AttributeValue"), values, strict=True):
        node.text = value
    next(assertion.iter(f"{{{SAML}}}Attribute")).set("Name", name)
    octets = etree.tostring(assertion, method="c14n", exclusive=True)
    content = read_octets(octets)
    assert content is None or content == read_content(parse_digested(octets))
    assert content is not None or not values or ">" in name
