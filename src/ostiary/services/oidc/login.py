"""One OpenID Connect sign-in: it leaves with `start`, goes on with `leave`, and the answer comes in with `finish`.

Rule of the file: state, browser and the connection in the URL are held against the attempt before the provider is
asked anything, and the attempt's secrets are taken once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Final

from ostiary.domain.attempt import LIFETIME, LoginAttempt, Origin, Purpose, TimelineEvent
from ostiary.domain.connection import Connection, Protocol, Revision, google_redirect_uri, urls
from ostiary.domain.enforcement.policy import require_taken
from ostiary.domain.errors import AttemptUnknown, AttemptUsed, ConnectionOff, ConnectionUnknown, NotTested
from ostiary.domain.openid.errors import EmailMissing, PossessionNeeded
from ostiary.domain.openid.findings import with_received
from ostiary.domain.openid.identity import from_oidc
from ostiary.domain.openid.settings import GOOGLE_ISSUERS
from ostiary.domain.organization import Organization, require_sso
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import AttemptId, ConnectionId
from ostiary.oidc import relying_party as rp
from ostiary.oidc.errors import ParameterRepeated, StateMismatch
from ostiary.services.answered import TestFinished, named_revision, require_open, serving_revision
from ostiary.services.client import Client
from ostiary.services.complete_login import CompleteLogin, SignedIn
from ostiary.services.oidc.evidence import evidence_of
from ostiary.services.oidc.exchange import Exchange, Talk
from ostiary.services.oidc.reporting import OidcReports
from ostiary.services.oidc.request import OidcRequest, attempt_id_of
from ostiary.services.oidc.steps import Steps
from ostiary.services.oidc.story import Answer, Story
from ostiary.services.possession import Possessions
from ostiary.services.refusal_record import Arrival, LoginBroken, LoginRefused, RefusalRecord
from ostiary.services.saml.request import Departure, LeaveFor, Redirect
from ostiary.storage import StorageRefusal, Store

MOST_LEAVES: Final = 10
"""How often one attempt may leave for its provider: a page is reloaded, a person goes back."""
_LONGEST_STATE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogin:
    """Starts and finishes OpenID Connect sign-ins and tests."""

    store: Store
    clock: Clock
    request: OidcRequest
    exchange: Exchange
    reports: OidcReports
    complete: CompleteLogin
    possessions: Possessions
    record: RefusalRecord
    public_url: str

    def start(self, connection_id: ConnectionId, *, departure: Departure, client: Client) -> LeaveFor:
        """Where the browser goes, after the attempt was stored. No call is made.

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

    def start_for(
        self, connection_id: ConnectionId, asked: Mapping[str, str], *, client: Client
    ) -> LeaveFor | TestFinished | LoginRefused:
        """Where the browser goes for a sign-in that somebody else begins: a tile. OpenID Connect Core 4. OUT.

        Raises: `ConnectionUnknown`, `ConnectionOff`, `PlanWithoutSso`, `InitiatorUnknown`, `TargetRefused`.
        """
        connection, organization = self._of(connection_id)
        if connection.serving is None or not connection.is_enabled:
            raise ConnectionOff(organization=organization.name)
        settings = connection.serving.oidc
        others = GOOGLE_ISSUERS if settings.issuer in GOOGLE_ISSUERS else ()
        initiation = rp.read_initiation(
            asked, provider=rp.Provider(issuer=settings.issuer, other_issuers=others), own_origin=self.public_url
        )
        departure = Departure(
            origin=Origin.TILE,
            return_to=initiation.path,
            email_hint=initiation.login_hint,
            events=(TimelineEvent(at=self.clock.now(), kind="begun_elsewhere", facts={}),),
        )
        going = self.start(connection_id, departure=departure, client=client)
        return self.leave(connection_id, going.attempt_id, client=replace(client, login_key=going.login_key))

    def leave(
        self, connection_id: ConnectionId, attempt_id: AttemptId, *, client: Client
    ) -> LeaveFor | TestFinished | LoginRefused:
        """The provider's address for an attempt that this browser has begun: OUT.

        A test whose provider can't be asked ends here, on its report.

        Raises: `ConnectionUnknown`, `AttemptUnknown`.
        """
        connection, organization = self._of(connection_id)
        with self.store.read() as tx:
            attempt = tx.attempts.by_id(attempt_id)
            # An attempt of another connection, or of another tenant's, is none.
            if attempt is None or attempt.connection_id != connection.id:
                raise AttemptUnknown
            kept = tx.attempt_secrets.of(attempt_id, organization_id=attempt.organization_id)
        arrival = Arrival(
            connection=connection,
            organization=organization,
            attempt=attempt,
            message=b"",
            client=client,
            now=self.clock.now(),
            events=(),
        )
        steps = Steps(clock=self.clock)
        try:
            require_open(attempt, client, arrival.now)
            if kept is None:
                raise AttemptUsed
            revision = self._revision(arrival, attempt)
            self._count_leaving(attempt, arrival.now)
            url = self.request.go_on(connection, revision, attempt, kept=kept, steps=steps)
        except StorageRefusal:
            raise
        except Refusal as refusal:
            arrival = replace(arrival, now=self.clock.now(), events=tuple(steps.events))
            if attempt.purpose is Purpose.TEST and steps.events:
                return self.reports.unanswered(arrival, attempt, refusal)
            return self.record.of_attempt(arrival, attempt, refusal)
        return LeaveFor(way=Redirect(url=url), login_key=client.login_key or "", attempt_id=attempt.id)

    def finish(
        self, connection_id: ConnectionId, answer: Answer, *, client: Client
    ) -> SignedIn | TestFinished | LoginRefused:
        """What follows from an answer at the connection's own address: OUT.

        Raises: `ConnectionUnknown`.
        """
        return self._finish(
            connection_id, answer, came_to=urls(self.public_url, connection_id).redirect_uri, client=client
        )

    def finish_at_google(self, answer: Answer, *, client: Client) -> SignedIn | TestFinished | LoginRefused:
        """The same at the address that all connections of the operator's client share (docs/decisions/0015). OUT.

        Raises: `AttemptUnknown` where the state names no attempt.
        """
        with self.store.read() as tx:
            attempt = tx.attempts.by_id(attempt_id_of(answer.first("state")[:_LONGEST_STATE]))
        if attempt is None:
            raise AttemptUnknown
        return self._finish(attempt.connection_id, answer, came_to=google_redirect_uri(self.public_url), client=client)

    def _finish(
        self, connection_id: ConnectionId, answer: Answer, *, came_to: str, client: Client
    ) -> SignedIn | TestFinished | LoginRefused:
        """Every refusal of a sign-in is caught here, and nowhere else."""
        connection, organization = self._of(connection_id)
        story = Story(answer=answer, steps=Steps(clock=self.clock))
        attempt, secrets = self._attempt_of(connection, answer, came_to=came_to)
        arrival = Arrival(
            connection=connection,
            organization=organization,
            attempt=attempt,
            message=b"",
            client=client,
            now=self.clock.now(),
        )
        if attempt is None:
            return self.record.unmatched(self._told(arrival, story), _unmatched(answer))
        try:
            return self._answered(arrival, attempt, secrets, story)
        except StorageRefusal:
            raise  # nothing is wrong with the answer: the rim says that the store is away
        except Refusal as refusal:
            return self.record.of_attempt(self._told(arrival, story), attempt, refusal)
        except Exception as error:
            raise LoginBroken(self.record.of_bug(self._told(arrival, story))) from error

    def _count_leaving(self, attempt: LoginAttempt, now: datetime) -> None:
        """Return while this attempt has not left too often. Raises: `AttemptUsed`."""
        # Each time asks the provider and adds lines: beginnings are limited, and a reload must be no way round that.
        with self.store.write() as tx:
            count = tx.throttle.hit(f"leaving/{attempt.id}", window=LIFETIME, now=now)
        if count > MOST_LEAVES:
            raise AttemptUsed

    def published_keys(self, connection_id: ConnectionId) -> tuple[Mapping[str, str], ...]:
        """Our public keys of this connection, made now if there are none: THREAD. Raises: `ConnectionUnknown`."""
        connection, _ = self._of(connection_id)
        return self.request.registration.published_keys(connection)

    # --- the answer to a question of ours ------------------------------------

    def _answered(
        self, arrival: Arrival, attempt: LoginAttempt, secrets: rp.Secrets | None, story: Story
    ) -> SignedIn | TestFinished:
        if secrets is None:
            raise AttemptUsed
        require_open(attempt, arrival.client, arrival.now)
        revision = self._revision(arrival, attempt)
        with self.store.write() as tx:
            # Before the provider is asked: of two copies that arrive together one trades the code in.
            if not tx.attempt_secrets.take(attempt.id, organization_id=attempt.organization_id):
                raise AttemptUsed
        settings = revision.oidc
        is_test = attempt.purpose is Purpose.TEST
        try:
            known = self.request.asked(arrival.connection, settings, steps=story.steps)
        except StorageRefusal:
            raise
        except Refusal as refusal:
            if is_test:
                return self.reports.unanswered(self._told(arrival, story), attempt, refusal)
            raise
        talk = Talk(
            connection=arrival.connection,
            settings=settings,
            parties=self.request.registration.parties(arrival.connection, settings, metadata=known.metadata),
            known=known,
            secrets=secrets,
            story=story,
        )
        if is_test:
            return self.reports.answered(arrival, attempt, revision, talk)
        return self._signed_in(arrival, attempt, revision, talk)

    def _signed_in(self, arrival: Arrival, attempt: LoginAttempt, revision: Revision, talk: Talk) -> SignedIn:
        code = self.exchange.code(talk)
        tokens = self.exchange.opened(talk, self.exchange.tokens(talk, code))
        verified = self.exchange.verified(talk, tokens)
        told = self.exchange.told(talk, tokens, verified)
        reading = from_oidc(verified, claims=told.claims, settings=talk.settings)
        arrival = self._told(arrival, talk.story)
        hint = tokens.id_token if talk.known.metadata.end_session_endpoint else ""
        evidence = evidence_of(arrival, revision, told, reading, id_token=hint)
        try:
            return self.complete.finish(attempt, evidence=evidence, client=arrival.client, now=arrival.now)
        except PossessionNeeded:
            self.possessions.wait_for(attempt, evidence, now=arrival.now)
            raise
        except EmailMissing as refusal:
            raise with_received(refusal, told.claims) from None

    # --- what is known --------------------------------------------------------

    def _told(self, arrival: Arrival, story: Story) -> Arrival:
        """With all that has come and was asked since."""
        events = story.events(arrival.now)
        return replace(arrival, message=story.message(), events=events, now=self.clock.now())

    def _of(self, connection_id: ConnectionId) -> tuple[Connection, Organization]:
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
            organization = tx.organizations.by_id(connection.organization_id) if connection else None
        if connection is None or organization is None or connection.protocol is not Protocol.OIDC:
            raise ConnectionUnknown
        return connection, organization

    @staticmethod
    def _revision(arrival: Arrival, attempt: LoginAttempt) -> Revision:
        if attempt.purpose is Purpose.TEST:
            return named_revision(arrival.connection, attempt.revision)
        return serving_revision(arrival, attempt.revision)

    def _redirect_uri(self, connection: Connection, attempt: LoginAttempt) -> str:
        """The address that the attempt's own request has named; empty where the connection has no settings."""
        revision = next(
            (each for each in (connection.latest, connection.serving) if each and each.number == attempt.revision),
            connection.serving or connection.latest,
        )
        registration = self.request.registration
        return registration.redirect_uri(connection, revision.oidc) if revision else ""

    def _attempt_of(
        self, connection: Connection, answer: Answer, *, came_to: str
    ) -> tuple[LoginAttempt | None, rp.Secrets | None]:
        """The attempt that this answers, with its secrets: by a state that is known in every letter."""
        state = answer.first("state")
        if not 0 < len(state) <= _LONGEST_STATE:
            return None, None
        with self.store.read() as tx:
            attempt = tx.attempts.by_id(attempt_id_of(state))
            # Mix-up, COAT: an answer at another connection's address is none, whoever's attempt it names.
            if attempt is None or attempt.connection_id != connection.id:
                return None, None
            # Nor is one at Google's address for an attempt that went elsewhere: one address has one issuer.
            if came_to != self._redirect_uri(connection, attempt):
                return None, None
            kept = tx.attempt_secrets.of(attempt.id, organization_id=attempt.organization_id)
        if kept is None:
            return attempt, None
        secrets = self.request.read_secrets(kept)
        if not compare_digest(secrets.state.encode(), state.encode()):
            return None, None
        return attempt, secrets


def _unmatched(answer: Answer) -> Refusal:
    """Why an answer is held against no attempt."""
    names = [name for name, _ in answer.parameters]
    if names.count("state") > 1:
        return ParameterRepeated(name="state")
    return StateMismatch()
