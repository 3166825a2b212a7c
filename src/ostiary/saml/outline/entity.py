"""What one entity of a metadata document says: its roles, its addresses, its keys."""

from itertools import islice

from lxml import etree

from ostiary.saml.certificates import Certificate
from ostiary.saml.constants import METADATA
from ostiary.saml.outline.parts import MOST_VALUES, Part, certificates_in, last_word, part, shown

_ROLES = {"IDPSSODescriptor": "identity provider", "SPSSODescriptor": "service provider"}
_SERVICES = (
    ("sso_url", "SingleSignOnService"),
    ("slo_url", "SingleLogoutService"),
    ("acs_url", "AssertionConsumerService"),
)
_KEY = f"{{{METADATA}}}KeyDescriptor"
_FORMAT = f"{{{METADATA}}}NameIDFormat"
_MOST_KEYS = 50
"""Keys inside keys have one certificate read over and over: two megabytes of them took minutes."""


def entity_parts(entity: etree._Element) -> list[Part]:
    """What this EntityDescriptor says, in order."""
    roles = [word for name, word in _ROLES.items() if entity.find(f"{{{METADATA}}}{name}") is not None]
    services = [
        part(name, *[_endpoint(each) for each in entity.iter(f"{{{METADATA}}}{tag}")]) for name, tag in _SERVICES
    ]
    return [
        part("entity_id", entity.get("entityID", "")),
        part("roles", *roles),
        *services,
        *[_key(each) for each in islice(entity.iter(_KEY), _MOST_KEYS)],
        part("name_id_formats", *[last_word(shown(each)) for each in islice(entity.iter(_FORMAT), MOST_VALUES)]),
        part("wants_signed_requests", *_flags(entity, "WantAuthnRequestsSigned")),
        part("valid_until", entity.get("validUntil", "")),
    ]


def key_certificates(root: etree._Element) -> tuple[Certificate, ...]:
    """The certificates of the keys in this document, whatever they are for."""
    keys = islice(root.iter(_KEY), _MOST_KEYS)
    found = {each.fingerprint: each for key in keys for each in certificates_in(key)}
    return tuple(found.values())


def _endpoint(node: etree._Element) -> str:
    return f"{node.get('Location', '')} ({last_word(node.get('Binding', ''))})"


def _key(node: etree._Element) -> Part:
    use = node.get("use", "")
    name = {"signing": "signing_key", "encryption": "encryption_key"}.get(use, "key")
    days = [f"{each.fingerprint} ({each.subject}, until {each.not_after:%Y-%m-%d})" for each in certificates_in(node)]
    return part(name, *days)


def _flags(entity: etree._Element, name: str) -> list[str]:
    return [each.get(name, "") for each in entity.iter(f"{{{METADATA}}}IDPSSODescriptor")]
