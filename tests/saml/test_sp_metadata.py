"""Our own metadata: what it says, and that others read it so."""

from dataclasses import replace

import pytest
from lxml import etree

from ostiary import saml
from tests.saml.circumstances import IDENTITY_PROVIDER, SERVICE_PROVIDER, an_identity_provider
from tests.saml.test_authn_request import SCHEMAS
from tests.vectors.message import ACS_URL, SP_ENTITY_ID

BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


def test_our_own_metadata_says_who_we_are_and_where_answers_go():
    entity = etree.fromstring(saml.build_sp_metadata(service_provider=SERVICE_PROVIDER))
    assert entity.get("entityID") == SP_ENTITY_ID
    role = entity[0]
    assert dict(role.items()) == {
        "protocolSupportEnumeration": PROTOCOL,
        "AuthnRequestsSigned": "false",
        "WantAssertionsSigned": "true",
    }
    assert [child.text for child in role.findall("{*}NameIDFormat")] == [
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    ]
    assert [dict(child.items()) for child in role if child.items()] == [
        {"Binding": BINDINGS + "HTTP-POST", "Location": ACS_URL, "index": "0", "isDefault": "true"}
    ]


def test_our_own_metadata_carries_the_certificate_of_signed_requests():
    [certificate] = IDENTITY_PROVIDER.certificates
    written = saml.build_sp_metadata(
        service_provider=SERVICE_PROVIDER, signs_requests=True, signing_certificates=(certificate,)
    )
    assert b'AuthnRequestsSigned="true"' in written
    assert certificate.base64.encode() in written


def test_our_own_metadata_carries_the_certificates_to_encrypt_to():
    certificates = (*IDENTITY_PROVIDER.certificates, *an_identity_provider("idp-next").certificates)
    role = etree.fromstring(
        saml.build_sp_metadata(service_provider=SERVICE_PROVIDER, encryption_certificates=certificates)
    )[0]
    keys = [child for child in role if child.tag.endswith("KeyDescriptor")]
    assert [key.get("use") for key in keys] == ["encryption", "encryption"]
    assert [(key.findtext(".//{*}X509Certificate") or "") for key in keys] == [
        certificate.base64 for certificate in certificates
    ]
    assert {each.get("Algorithm", "").rpartition("#")[2] for each in list(keys[0])[1:]} == {
        "aes256-gcm",
        "aes128-gcm",
        "rsa-oaep-mgf1p",
    }
    assert role.get("AuthnRequestsSigned") == "false"


def test_our_own_metadata_says_where_logout_messages_go():
    service_provider = replace(SERVICE_PROVIDER, slo_url=ACS_URL.replace("acs", "slo"))
    role = etree.fromstring(saml.build_sp_metadata(service_provider=service_provider))[0]
    assert [dict(each.items()) for each in role.findall("{*}SingleLogoutService")] == [
        {"Binding": BINDINGS + binding, "Location": service_provider.slo_url}
        for binding in ("HTTP-Redirect", "HTTP-POST")
    ]


def test_a_chosen_format_is_the_only_one_that_is_named():
    chosen = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    role = etree.fromstring(saml.build_sp_metadata(service_provider=SERVICE_PROVIDER, name_id_format=chosen))[0]
    assert [each.text for each in role.findall("{*}NameIDFormat")] == [chosen]


def test_the_attributes_that_we_read_are_asked_for():
    role = etree.fromstring(
        saml.build_sp_metadata(
            service_provider=SERVICE_PROVIDER, attributes=("email", "urn:oid:2.5.4.42"), service_name="Acme"
        )
    )[0]
    [service] = role.findall("{*}AttributeConsumingService")
    assert service.findtext("{*}ServiceName") == "Acme"
    assert [(each.get("Name"), (each.get("NameFormat") or "").rpartition(":")[2]) for each in list(service)[1:]] == [
        ("email", "unspecified"),
        ("urn:oid:2.5.4.42", "uri"),
    ]


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas come with Debian's simplesamlphp")
def test_our_own_metadata_is_as_the_schema_of_oasis_wants_it():
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "saml-schema-metadata-2.0.xsd"))
    [certificate] = IDENTITY_PROVIDER.certificates
    written = saml.build_sp_metadata(
        service_provider=replace(SERVICE_PROVIDER, slo_url=ACS_URL.replace("acs", "slo")),
        signs_requests=True,
        signing_certificates=(certificate, certificate),
        encryption_certificates=(certificate,),
        attributes=("email", "urn:oid:2.5.4.42"),
        service_name="Acme",
    )
    schema.assertValid(etree.fromstring(written))
