"""Single logout, both ways: a provider ends our session, and signing out here ends the provider's.

Rule: whoever signs out here is signed out before anything is sent. A provider that is away, or that refuses, never
keeps anybody signed in.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection import Binding, Connection, Revision, SamlSettings, urls
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.identity import subject_of
from ostiary.domain.organization import Organization
from ostiary.domain.session import LOGOUT_LIFETIME, Logout, LogoutOutcome
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.randomness import Random
from ostiary.saml import logout as messages
from ostiary.saml.logout.errors import LogoutDenied, LogoutPartial, LogoutReplayed, LogoutUnasked
from ostiary.saml.logout.query import REQUEST, RESPONSE
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.client import Client
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.logout_record import LogoutArrival, LogoutRecord, LogoutRefused
from ostiary.services.saml.parties import parties_of
from ostiary.services.saml.request import AutoPost, Redirect
from ostiary.services.sessions import Sessions, Subject, Visitor
from ostiary.storage import StorageRefusal, Store, Transaction

LONGEST_RELAY_STATE = 80
"""Bytes, by SAML Bindings 3.4.3 and 3.5.3. A longer one is not carried back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The browser takes a logout message of ours to the identity provider."""

    way: Redirect | AutoPost
    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutHere:
    """A provider's request was done, and it has no place where it could be told."""

    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The provider has answered a request of ours, or the answer is still awaited."""

    logout: Logout
    connection: Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleLogout:
    """Sends and takes logout messages."""

    store: Store
    clock: Clock
    random: Random
    audit: AuditTrail
    sessions: Sessions
    keys: SigningKeys
    record: LogoutRecord
    public_url: str

    def leave(self, visitor: Visitor, connection: Connection) -> Sent | None:
        """Where the browser goes to end the session at the provider, too; None where the provider is not to hear of it.

        The session here has ended before this is asked.
        """
        name_id, settings = visitor.session.name_id, connection.saml_serving
        if name_id is None or settings is None or not settings.slo_url:
            return None
        now = self.clock.now()
        logout = self._new(visitor, connection, now)
        message = messages.build_logout_request(
            entity_id=connection.entity_id,
            destination=settings.slo_url,
            request_id=logout.id,
            name_id=name_id,
            session_index=visitor.session.session_index or "",
            now=now,
        )
        way = self._way(
            connection,
            settings,
            message=message,
            field=REQUEST,
            place=settings.slo_url,
            relay_state=logout.id,
            now=now,
        )
        with self.store.write() as tx:
            tx.logouts.insert(logout)
        return Sent(way=way, connection=connection)

    def take(
        self, connection_id: ConnectionId, arrival: messages.Arrival, *, client: Client
    ) -> Sent | SignedOutHere | Answered | LogoutRefused:
        """What follows from a message of the provider. Every refusal of it is caught here, and nowhere else.

        Raises: `ConnectionUnknown`.
        """
        connection, organization, revision = self._of(connection_id)
        arrived = LogoutArrival(
            connection=connection,
            organization=organization,
            arrival=arrival,
            logout=self._asked_for(connection, arrival),
            client=client,
            now=self.clock.now(),
        )
        try:
            if arrival.parameter == RESPONSE:
                return self._take_response(arrived, revision)
            return self._take_request(arrived, revision)
        except StorageRefusal:
            raise  # nothing is wrong with the message: the rim says that the store is away
        except Refusal as refusal:
            return self.record.refused(arrived, refusal)

    def answered(self, logout_id: str) -> Answered | None:
        """How a logout stands that began here. Its id is a secret of the browser that began it."""
        with self.store.read() as tx:
            logout = tx.logouts.by_id(logout_id)
            connection = tx.connections.by_id(logout.connection_id) if logout else None
        if logout is None or connection is None or connection.organization_id != logout.organization_id:
            return None
        return Answered(logout=logout, connection=connection)

    # --- the provider asks ----------------------------------------------------

    def _take_request(self, arrived: LogoutArrival, revision: Revision) -> Sent | SignedOutHere:
        connection, now = arrived.connection, arrived.now
        parties = self._parties(connection, revision)
        # The name may be encrypted to us. It is opened only after the signature around it was verified.
        able = replace(parties.service_provider, decryption_keys=self.keys.for_decryption(connection))
        request = messages.read_logout_request(
            arrived.arrival, parties=replace(parties, service_provider=able), now=now
        )
        with self.store.write() as tx:
            if not tx.replays.remember(
                connection.id, issuer=request.issuer, assertion_id=f"logout {request.id}", until=request.not_on_or_after
            ):
                raise LogoutReplayed(request_id=request.id)
            self._end(tx, arrived, request)
        settings = revision.saml
        place = settings.slo_response_url or settings.slo_url
        if not place:
            return SignedOutHere(connection=connection)
        # Success whoever was meant, and whether they had a session: nobody learns here who is known.
        message = messages.build_logout_response(
            entity_id=connection.entity_id,
            destination=place,
            response_id=ids.request_id(self.random),
            in_response_to=request.id,
            status=messages.LogoutStatus.SUCCESS,
            now=now,
        )
        relay_state = arrived.arrival.relay_state
        way = self._way(
            connection,
            settings,
            message=message,
            field=RESPONSE,
            place=place,
            relay_state=relay_state if len(relay_state.encode()) <= LONGEST_RELAY_STATE else "",
            now=now,
        )
        return Sent(way=way, connection=connection)

    def _end(self, tx: Transaction, arrived: LogoutArrival, request: messages.LogoutRequest) -> None:
        connection = arrived.connection
        try:
            subject = subject_of(request.name_id, issuer=request.issuer, entity_id=connection.entity_id)
        except Refusal:
            return  # a name under which nobody can have signed in
        self.sessions.invalidate(
            tx,
            Subject(connection=connection, issuer=request.issuer, subject=subject),
            session_indexes=request.session_indexes,
            door="saml_logout",
            actor=Actor(name=connection.provider, account_id=None, client_address=arrived.client.address),
            now=arrived.now,
        )

    # --- the provider answers -------------------------------------------------

    def _take_response(self, arrived: LogoutArrival, revision: Revision) -> Answered | LogoutRefused:
        connection, logout, now = arrived.connection, arrived.logout, arrived.now
        response = messages.read_logout_response(
            arrived.arrival,
            parties=self._parties(connection, revision),
            expected_request_id=logout.id if logout else None,
            now=now,
        )
        refusal = _what_is_left(response)
        outcome = _outcome(refusal)
        with self.store.write() as tx:
            if logout is None or not tx.logouts.answer(
                logout.id,
                connection_id=connection.id,
                organization_id=connection.organization_id,
                outcome=outcome,
                code=refusal.code if refusal else None,
                at=now,
            ):
                raise LogoutUnasked(in_response_to=response.in_response_to)
            self.audit.write(
                tx,
                "logout.answered",
                organization_id=connection.organization_id,
                actor=Actor(name=connection.provider, account_id=None, client_address=arrived.client.address),
                subject=logout.email,
                facts={"outcome": outcome.value, "code": refusal.code if refusal else ""},
                now=now,
            )
        ended = replace(logout, answered_at=now, outcome=outcome, code=refusal.code if refusal else None)
        if refusal is not None:
            self.record.refused(arrived, refusal)
        return Answered(logout=ended, connection=connection)

    def _asked_for(self, connection: Connection, arrival: messages.Arrival) -> Logout | None:
        """The logout that this seems to answer. It only chooses what the response is held against."""
        request_id = messages.unverified_answer_to(arrival) if arrival.parameter == RESPONSE else None
        if not request_id:
            return None
        with self.store.read() as tx:
            logout = tx.logouts.by_id(request_id)
        return logout if logout is not None and logout.connection_id == connection.id else None

    # --- messages of ours -----------------------------------------------------

    def _way(
        self,
        connection: Connection,
        settings: SamlSettings,
        *,
        message: bytes,
        field: str,
        place: str,
        relay_state: str,
        now: datetime,
    ) -> Redirect | AutoPost:
        key = self.keys.of(connection, now)
        if settings.slo_binding is Binding.REDIRECT:
            url = saml.redirect_url(
                place, message=message, relay_state=relay_state, signing_key=key.private, field=field
            )
            return Redirect(url=url)
        value = messages.posted(message, key=key.private, certificate=key.certificate)
        return AutoPost(url=place, fields={field: value, **({"RelayState": relay_state} if relay_state else {})})

    def _new(self, visitor: Visitor, connection: Connection, now: datetime) -> Logout:
        return Logout(
            id=ids.request_id(self.random),
            organization_id=connection.organization_id,
            connection_id=connection.id,
            account_id=visitor.account.id,
            person=visitor.account.name,
            email=str(visitor.account.email),
            started_at=now,
            expires_at=now + LOGOUT_LIFETIME,
            answered_at=None,
            outcome=LogoutOutcome.WAITING,
            code=None,
        )

    def _parties(self, connection: Connection, revision: Revision) -> messages.LogoutParties:
        parties = parties_of(connection, revision.saml, public_url=self.public_url)
        return messages.LogoutParties(
            service_provider=parties.service_provider,
            identity_provider=parties.identity_provider,
            policy=parties.policy,
            slo_url=urls(self.public_url, connection.id).slo_url,
        )

    def _of(self, connection_id: ConnectionId) -> tuple[Connection, Organization, Revision]:
        """The connection, on or off: sessions outlive the switch, and have to end all the same."""
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
            organization = tx.organizations.by_id(connection.organization_id) if connection else None
        if connection is None or organization is None or connection.serving is None:
            raise ConnectionUnknown
        return connection, organization, connection.serving


def _what_is_left(response: messages.LogoutResponse) -> LogoutDenied | LogoutPartial | None:
    """Why somebody may be signed in somewhere still, by the provider's own words."""
    if response.is_partial:
        return LogoutPartial(message=response.status_message)
    if response.is_success:
        return None
    return LogoutDenied(
        status=response.status.rpartition(":")[2][:100],
        substatus=response.substatus.rpartition(":")[2][:100],
        message=response.status_message,
    )


def _outcome(refusal: Refusal | None) -> LogoutOutcome:
    if refusal is None:
        return LogoutOutcome.SIGNED_OUT
    return LogoutOutcome.PARTIAL if isinstance(refusal, LogoutPartial) else LogoutOutcome.NOT_SIGNED_OUT
