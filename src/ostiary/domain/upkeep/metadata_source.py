"""A pinned metadata URL: what it may change by itself, what it may only propose, and when it is asked again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.connection import Binding, SamlSettings
from ostiary.domain.errors import MetadataOutdated
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import ConnectionId, OrganizationId

SHORTEST = timedelta(hours=1)
LONGEST = timedelta(hours=24)
USUAL = timedelta(hours=12)
"""Where the document says nothing of how long it may be kept."""
FIRST_RETRY = timedelta(minutes=5)
GRACE = timedelta(days=7)
"""For how long a key that vanished from the document is still trusted: providers switch before and after."""
MOST_KEYS = 10
_JITTER = 0.1
_BINDINGS = {Binding.REDIRECT: saml.BINDING_REDIRECT, Binding.POST: saml.BINDING_POST}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataSource:
    """The pinned source of one connection, and what was found there."""

    connection_id: ConnectionId
    organization_id: OrganizationId
    url: str
    due_at: datetime
    lease_until: datetime | None = None
    """Until when one server alone asks it."""
    asked_at: datetime | None = None
    """When a sign-in with an unknown key last made us ask out of turn."""
    checked_at: datetime | None = None
    answered_at: datetime | None = None
    """When it last gave a document that could be used."""
    read_revision: int | None = None
    """The revision that the last document was held against; its ETag counts for that one only."""
    etag: str = ""
    interval_seconds: int = int(USUAL.total_seconds())
    failures: int = 0
    """In a row."""
    code: str | None = None
    """Why the last check came to nothing; None where it did not."""
    facts: Mapping[str, Fact]
    changed_at: datetime | None = None
    came: tuple[str, ...] = ()
    """Fingerprints of the keys that the last change brought."""
    went: tuple[str, ...] = ()
    departing: Mapping[str, Fact]
    """Fingerprints that are pinned and no longer published, each with the moment until which it is trusted."""
    proposal: Mapping[str, Fact]
    """What the document says differently and only an admin may take over; empty where there is nothing."""
    is_put_aside: bool = False
    """Whether an admin has seen the proposal and does not want it."""

    @classmethod
    def new(
        cls, connection_id: ConnectionId, *, organization_id: OrganizationId, url: str, now: datetime
    ) -> "MetadataSource":
        """A source that has not been asked yet, and is due."""
        return cls(
            connection_id=connection_id,
            organization_id=organization_id,
            url=url,
            due_at=now,
            facts={},
            departing={},
            proposal={},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What follows from a document for the settings that it was held against."""

    certificates: tuple[str, ...]
    """The keys to trust from now on, each as base64 of its DER; the same as before where nothing changes."""
    came: tuple[saml.Certificate, ...]
    went: tuple[saml.Certificate, ...]
    departing: Mapping[str, Fact]
    proposal: Mapping[str, Fact]

    @property
    def changes_keys(self) -> bool:
        """Whether a key came or went."""
        return bool(self.came or self.went)


def read_source(document: bytes, *, settings: SamlSettings, now: datetime) -> saml.IdpMetadata:
    """The connection's provider as the document describes it. One that names another is returned too, to be shown.

    Raises: `MetadataOutdated`, and what `saml.read_idp_metadata` refuses.
    """
    try:
        metadata = saml.read_idp_metadata(document, entity_id=settings.idp_entity_id)
    except saml.errors.MetadataIncomplete as refusal:
        if refusal.missing != "IDPSSODescriptor":
            raise
        metadata = saml.read_idp_metadata(document)
    if metadata.valid_until is not None and metadata.valid_until <= now:
        # Metadata 2.3.2: not to be used after it. An old copy must not bring back keys that were withdrawn.
        raise MetadataOutdated(valid_until=metadata.valid_until)
    return metadata


def judge(
    metadata: saml.IdpMetadata,
    *,
    settings: SamlSettings,
    departing: Mapping[str, Fact],
    in_use: Collection[str],
    minimum_rsa_bits: int,
    now: datetime,
) -> Judgement:
    """What this document changes by itself, which is keys alone, and what it proposes.

    A key that is no longer published stays for `GRACE`, and longer while sign-ins `in_use` still bear it. The last
    key never goes. Nothing is taken from a document that names another provider.

    Raises: `CertificateWeak` where it publishes nothing but keys that are too weak, `CertificateUnreadable` where it
    publishes more than we pin.
    """
    proposal = _proposal(metadata, settings)
    if metadata.entity_id != settings.idp_entity_id:
        return Judgement(certificates=settings.certificates, came=(), went=(), departing=departing, proposal=proposal)
    published = _strong(metadata.certificates, minimum_rsa_bits=minimum_rsa_bits)
    pinned = tuple(saml.certificate_from_stored(text) for text in settings.certificates)
    known = {each.fingerprint for each in pinned}
    offered = {each.fingerprint for each in published}
    ends = {
        each.fingerprint: _end(departing.get(each.fingerprint), is_in_use=each.fingerprint in in_use, now=now)
        for each in pinned
        if each.fingerprint not in offered
    }
    room = MOST_KEYS - len(offered)
    staying = dict(sorted(((name, end) for name, end in ends.items() if end > now), key=_by_end)[:room])
    came = tuple(each for each in published if each.fingerprint not in known)
    went = tuple(each for each in pinned if each.fingerprint in ends and each.fingerprint not in staying)
    kept = tuple(each for each in pinned if each not in went)
    return Judgement(
        certificates=tuple(each.base64 for each in (*kept, *came)),
        came=came,
        went=went,
        departing={name: end.isoformat() for name, end in staying.items()},
        proposal=proposal,
    )


def adopted(settings: SamlSettings, judgement: Judgement) -> SamlSettings:
    """The settings with the judgement's keys. What came counts for owners only after one has confirmed it."""
    came = {each.base64 for each in judgement.came} | set(settings.unconfirmed)
    certificates = judgement.certificates
    return replace(
        settings, certificates=certificates, unconfirmed=tuple(each for each in certificates if each in came)
    )


def accepted(settings: SamlSettings, proposal: Mapping[str, Fact]) -> SamlSettings:
    """The settings with what was proposed, as an admin accepts it; they wait for their test like any others."""
    certificates = proposal.get("certificates", ())
    is_another = bool(certificates) and not isinstance(certificates, str)
    return replace(
        settings,
        sso_url=str(proposal.get("sso_url", settings.sso_url)),
        sso_binding=Binding(str(proposal.get("sso_binding", settings.sso_binding))),
        idp_entity_id=str(proposal.get("idp_entity_id", settings.idp_entity_id)),
        slo_url=str(proposal.get("slo_url", settings.slo_url)),
        certificates=tuple(certificates) if is_another else settings.certificates,
        unconfirmed=() if is_another else settings.unconfirmed,
    )


def interval(metadata: saml.IdpMetadata, now: datetime) -> timedelta:
    """How long this document may be kept: what it says, but never less than an hour nor more than a day."""
    wanted = [metadata.cache_duration, metadata.valid_until - now if metadata.valid_until else None]
    return min(max(min((each for each in wanted if each), default=USUAL), SHORTEST), LONGEST)


def retry_after(failures: int) -> timedelta:
    """How long to wait after that many checks in a row came to nothing: 5 minutes, doubled, up to a day."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST)


def spread(wait: timedelta, chance: bytes) -> timedelta:
    """The wait, up to a tenth shorter: connections that were made together must not ask together for ever."""
    share: float = int.from_bytes(chance) / (1 << 8 * len(chance))
    return wait * (1 - _JITTER * share)


def _proposal(metadata: saml.IdpMetadata, settings: SamlSettings) -> Mapping[str, Fact]:
    proposal: dict[str, Fact] = {}
    if metadata.entity_id != settings.idp_entity_id:
        proposal["idp_entity_id"] = metadata.entity_id
        proposal["certificates"] = tuple(each.base64 for each in metadata.certificates[:MOST_KEYS])
    offered = {(each.binding, each.location) for each in metadata.sso_endpoints}
    if (_BINDINGS[settings.sso_binding], settings.sso_url) not in offered:
        proposal["sso_url"] = metadata.sso_url
        urn = metadata.sso_binding
        proposal["sso_binding"] = next(binding.value for binding, known in _BINDINGS.items() if known == urn)
    if settings.slo_url and metadata.slo and settings.slo_url not in {each.location for each in metadata.slo_endpoints}:
        proposal["slo_url"] = metadata.slo.location
    return proposal


def _strong(certificates: tuple[saml.Certificate, ...], *, minimum_rsa_bits: int) -> tuple[saml.Certificate, ...]:
    strong = tuple(each for each in certificates if saml.has_strong_key(each, minimum_rsa_bits=minimum_rsa_bits))
    if len(strong) > MOST_KEYS:
        raise saml.errors.CertificateUnreadable(detail="too many")
    if not strong:
        weak = certificates[0]
        raise saml.errors.CertificateWeak(key=weak.key, minimum=f"RSA {minimum_rsa_bits}", fingerprint=weak.fingerprint)
    return strong


def _end(known: Fact | None, *, is_in_use: bool, now: datetime) -> datetime:
    end = datetime.fromisoformat(known) if isinstance(known, str) else now + GRACE
    # The document may be wrong about which key signs: what people sign in with today is not taken from them.
    return now + GRACE if is_in_use and end <= now else end


def _by_end(pair: tuple[str, datetime]) -> float:
    return -pair[1].timestamp()
