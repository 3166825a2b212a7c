"""The end of a session, told by either side: our sign-out goes on to the provider, and the provider's comes here.

RP-Initiated Logout 1.0, Back-Channel Logout 1.0.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from ostiary.domain.connection import Connection, Protocol, Revision, urls
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.session import LOGOUT_LIFETIME, Logout, LogoutOutcome
from ostiary.kernel import ids
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import ConnectionId
from ostiary.kernel.randomness import Random
from ostiary.oidc import relying_party as rp
from ostiary.oidc.encryption import is_encrypted
from ostiary.oidc.errors import KeyUnknown, LogoutTokenRefused, SignatureMismatch, StateMismatch
from ostiary.oidc.relying_party.config import SKEW_SECONDS
from ostiary.services.audit_trail import Actor
from ostiary.services.client import Client
from ostiary.services.oidc.logout_record import OidcLogoutRecord
from ostiary.services.oidc.opening import LOGOUT_TOKEN, TokenOpening
from ostiary.services.oidc.parties import Registration
from ostiary.services.oidc.providers import KnownProvider, Providers
from ostiary.services.saml.logout import Sent
from ostiary.services.saml.request import Redirect
from ostiary.services.sessions import Sessions, Subject, Visitor
from ostiary.storage import StorageRefusal, Store, Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogout:
    """Sends sign-outs on, and takes those of providers."""

    store: Store
    clock: Clock
    random: Random
    sessions: Sessions
    providers: Providers
    registration: Registration
    opening: TokenOpening
    record: OidcLogoutRecord
    public_url: str

    def id_token_of(self, visitor: Visitor) -> str:
        """The ID token by which this session began: asked before the session ends, for it goes with it."""
        with self.store.read() as tx:
            return tx.session_tokens.of(visitor.session.id, organization_id=visitor.organization.id)

    def is_taken_there(self, connection: Connection) -> bool | None:
        """Whether the provider that was saved last has a place to sign out; None where it was not asked lately."""
        if connection.latest is None:
            return None
        known = self.providers.kept(connection, connection.latest.oidc, self.clock.now())
        return bool(known.metadata.end_session_endpoint) if known is not None else None

    def leave(self, visitor: Visitor, connection: Connection, *, id_token: str) -> Sent | None:
        """Where the browser goes to be signed out at the provider too; None where it has no such place.

        The session here has ended before this is asked. Only what is kept of the provider is looked at: nobody waits
        for it in order to sign out.
        """
        revision, now = connection.serving, self.clock.now()
        if connection.protocol is not Protocol.OIDC or revision is None or not id_token:
            return None
        known = self.providers.kept(connection, revision.oidc, now)
        if known is None or not known.metadata.end_session_endpoint:
            return None
        logout = Logout(
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
        with self.store.write() as tx:
            tx.logouts.insert(logout)
        url = rp.end_session_url(
            known.metadata,
            client=self.registration.public_client(connection, revision.oidc),
            id_token=id_token,
            return_to=urls(self.public_url, connection.id).signed_out_url,
            state=logout.id,
        )
        return Sent(way=Redirect(url=url), connection=connection)

    def returned(self, connection_id: ConnectionId, *, state: str) -> Logout:
        """The sign-out that has come back from the provider. RP-Initiated Logout 3. Raises: `StateMismatch`."""
        now = self.clock.now()
        with self.store.write() as tx:
            logout = tx.logouts.by_id(state) if state else None
            if logout is None or not tx.logouts.answer(
                logout.id,
                connection_id=connection_id,
                organization_id=logout.organization_id,
                outcome=LogoutOutcome.SIGNED_OUT,
                code=None,
                at=now,
            ):
                raise StateMismatch
        return logout

    def take(self, connection_id: ConnectionId, token: str, *, client: Client) -> Refusal | None:
        """Why a logout token of the provider was refused; None where it has ended what it names. OUT.

        Back-Channel Logout 2.5 to 2.7: whom it names may have no session here, and nobody is told.

        Raises: what the store refuses; the provider tries again then.
        """
        connection: Connection | None = None
        try:
            connection, revision = self._serving(connection_id)
            said = self._read(connection, revision, token)
            actor = Actor(name=connection.provider, account_id=None, client_address=client.address)
            with self.store.write() as tx:
                if not tx.replays.remember(
                    connection.id, issuer="logout", assertion_id=said.token_id, until=said.until
                ):
                    raise LogoutTokenRefused(what="jti")
                self._end(tx, connection, revision.oidc, said, actor=actor)
        except StorageRefusal:
            raise
        except Refusal as refusal:
            log.info("oidc.logout_refused", connection=connection_id, code=refusal.code)
            if connection is not None:
                self.record.refused(connection, token, refusal, client=client, now=self.clock.now())
            return refusal
        return None

    def _serving(self, connection_id: ConnectionId) -> tuple[Connection, Revision]:
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        if connection is None or connection.serving is None or connection.protocol is not Protocol.OIDC:
            raise ConnectionUnknown
        return connection, connection.serving

    def _read(self, connection: Connection, revision: Revision, token: str) -> rp.Logout:
        settings = revision.oidc
        # Plain ones count either way, though Back-Channel Logout 2.6 would refuse them: Keycloak encrypts nothing but
        # ID tokens, and a session that goes on is worse than a session's name that somebody has read.
        if is_encrypted(token):
            token = self.opening.inside(connection, settings, token, what=LOGOUT_TOKEN).token
        known = self.providers.of(connection, settings)
        try:
            return self._judged(connection, settings, known, token)
        except (KeyUnknown, SignatureMismatch) as refusal:
            # Anybody may post here: at most once a minute it makes us ask for the keys.
            name = refusal.received if isinstance(refusal, KeyUnknown) else refusal.key
            fresh = self.providers.asked_again(connection, settings, known, key_name=name)
            if fresh is None:
                raise
            return self._judged(connection, settings, fresh, token)

    def _judged(self, connection: Connection, settings: OidcSettings, known: KnownProvider, token: str) -> rp.Logout:
        parties = self.registration.parties(connection, settings, metadata=known.metadata)
        tenant_issuer = _issuer_of(settings) if known.metadata.is_for_all_tenants else ""
        return rp.read_logout_token(
            token,
            client=parties.client,
            provider=parties.provider,
            keys=known.keys,
            tenant_issuer=tenant_issuer,
            now=self.clock.now(),
        )

    def _end(
        self, tx: Transaction, connection: Connection, settings: OidcSettings, said: rp.Logout, *, actor: Actor
    ) -> None:
        now = self.clock.now()
        scope = {"organization_id": connection.organization_id}
        if said.subject:
            self.sessions.invalidate(
                tx,
                Subject(connection=connection, issuer=_issuer_of(settings), subject=said.subject),
                session_indexes=(said.session,) if said.session else (),
                begun_before=said.issued_at + timedelta(seconds=SKEW_SECONDS),
                door="backchannel_logout",
                actor=actor,
                now=now,
            )
            return
        ended = tx.sessions.invalidate_index(connection.id, session_index=said.session, **scope)
        if ended:
            self.sessions.audit.write(
                tx,
                "session.ended",
                actor=actor,
                subject=said.session,
                facts={"door": "backchannel_logout", "count": str(ended)},
                now=now,
                **scope,
            )


def _issuer_of(settings: OidcSettings) -> str:
    """The issuer as sessions bear it: that of the one tenant, where the configured one is for all of them."""
    if settings.tenants and "/organizations/" in settings.issuer:
        return settings.issuer.replace("/organizations/", f"/{settings.tenants[0]}/", 1)
    return settings.issuer
