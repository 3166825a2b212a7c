"""A whole answer of the usual shape: a Response with its issuer, success and one assertion, signed in any way.

Every `<` of such a document is accounted for here or in `content`, so that it is well-formed, and holds no comment, no
second assertion, no other ID and nothing deep: what a parser and a walk over its tree would look for.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ostiary.saml.constants import SAML, SAMLP, STATUS_SUCCESS
from ostiary.saml.plain.canonical import Scope, inside, inside_sorted, is_sorted, start_tag, without_again
from ostiary.saml.plain.signature import PlainSignature, read_signature
from ostiary.saml.plain.tags import ATTRIBUTES, PREFIX, TEXT, Attributes, attributes, declared, text_of, unescaped

_OF_RESPONSE = frozenset({"ID", "Version", "IssueInstant", "Destination", "InResponseTo", "Consent"})
_OF_ASSERTION = frozenset({"ID", "Version", "IssueInstant"})
_XML_SPACE = " \t\n"
_SUCCESS = f'StatusCode Value="{STATUS_SUCCESS}"'

# White space outside of the assertion says nothing where it is not signed.
_RESPONSE = re.compile(
    r'(?:<\?xml version="1\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")? ?\?>[ \t\n]*+)?'
    rf"<((?P<p>{PREFIX})Response)({ATTRIBUTES})>[ \t\n]*+"
    rf"<((?P<i>{PREFIX})Issuer)({ATTRIBUTES})>({TEXT})</(?P=i)Issuer>[ \t\n]*+"
)
_STATUS = re.compile(
    rf"[ \t\n]*+<(?P<p>{PREFIX})Status({ATTRIBUTES})>[ \t\n]*+"
    rf"<(?P=p){re.escape(_SUCCESS)}(?: ?/>|></(?P=p)StatusCode>)[ \t\n]*+</(?P=p)Status>[ \t\n]*+"
)
_GAP = re.compile(r">[ \t\n]+(?:<|\Z)|\A[ \t\n]")
_ASSERTION = re.compile(rf"<(({PREFIX})Assertion)({ATTRIBUTES})>(<\2Issuer{ATTRIBUTES}>{TEXT}</\2Issuer>)")


class PlainElement(NamedTuple):
    """An element, its signature, and what its canonical octets without that should be."""

    id: str
    signature: PlainSignature | None
    octets: bytes


class PlainDocument(NamedTuple):
    """What the Response says, and its assertion."""

    issuer: str
    destination: str | None
    in_response_to: str | None
    response: PlainElement
    """Its octets are only made where it is signed."""
    assertion: PlainElement
    """As it stands in the octets of the Response, where only that is signed."""


class _Response(NamedTuple):
    """The start of a Response, taken apart."""

    name: str
    prefix: str
    found: Attributes
    scope: Scope
    issuer_name: str
    issuer_found: Attributes
    issuer_scope: Scope
    issuer: str
    signature: PlainSignature | None
    start: int
    end_of_issuer: int
    end: int

    def octets(self, assertion: bytes, *, signature: PlainSignature, rendered: Sequence[str]) -> bytes:
        """With this assertion inside, without the signature."""
        prefixes = signature.prefixes
        start = start_tag(self.name, found=self.found, scope=self.scope, prefixes=prefixes)
        issuer = start_tag(
            self.issuer_name, found=self.issuer_found, scope=self.issuer_scope, prefixes=prefixes, rendered=rendered
        )
        status = f"<{self.prefix}Status><{self.prefix}{_SUCCESS}></{self.prefix}StatusCode></{self.prefix}Status>"
        before = f"{start}{issuer}{self.issuer}</{self.issuer_name}>{status}"
        return before.encode() + assertion + f"</{self.name}>".encode()


class _Assertion(NamedTuple):
    """The text of an assertion, taken apart."""

    name: str
    prefix: str
    found: Attributes
    scope: Scope
    issuer: str
    signature: PlainSignature | None
    signature_text: str
    rest: str

    def element(self) -> PlainElement:
        """The assertion for itself."""
        prefixes = self.signature.prefixes if self.signature else ()
        return PlainElement(self.found["ID"], self.signature, self.octets(self.issuer + self.rest, prefixes=prefixes))

    def octets(self, inner: str, *, prefixes: Sequence[str], rendered: Sequence[str] = ()) -> bytes:
        """With this inside. How it starts tells how its writer orders what is in a tag."""
        start = start_tag(self.name, found=self.found, scope=self.scope, prefixes=prefixes, rendered=rendered)
        if is_sorted(self.found):
            text = inside(inner, own=self.prefix, scope=self.scope, prefixes=prefixes)
            if not next(iter(self.found)).startswith("xmlns") or "xmlns" in self.issuer:
                text = without_again(text, own=self.prefix, uri=SAML)
        else:
            around = {*rendered, self.prefix[:-1], *[each for each in prefixes if each in self.scope]}
            text = inside_sorted(inner, own=self.prefix, scope=self.scope, prefixes=prefixes, rendered=around)
        return (start + text).encode()


def read_document(document: bytes) -> PlainDocument | None:
    """The answer in this document; None where it is less usual."""
    text = text_of(document)
    response = _read_response(text)
    if response is None:
        return None
    status = _STATUS.match(text, response.end)
    end = text.rfind(f"</{response.name}>")
    if status is None or not _is_status(status[2], prefix=status[1], of=response):
        return None
    assertion = _read_assertion(text[status.end() : end].rstrip(_XML_SPACE), scope=response.scope)
    response_id = response.found["ID"]
    if (
        assertion is None
        or assertion.found["ID"] == response_id
        or text[end:].rstrip(_XML_SPACE) != f"</{response.name}>"
    ):
        return None
    inner, octets = b"", b""
    if response.signature is not None:
        # White space is signed there, and what is written below has none.
        if _GAP.search(text, response.start, response.end_of_issuer) or _GAP.search(status[0]) or text[end - 1] != ">":
            return None
        prefixes = response.signature.prefixes
        rendered = [response.prefix[:-1], *[each for each in prefixes if each in response.scope]]
        whole = assertion.issuer + assertion.signature_text + assertion.rest
        inner = assertion.octets(whole, prefixes=prefixes, rendered=rendered)
        octets = response.octets(inner, signature=response.signature, rendered=rendered)
    return PlainDocument(
        issuer=unescaped(response.issuer),
        destination=response.found.get("Destination"),
        in_response_to=response.found.get("InResponseTo"),
        response=PlainElement(response_id, response.signature, octets),
        assertion=assertion.element() if assertion.signature else PlainElement(assertion.found["ID"], None, inner),
    )


def read_assertion(document: bytes, *, scope: Scope) -> PlainElement | None:
    """The signed assertion that this is from its first letter to its last. `scope`: the namespaces around it."""
    assertion = _read_assertion(text_of(document), scope=scope)
    return None if assertion is None or assertion.signature is None else assertion.element()


def _read_response(text: str) -> _Response | None:
    top = _RESPONSE.match(text)
    if top is None:
        return None
    name, prefix, written, issuer_name, issuer_prefix, of_issuer, issuer = top.groups()
    found, issuer_found = attributes(written), attributes(of_issuer)
    scope, issuer_scope = declared(found), declared(issuer_found)
    if scope is None or issuer_scope is None or "&" in written or found.get("Version") != "2.0":
        return None
    issuer_scope = scope | issuer_scope
    if scope.get(prefix[:-1]) != SAMLP or issuer_scope.get(issuer_prefix[:-1]) != SAML:
        return None
    if not (found.get("ID") and _OF_RESPONSE.issuperset(_simple(found)) and _simple(issuer_found) in ([], ["Format"])):
        return None
    signature = read_signature(text, at=top.end(), scope=scope)
    return _Response(
        name=name,
        prefix=prefix,
        found=found,
        scope=scope,
        issuer_name=issuer_name,
        issuer_found=issuer_found,
        issuer_scope=issuer_scope,
        issuer=issuer,
        signature=signature,
        start=top.start(1),
        end_of_issuer=top.end(),
        end=top.end() if signature is None else signature.end,
    )


def _read_assertion(text: str, *, scope: Scope) -> _Assertion | None:
    top = _ASSERTION.match(text)
    if top is None:
        return None
    name, prefix, written, issuer = top.groups()
    found = attributes(written)
    own = declared(found)
    if own is None or "&" in written or not (found.get("ID") and _OF_ASSERTION.issuperset(_simple(found))):
        return None
    scope = {**scope, **own}
    if scope.get(prefix[:-1]) != SAML:
        return None
    signature = read_signature(text, at=top.end(), scope=scope)
    end = top.end() if signature is None else signature.end
    return _Assertion(name, prefix, found, scope, issuer, signature, text[top.end() : end], text[end:])


def _is_status(written: str, *, prefix: str, of: _Response) -> bool:
    """Whether it is of the same namespace, by the same prefix, and has nothing but perhaps a declaration of that."""
    return prefix == of.prefix and (not written or attributes(written) == {f"xmlns:{prefix}".rstrip(":"): SAMLP})


def _simple(found: Attributes) -> list[str]:
    """The names of the attributes that declare no namespace."""
    return [name for name in found if not name.startswith("xmlns")]
