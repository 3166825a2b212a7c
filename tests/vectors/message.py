"""Answers as an identity provider would write and sign them, for the generator of vectors. Knows nothing of ostiary.

Rule: the same bytes on every run. Text goes in as text, so that a vector can be as wrong as it likes.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

KEYS = Path(__file__).parent / "saml" / "keys"
SP_ENTITY_ID = "https://sso.ringline.example/saml/c7f3k2m9q4"
ACS_URL = SP_ENTITY_ID + "/acs"
IDP_ENTITY_ID = "http://www.okta.com/exk8r2w6tLq1ZbN5d7"
SSO_URL = "https://acme.okta.example/app/ringline/exk8r2w6tLq1ZbN5d7/sso/saml"
REQUEST_ID = "_6f1e0c94ab2d4f7e8a90b1c2d3e4f506"
NOW = "2026-03-03T09:41:52Z"
EMAIL = "dana.whitfield@acme.example"

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:"
SUCCESS = '<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>'
TYPED = (
    ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:type="xs:string"'
)

_DIGESTS = {"sha1": DS + "sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256"}
_DIGESTS |= {"sha384": MORE + "sha384", "sha512": "http://www.w3.org/2001/04/xmlenc#sha512"}
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def attribute(name: str, *values: str, value_attributes: str = TYPED, form: str = "unspecified") -> str:
    """One attribute as Okta writes it; an empty `form` leaves the NameFormat away."""
    written = f' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:{form}"' if form else ""
    inside = "".join(f"<saml2:AttributeValue{value_attributes}>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute Name="{name}"{written}>{inside}</saml2:Attribute>'


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A SubjectConfirmation; None leaves the attribute away."""

    method: str = "bearer"
    recipient: str | None = ACS_URL
    in_response_to: str | None = REQUEST_ID
    not_before: str | None = None
    not_on_or_after: str | None = "2026-03-03T09:46:51.000Z"
    has_parameters: bool = True

    def xml(self) -> str:
        names = (
            ("InResponseTo", self.in_response_to),
            ("NotBefore", self.not_before),
            ("NotOnOrAfter", self.not_on_or_after),
            ("Recipient", self.recipient),
        )
        written = "".join(f' {name}="{value}"' for name, value in names if value is not None)
        parameters = f"<saml2:SubjectConfirmationData{written}/>" if self.has_parameters else ""
        return (
            f'<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:{self.method}">{parameters}'
            "</saml2:SubjectConfirmation>"
        )


@dataclass(frozen=True, kw_only=True)
class Message:
    """A Response with one assertion. Each part can be replaced by any text."""

    response_id: str = "id46231785204913161730518245"
    destination: str | None = ACS_URL
    in_response_to: str | None = REQUEST_ID
    version: str = "2.0"
    response_issuer: str | None = IDP_ENTITY_ID
    response_namespaces: str = ""
    status: str = SUCCESS
    assertion_id: str = "id46231785205719842069332671"
    assertion_version: str = "2.0"
    issue_instant: str = "2026-03-03T09:41:51.600Z"
    issuer: str = IDP_ENTITY_ID
    name_id: str | None = f'<saml2:NameID Format="{FORMAT}emailAddress">{EMAIL}</saml2:NameID>'
    confirmations: tuple[Confirmation, ...] = (Confirmation(),)
    not_before: str | None = "2026-03-03T09:36:51.000Z"
    not_on_or_after: str | None = "2026-03-03T09:46:51.000Z"
    audiences: tuple[tuple[str, ...], ...] = ((SP_ENTITY_ID,),)
    more_conditions: str = ""
    advice: str = ""
    authn_statement: str = (
        '<saml2:AuthnStatement AuthnInstant="2026-03-03T09:41:50.000Z" SessionIndex="_s7c1">'
        "<saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:"
        "PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
    )
    attributes: str = field(
        default_factory=lambda: (
            attribute("email", EMAIL)
            + attribute("firstName", "Dana")
            + attribute("lastName", "Whitfield")
            + attribute("department", "IT Operations")
            + attribute("groups", "Everyone", "Ringline-Admins")
        )
    )
    before_assertion: str = ""
    after_assertion: str = ""

    def with_confirmation(self, **changes: object) -> "Message":
        """The same with another only confirmation."""
        return replace(self, confirmations=(replace(Confirmation(), **changes),))  # type: ignore[arg-type] # by name

    def assertion_xml(self) -> str:
        restrictions = "".join(
            "<saml2:AudienceRestriction>"
            + "".join(f"<saml2:Audience>{each}</saml2:Audience>" for each in group)
            + "</saml2:AudienceRestriction>"
            for group in self.audiences
        )
        window = _written(NotBefore=self.not_before, NotOnOrAfter=self.not_on_or_after)
        confirmations = "".join(each.xml() for each in self.confirmations)
        statement = f"<saml2:AttributeStatement>{self.attributes}</saml2:AttributeStatement>" if self.attributes else ""
        return (
            f'<saml2:Assertion xmlns:saml2="{SAML}" ID="{self.assertion_id}" IssueInstant="{self.issue_instant}"'
            f' Version="{self.assertion_version}"><saml2:Issuer>{self.issuer}</saml2:Issuer>'
            f"<saml2:Subject>{self.name_id or ''}{confirmations}</saml2:Subject>"
            f"<saml2:Conditions{window}>{restrictions}{self.more_conditions}</saml2:Conditions>"
            f"{self.advice}{self.authn_statement}{statement}</saml2:Assertion>"
        )

    def xml(self) -> str:
        names = _written(Destination=self.destination, ID=self.response_id, InResponseTo=self.in_response_to)
        issuer = (
            f'<saml2:Issuer xmlns:saml2="{SAML}">{self.response_issuer}</saml2:Issuer>'
            if self.response_issuer is not None
            else ""
        )
        return (
            f'<saml2p:Response xmlns:saml2p="{SAMLP}"{self.response_namespaces}{names}'
            f' IssueInstant="{self.issue_instant}" Version="{self.version}">{issuer}{self.status}'
            f"{self.before_assertion}{self.assertion_xml()}{self.after_assertion}</saml2p:Response>"
        )

    def tree(self) -> etree._Element:
        return etree.fromstring(self.xml().encode())


def _written(**attributes: str | None) -> str:
    return "".join(f' {name}="{value}"' for name, value in attributes.items() if value is not None)


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How an element is signed, and how wrongly."""

    key: str = "idp"
    digest: str = "sha256"
    hash: str = "sha256"
    method: str | None = None
    c14n: str = EXCLUSIVE
    prefixes: str = ""
    info_prefixes: str | None = None
    """The PrefixList of SignedInfo, where it is another than that of the element: Okta gives none there."""
    uri: str | None = None
    carries: str | None = "same"
    """The certificate in KeyInfo: the signer's own, another one by name, or None."""
    transforms: tuple[str, ...] | None = None
    whitespace: str = ""


def signed(root: etree._Element, *elements: str, how: Signing | None = None) -> etree._Element:
    """The message with these elements signed, in this order: "Assertion", then "Response"."""
    for element in elements:
        target = root if element == "Response" else root.find(f"{{{SAML}}}Assertion")
        if target is None:
            raise LookupError(element)
        sign(target, how=how or Signing())
    return root


def sign(element: etree._Element, *, how: Signing) -> etree._Element:
    """Put a signature behind the element's Issuer (or first, where it has none), and give it back."""
    reference_digest = digest_of(element, how=how)
    signature = etree.fromstring(_signature_xml(element, digest=reference_digest, how=how))
    issuer = element.find(f"{{{SAML}}}Issuer")
    element.insert(0 if issuer is None else 1, signature)
    return fill_in(signature, how=how)


def fill_in(signature: etree._Element, *, how: Signing) -> etree._Element:
    """Make the signature value over SignedInfo as it stands."""
    info = signature.find(f"{{{DS}}}SignedInfo")
    value = signature.find(f"{{{DS}}}SignatureValue")
    if info is None or value is None:
        raise LookupError("SignedInfo")
    octets = canonical(info, c14n=how.c14n, prefixes=_info_prefixes(how))
    value.text = base64.b64encode(_sign_octets(octets, how=how)).decode()
    return signature


def digest_of(element: etree._Element, *, how: Signing) -> str:
    # What a same-document Reference names has no comments: XML Signature 4.4.3.3.
    octets = canonical(element, c14n=how.c14n.removesuffix("WithComments"), prefixes=how.prefixes)
    return base64.b64encode(hashlib.new(how.digest, octets).digest()).decode()


def canonical(element: etree._Element, *, c14n: str, prefixes: str) -> bytes:
    """The canonical octets, of the element written out alone with all namespaces that are in scope."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(
        alone,
        method="c14n",
        exclusive=c14n.startswith(EXCLUSIVE),
        with_comments=c14n.endswith("WithComments"),
        inclusive_ns_prefixes=prefixes.split() or None,
    )


def _signature_xml(element: etree._Element, *, digest: str, how: Signing) -> str:
    family = "ecdsa" if how.key.startswith("ec") else "rsa"
    method = how.method or ((DS if how.hash == "sha1" else MORE) + f"{family}-{how.hash}")
    uri = "#" + element.get("ID", "") if how.uri is None else how.uri
    inclusive, of_info = _inclusive_namespaces(how.prefixes), _inclusive_namespaces(_info_prefixes(how))
    transforms = how.transforms or (
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/>',
        f'<ds:Transform Algorithm="{how.c14n}">{inclusive}</ds:Transform>',
    )
    carried = certificate_text(how.key if how.carries == "same" else how.carries) if how.carries else ""
    key_info = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{carried}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    parts = (
        f'<ds:Signature xmlns:ds="{DS}">',
        "<ds:SignedInfo>",
        f'<ds:CanonicalizationMethod Algorithm="{how.c14n}">{of_info}</ds:CanonicalizationMethod>',
        f'<ds:SignatureMethod Algorithm="{method}"/>',
        f'<ds:Reference URI="{uri}">',
        f"<ds:Transforms>{''.join(transforms)}</ds:Transforms>",
        f'<ds:DigestMethod Algorithm="{_DIGESTS[how.digest]}"/>',
        f"<ds:DigestValue>{digest}</ds:DigestValue>",
        "</ds:Reference></ds:SignedInfo>",
        "<ds:SignatureValue/>",
        key_info if how.carries else "",
        "</ds:Signature>",
    )
    return how.whitespace.join(part for part in parts if part)


def _info_prefixes(how: Signing) -> str:
    return how.prefixes if how.info_prefixes is None else how.info_prefixes


def _inclusive_namespaces(prefixes: str) -> str:
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{prefixes}"/>' if prefixes else ""


def _sign_octets(octets: bytes, *, how: Signing) -> bytes:
    key = _private_key(how.key)
    chosen = _HASHES[how.hash]()
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(octets, padding.PKCS1v15(), chosen)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(how.key)
    size = (key.key_size + 7) // 8
    left, right = decode_dss_signature(key.sign(octets, ec.ECDSA(chosen, deterministic_signing=True)))
    return left.to_bytes(size) + right.to_bytes(size)


@cache
def _private_key(name: str) -> PrivateKeyTypes:
    return load_pem_private_key((KEYS / f"{name}.key").read_bytes(), password=None)


def certificate_text(name: str) -> str:
    """The certificate's base64 without its frame."""
    lines = (KEYS / f"{name}.crt").read_text().splitlines()
    return "".join(line for line in lines if not line.startswith("-----"))
