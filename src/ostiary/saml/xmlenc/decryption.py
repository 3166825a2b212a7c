"""Where encrypted parts stand in an answer, and what must hold before one is opened and believed (decision 3).

The Response's own signature first, where it has one. Without it the assertion's own signature decides, after opening;
and where the cipher does not show changes (CBC), everything up to that signature gives one and the same refusal.
"""

from typing import Final

from lxml import etree

from ostiary.saml.canonical import exclusive_octets
from ostiary.saml.case import Case, element_of
from ostiary.saml.config import SamlPolicy, ServiceProvider
from ostiary.saml.constants import SAML
from ostiary.saml.errors import (
    AssertionCount,
    DecryptionFailed,
    DecryptionPaused,
    EncryptedRefused,
    SamlRefusal,
    SignatureMissing,
    TooComplex,
)
from ostiary.saml.plain.content import read_octets
from ostiary.saml.plain.document import read_assertion
from ostiary.saml.xml import local, parse_digested
from ostiary.saml.xmldsig import own_signature, verify, verify_plain
from ostiary.saml.xmlenc.opening import Scope, Sealed, contents, element_in, open_sealed, read_sealed

ASSERTION: Final = f"{{{SAML}}}Assertion"
ENCRYPTED_ASSERTION: Final = f"{{{SAML}}}EncryptedAssertion"
MOST_PARTS: Final = 16
_ADVICE = f"{{{SAML}}}Advice"
_ENCRYPTED_ID = f"{{{SAML}}}Subject/{{{SAML}}}EncryptedID"
_ENCRYPTED_ATTRIBUTE = f"{{{SAML}}}AttributeStatement/{{{SAML}}}EncryptedAttribute"
_PARTS = ((_ENCRYPTED_ID, f"{{{SAML}}}NameID"), (_ENCRYPTED_ATTRIBUTE, f"{{{SAML}}}Attribute"))


def count_hidden(root: etree._Element, *, known: tuple[etree._Element, ...]) -> int:
    """Assertions that stand where none belongs: wrapping attacks keep the signed original there (XSW 3 to 9).

    They belong into the Advice of one that is in its place, and there nobody reads them. Core 2.6.1.
    """
    in_place = frozenset(known)  # ten thousand looked up in a tuple of ten thousand took half a second
    return sum(
        1
        for found in root.iter(ASSERTION, ENCRYPTED_ASSERTION)
        if found not in in_place and all(each.getparent() not in in_place for each in found.iterancestors(_ADVICE))
    )


def verify_encrypted(case: Case, *, container: etree._Element) -> None:
    """Open the EncryptedAssertion and verify the signature of the assertion in it, if it has one.

    Raises: `EncryptedRefused`, `EncryptionRefused`, `DecryptionPaused`, `DecryptionFailed`; what is wrong inside,
    where somebody whom we know, or the cipher itself, vouches that nobody has changed it on the way.

    That is safe by GCM too where the connection allows CBC: what was encrypted by GCM and is handed in as CBC, to be
    read block by block ("One Bad Apple", NDSS 2013), meets the one answer of CBC; changed as GCM it has no tag.
    """
    if not case.service_provider.decryption_keys:
        raise EncryptedRefused(element=local(container))
    if case.response_refusal is not None:
        raise case.response_refusal
    is_signed = case.signed_response is not None
    sealed = read_sealed(_in_signed(case) if is_signed else container, policy=case.policy)
    if not is_signed and sealed.is_guessable and not case.policy.opens_unsigned_guesses:
        raise DecryptionPaused(element=sealed.element)
    try:
        _verify_opened(case, sealed=sealed, container=container)
    except SamlRefusal:
        if is_signed or sealed.cipher.shows_changes:
            raise
        raise DecryptionFailed(element=sealed.element) from None


def _in_signed(case: Case) -> etree._Element:
    """The EncryptedAssertion as the Response's signature covers it."""
    if case.signed_response is None:
        raise SignatureMissing
    found = parse_digested(case.signed_response.octets).findall(ENCRYPTED_ASSERTION)
    if len(found) != 1:
        raise AssertionCount(received=len(found))
    return found[0]


def _verify_opened(case: Case, *, sealed: Sealed, container: etree._Element) -> None:
    keys = case.service_provider.decryption_keys
    assertion = None
    for content in contents(sealed, keys=keys):
        if _verify_plainly(case, content=content, scope=container.nsmap):
            return
        taken = (element_of(case).get("ID", ""),)
        assertion = element_in(content, tag=ASSERTION, scope=container.nsmap, taken=taken)
        if assertion is not None:
            break
    if assertion is None:
        raise DecryptionFailed(element=sealed.element)
    if hidden := count_hidden(assertion, known=(assertion,)):
        raise AssertionCount(received=1 + hidden)
    if own_signature(assertion) is not None:
        case.signed_assertion = verify(
            assertion, certificates=case.identity_provider.certificates, policy=case.policy, now=case.now
        )
        return
    if case.signed_response is None:
        raise SignatureMissing
    # Once more, where the signed octets stand: a prefix declared outside of them could be bound to another namespace.
    signed = open_sealed(sealed, tag=ASSERTION, scope=_in_signed(case).nsmap, keys=keys)
    case.opened_assertion = exclusive_octets(signed)


def _verify_plainly(case: Case, *, content: bytes, scope: Scope) -> bool:
    """Verify and read the assertion from its text, if it is of the usual shape and its signature is good.

    That takes 80 µs, where to parse it, look at it and canonicalize it takes 230. False leaves everything to the tree.
    """
    plain = read_assertion(content, scope={prefix or "": uri for prefix, uri in scope.items()})
    if plain is None or plain.id == element_of(case).get("ID"):
        return False
    signed = verify_plain(plain, provider=case.identity_provider, policy=case.policy)
    said = None if signed is None else read_octets(signed.octets)
    if said is None:
        return False
    case.signed_assertion, case.content_read = signed, said
    return True


def open_parts(assertion: etree._Element, *, service_provider: ServiceProvider, policy: SamlPolicy) -> None:
    """Put what is in them into the place of the EncryptedID and the EncryptedAttributes of a verified assertion.

    Raises: `TooComplex`, `EncryptionRefused`, `DecryptionFailed`; `EncryptedRefused` where we have no key.
    """
    keys = service_provider.decryption_keys
    found = [(node, tag) for path, tag in _PARTS for node in assertion.iterfind(path)]
    if not found:
        return
    if not keys:
        raise EncryptedRefused(element=local(found[0][0]))
    if len(found) > MOST_PARTS:
        raise TooComplex(what="encrypted parts", limit=MOST_PARTS)
    for container, tag in found:
        sealed = read_sealed(container, policy=policy)
        opened = parse_digested(exclusive_octets(open_sealed(sealed, tag=tag, scope=container.nsmap, keys=keys)))
        parent = container.getparent()
        if parent is not None:
            parent.replace(container, opened)
