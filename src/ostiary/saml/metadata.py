"""What an identity provider says of itself. SAML Metadata 2.0."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from ostiary.saml.assertion import read_time
from ostiary.saml.certificates import Certificate, read_certificates
from ostiary.saml.constants import BINDING_POST, BINDING_REDIRECT, DS, METADATA, SAML, SAMLP
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
_SLO = f"{{{METADATA}}}SingleLogoutService"
_ATTRIBUTE = f"{{{SAML}}}Attribute"
_MOST_NAMED = 100
LONGEST_ENTITY_ID: Final = 1024
"""In characters, by SAML Core 8.3.6. Whoever publishes a longer one fills our database with it."""
_LONGEST_LOCATION = 2048
_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?",
    re.ASCII,
)
_UNITS = tuple(
    timedelta(**unit)
    for unit in ({"days": 365}, {"days": 30}, {"days": 1}, {"hours": 1}, {"minutes": 1}, {"seconds": 1})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a provider takes a message, and how it must travel."""

    binding: str
    """A URN: HTTP-Redirect or HTTP-POST; others are left out, as we speak no other."""
    location: str
    response_location: str = ""
    """Where it takes answers, where that is another place (logout only). Metadata 2.2.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedAttribute:
    """An attribute that the provider says it can send. Hardly any says so: AD FS, Shibboleth, Entra ID do."""

    name: str
    friendly_name: str


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
    """The earliest end that is set on the entity, its role, or a group around it."""
    cache_duration: timedelta | None = None
    """How long the document may be kept before it is asked for again: the shortest of those that are set."""
    sso_endpoints: tuple[Endpoint, ...] = ()
    """Every place for our requests, in the document's order."""
    slo_endpoints: tuple[Endpoint, ...] = ()
    """Every place for logout messages; those alone whose location is a web address."""
    attributes: tuple[OfferedAttribute, ...] = ()

    @property
    def slo(self) -> Endpoint | None:
        """The place for logout messages that suits us best: Redirect first, then POST; None where there is none."""
        return _first(self.slo_endpoints)


def read_idp_metadata(document: bytes, *, entity_id: str | None = None) -> IdpMetadata:
    """The identity provider that the document describes; `entity_id` chooses where it describes several.

    Its signature is not verified: the admin, or TLS, vouches for the document (knowledge of a key comes from here).
    Nor is it refused for its age: `valid_until` says until when it was meant to be used.

    Raises: `MetadataUnreadable`, `MetadataIsHtml`, `MetadataIsSomethingElse`, `MetadataIsServiceProvider`,
    `MetadataHasSeveral`, `MetadataIncomplete`.
    """
    entity = _choose(_entities(_parse(document)), entity_id=entity_id)
    name = entity.get("entityID", "")
    if not name:
        raise MetadataIncomplete(entity_id="", missing="entityID")
    if len(name) > LONGEST_ENTITY_ID:
        raise MetadataUnreadable(detail="entityID too long", line=0)
    descriptor = _descriptor(entity)
    if descriptor is None:
        raise MetadataIsServiceProvider(entity_id=name)
    endpoints = tuple(_endpoints(descriptor, tag=_SSO))
    certificates = _certificates(descriptor)
    sso = _first(endpoints)
    if sso is None or not certificates:
        missing = [*(["SingleSignOnService"] if sso is None else []), *([] if certificates else ["certificate"])]
        raise MetadataIncomplete(entity_id=name, missing=", ".join(missing))
    lines = (descriptor, entity, *entity.iterancestors(_ENTITIES))
    return IdpMetadata(
        entity_id=name,
        sso_url=sso.location,
        sso_binding=sso.binding,
        certificates=certificates,
        wants_signed_requests=descriptor.get("WantAuthnRequestsSigned", "").strip() in {"true", "1"},
        name_id_formats=tuple(_name_id_formats(descriptor)),
        valid_until=min(_ends(lines), default=None),
        cache_duration=min(_durations(lines), default=None),
        sso_endpoints=endpoints,
        slo_endpoints=tuple(each for each in _endpoints(descriptor, tag=_SLO) if _is_web(each)),
        attributes=tuple(_attributes(descriptor)),
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
        names = [entity.get("entityID", "") for entity in providers]
        raise MetadataHasSeveral(received=tuple([each for each in names if len(each) <= LONGEST_ENTITY_ID][:50]))
    services = [entity for entity in entities if entity.find(_SP) is not None]
    if services and entity_id is None:
        raise MetadataIsServiceProvider(entity_id=services[0].get("entityID", ""))
    raise MetadataIncomplete(entity_id=entity_id or "", missing="IDPSSODescriptor")


def _descriptor(entity: etree._Element) -> etree._Element | None:
    """The entity's role as a SAML 2.0 identity provider; a document may have one for SAML 1.1 beside."""
    found = entity.findall(_IDP)
    modern = [each for each in found if SAMLP in each.get("protocolSupportEnumeration", "").split()]
    return next(iter(modern or found), None)


def _endpoints(descriptor: etree._Element, *, tag: str) -> Iterable[Endpoint]:
    for service in descriptor.findall(tag)[:_MOST_NAMED]:
        location, binding = service.get("Location", "").strip(), service.get("Binding", "").strip()
        elsewhere = service.get("ResponseLocation", "").strip()
        if location and binding in _BINDINGS and max(len(location), len(elsewhere)) <= _LONGEST_LOCATION:
            yield Endpoint(binding=binding, location=location, response_location=elsewhere)


def _first(endpoints: tuple[Endpoint, ...]) -> Endpoint | None:
    """The one that suits us best: Redirect first, then POST."""
    return next((each for binding in _BINDINGS for each in endpoints if each.binding == binding), None)


def _is_web(endpoint: Endpoint) -> bool:
    """Browsers are sent there: nothing but a web address may stand in it (`javascript:`)."""
    locations = (endpoint.location, endpoint.response_location or endpoint.location)
    return all(location.lower().startswith(("https://", "http://")) for location in locations)


def _name_id_formats(descriptor: etree._Element) -> Iterable[str]:
    for node in descriptor.findall(_NAME_ID_FORMAT)[:_MOST_NAMED]:
        yield text_of(node).strip()


def _attributes(descriptor: etree._Element) -> Iterable[OfferedAttribute]:
    for node in descriptor.findall(_ATTRIBUTE)[:_MOST_NAMED]:
        yield OfferedAttribute(name=node.get("Name", ""), friendly_name=node.get("FriendlyName", ""))


def _certificates(descriptor: etree._Element) -> tuple[Certificate, ...]:
    """The certificates with which this provider may sign. One that can't be read is left out if others can."""
    found: dict[str, Certificate] = {}
    for key in descriptor.iterchildren(_KEY):
        if key.get("use") not in {None, "", "signing"}:
            continue
        for node in key.iterfind(_CERTIFICATE):
            found.update({each.fingerprint: each for each in _readable(text_of(node))})
    return tuple(found.values())


def _readable(text: str) -> tuple[Certificate, ...]:
    """What stands in an X509Certificate. Some providers put a whole PEM file in it, and that once more in base64."""
    try:
        return read_certificates(text.encode("utf-8", "replace"), minimum_rsa_bits=0)
    except CertificateRefusal:
        return ()


def _ends(lines: Iterable[etree._Element]) -> Iterable[datetime]:
    """The ends that are set there and can be read."""
    for element in lines:
        try:
            end = read_time(element, name="validUntil")
        except TimeUnreadable:
            continue
        if end is not None:
            yield end


def _durations(lines: Iterable[etree._Element]) -> Iterable[timedelta]:
    """The durations that are set there and can be read: `PT6H`, `P1DT12H`. XML Schema 3.2.6; a month has 30 days."""
    for element in lines:
        found = _DURATION.fullmatch(element.get("cacheDuration", "").strip())
        if found is not None and any(found.groups()):
            parts = zip(found.groups(default="0"), _UNITS, strict=True)
            yield sum((int(count) * unit for count, unit in parts), timedelta())
