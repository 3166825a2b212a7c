"""The metadata that an identity provider gives out about one application."""

from lxml import etree

from ostiary.simulator.request import PROTOCOL
from ostiary.simulator.signing import DS, certificate_text

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
_BINDINGS = (
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
)


def metadata_xml(
    *, issuer: str, sso_url: str, slo_url: str = "", certificate_pem: str, name_id_formats: tuple[str, ...]
) -> bytes:
    """An EntityDescriptor with one certificate and both bindings. SAML Metadata 2.3.2."""
    root = etree.Element(f"{{{MD}}}EntityDescriptor", nsmap={"md": MD}, entityID=issuer)
    descriptor = etree.SubElement(
        root,
        f"{{{MD}}}IDPSSODescriptor",
        WantAuthnRequestsSigned="false",
        protocolSupportEnumeration=PROTOCOL,
    )
    key = etree.SubElement(descriptor, f"{{{MD}}}KeyDescriptor", use="signing")
    info = etree.SubElement(key, f"{{{DS}}}KeyInfo", nsmap={"ds": DS})
    data = etree.SubElement(info, f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = certificate_text(certificate_pem, wrapped=True)
    for binding in _BINDINGS if slo_url else ():
        etree.SubElement(descriptor, f"{{{MD}}}SingleLogoutService", Binding=binding, Location=slo_url)
    for name_id_format in name_id_formats:
        etree.SubElement(descriptor, f"{{{MD}}}NameIDFormat").text = name_id_format
    for binding in _BINDINGS:
        etree.SubElement(descriptor, f"{{{MD}}}SingleSignOnService", Binding=binding, Location=sso_url)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
