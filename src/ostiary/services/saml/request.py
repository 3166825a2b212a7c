"""The question: an attempt is stored, and the browser leaves for the identity provider."""

from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.attempt import LIFETIME, LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection, Revision
from ostiary.kernel import ids
from ostiary.kernel.ids import AccountId, AttemptId
from ostiary.kernel.randomness import Random
from ostiary.services.client import Client
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.parties import parties_of
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Why and from where somebody is sent to the identity provider."""

    purpose: Purpose = Purpose.LOGIN
    origin: Origin = Origin.SIGN_IN_PAGE
    return_to: str = ""
    email_hint: str = ""
    person: str = ""
    tested_by: AccountId | None = None
    events: tuple[TimelineEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveFor:
    """The browser goes to the identity provider. It takes the login cookie along (decision 5)."""

    url: str
    login_key: str
    attempt_id: AttemptId


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlRequest:
    """Sends browsers out with an AuthnRequest."""

    store: Store
    random: Random
    keys: SigningKeys
    public_url: str
    home_url: str

    def send(
        self, connection: Connection, revision: Revision, *, departure: Departure, client: Client, now: datetime
    ) -> LeaveFor:
        """Where the browser goes, after the attempt was stored. One login cookie serves all tabs of a browser."""
        settings = revision.settings
        parties = parties_of(connection, settings, public_url=self.public_url)
        login_key = client.login_key or ids.secret(self.random)
        request_id = ids.request_id(self.random)
        attempt = self.attempt(
            connection,
            revision.number,
            departure=departure,
            client=client,
            login_key=login_key,
            request_id=request_id,
            now=now,
        )
        message = saml.build_authn_request(
            service_provider=parties.service_provider,
            identity_provider=parties.identity_provider,
            request_id=request_id,
            now=now,
        )
        url = saml.redirect_url(
            settings.sso_url,
            message=message,
            relay_state=attempt.id,
            signing_key=self.keys.of(connection, now).private if settings.signs_requests else None,
        )
        sent = TimelineEvent(at=now, kind="sent", facts={"sso_url": settings.sso_url, "request_id": request_id})
        with self.store.write() as tx:
            tx.attempts.insert(attempt)
            tx.attempts.add_events(
                attempt.id, organization_id=attempt.organization_id, events=(*departure.events, sent)
            )
        return LeaveFor(url=url, login_key=login_key, attempt_id=attempt.id)

    def attempt(
        self,
        connection: Connection,
        revision: int,
        *,
        departure: Departure,
        client: Client,
        login_key: str | None = None,
        request_id: str | None = None,
        now: datetime,
    ) -> LoginAttempt:
        """A waiting attempt that is not stored yet. Without a request it is one that somebody else has begun."""
        return LoginAttempt(
            id=ids.attempt_id(self.random, now),
            reference=ids.reference(self.random),
            organization_id=connection.organization_id,
            connection_id=connection.id,
            revision=revision,
            purpose=departure.purpose,
            origin=departure.origin,
            outcome=Outcome.WAITING,
            request_id=request_id,
            browser_hash=ids.fingerprint(login_key) if login_key else None,
            return_to=departure.return_to or self.home_url,
            started_at=now,
            expires_at=now + LIFETIME,
            answered_at=None,
            finished_at=None,
            email_hint=departure.email_hint,
            person=departure.person,
            account_id=None,
            tested_by=departure.tested_by,
            code=None,
            facts={},
            client_address=client.address,
            user_agent=client.short_user_agent,
        )
