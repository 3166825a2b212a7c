"""Metadata, requests, logout messages and addresses: their values beside those of the connection."""

from datetime import datetime

from ostiary import saml
from ostiary.domain.checkup import looks_like_issuer
from ostiary.domain.doctor.findings import AddressOnly, SeveralProviders, ValueDiffers
from ostiary.domain.doctor.inspection import Facts
from ostiary.domain.doctor.specimen import Kind, Specimen
from ostiary.kernel.errors import Named, Refusal
from ostiary.saml.errors import MetadataHasSeveral, MetadataIsServiceProvider
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.certificates import judge_certificates

_METADATA_WORDS = ("metadata", "descriptor", ".xml")
_DISCOVERY = "/.well-known/openid-configuration"
_SIGN_IN_WORDS = ("/sso", "/saml2", "/adfs/ls", "/protocol/saml", "/idpssoinit", "/http-post", "/http-redirect")


def examine_metadata(specimen: Specimen, against: Against, *, now: datetime) -> tuple[Facts, list[Named]]:
    """What the metadata says, and where the connection says something else."""
    facts = _facts(specimen)
    if specimen.kind is Kind.SP_METADATA:
        return facts, _compared_with_ours(facts, against)
    wanted = against.idp_entity_id or None
    try:
        metadata = saml.read_idp_metadata(specimen.octets, entity_id=wanted if _names(facts, wanted) else None)
    except MetadataHasSeveral as refusal:
        return facts, [SeveralProviders(received=refusal.received)]
    except MetadataIsServiceProvider as refusal:
        return facts, [refusal]
    except Refusal as refusal:
        return facts, [refusal]
    found = [
        *_differing("Issuer / Entity ID", against.idp_entity_id, metadata.entity_id),
        *_differing("SSO URL", against.sso_url, metadata.sso_url),
        *judge_certificates(metadata.certificates, against, now=now),
    ]
    return facts, found


def examine_other_message(specimen: Specimen, against: Against) -> tuple[Facts, list[Named]]:
    """A request or a logout message: who wrote it, to whom, and whether that is as the connection has it.

    Its signature is not looked at.
    """
    try:
        outline = saml.unverified_outline(specimen.octets)
    except Refusal as refusal:
        return (), [refusal]
    facts: Facts = tuple((each.name, each.values) for each in outline.parts)
    if specimen.kind is not Kind.AUTHN_REQUEST:
        theirs = outline.issuer not in {"", against.entity_id}
        return facts, _differing("Issuer / Entity ID", against.idp_entity_id, outline.issuer) if theirs else []
    said = dict(facts)
    return facts, [
        *_differing("Entity ID", against.entity_id, outline.issuer),
        *_differing("SSO URL", against.sso_url, outline.destination or specimen.sent_to),
        *_differing("ACS URL", against.acs_url, next(iter(said.get("acs_url", ())), "")),
    ]


def examine_address(specimen: Specimen, against: Against) -> tuple[Facts, list[Named]]:
    """What this address looks like. Nobody is asked."""
    address = specimen.sent_to
    return (), [AddressOnly(looks_like=looks_like(address, against), received=address)]


def looks_like(address: str, against: Against) -> str:
    """What this address most likely is: one of the connection's, or of a kind that its shape shows."""
    known = {
        against.acs_url: "our_acs_url",
        against.entity_id: "our_entity_id",
        against.sso_url: "the_sso_url",
        against.idp_entity_id: "the_issuer",
    }
    if against.openid is not None:
        known = {against.openid.redirect_uri: "our_redirect_uri", against.openid.discovery_url: "the_discovery_url"}
    known.pop("", None)
    if address in known:
        return known[address]
    path = address.partition("?")[0].lower().rstrip("/")
    if path.endswith(_DISCOVERY):
        return _whose_discovery(address, against)
    if address.lower().startswith("urn:"):
        return "issuer"
    if _looks_like_issuer(address):
        return "issuer"
    if any(word in path for word in _METADATA_WORDS):
        return "metadata"
    return "sso_url" if any(word in path for word in _SIGN_IN_WORDS) else "other"


def _whose_discovery(address: str, against: Against) -> str:
    if against.openid is None:
        return "oidc_discovery"
    is_own = address.rstrip("/") == against.openid.discovery_url.rstrip("/") + _DISCOVERY
    return "the_discovery" if is_own else "another_discovery"


def _looks_like_issuer(address: str) -> bool:
    try:
        return looks_like_issuer(address) or address.startswith("https://sts.windows.net/")
    except ValueError:
        return False


def _compared_with_ours(facts: Facts, against: Against) -> list[Named]:
    said = dict(facts)
    entity_id = next(iter(said.get("entity_id", ())), "")
    endpoints = [each.rpartition(" (")[0] for each in said.get("acs_url", ())]
    acs_url = against.acs_url if against.acs_url in endpoints else next(iter(endpoints), "")
    return [*_differing("Entity ID", against.entity_id, entity_id), *_differing("ACS URL", against.acs_url, acs_url)]


def _facts(specimen: Specimen) -> Facts:
    try:
        outline = saml.unverified_outline(specimen.octets)
    except Refusal:
        return ()
    return tuple((each.name, each.values) for each in outline.parts)


def _names(facts: Facts, entity_id: str | None) -> bool:
    return entity_id is not None and entity_id in dict(facts).get("entities", ())


def _differing(what: str, expected: str, received: str) -> list[Named]:
    """The finding that this value is another one, where there is one to compare with."""
    if not expected or expected == received:
        return []
    return [ValueDiffers(what=what, expected=expected, received=received)]
