"""Google needs nothing from an admin: one press makes a connection of the operator's client, ready for its test."""

from dataclasses import dataclass, replace

from ostiary.domain.account import Role
from ostiary.domain.connection import Connection, Protocol
from ostiary.domain.errors import ConnectionUnknown, RoleRefused
from ostiary.domain.openid.errors import GoogleClientMissing
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Organization, require_sso
from ostiary.guides import guide
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import ConnectionId
from ostiary.services.audit_trail import Actor
from ostiary.services.connections import Connections
from ostiary.services.oidc.parties import GoogleClient
from ostiary.storage import Store

PROVIDER = "google"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsGoogle:
    """Google by the operator's client."""

    store: Store
    clock: Clock
    connections: Connections
    client: GoogleClient | None

    @property
    def is_offered(self) -> bool:
        """Whether the operator has such a client."""
        return self.client is not None

    def begin(self, organization: Organization, *, actor: Actor) -> ConnectionId:
        """The connection of the operator's client, saved and untested; the one that there is, where there is one.

        Raises: `GoogleClientMissing`, `PlanWithoutSso`.
        """
        if self.client is None:
            raise GoogleClientMissing
        require_sso(organization, self.clock.now())
        with self.store.read() as tx:
            there = next((each for each in tx.connections.of(organization.id) if is_operators(each)), None)
        if there is not None:
            return there.id
        drafted = self.connections.draft(PROVIDER, organization=organization, actor=actor, protocol=Protocol.OIDC)
        self._save(drafted.connection, _first_settings(self.client), actor=actor)
        return drafted.connection.id

    def save(
        self,
        connection_id: ConnectionId,
        *,
        default_role: str,
        creates_accounts: bool,
        organization: Organization,
        actor: Actor,
    ) -> Connection:
        """The connection with another answer to what becomes of people who have no account. A new revision, untested.

        Raises: `ConnectionUnknown`, `RoleRefused`, `PlanWithoutSso`.
        """
        require_sso(organization, self.clock.now())
        before = self.connections.view(connection_id, organization_id=organization.id).connection
        if before.latest is None or not is_operators(before):
            raise ConnectionUnknown
        role = next((each for each in (Role.MEMBER, Role.ADMIN) if each == default_role), None)
        if role is None:
            raise RoleRefused(received=default_role[:60])
        settings = replace(before.latest.oidc, default_role=role, creates_accounts=creates_accounts)
        return self._save(before, settings, actor=actor)

    def _save(self, connection: Connection, settings: OidcSettings, *, actor: Actor) -> Connection:
        with self.store.write() as tx:
            return self.connections.revisions.keep(tx, connection, settings, actor=actor, now=self.clock.now())


def is_operators(connection: Connection) -> bool:
    """Whether the newest settings of this connection are those of the operator's client."""
    if connection.protocol is not Protocol.OIDC or connection.latest is None:
        return False
    return connection.latest.oidc.is_operators_client


def _first_settings(client: GoogleClient) -> OidcSettings:
    known = guide(PROVIDER, protocol=Protocol.OIDC)
    if known is None or known.openid is None:
        raise ConnectionUnknown
    preset = known.openid
    return OidcSettings(
        issuer=client.issuer,
        client_id="",
        is_operators_client=True,
        authentication=preset.authentication,
        userinfo_method=preset.userinfo_method,
        userinfo_use=preset.userinfo_use,
        response_mode=preset.response_mode,
        scopes=preset.scopes,
        claims=preset.claims,
        subject_claim=preset.subject_claim,
        extra=preset.extra,
    )
