"""What is too big, too deep or too much is refused quickly. Made here: nobody keeps such files."""

import contextlib
import re
import zlib
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from lxml import etree

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml.errors import NotXml, TooComplex, TooLarge
from tests.processor_time import least_of_three, seconds_of
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import EXCLUSIVE, INCLUSIVE, SUCCESS, Signing, attribute, signed
from tests.vectors.vector import document

SECONDS = 1.0
"""Far more than any of these takes, and far less than a server can be stopped for."""
CHEAP = 0.25
"""Seconds of the processor's time, for what a person who sends nothing but floods may cost us each time."""
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

    def read() -> None:
        with contextlib.suppress(Refusal):
            saml.read_response(form_value, **usual())

    assert least_of_three(read) < SECONDS


FILLS = {
    "white space and a letter": " " * 100_000 + "x",
    "white space and a tag": "\n" * 100_000 + "<x/>",
    "letters": "A" * 100_000 + "!",
    "ends of tags": "/>" * 25_000,
    "starts of tags": "<a " * 30_000,
    "attributes": ' a="b"' * 15_000,
    "references": "&amp;" * 20_000,
}
BOTH = document(signed(OKTA.tree(), "Assertion", "Response", how=Signing(prefixes="xs"))).decode()
PLACES = [at.end() for at in re.finditer('>|="|</?[a-z0-9A-Z:]+', BOTH)]


@pytest.mark.slow
@pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS.keys())
def test_a_flood_at_any_place_of_an_answer_is_over_soon(fill):
    """A pattern that tries every way to divide white space once took minutes for 100 KB of it, before any signature."""

    def read(at: int) -> None:
        with contextlib.suppress(Refusal):
            saml.read_response(b64encode((BOTH[:at] + fill + BOTH[at:]).encode()), **usual())

    slow = [at for at in PLACES if seconds_of(partial(read, at)) >= SECONDS]
    assert [at for at in slow if least_of_three(partial(read, at)) >= SECONDS] == []


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
    form_value = b64encode(flooded.encode())

    def read() -> None:
        with contextlib.suppress(Refusal):
            saml.read_response(form_value, **usual(policy={"allow_inclusive_c14n": True}))

    assert least_of_three(read) < SECONDS


def test_a_flood_of_namespaces_is_counted_before_parsing():
    flood = "".join(
        f'<a xmlns:n="u:{number % 10}"' + "".join(f' xmlns:m{each}="u"' for each in range(40)) + "/>"
        for number in range(5_000)
    )
    with pytest.raises(TooComplex) as caught:
        saml.read_response(b64encode(with_extension(flood)[: 512 * 1024]), **usual())
    assert caught.value.what == "namespaces"


def namespaces(count: int, *, start: int = 0) -> str:
    return "".join(f' xmlns:n{number}="u:{number}"' for number in range(start, start + count))


# So many on other elements that a message is looked at for them at all.
BESIDE = f"<b{namespaces(30)}/>" * 4


def in_depth(count: int) -> str:
    """So many in scope of the innermost element: those of the Response, and these on levels of sixteen each."""
    levels = [f"<a{namespaces(min(16, count - at), start=at)}>" for at in range(0, count, 16)]
    return BESIDE + "".join(levels) + "</a>" * len(levels)


ELEMENTS_AROUND = sum(1 for _ in etree.fromstring(with_extension("")).iter())
COUNTS: dict[str, tuple[str, int, Callable[[int], bytes]]] = {
    # Each: what it is called in the refusal, how many are read, and a message with so many.
    "levels": ("depth", 64, lambda count: with_extension("<a>" * (count - 2) + "</a>" * (count - 2))),
    "elements": ("elements", 10_000, lambda count: with_extension("<a/>" * (count - ELEMENTS_AROUND))),
    "attributes": (
        "attributes",
        32,
        lambda count: with_extension("<a" + "".join(f' a{number}="x"' for number in range(count)) + "/>"),
    ),
    "namespaces of one element": (
        "namespaces",
        32,
        lambda count: with_extension(BESIDE + f"<a{namespaces(count)}/>"),
    ),
    "namespaces in scope": ("namespaces", 64, lambda count: with_extension(in_depth(count - 1))),
    "prefixes": (
        "prefixes",
        64,
        lambda count: document(
            signed(OKTA.tree(), "Assertion", how=Signing(prefixes=" ".join(f"p{number}" for number in range(count))))
        ),
    ),
}


@pytest.mark.parametrize("name", COUNTS)
def test_so_many_are_read_and_one_more_is_refused(name):
    what, limit, message = COUNTS[name]
    assert saml.read_response(b64encode(message(limit)), **usual()).id == OKTA.assertion_id
    refusal = refusal_of(b64encode(message(limit + 1)))
    assert isinstance(refusal, TooComplex)
    assert (refusal.what, refusal.limit) == (what, limit)


@pytest.mark.parametrize("name", COUNTS)
def test_to_refuse_the_most_that_fits_into_a_message_is_cheap(name):
    """On the processor's clock, the best of three: what anybody can send must cost little more than reading it."""
    _what, limit, message = COUNTS[name]
    fits = limit * 2
    while len(message(fits * 2)) < 480 * 1024 and fits < 20_000:
        fits *= 2
    flood = b64encode(message(fits))
    # Deeper than the parser itself goes it is no document at all.
    assert isinstance(refusal_of(flood), TooComplex | NotXml)
    assert least_of_three(lambda: refusal_of(flood)) < CHEAP


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 64 * 1024 * 1024])
def test_to_refuse_a_form_of_any_size_costs_nothing(size):
    form_value = b"A" * size
    assert isinstance(refusal_of(form_value), TooLarge)
    assert least_of_three(lambda: refusal_of(form_value)) < CHEAP / 10


def test_what_unpacks_to_more_than_a_message_is_not_unpacked():
    """A thousand to one: what is unpacked ends with the size of a message, whatever was packed (CVE-2025-25293)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b64encode(packer.compress(b"A" * (256 * 1024 * 1024)) + packer.flush())

    def unpack() -> None:
        with pytest.raises(TooLarge):
            saml.inflated(packed)

    assert least_of_three(unpack) < CHEAP


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
