"""Google needs nothing from an admin: one press makes a connection of the operator's client, ready for its test."""

from dataclasses import dataclass, replace

from ostiary.domain.account import Role
from ostiary.domain.connection import Connection, Protocol, Revision
from ostiary.domain.errors import ConnectionUnknown, RoleRefused
from ostiary.domain.openid.errors import GoogleClientMissing
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Organization, require_sso
from ostiary.guides import guide
from ostiary.kernel.clock import Clock
from ostiary.kernel.ids import AccountId, ConnectionId
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.connections import Connections
from ostiary.services.oidc.parties import GoogleClient
from ostiary.storage import Store

PROVIDER = "google"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsGoogle:
    """Google by the operator's client."""

    store: Store
    clock: Clock
    audit: AuditTrail
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
        self._save(drafted.connection.id, _first_settings(self.client), organization=organization, actor=actor)
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
        return self._save(connection_id, settings, organization=organization, actor=actor)

    def _save(
        self, connection_id: ConnectionId, settings: OidcSettings, *, organization: Organization, actor: Actor
    ) -> Connection:
        now, scope = self.clock.now(), {"organization_id": organization.id}
        with self.store.write() as tx:
            current = tx.connections.hold(connection_id, **scope)
            if current is None:
                raise ConnectionUnknown
            number = current.latest.number + 1 if current.latest else 1
            tx.connections.save_revision(
                Revision(
                    connection_id=connection_id,
                    number=number,
                    settings=settings,
                    saved_at=now,
                    saved_by=actor.account_id or AccountId(""),
                    tested_at=None,
                    tested_by=None,
                    **scope,
                ),
                **scope,
            )
            facts = {"revision": str(number), "client": "the operator's"}
            self.audit.write(tx, "connection.saved", actor=actor, subject=connection_id, facts=facts, now=now, **scope)
            saved = tx.connections.by_id(connection_id)
        assert saved is not None  # noqa: S101 - it was read inside the same transaction
        return saved


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
