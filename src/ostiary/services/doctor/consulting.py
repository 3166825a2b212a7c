"""The doctor for one organization: what was pasted, held against one of its connections."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from ostiary import saml
from ostiary.domain.connection import Connection, Revision, SamlSettings, Tile, google_redirect_uri, urls
from ostiary.domain.connection_report import TestReport
from ostiary.domain.doctor.inspection import Inspection
from ostiary.domain.doctor.specimen import Kind, Specimen
from ostiary.domain.errors import ConnectionUnknown, SsoUrlUnreadable
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Organization
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch, HttpRequest
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.values import WebUrl
from ostiary.outbound.errors import StatusRefused
from ostiary.services.doctor.against import Against, Judge, OpenIdAddresses
from ostiary.services.doctor.examining import examine
from ostiary.services.doctor.recognising import specimens_in
from ostiary.services.saml.judge import Answer, TestJudge
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.parties import Parties, parties_of
from ostiary.storage import Store

LARGEST_ON_A_PAGE = 2 * 1024 * 1024
LARGEST_IN_A_FILE = 10 * 1024 * 1024
NEWEST = ":newest"
"""After a connection's id: its newest settings, though they wait for their test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was pasted, and what it is to be held against."""

    pasted: bytes
    choice: str = ""
    """A connection's id, perhaps with `NEWEST`; empty to find it by itself."""
    at: datetime | None = None
    """When it arrived, where the reader says so."""
    limit: int = LARGEST_ON_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """What came of one specimen, and the connection that it was held against; None where it was none."""

    inspection: Inspection
    connection: Connection | None
    revision: Revision | None
    was_chosen: bool
    """Whether the reader has chosen the connection; otherwise it was recognised by its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """Looks at what an admin has pasted. It writes nothing, neither to the store nor to a log."""

    store: Store
    clock: Clock
    judge: TestJudge
    keys: SigningKeys
    fetch: Fetch
    public_url: str

    def connections(self, organization: Organization) -> tuple[Connection, ...]:
        """Those that something can be held against."""
        with self.store.read() as tx:
            found = tx.connections.of(organization.id)
        return tuple(each for each in found if each.latest is not None)

    def of_connection(self, connection_id: str) -> Organization:
        """The organization that this connection belongs to: for the operator, who knows no other name of it.

        Raises: `ConnectionUnknown`.
        """
        with self.store.read() as tx:
            connection = tx.connections.by_id(ConnectionId(connection_id.removesuffix(NEWEST)))
            organization = tx.organizations.by_id(connection.organization_id) if connection else None
        if organization is None:
            raise ConnectionUnknown
        return organization

    def inspect(self, case: Case, *, organization: Organization) -> tuple[Consultation, ...]:
        """What there is to say about each thing that was pasted; at least one.

        Raises: `ConnectionUnknown` for a choice that is none of this organization's connections.
        """
        now = self.clock.now()
        known = {each.id: each for each in self.connections(organization)}
        chosen = None
        if case.choice:
            chosen = known.get(ConnectionId(case.choice.removesuffix(NEWEST)))
            if chosen is None:
                raise ConnectionUnknown
        found: list[Consultation] = []
        for specimen in specimens_in(case.pasted, limit=case.limit):
            connection = chosen or recognised(specimen, known, public_url=self.public_url)
            revision = _revision(connection, is_newest=case.choice.endswith(NEWEST)) if connection else None
            against = self._against(connection, revision, organization) if connection and revision else Against()
            found.append(
                Consultation(
                    inspection=examine(specimen, against=against, at=case.at, now=now),
                    connection=connection,
                    revision=revision,
                    was_chosen=chosen is not None,
                )
            )
        return tuple(found)

    def fetched(self, url: str, *, organization: Organization) -> bytes:
        """What stands at this address, asked through the guarded transport.

        Raises: `SsoUrlUnreadable` where it is no address; what the transport refuses; `StatusRefused`.
        """
        try:
            target = WebUrl.parse(url)
        except ValueError as error:
            raise SsoUrlUnreadable(received=url[:500]) from error
        response = self.fetch(HttpRequest(method="GET", url=url), purpose=f"doctor {organization.id}")
        if response.status != HTTPStatus.OK:
            raise StatusRefused(host=target.host, status=response.status)
        return response.body

    def _against(self, connection: Connection, revision: Revision, organization: Organization) -> Against:
        if isinstance(revision.settings, OidcSettings):
            return Against(openid=self._addresses(connection, revision.settings))
        settings = revision.saml
        takes_tiles = settings.tile is not Tile.REFUSE
        parties = parties_of(connection, settings, public_url=self.public_url, accept_unsolicited=takes_tiles)
        ours = replace(parties.service_provider, decryption_keys=self.keys.for_decryption(connection))
        parties = replace(parties, service_provider=ours)

        def judge(form_value: bytes, request_id: str | None, now: datetime) -> TestReport:
            return self.judge.judge(
                Answer(form_value=form_value, relay_state=""),
                connection=connection,
                organization=organization,
                revision=revision,
                parties=parties,
                expected_request_id=request_id,
                now=now,
            )

        return _of_parties(parties, judge)

    def _addresses(self, connection: Connection, settings: OidcSettings) -> OpenIdAddresses:
        own = urls(self.public_url, connection.id).redirect_uri
        is_operators = settings.is_operators_client
        redirect_uri = google_redirect_uri(self.public_url) if is_operators else own
        return OpenIdAddresses(discovery_url=settings.issuer, redirect_uri=redirect_uri)


def _of_parties(parties: Parties, judge: Judge) -> Against:
    ours, theirs = parties.service_provider, parties.identity_provider
    return Against(
        entity_id=ours.entity_id,
        acs_url=ours.acs_url,
        idp_entity_id=theirs.entity_id,
        sso_url=theirs.sso_url,
        certificates=theirs.certificates,
        decryption_keys=ours.decryption_keys,
        policy=parties.policy,
        judge=judge,
    )


def recognised(specimen: Specimen, known: Mapping[ConnectionId, Connection], *, public_url: str) -> Connection | None:
    """The connection that this is about, by our own values in it, by its issuer, or by a certificate.

    None where it may be several.
    """
    # What is not there is no value: a connection over OpenID Connect has no entity ID.
    values = {specimen.sent_to, *_values(specimen)} - {""}
    ours = [each for each in known.values() if values & _ours(each, public_url=public_url)]
    theirs = [each for each in known.values() if values & _theirs(each)]
    # A certificate names no connection: it belongs to the one that has it saved.
    pasted = _certificates(specimen)
    savers = [each for each in known.values() if pasted & _saved_certificates(each)]
    for found in (ours, theirs, savers):
        if len(found) == 1:
            return found[0]
    return None


def _values(specimen: Specimen) -> set[str]:
    try:
        outline = saml.unverified_outline(specimen.octets)
    except Refusal:
        return set()
    entities = [value for part in outline.parts if part.name == "entities" for value in part.values]
    return {outline.issuer, outline.destination, *outline.audiences, *outline.recipients, *entities}


def _ours(connection: Connection, *, public_url: str) -> set[str]:
    own = urls(public_url, connection.id)
    return {connection.entity_id, own.acs_url, own.slo_url, own.redirect_uri}


def _theirs(connection: Connection) -> set[str]:
    return {value for each in _saved(connection) for value in (each.idp_entity_id, each.sso_url) if value}


def _certificates(specimen: Specimen) -> set[str]:
    if specimen.kind is not Kind.CERTIFICATE:
        return set()
    try:
        return {each.fingerprint for each in saml.read_certificates(specimen.octets, minimum_rsa_bits=0)}
    except Refusal:
        return set()


def _saved_certificates(connection: Connection) -> set[str]:
    texts = {text for each in _saved(connection) for text in each.certificates}
    return {saml.certificate_from_stored(text).fingerprint for text in texts}


def _saved(connection: Connection) -> list[SamlSettings]:
    return [each for each in (connection.saml_serving, connection.saml_latest) if each is not None]


def _revision(connection: Connection, *, is_newest: bool) -> Revision | None:
    """The one that serves sign-ins; the newest where none does, or where it was asked for."""
    return connection.latest if is_newest else connection.serving or connection.latest
