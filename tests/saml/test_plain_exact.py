"""A guess that drops or adds something must be what canonicalization does, at every place and not only the usual one.

An answer with something put in somewhere holds by its text only if it holds by its tree: otherwise a signature would
count for a document that it does not fit, though nothing else than what was signed were read.
"""

import re
from dataclasses import replace

import pytest
from lxml import etree

from ostiary import saml
from ostiary.saml.plain.document import read_document
from tests.saml.test_plain import INSTANCE, SCHEMA, as_adfs, as_auth0, as_okta, as_siteminder, judged
from tests.vectors.accepted import OKTA
from tests.vectors.message import SAML, TYPED, Message, Signing, signed
from tests.vectors.vector import document

OWN = f' xmlns:saml2="{SAML}"'
PUT_IN = {
    "a space": " ",
    "a line end": "\n",
    "a line end of Windows": "\r\n",
    "a letter by its number": "&#xE9;",
    "xs": SCHEMA,
    "xs twice": SCHEMA * 2,
    "xsi": INSTANCE,
    "own": OWN,
    "own twice": OWN * 2,
    "type": " xsi:",
    "relative namespace": ' xmlns:evil="relative"',
    "no namespace": ' xmlns:evil=""',
    "foreign": ' xmlns:evil="urn:evil"',
    "attribute": ' a="1"',
    "attribute twice": ' a="1" a="2"',
    "empty element": "<a/>",
    "end of an empty one": "/>",
    "greater": ">",
    "slash": "/",
}


def sorted_otherwise(written: str) -> str:
    """As OneLogin and SimpleSAMLphp write it: the attributes of the outermost tags in another order."""
    return re.sub(r'(<saml2:Assertion[^>]*?) (ID="[^"]*") (IssueInstant="[^"]*")', r"\1 \3 \2", written)


def answers() -> dict[str, bytes]:
    """Signed at each place, with each way in which tags are written."""
    typed_above = replace(OKTA, response_namespaces=SCHEMA + INSTANCE)
    made = {}
    for name, message, prefixes in (("usual", OKTA, ""), ("PrefixList", OKTA, "xs"), ("above", typed_above, "")):
        both = () if name == "PrefixList" else (("Assertion", "Response"),)
        for elements in (("Assertion",), ("Response",), *both):
            for order, rewrite in (("sorted", str), ("unsorted", sorted_otherwise)):
                written = rewrite(written_by(message))
                root = etree.fromstring(written.encode())
                answer = document(signed(root, *elements, how=Signing(prefixes=prefixes)))
                made[f"{name}, {'+'.join(elements)}, {order}"] = answer
    for habit in (as_okta, as_auth0, as_adfs, as_siteminder):
        written = etree.tostring(signed(OKTA.tree(), "Assertion"), encoding="unicode")
        made[habit.__name__] = habit(written).encode()
    return made


def written_by(message: Message) -> str:
    return message.xml() if message is OKTA else message.xml().replace(TYPED, TYPED.replace(SCHEMA + INSTANCE, ""))


ANSWERS = answers()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_from_its_text(name: str) -> None:
    assert read_document(ANSWERS[name]) is not None
    assert isinstance(judged(ANSWERS[name]), saml.Assertion)


@pytest.mark.slow
@pytest.mark.parametrize("put", PUT_IN)
@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_is_put_in_somewhere_holds_only_if_it_holds_by_the_tree(name: str, put: str) -> None:
    answer = ANSWERS[name].decode()
    # At the edges of tags, before each attribute, and in the middle of each text: not inside of the base64.
    places = [found.start() for found in re.finditer(r'[<>]|/>| [A-Za-z:]+="|(?<=[a-z])@', answer)]
    for place in sorted({*places, *[place + 1 for place in places]}):
        changed = (answer[:place] + PUT_IN[put] + answer[place:]).encode()
        if isinstance(judged(changed), saml.Assertion):
            assert isinstance(judged(changed + b"<!---->"), saml.Assertion), changed[max(place - 80, 0) : place + 80]
