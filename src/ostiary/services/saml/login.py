"""One SAML sign-in, from top to bottom: the question goes out with `start`, the answer comes in with `finish`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.attempt import LoginAttempt, Origin, Purpose, TimelineEvent
from ostiary.domain.connection import Connection, Revision, Tile
from ostiary.domain.enforcement.policy import require_taken
from ostiary.domain.errors import (
    AnsweredWithoutRequest,
    AttemptUnknown,
    ConnectionUnknown,
    NotTested,
    TileRefused,
)
from ostiary.domain.identity import Reading, from_saml
from ostiary.domain.organization import Organization, require_sso
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import AttemptId, ConnectionId
from ostiary.services.answered import (
    TestFinished,
    end_test,
    named_revision,
    put_to_work,
    require_open,
    serving_revision,
)
from ostiary.services.client import Client
from ostiary.services.complete_login import CompleteLogin, SignedIn
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.refusal_record import Arrival, LoginBroken, LoginRefused, RefusalRecord, ask_source
from ostiary.services.saml.decryption import Decryption
from ostiary.services.saml.evidence import evidence_of, fingerprint_of, signed_by, test_events
from ostiary.services.saml.judge import Answer, TestJudge
from ostiary.services.saml.parties import parties_of
from ostiary.services.saml.request import Departure, LeaveFor, SamlRequest
from ostiary.storage import StorageRefusal, Store, Transaction

TILE_ROUND = timedelta(seconds=60)
_LONGEST_ATTEMPT_ID = 64
_LONGEST_PATH = 2000


Finished = SignedIn | TestFinished | LeaveFor | LoginRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlLogin:
    """Starts and finishes SAML sign-ins and tests."""

    store: Store
    clock: Clock
    request: SamlRequest
    complete: CompleteLogin
    decryption: Decryption
    judge: TestJudge
    record: RefusalRecord
    letters: EnforcementLetters
    public_url: str

    def start(self, connection_id: ConnectionId, *, departure: Departure, client: Client) -> LeaveFor:
        """Where the browser goes, after the attempt was stored.

        Raises: `ConnectionUnknown`, `ConnectionOff`, `ConnectionNotEnforced`, `NotTested` (a test of nothing),
        `PlanWithoutSso`.
        """
        now = self.clock.now()
        connection, organization = self._of(connection_id)
        is_test = departure.purpose is Purpose.TEST
        if is_test:
            require_sso(organization, now)
        else:
            require_taken(connection, organization, now)
        revision = connection.latest if is_test else connection.serving
        if revision is None:
            raise NotTested
        return self.request.send(connection, revision, departure=departure, client=client, now=now)

    def finish(self, connection_id: ConnectionId, answer: Answer, *, client: Client) -> Finished:
        """What follows from an answer. Every refusal of a sign-in is caught here, and nowhere else.

        Raises: `ConnectionUnknown`.
        """
        connection, organization = self._of(connection_id)
        arrival = Arrival(
            connection=connection,
            organization=organization,
            attempt=self._attempt_of(connection, answer),
            message=answer.form_value,
            client=client,
            now=self.clock.now(),
        )
        attempt = arrival.attempt
        try:
            if attempt is None:
                return self._unsolicited(arrival, answer)
            return self._answered(arrival, attempt, answer)
        except StorageRefusal:
            raise  # nothing is wrong with the answer: the rim tries again on a thread, or says that the store is away
        except Refusal as refusal:
            if attempt is None:
                return self.record.unmatched(arrival, refusal)
            return self.record.of_attempt(arrival, attempt, refusal)
        except Exception as error:
            raise LoginBroken(self.record.of_bug(arrival)) from error

    # --- the answer to a question of ours ------------------------------------

    def _answered(self, arrival: Arrival, attempt: LoginAttempt, answer: Answer) -> SignedIn | TestFinished:
        require_open(attempt, arrival.client, arrival.now)
        if attempt.purpose is Purpose.TEST:
            return self._finish_test(arrival, attempt, answer)
        revision = serving_revision(arrival, attempt.revision)
        assertion, reading = self._read(arrival, revision, asked=attempt)
        evidence = evidence_of(arrival, revision, assertion, reading)
        return self.complete.finish(attempt, evidence=evidence, client=arrival.client, now=arrival.now)

    def _read(
        self, arrival: Arrival, revision: Revision, *, asked: LoginAttempt | None
    ) -> tuple[saml.Assertion, Reading]:
        parties = parties_of(
            arrival.connection, revision.saml, public_url=self.public_url, accept_unsolicited=asked is None
        )
        assertion = self.decryption.read(
            arrival.message,
            parties=parties,
            connection=arrival.connection,
            expected_request_id=asked.request_id if asked else None,
            authenticated_since=_authenticated_since(revision, asked),
            now=arrival.now,
        )
        names, entity_id = revision.saml.attributes, arrival.connection.entity_id
        return assertion, from_saml(assertion, names, entity_id=entity_id)

    def _finish_test(self, arrival: Arrival, attempt: LoginAttempt, answer: Answer) -> TestFinished:
        connection, now = arrival.connection, arrival.now
        revision = named_revision(connection, attempt.revision)
        parties = parties_of(connection, revision.saml, public_url=self.public_url)
        report = self.judge.judge(
            answer,
            connection=connection,
            organization=arrival.organization,
            revision=revision,
            parties=self.decryption.able(parties, connection, now) or parties,
            expected_request_id=attempt.request_id or "",
            authenticated_since=_authenticated_since(revision, attempt),
            now=now,
        )
        first = report.first_refusal
        with self.store.write() as tx:
            events = test_events(arrival, report)
            end_test(tx, arrival, attempt, report=report, message=answer.form_value, events=events)
            if report.passed:
                self._put_to_work(tx, connection, revision, attempt, signed_by=report.signed_by, now=now)
            elif first:
                ask_source(tx, connection, code=first.code, now=now)
        return TestFinished(connection_id=connection.id, attempt_id=attempt.id)

    def _put_to_work(
        self,
        tx: Transaction,
        connection: Connection,
        revision: Revision,
        attempt: LoginAttempt,
        *,
        signed_by: str,
        now: datetime,
    ) -> None:
        """From now on this revision serves; a key that an owner has tested waits for nobody any more."""
        is_owner = put_to_work(tx, connection, revision, attempt=attempt, letters=self.letters, now=now)
        waiting = tuple(text for text in revision.saml.unconfirmed if fingerprint_of(text) != signed_by)
        if is_owner and waiting != revision.saml.unconfirmed:
            tx.connections.confirm_keys(revision, unconfirmed=waiting)

    # --- an answer that nobody asked for --------------------------------------

    def _unsolicited(self, arrival: Arrival, answer: Answer) -> SignedIn | LeaveFor:
        """A tile: verified like any answer, then turned into a sign-in of ours, unless the connection accepts it."""
        revision = serving_revision(arrival, None)
        if saml.unverified_in_response_to(answer.form_value):
            raise AttemptUnknown
        if revision.saml.tile is Tile.REFUSE:
            raise TileRefused
        assertion, reading = self._read(arrival, revision, asked=None)
        departure = Departure(
            origin=Origin.TILE,
            return_to=_own_path(answer.relay_state),
            email_hint=reading.identity.address,
            person=reading.identity.name,
            events=(TimelineEvent(at=arrival.now, kind="tile_clicked", facts=signed_by(assertion)),),
        )
        # Nobody asked for the password here: only a question of ours can.
        if revision.saml.tile is Tile.ACCEPT and not revision.saml.forces_authentication:
            return self._accept(arrival, revision, departure, assertion, reading)
        self._refuse_to_go_round(arrival)
        return self.request.send(
            arrival.connection, revision, departure=departure, client=arrival.client, now=arrival.now
        )

    def _accept(
        self, arrival: Arrival, revision: Revision, departure: Departure, assertion: saml.Assertion, reading: Reading
    ) -> SignedIn:
        attempt = self.request.attempt(
            arrival.connection, revision.number, departure=departure, client=arrival.client, now=arrival.now
        )
        evidence = evidence_of(replace(arrival, attempt=attempt), revision, assertion, reading)
        evidence = replace(evidence, events=(*departure.events, *evidence.events))
        # The attempt is stored with its outcome: asked again after a busy store, nothing of it is there twice.
        return self.complete.finish(attempt, evidence=evidence, client=arrival.client, is_new=True, now=arrival.now)

    def _refuse_to_go_round(self, arrival: Arrival) -> None:
        """Raise if this browser has just left from a tile, and nothing but a tile's answer comes back."""
        if arrival.client.login_key is None:
            return
        with self.store.read() as tx:
            waiting = tx.attempts.waiting_from_tile(
                arrival.connection.id,
                browser_hash=ids.fingerprint(arrival.client.login_key),
                since=arrival.now - TILE_ROUND,
            )
        if waiting:
            raise AnsweredWithoutRequest

    # --- what is known --------------------------------------------------------

    def _of(self, connection_id: ConnectionId) -> tuple[Connection, Organization]:
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
            organization = tx.organizations.by_id(connection.organization_id) if connection else None
        if connection is None or organization is None:
            raise ConnectionUnknown
        return connection, organization

    def _attempt_of(self, connection: Connection, answer: Answer) -> LoginAttempt | None:
        """The attempt that this answers: by RelayState, or where that got lost, by InResponseTo.

        Both only choose which attempt the answer is held against; neither is believed.
        """
        with self.store.read() as tx:
            attempt = None
            if 0 < len(answer.relay_state) <= _LONGEST_ATTEMPT_ID:
                attempt = tx.attempts.by_id(AttemptId(answer.relay_state))
            if attempt is None:
                request_id = saml.unverified_in_response_to(answer.form_value)
                attempt = tx.attempts.by_request_id(connection.id, request_id=request_id) if request_id else None
        # An attempt of another connection, or of another tenant's, is none.
        return attempt if attempt is not None and attempt.connection_id == connection.id else None


def _authenticated_since(revision: Revision, attempt: LoginAttempt | None) -> datetime | None:
    """When we asked for the person to sign in anew; None where we did not."""
    return attempt.started_at if attempt and revision.saml.forces_authentication else None


def _own_path(relay_state: str) -> str:
    """The RelayState of a tile where it is a path of ours; empty otherwise (open redirect)."""
    is_path = relay_state.startswith("/") and not relay_state.startswith(("//", "/\\"))
    is_clean = all("!" <= character <= "~" and character != "\\" for character in relay_state)
    return relay_state if is_path and is_clean and len(relay_state) <= _LONGEST_PATH else ""
