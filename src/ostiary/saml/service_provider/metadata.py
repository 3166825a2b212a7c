"""Our own metadata for one connection. SAML Metadata 2.4.4, in the order of the schema."""

from typing import Final

from lxml import etree

from ostiary.saml.certificates import Certificate
from ostiary.saml.config import ServiceProvider
from ostiary.saml.constants import (
    BINDING_POST,
    BINDING_REDIRECT,
    DS,
    METADATA,
    NAME_ID_EMAIL,
    NAME_ID_PERSISTENT,
    SAMLP,
    XENC,
    XENC11,
    XML,
)

_ENCRYPTION_METHODS: Final = (f"{XENC11}aes256-gcm", f"{XENC11}aes128-gcm", f"{XENC}rsa-oaep-mgf1p")
_STABLE_FORMATS: Final = (NAME_ID_EMAIL, NAME_ID_PERSISTENT)
_URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"


def build_sp_metadata(
    *,
    service_provider: ServiceProvider,
    signs_requests: bool = False,
    signing_certificates: tuple[Certificate, ...] = (),
    encryption_certificates: tuple[Certificate, ...] = (),
    name_id_format: str = "",
    attributes: tuple[str, ...] = (),
    service_name: str = "",
) -> bytes:
    """Our own metadata for one connection.

    `signing_certificates`: of the keys that sign our requests and logout messages, now or soon. With encryption
    certificates the provider may encrypt to them; AD FS and Shibboleth then do so by themselves. Without a
    `name_id_format` the stable ones are named: Shibboleth sends a transient NameID to whom names none.
    `attributes`: the names that we read; Shibboleth can release what is asked for so.
    """
    entity = etree.Element(_md("EntityDescriptor"), nsmap={"md": METADATA, "ds": DS})
    entity.set("entityID", service_provider.entity_id)
    role = etree.SubElement(entity, _md("SPSSODescriptor"))
    role.set("protocolSupportEnumeration", SAMLP)
    role.set("AuthnRequestsSigned", "true" if signs_requests else "false")
    role.set("WantAssertionsSigned", "true")
    for each in signing_certificates:
        _add_key(role, use="signing", certificate=each)
    for each in encryption_certificates:
        key = _add_key(role, use="encryption", certificate=each)
        for uri in _ENCRYPTION_METHODS:
            etree.SubElement(key, _md("EncryptionMethod"), Algorithm=uri)
    if service_provider.slo_url:
        for binding in (BINDING_REDIRECT, BINDING_POST):
            etree.SubElement(role, _md("SingleLogoutService"), Binding=binding, Location=service_provider.slo_url)
    for name in (name_id_format,) if name_id_format else _STABLE_FORMATS:
        etree.SubElement(role, _md("NameIDFormat")).text = name
    service = etree.SubElement(role, _md("AssertionConsumerService"))
    service.set("Binding", BINDING_POST)
    service.set("Location", service_provider.acs_url)
    service.set("index", "0")
    service.set("isDefault", "true")
    if attributes:
        _add_attributes(role, names=attributes, service_name=service_name or service_provider.entity_id)
    return etree.tostring(entity, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_key(role: etree._Element, *, use: str, certificate: Certificate) -> etree._Element:
    key = etree.SubElement(role, _md("KeyDescriptor"), use=use)
    data = etree.SubElement(etree.SubElement(key, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = certificate.base64
    return key


def _add_attributes(role: etree._Element, *, names: tuple[str, ...], service_name: str) -> None:
    service = etree.SubElement(role, _md("AttributeConsumingService"), index="0", isDefault="true")
    title = etree.SubElement(service, _md("ServiceName"))
    title.set(f"{{{XML}}}lang", "en")
    title.text = service_name
    for name in names:
        wanted = etree.SubElement(service, _md("RequestedAttribute"), Name=name)
        wanted.set("NameFormat", _URI if name.startswith(("urn:", "http")) else _UNSPECIFIED)


def _md(name: str) -> str:
    return f"{{{METADATA}}}{name}"
