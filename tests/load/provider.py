"""An identity provider in a few lines, for many sign-ins: its messages, its signature, nothing of the product's own."""

import base64
import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

SSO_URL = "https://idp.acme.example/sso/saml"
ISSUER = "https://idp.acme.example/issuer"
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What arrived at the identity provider. Without a `request_id` nobody asked: a click on the tile."""

    request_id: str
    relay_state: str


class Provider:
    """Signs the assertion, RSA-SHA256, as OneLogin does."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.acme.example")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1))
        certificate = builder.not_valid_after(now + timedelta(days=365)).sign(self._key, hashes.SHA256())
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM)

    @staticmethod
    def read(location: str) -> Question:
        """The question in the address that the browser was sent to."""
        assert location.startswith(SSO_URL + "?"), location
        query = parse_qs(urlsplit(location).query)
        message = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
        request = etree.fromstring(message, _PARSER)
        return Question(request_id=request.get("ID") or "", relay_state=query["RelayState"][0])

    def answer(self, question: Question, *, email: str, entity_id: str, acs_url: str) -> bytes:
        """The signed answer, in base64: the value of SAMLResponse."""
        now = datetime.now(UTC)
        facts = {
            "id": f"_{uuid4().hex}",
            "now": _instant(now),
            "begin": _instant(now - timedelta(minutes=3)),
            "end": _instant(now + timedelta(minutes=3)),
            "request": f' InResponseTo="{question.request_id}"' if question.request_id else "",
            "email": email,
            "acs": acs_url,
            "audience": entity_id,
        }
        assertion = _ASSERTION.format(**facts)
        signature = self._signature(assertion, facts["id"])
        signed = assertion.replace("</saml:Issuer>", "</saml:Issuer>" + signature, 1)
        return base64.b64encode(_RESPONSE.format(**facts, response=f"_{uuid4().hex}", assertion=signed).encode())

    def _signature(self, assertion: str, name: str) -> str:
        digest = base64.b64encode(hashlib.sha256(_canonical(assertion)).digest()).decode()
        info = _SIGNED_INFO.format(name=name, digest=digest)
        value = base64.b64encode(self._key.sign(_canonical(info), padding.PKCS1v15(), hashes.SHA256())).decode()
        return _SIGNATURE.format(info=info, value=value)


def _canonical(text: str) -> bytes:
    return etree.tostring(etree.fromstring(text, _PARSER), method="c14n", exclusive=True)


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


_ASSERTION = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" IssueInstant="{now}" Version="2.0">'
    f"<saml:Issuer>{ISSUER}</saml:Issuer>"
    '<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{email}</saml:NameID>'
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData'
    '{request} NotOnOrAfter="{end}" Recipient="{acs}"/></saml:SubjectConfirmation></saml:Subject>'
    '<saml:Conditions NotBefore="{begin}" NotOnOrAfter="{end}"><saml:AudienceRestriction>'
    "<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
    '<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="{id}"><saml:AuthnContext><saml:AuthnContextClassRef>'
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>"
    '<saml:Attribute Name="email"><saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute>'
    '<saml:Attribute Name="firstName"><saml:AttributeValue>Pat</saml:AttributeValue></saml:Attribute>'
    '<saml:Attribute Name="lastName"><saml:AttributeValue>Doe</saml:AttributeValue></saml:Attribute>'
    "</saml:AttributeStatement></saml:Assertion>"
)
_RESPONSE = (
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{response}" IssueInstant="{now}"'
    ' Version="2.0" Destination="{acs}"{request}>'
    f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{ISSUER}</saml:Issuer>'
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
    "{assertion}</samlp:Response>"
)
_SIGNED_INFO = (
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
    f'<ds:CanonicalizationMethod Algorithm="{_C14N}"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
    '<ds:Reference URI="#{name}"><ds:Transforms>'
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
    f'<ds:Transform Algorithm="{_C14N}"/></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{info}'
    "<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
)
