from datetime import UTC, datetime, timedelta

import pytest

from ostiary import saml
from ostiary.saml.errors import (
    MetadataHasSeveral,
    MetadataIncomplete,
    MetadataIsHtml,
    MetadataIsServiceProvider,
    MetadataIsSomethingElse,
    MetadataUnreadable,
)
from tests.saml.circumstances import IDENTITY_PROVIDER, SERVICE_PROVIDER
from tests.vectors.message import IDP_ENTITY_ID, SP_ENTITY_ID, certificate_text
from tests.vectors.vector import SSO_URL

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


def a_key(name: str = "idp", *, use: str = ' use="signing"') -> str:
    return (
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>\n{certificate_text(name)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
    )


def a_service(binding: str, url: str = SSO_URL) -> str:
    return f'<md:SingleSignOnService Binding="{BINDINGS}{binding}" Location="{url}"/>'


def an_entity(
    name: str = IDP_ENTITY_ID,
    *,
    keys: str = a_key(),
    services: str = a_service("HTTP-POST", SSO_URL + "/post") + a_service("HTTP-Redirect"),
    attributes: str = "",
    role: str = "IDPSSODescriptor",
) -> str:
    return (
        f'<md:EntityDescriptor xmlns:md="{MD}" entityID="{name}">'
        f'<md:{role} protocolSupportEnumeration="{PROTOCOL}"{attributes}>{keys}'
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>"
        f"{services}</md:{role}></md:EntityDescriptor>"
    )


def several(*entities: str) -> bytes:
    return f'<md:EntitiesDescriptor xmlns:md="{MD}">{"".join(entities)}</md:EntitiesDescriptor>'.encode()


def test_what_a_connection_needs_is_read():
    assert saml.read_idp_metadata(an_entity(attributes=' WantAuthnRequestsSigned="true"').encode()) == saml.IdpMetadata(
        entity_id=IDP_ENTITY_ID,
        sso_url=SSO_URL,
        sso_binding=BINDINGS + "HTTP-Redirect",
        certificates=IDENTITY_PROVIDER.certificates,
        wants_signed_requests=True,
        name_id_formats=("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",),
        valid_until=None,
        sso_endpoints=(
            saml.Endpoint(binding=BINDINGS + "HTTP-POST", location=SSO_URL + "/post"),
            saml.Endpoint(binding=BINDINGS + "HTTP-Redirect", location=SSO_URL),
        ),
    )


def test_the_post_binding_is_taken_where_there_is_no_other():
    metadata = saml.read_idp_metadata(an_entity(services=a_service("HTTP-POST")).encode())
    assert (metadata.sso_url, metadata.sso_binding) == (SSO_URL, BINDINGS + "HTTP-POST")


def test_where_to_log_out_is_read_with_the_place_for_answers():
    logout = (
        f'<md:SingleLogoutService Binding="{BINDINGS}SOAP" Location="{SSO_URL}/soap"/>'
        f'<md:SingleLogoutService Binding="{BINDINGS}HTTP-POST" Location="{SSO_URL}/out"'
        f' ResponseLocation="{SSO_URL}/out/answer"/>'
        f'<md:SingleLogoutService Binding="{BINDINGS}HTTP-Redirect" Location="javascript:alert(1)"/>'
    )
    metadata = saml.read_idp_metadata(an_entity(services=logout + a_service("HTTP-POST")).encode())
    expected = saml.Endpoint(
        binding=BINDINGS + "HTTP-POST", location=SSO_URL + "/out", response_location=SSO_URL + "/out/answer"
    )
    assert metadata.slo_endpoints == (expected,)
    assert metadata.slo == expected


def test_the_redirect_binding_is_the_first_choice_for_logout_too():
    logout = "".join(
        f'<md:SingleLogoutService Binding="{BINDINGS}{binding}" Location="{SSO_URL}/{binding}"/>'
        for binding in ("HTTP-POST", "HTTP-Redirect")
    )
    metadata = saml.read_idp_metadata(an_entity(services=logout + a_service("HTTP-POST")).encode())
    assert metadata.slo == saml.Endpoint(binding=BINDINGS + "HTTP-Redirect", location=SSO_URL + "/HTTP-Redirect")
    assert saml.read_idp_metadata(an_entity().encode()).slo is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("PT6H", timedelta(hours=6)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("P1M", timedelta(days=30)),
        ("PT3600.000S", timedelta(hours=1)),
        ("P1Y2M3DT4H5M6S", timedelta(days=365 + 60 + 3, hours=4, minutes=5, seconds=6)),
        ("six hours", None),
        ("P", None),
        ("", None),
    ],
)
def test_how_long_metadata_may_be_kept_is_read(written, expected):
    document = an_entity(attributes=f' cacheDuration="{written}"')
    assert saml.read_idp_metadata(document.encode()).cache_duration == expected


def test_the_earliest_end_and_the_shortest_duration_count():
    inner = an_entity(attributes=' validUntil="2026-06-01T00:00:00Z" cacheDuration="PT8H"')
    group = several(inner).replace(b">", b' validUntil="2026-05-01T02:00:00+02:00" cacheDuration="PT1H">', 1)
    metadata = saml.read_idp_metadata(group)
    assert metadata.valid_until == datetime(2026, 5, 1, tzinfo=UTC)
    assert metadata.cache_duration == timedelta(hours=1)


def test_the_attributes_that_are_offered_are_read():
    offered = (
        '<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="urn:oid:0.9.2342.19200300.100.1.3"'
        ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="mail"/>'
    )
    document = an_entity(services=a_service("HTTP-Redirect") + offered)
    assert saml.read_idp_metadata(document.encode()).attributes == (
        saml.OfferedAttribute(name="urn:oid:0.9.2342.19200300.100.1.3", friendly_name="mail"),
    )


def test_a_key_without_a_use_signs_and_one_for_encryption_does_not():
    keys = a_key("idp", use="") + a_key("idp-next", use=' use="encryption"')
    assert saml.read_idp_metadata(an_entity(keys=keys).encode()).certificates == IDENTITY_PROVIDER.certificates


def test_both_keys_of_a_rollover_are_read():
    metadata = saml.read_idp_metadata(an_entity(keys=a_key("idp") + a_key("idp-next")).encode())
    assert [each.subject for each in metadata.certificates] == ["CN=idp.acme.example", "CN=idp-next.acme.example"]


def test_one_of_several_is_chosen_by_its_entity_id():
    document = several(an_entity("https://one.example"), an_entity("https://two.example"))
    with pytest.raises(MetadataHasSeveral) as caught:
        saml.read_idp_metadata(document)
    assert caught.value.received == ("https://one.example", "https://two.example")
    assert saml.read_idp_metadata(document, entity_id="https://two.example").entity_id == "https://two.example"


def test_the_only_identity_provider_among_others_is_found():
    document = several(an_entity("https://sp.example", role="SPSSODescriptor"), an_entity())
    assert saml.read_idp_metadata(document).entity_id == IDP_ENTITY_ID


@pytest.mark.parametrize(
    ("document", "reason", "facts"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", MetadataIsHtml, {}),
        (b"\n <HTML>", MetadataIsHtml, {}),
        (b"", MetadataUnreadable, {}),
        (b'{"issuer": "https://idp.example"}', MetadataUnreadable, {}),
        (an_entity().encode()[:-9], MetadataUnreadable, {"line": "3"}),
        (an_entity(services=a_service("HTTP-Redirect", "https://a.example/?a=1&b=2")).encode(), MetadataUnreadable, {}),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + an_entity().encode(), MetadataUnreadable, {"detail": "document type"}),
        (b"<a>" + b" " * 2_200_000 + b"</a>", MetadataUnreadable, {"detail": "too large"}),
        (b"<rss/>", MetadataIsSomethingElse, {"received": "rss"}),
        (
            an_entity("https://sp.example", role="SPSSODescriptor").encode(),
            MetadataIsServiceProvider,
            {"entity_id": "https://sp.example"},
        ),
        (an_entity("").encode(), MetadataIncomplete, {"missing": "entityID"}),
        (an_entity(services="").encode(), MetadataIncomplete, {"missing": "SingleSignOnService"}),
        (an_entity(services=a_service("SOAP")).encode(), MetadataIncomplete, {"missing": "SingleSignOnService"}),
        (an_entity(keys="").encode(), MetadataIncomplete, {"missing": "certificate"}),
        (an_entity(keys=a_key().replace("MII", "!!!")).encode(), MetadataIncomplete, {"missing": "certificate"}),
        (
            an_entity(keys="", services="").encode(),
            MetadataIncomplete,
            {"missing": "SingleSignOnService, certificate"},
        ),
        (several(), MetadataIncomplete, {"missing": "IDPSSODescriptor"}),
    ],
)
def test_what_cannot_be_used_is_named(document, reason, facts):
    with pytest.raises(reason) as caught:
        saml.read_idp_metadata(document)
    assert caught.value.facts() == caught.value.facts() | facts


def test_our_own_metadata_is_told_from_an_identity_provider():
    with pytest.raises(MetadataIsServiceProvider) as caught:
        saml.read_idp_metadata(saml.build_sp_metadata(service_provider=SERVICE_PROVIDER))
    assert caught.value.entity_id == SP_ENTITY_ID
