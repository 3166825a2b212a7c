"""What a connection may allow, each twice: refused as it is by default, and accepted where it is switched on."""

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from tests.vectors.message import DS, EMAIL, EXCLUSIVE, INCLUSIVE, Message, Signing, attribute, fill_in, signed
from tests.vectors.vector import Vector, document

_PLAIN = replace(Message(), attributes=attribute("email", EMAIL))
_C14N_1_1 = "http://www.w3.org/2006/12/xml-c14n11"


def allowances() -> list[Vector]:
    """Two vectors for each allowance, and the attacks that an allowance must not let through."""
    return [*_references(), *_canonical_forms(), *_others(), *_attacks()]


def _pair(
    name: str, code: str, why: str, tree: etree._Element, *, allowance: str, more: dict[str, bool] | None = None
) -> list[Vector]:
    written = document(tree)
    return [
        Vector(
            path=f"refused/{code}-{name}",
            why=why,
            expect=f"saml.{code}",
            document=written,
            policy=dict(more or {}),
            facts={"allowance": allowance},
        ),
        Vector(
            path=f"accepted/{name}-where-allowed",
            why=why,
            expect="ok",
            document=written,
            policy={allowance: True, **(more or {})},
            name_id=EMAIL,
            attributes={"email": [EMAIL]},
        ),
    ]


def _references() -> list[Vector]:
    empty = signed(_PLAIN.tree(), "Response", how=Signing(uri=""))
    missing = _without_uri(signed(_PLAIN.tree(), "Response"), lambda root: root)
    return [
        *_pair(
            "empty-uri",
            "signature_reference",
            'The Response\'s signature says URI="": the whole document.',
            empty,
            allowance="allow_empty_reference_uri",
        ),
        *_pair(
            "no-uri",
            "signature_reference",
            "The Response's signature names nothing at all.",
            missing,
            allowance="allow_missing_reference_uri",
        ),
    ]


def _without_uri(root: etree._Element, find: Callable[[etree._Element], etree._Element]) -> etree._Element:
    """The same without the URI in the signature of the element that is found, signed again."""
    signature = find(root).find(f"{{{DS}}}Signature")
    reference = None if signature is None else signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if signature is None or reference is None:
        raise LookupError("Reference")
    del reference.attrib["URI"]
    fill_in(signature, how=Signing())
    return root


def _canonical_forms() -> list[Vector]:
    def one(how: Signing, **changes: object) -> etree._Element:
        return signed(replace(_PLAIN, **changes).tree(), "Assertion", how=how)  # type: ignore[arg-type] # by name

    inside = f"<saml2:NameID>{EMAIL.replace('@', '<!--x-->@')}</saml2:NameID>"
    only_enveloped = (f'<ds:Transform Algorithm="{DS}enveloped-signature"/>',)
    inclusive = "allow_inclusive_c14n"
    return [
        *_pair(
            "inclusive-c14n",
            "canonicalization_refused",
            "Inclusive canonicalization: the namespaces of the Response belong to the assertion's form.",
            one(Signing(c14n=INCLUSIVE), response_namespaces=' xmlns:xs="http://www.w3.org/2001/XMLSchema"'),
            allowance=inclusive,
        ),
        *_pair(
            "inclusive-c14n-1.1",
            "canonicalization_refused",
            "Canonical XML 1.1.",
            one(Signing(c14n=_C14N_1_1)),
            allowance=inclusive,
        ),
        *_pair(
            "inclusive-by-default",
            "canonicalization_refused",
            "No canonicalization is named, so XML Signature's default counts: inclusive.",
            one(Signing(c14n=INCLUSIVE, transforms=only_enveloped)),
            allowance=inclusive,
        ),
        *_pair(
            "with-comments",
            "canonicalization_refused",
            "A comment inside NameID, which no Reference covers: where this is taken, the address is read whole.",
            one(Signing(c14n=EXCLUSIVE + "WithComments"), name_id=inside),
            allowance="allow_c14n_with_comments",
        ),
        *_pair(
            "inclusive-with-comments",
            "canonicalization_refused",
            "Inclusive, and with comments: both must be allowed.",
            one(Signing(c14n=INCLUSIVE + "#WithComments"), name_id=inside),
            allowance="allow_c14n_with_comments",
            more={inclusive: True},
        ),
    ]


def _others() -> list[Vector]:
    nameless = signed(replace(_PLAIN, audiences=()).tree(), "Assertion")
    weak = document(signed(_PLAIN.tree(), "Assertion", how=Signing(key="weak")))
    return [
        *_pair(
            "no-audience",
            "audience_missing",
            "The assertion says nowhere for whom it is.",
            nameless,
            allowance="allow_missing_audience",
        ),
        Vector(
            path="accepted/rsa-1024-where-allowed",
            why="An old certificate, on a connection that allows it.",
            expect="ok",
            document=weak,
            certificates=("weak",),
            policy={"minimum_rsa_bits": 1024},
            name_id=EMAIL,
            attributes={"email": [EMAIL]},
        ),
    ]


def _attacks() -> list[Vector]:
    on_assertion = signed(_PLAIN.tree(), "Assertion", how=Signing(uri=""))
    unnamed = signed(_PLAIN.tree(), "Assertion")
    assertion = unnamed.find("{*}Assertion")
    if assertion is None:
        raise LookupError("Assertion")
    _without_uri(unnamed, lambda _root: assertion)
    both: dict[str, bool | int] = {"allow_empty_reference_uri": True, "allow_missing_reference_uri": True}
    return [
        Vector(
            path="attacks/S13-empty-uri-on-the-assertion",
            why="The whole document is not the assertion, also where an empty URI is allowed (SAML Core 5.4.2).",
            expect="saml.signature_reference",
            document=document(on_assertion),
            policy=both,
        ),
        Vector(
            path="attacks/S13-no-uri-on-the-assertion",
            why="A signature that names nothing is the root's, also where that is allowed (SAML Core 5.4.2).",
            expect="saml.signature_reference",
            document=document(unnamed),
            policy=both,
        ),
    ]
