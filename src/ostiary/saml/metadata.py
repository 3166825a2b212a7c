"""Metadata both ways: what an identity provider says of itself, and what we say of ourselves. SAML Metadata 2.0."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from ostiary.saml.assertion import read_time
from ostiary.saml.certificates import Certificate, read_certificates
from ostiary.saml.config import ServiceProvider
from ostiary.saml.constants import BINDING_POST, BINDING_REDIRECT, DS, METADATA, SAMLP, XENC, XENC11
from ostiary.saml.errors import (
    CertificateRefusal,
    DoctypeRefused,
    MetadataHasSeveral,
    MetadataIncomplete,
    MetadataIsHtml,
    MetadataIsServiceProvider,
    MetadataIsSomethingElse,
    MetadataUnreadable,
    NotXml,
    SamlRefusal,
    TimeUnreadable,
    TooLarge,
)
from ostiary.saml.xml import local, parse_untrusted, text_of

LARGEST_METADATA: Final = 2 * 1024 * 1024
_ENTITIES = f"{{{METADATA}}}EntitiesDescriptor"
_ENTITY = f"{{{METADATA}}}EntityDescriptor"
_IDP = f"{{{METADATA}}}IDPSSODescriptor"
_SP = f"{{{METADATA}}}SPSSODescriptor"
_KEY = f"{{{METADATA}}}KeyDescriptor"
_SSO = f"{{{METADATA}}}SingleSignOnService"
_NAME_ID_FORMAT = f"{{{METADATA}}}NameIDFormat"
_CERTIFICATE = f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate"
_BINDINGS = (BINDING_REDIRECT, BINDING_POST)
_ENCRYPTION_METHODS = (f"{XENC11}aes256-gcm", f"{XENC11}aes128-gcm", f"{XENC}rsa-oaep-mgf1p")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpMetadata:
    """What a connection needs of an identity provider's metadata."""

    entity_id: str
    sso_url: str
    sso_binding: str
    """The binding of that URL: Redirect where the provider offers it, else POST."""
    certificates: tuple[Certificate, ...]
    """Those for signing, and those without a stated use. Of any date and strength: the caller judges."""
    wants_signed_requests: bool
    name_id_formats: tuple[str, ...]
    valid_until: datetime | None


def read_idp_metadata(document: bytes, *, entity_id: str | None = None) -> IdpMetadata:
    """The identity provider that the document describes; `entity_id` chooses where it describes several.

    Its signature is not verified: the admin, or TLS, vouches for the document (knowledge of a key comes from here).

    Raises: `MetadataUnreadable`, `MetadataIsHtml`, `MetadataIsSomethingElse`, `MetadataIsServiceProvider`,
    `MetadataHasSeveral`, `MetadataIncomplete`.
    """
    entity = _choose(_entities(_parse(document)), entity_id=entity_id)
    name = entity.get("entityID", "")
    if not name:
        raise MetadataIncomplete(entity_id="", missing="entityID")
    descriptor = _descriptor(entity)
    if descriptor is None:
        raise MetadataIsServiceProvider(entity_id=name)
    sso_url, binding = _sso(descriptor, name=name)
    return IdpMetadata(
        entity_id=name,
        sso_url=sso_url,
        sso_binding=binding,
        certificates=_certificates(descriptor, name=name),
        wants_signed_requests=descriptor.get("WantAuthnRequestsSigned", "").strip() in {"true", "1"},
        name_id_formats=tuple(text_of(each).strip() for each in descriptor.iterchildren(_NAME_ID_FORMAT)),
        valid_until=_valid_until(entity),
    )


def _parse(document: bytes) -> etree._Element:
    start = document[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        raise MetadataIsHtml
    try:
        return parse_untrusted(document.lstrip(b" \t\r\n"), limit=LARGEST_METADATA)
    except NotXml as refusal:
        raise MetadataUnreadable(detail=refusal.detail, line=refusal.line) from None
    except TooLarge:
        raise MetadataUnreadable(detail="too large", line=0) from None
    except DoctypeRefused:
        raise MetadataUnreadable(detail="document type", line=0) from None
    except SamlRefusal as refusal:
        raise MetadataUnreadable(detail=refusal.code, line=0) from None


def _entities(root: etree._Element) -> list[etree._Element]:
    """The entities of the document, also of groups inside groups."""
    if root.tag == _ENTITY:
        return [root]
    if root.tag == _ENTITIES:
        return list(root.iter(_ENTITY))
    if local(root).lower() == "html":
        raise MetadataIsHtml
    raise MetadataIsSomethingElse(received=local(root)[:100])


def _choose(entities: list[etree._Element], *, entity_id: str | None) -> etree._Element:
    providers = [entity for entity in entities if _descriptor(entity) is not None]
    if entity_id is not None:
        providers = [entity for entity in providers if entity.get("entityID") == entity_id]
    if len(providers) == 1:
        return providers[0]
    if providers:
        raise MetadataHasSeveral(received=tuple(entity.get("entityID", "") for entity in providers[:50]))
    services = [entity for entity in entities if entity.find(_SP) is not None]
    if services and entity_id is None:
        raise MetadataIsServiceProvider(entity_id=services[0].get("entityID", ""))
    raise MetadataIncomplete(entity_id=entity_id or "", missing="IDPSSODescriptor")


def _descriptor(entity: etree._Element) -> etree._Element | None:
    """The entity's role as a SAML 2.0 identity provider; a document may have one for SAML 1.1 beside."""
    found = entity.findall(_IDP)
    modern = [each for each in found if SAMLP in each.get("protocolSupportEnumeration", "").split()]
    return next(iter(modern or found), None)


def _sso(descriptor: etree._Element, *, name: str) -> tuple[str, str]:
    services = descriptor.findall(_SSO)
    for binding in _BINDINGS:
        for service in services:
            location = service.get("Location", "").strip()
            if service.get("Binding") == binding and location:
                return location, binding
    raise MetadataIncomplete(entity_id=name, missing="SingleSignOnService")


def _certificates(descriptor: etree._Element, *, name: str) -> tuple[Certificate, ...]:
    """The certificates with which this provider may sign. One that can't be read is left out if others can."""
    found: dict[str, Certificate] = {}
    for key in descriptor.iterchildren(_KEY):
        if key.get("use") not in {None, "", "signing"}:
            continue
        for node in key.iterfind(_CERTIFICATE):
            found.update({each.fingerprint: each for each in _readable(text_of(node))})
    if not found:
        raise MetadataIncomplete(entity_id=name, missing="certificate")
    return tuple(found.values())


def _readable(text: str) -> tuple[Certificate, ...]:
    """What stands in an X509Certificate. Some providers put a whole PEM file in it, and that once more in base64."""
    try:
        return read_certificates(text.encode("utf-8", "replace"), minimum_rsa_bits=0)
    except CertificateRefusal:
        return ()


def _valid_until(entity: etree._Element) -> datetime | None:
    try:
        return read_time(entity, name="validUntil")
    except TimeUnreadable:
        return None


def build_sp_metadata(
    *,
    service_provider: ServiceProvider,
    certificate: Certificate | None = None,
    encryption_certificates: tuple[Certificate, ...] = (),
) -> bytes:
    """Our own metadata for one connection. With a certificate, our requests are signed with its key.

    With encryption certificates the provider may encrypt to them; AD FS and Shibboleth then do so by themselves.
    """
    entity = etree.Element(f"{{{METADATA}}}EntityDescriptor", nsmap={"md": METADATA, "ds": DS})
    entity.set("entityID", service_provider.entity_id)
    role = etree.SubElement(entity, _SP)
    role.set("protocolSupportEnumeration", SAMLP)
    role.set("AuthnRequestsSigned", "false" if certificate is None else "true")
    role.set("WantAssertionsSigned", "true")
    if certificate is not None:
        _add_key(role, use="signing", certificate=certificate)
    for each in encryption_certificates:
        key = _add_key(role, use="encryption", certificate=each)
        for uri in _ENCRYPTION_METHODS:
            etree.SubElement(key, f"{{{METADATA}}}EncryptionMethod", Algorithm=uri)
    service = etree.SubElement(role, f"{{{METADATA}}}AssertionConsumerService")
    service.set("Binding", BINDING_POST)
    service.set("Location", service_provider.acs_url)
    service.set("index", "0")
    service.set("isDefault", "true")
    return etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_key(role: etree._Element, *, use: str, certificate: Certificate) -> etree._Element:
    key = etree.SubElement(role, _KEY, use=use)
    data = etree.SubElement(etree.SubElement(key, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = certificate.base64
    return key
