"""What is too big, too deep or too much is refused quickly. Made here: nobody keeps such files."""

import contextlib
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml.errors import TooComplex, TooLarge
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import EXCLUSIVE, INCLUSIVE, SUCCESS, Signing, attribute, signed
from tests.vectors.vector import document

SECONDS = 1.0
"""Far more than any of these takes, and far less than a server can be stopped for."""
GOOD = document(signed(OKTA.tree(), "Assertion")).decode()


def with_extension(inside: str) -> bytes:
    return GOOD.replace(SUCCESS, f"<saml2p:Extensions>{inside}</saml2p:Extensions>{SUCCESS}", 1).encode()


def refusal_of(form_value: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        saml.read_response(form_value, **usual())
    return caught.value


FLOODS = {
    "levels": "<a>" * 40_000 + "</a>" * 40_000,
    "elements": "<a/>" * 100_000,
    "attributes": "<a" + "".join(f' a{number}="x"' for number in range(30_000)) + "/>",
    "namespaces on one element": "<a" + "".join(f' xmlns:n{number}="u:{number}"' for number in range(20_000)) + "/>",
    "namespaces in depth": "".join(f'<a xmlns:n{number}="u:{number}">' for number in range(8_000)) + "</a>" * 8_000,
    "comments": "<!---->" * 60_000,
    "character references": "&#65;" * 90_000,
    "one long name": "<" + "a" * 400_000 + "/>",
    "one long value": '<a b="' + "c" * 400_000 + '"/>',
}


@pytest.mark.parametrize("inside", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_over_soon(inside):
    form_value = b64encode(with_extension(inside))
    began = time.process_time()
    with contextlib.suppress(Refusal):
        saml.read_response(form_value, **usual())
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("c14n", [EXCLUSIVE, INCLUSIVE])
@pytest.mark.parametrize("levels", [1, 8, 50])
def test_a_flood_of_namespaces_in_scope_is_over_soon(c14n, levels):
    """Canonicalization sorts what is in scope: 20,000 namespaces on the Response once took 17 seconds."""
    names = [f' xmlns:n{number}="u:{number}"' for number in range(20_000 if levels == 1 else 30 * levels)]
    each = len(names) // levels
    tags = ["<a" + "".join(names[at * each : (at + 1) * each]) + ">" for at in range(levels)]
    inside = "".join(tags) + "<b/>" * 5_000 + "</a>" * levels
    message = document(signed(OKTA.tree(), "Assertion", how=Signing(c14n=c14n))).decode()
    value = 'xsi:type="xs:string">' if levels > 1 else "<saml2p:Response"
    flooded = message.replace(value, value + (inside if levels > 1 else "".join(names)), 1)
    began = time.process_time()
    with contextlib.suppress(Refusal):
        saml.read_response(b64encode(flooded.encode()), **usual(policy={"allow_inclusive_c14n": True}))
    assert time.process_time() - began < SECONDS


def test_a_flood_of_namespaces_is_counted_before_parsing():
    flood = "".join(
        f'<a xmlns:n="u:{number % 10}"' + "".join(f' xmlns:m{each}="u"' for each in range(40)) + "/>"
        for number in range(5_000)
    )
    with pytest.raises(TooComplex) as caught:
        saml.read_response(b64encode(with_extension(flood)[: 512 * 1024]), **usual())
    assert caught.value.what == "namespaces"


def test_a_form_value_of_more_than_a_mebibyte_is_not_decoded():
    assert isinstance(refusal_of(b"A" * (1024 * 1024 + 1)), TooLarge)


def test_a_document_of_more_than_half_a_mebibyte_is_not_parsed():
    refusal = refusal_of(b64encode(b"<" * (512 * 1024 + 1)))
    assert refusal.facts() == {"limit": "524288", "received": "524289"}


def test_four_thousand_groups_are_read():
    groups = [f"CN=Group-{number:05d},OU=Security Groups,DC=acme,DC=example" for number in range(4_000)]
    many = attribute("groups", *groups, value_attributes="")
    root = signed(replace(OKTA, attributes=many).tree(), "Assertion")
    assertion = saml.read_response(b64encode(document(root)), **usual())
    assert assertion.attributes[0].values == tuple(groups)


def test_threads_read_side_by_side():
    """Each thread has parsers of its own; a wrong answer of one never becomes that of another."""
    good = b64encode(GOOD.encode())
    bad = b64encode(document(signed(OKTA.tree(), "Assertion", how=Signing(key="stranger"))))

    def read(number: int) -> str:
        try:
            return saml.read_response(bad if number % 2 else good, **usual()).id
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(read, range(400)))
    assert set(outcomes[0::2]) == {OKTA.assertion_id}
    assert set(outcomes[1::2]) == {"saml.certificate_unknown"}
