"""The question: an attempt is stored, and the browser leaves for the identity provider."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ostiary import saml
from ostiary.domain.attempt import LIFETIME, LoginAttempt, Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Binding, Connection, Revision, SamlSettings
from ostiary.kernel import ids
from ostiary.kernel.ids import AccountId, AttemptId
from ostiary.kernel.randomness import Random
from ostiary.services.client import Client
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.parties import parties_of
from ostiary.services.starts import may_start, too_many_starts
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
    chooses_account: bool = False
    """Whether the provider is asked to let the person choose an account: OpenID Connect alone can ask so."""
    asks_anew: bool = False
    """Whether the provider is asked to have the person prove themselves anew. What it makes of it, its answer tells."""
    events: tuple[TimelineEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The browser goes to this URL. SAML Bindings 3.4."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoPost:
    """The browser posts these fields to this URL, from a page of ours. SAML Bindings 3.5."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveFor:
    """The browser goes to the identity provider. It takes the login cookie along (decision 5)."""

    way: Redirect | AutoPost
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
        """Where the browser goes, after the attempt was stored. One login cookie serves all tabs of a browser.

        Raises: `TooManyStarts`.
        """
        settings = revision.saml
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
        if departure.asks_anew:
            settings = replace(settings, forces_authentication=True)
        way = self._way(connection, settings, request_id=request_id, relay_state=attempt.id, now=now)
        sent = TimelineEvent(at=now, kind="sent", facts={"sso_url": settings.sso_url, "request_id": request_id})
        with self.store.write() as tx:
            may = may_start(tx, departure.purpose, organization_id=attempt.organization_id, client=client, now=now)
            if may:
                tx.attempts.insert(attempt)
                tx.attempts.add_events(
                    attempt.id, organization_id=attempt.organization_id, events=(*departure.events, sent)
                )
        if not may:
            raise too_many_starts()
        return LeaveFor(way=way, login_key=login_key, attempt_id=attempt.id)

    def _way(
        self, connection: Connection, settings: SamlSettings, *, request_id: str, relay_state: str, now: datetime
    ) -> Redirect | AutoPost:
        """The request, by the binding that the settings name, signed where they say so."""
        parties = parties_of(connection, settings, public_url=self.public_url)
        key = self.keys.of(connection, now) if settings.signs_requests else None
        is_posted = settings.sso_binding is Binding.POST
        message = saml.build_authn_request(
            service_provider=parties.service_provider,
            identity_provider=parties.identity_provider,
            request_id=request_id,
            force_authn=settings.forces_authentication,
            name_id_format=settings.name_id_format,
            signer=(key.private, key.certificate) if key and is_posted else None,
            now=now,
        )
        if is_posted:
            fields = {"SAMLRequest": saml.post_value(message), "RelayState": relay_state}
            return AutoPost(url=settings.sso_url, fields=fields)
        return Redirect(
            url=saml.redirect_url(
                settings.sso_url, message=message, relay_state=relay_state, signing_key=key.private if key else None
            )
        )

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
