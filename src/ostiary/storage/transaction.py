"""One transaction, with the files of the store as its attributes."""

from datetime import datetime

from ostiary.storage.records.accounts import Accounts
from ostiary.storage.records.attempts import Attempts
from ostiary.storage.records.audit import Audit
from ostiary.storage.records.break_glass.holders import Holders
from ostiary.storage.records.break_glass.passkeys import Passkeys
from ostiary.storage.records.break_glass.recovery_codes import RecoveryCodes
from ostiary.storage.records.connections import Connections
from ostiary.storage.records.domains import Domains
from ostiary.storage.records.enforcement.lockouts import Lockouts
from ostiary.storage.records.enforcement.switches import Enforcement
from ostiary.storage.records.identities import Identities
from ostiary.storage.records.jobs import Jobs
from ostiary.storage.records.keys import Keys
from ostiary.storage.records.links import Links
from ostiary.storage.records.logouts import Logouts
from ostiary.storage.records.metadata_sources import MetadataSources
from ostiary.storage.records.openid.attempt_secrets import AttemptSecrets
from ostiary.storage.records.openid.client_secrets import ClientSecrets
from ostiary.storage.records.openid.possessions import Possessions
from ostiary.storage.records.openid.provider_documents import ProviderDocuments
from ostiary.storage.records.openid.session_tokens import SessionTokens
from ostiary.storage.records.organizations import Organizations
from ostiary.storage.records.outbox import Outbox
from ostiary.storage.records.purge import purge
from ostiary.storage.records.replays import Replays
from ostiary.storage.records.sessions import Sessions
from ostiary.storage.records.throttle import Throttle
from ostiary.storage.records.upkeep import Upkeep
from ostiary.storage.statements import Statements


class Transaction:
    """One transaction. Everything that is asked of it happens at one moment, and all of it or nothing."""

    __slots__ = ("run",)

    def __init__(self, run: Statements) -> None:
        self.run = run

    @property
    def organizations(self) -> Organizations:
        """The customer companies."""
        return Organizations(self.run)

    @property
    def accounts(self) -> Accounts:
        """People."""
        return Accounts(self.run)

    @property
    def domains(self) -> Domains:
        """Email domains, verified or claimed."""
        return Domains(self.run)

    @property
    def connections(self) -> Connections:
        """Ways to identity providers, with their revisions."""
        return Connections(self.run)

    @property
    def enforcement(self) -> Enforcement:
        """Which connections are enforced."""
        return Enforcement(self.run)

    @property
    def lockouts(self) -> Lockouts:
        """Whom enforcement would lock out."""
        return Lockouts(self.run)

    @property
    def attempts(self) -> Attempts:
        """Login attempts, with their timelines, messages and reports."""
        return Attempts(self.run)

    @property
    def sessions(self) -> Sessions:
        """Signed-in browsers."""
        return Sessions(self.run)

    @property
    def logouts(self) -> Logouts:
        """Logouts that wait for an identity provider."""
        return Logouts(self.run)

    @property
    def identities(self) -> Identities:
        """What ties people at identity providers to accounts."""
        return Identities(self.run)

    @property
    def audit(self) -> Audit:
        """Who changed what."""
        return Audit(self.run)

    @property
    def keys(self) -> Keys:
        """Our signing keys, sealed."""
        return Keys(self.run)

    @property
    def attempt_secrets(self) -> AttemptSecrets:
        """What binds OpenID Connect sign-ins together, sealed."""
        return AttemptSecrets(self.run)

    @property
    def client_secrets(self) -> ClientSecrets:
        """Our secrets at OpenID Connect providers, sealed."""
        return ClientSecrets(self.run)

    @property
    def provider_documents(self) -> ProviderDocuments:
        """What OpenID Connect providers publish."""
        return ProviderDocuments(self.run)

    @property
    def possessions(self) -> Possessions:
        """People who have to prove that an account is theirs."""
        return Possessions(self.run)

    @property
    def session_tokens(self) -> SessionTokens:
        """The ID tokens of sessions, sealed."""
        return SessionTokens(self.run)

    @property
    def metadata_sources(self) -> MetadataSources:
        """Where providers publish their keys."""
        return MetadataSources(self.run)

    @property
    def upkeep(self) -> Upkeep:
        """Which connections are looked after next."""
        return Upkeep(self.run)

    @property
    def jobs(self) -> Jobs:
        """Background work."""
        return Jobs(self.run)

    @property
    def outbox(self) -> Outbox:
        """Mail that waits."""
        return Outbox(self.run)

    @property
    def throttle(self) -> Throttle:
        """Counters against guessing."""
        return Throttle(self.run)

    @property
    def links(self) -> Links:
        """One-time links."""
        return Links(self.run)

    @property
    def break_glass(self) -> Holders:
        """Who gets in while the identity provider is down."""
        return Holders(self.run)

    @property
    def recovery_codes(self) -> RecoveryCodes:
        """Their codes, each for one use."""
        return RecoveryCodes(self.run)

    @property
    def passkeys(self) -> Passkeys:
        """Their passkeys."""
        return Passkeys(self.run)

    def purge(self, *, limit: int, now: datetime) -> int:
        """Remove at most `limit` rows of each kind that are no longer kept, and tell how many that were."""
        return purge(self.run, limit=limit, now=now)

    @property
    def replays(self) -> Replays:
        """Assertions that were used."""
        return Replays(self.run)
