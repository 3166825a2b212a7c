"""Somebody who may change the settings always gets in: what is asked before a way is closed.

Rule: whatever closes a way in (turning off, deleting, another issuer, a break-glass account that is taken away) asks
here, inside its own transaction, which holds the organization: of two that close the last two ways at once, the second
sees what the first has done.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ostiary.domain.connection import Connection
from ostiary.domain.enforcement.errors import EnforcedStill
from ostiary.domain.enforcement.lockout import Door, WayIn, doors_of, require_way_in
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Organization
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.services.audit_trail import SERVER, Actor, AuditTrail
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.storage import Transaction

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def exempt_accounts(tx: Transaction, organization_id: OrganizationId) -> frozenset[AccountId]:
    """The accounts that get in through break-glass, as they have proven."""
    return frozenset(tx.break_glass.proven_accounts(organization_id))


def enforced_connections(tx: Transaction, organization_id: OrganizationId) -> tuple[Connection, ...]:
    """The connections of the organization that are enforced, already or from a day to come."""
    return tuple(each for each in tx.connections.enabled_of(organization_id) if each.is_enforced)


def ways_in(
    tx: Transaction, counting: Sequence[Connection], *, exempt: Collection[AccountId], organization_id: OrganizationId
) -> tuple[WayIn, ...]:
    """Owners and admins who have come in by these connections as they stand now, or are proven break-glass."""
    doors = _open_doors(tx, counting, organization_id)
    return tx.lockouts.ways_in(doors, exempt=exempt, organization_id=organization_id)


def require_way_in_left(tx: Transaction, organization: Organization, *, without: ConnectionId | None = None) -> None:
    """Return if somebody with the settings gets in without this connection, as everything else stands now.

    Where nothing else is enforced, passwords are taken again, and there is nothing to ask. Raises: `LastWayIn`.
    """
    tx.organizations.hold(organization.id)
    left = [each for each in enforced_connections(tx, organization.id) if each.id != without]
    if not left:
        return
    exempt = exempt_accounts(tx, organization.id)
    require_way_in(ways_in(tx, left, exempt=exempt, organization_id=organization.id), organization)


def keep_a_way_in(tx: Transaction, organization_id: OrganizationId) -> None:
    """Return if what has just been taken away, in this transaction, was not the last way in. Raises: `LastWayIn`."""
    organization = tx.organizations.by_id(organization_id)
    if organization is not None:
        require_way_in_left(tx, organization)


def require_way_in_beside(tx: Transaction, organization_id: OrganizationId, closed: Collection[ConnectionId]) -> None:
    """Return if nobody needs these connections to get in, which may let nobody in from now on and stay enforced.

    For what a connection can't do without, as the last of its secrets. Raises: `LastWayIn`.
    """
    organization = tx.organizations.hold(organization_id)
    enforced = enforced_connections(tx, organization_id)
    if organization is None or not any(each.id in closed for each in enforced):
        return
    left = [each for each in enforced if each.id not in closed]
    exempt = exempt_accounts(tx, organization_id)
    require_way_in(ways_in(tx, left, exempt=exempt, organization_id=organization_id), organization)


def require_way_in_without(tx: Transaction, organization_id: OrganizationId) -> None:
    """Return if a verified domain that has just been given up was not what lets the last of them in.

    At Google the person's Workspace has to be one of the verified domains, and which one it was is not kept: an
    enforced connection that asks so counts as closed. Raises: `LastWayIn`.
    """
    enforced = enforced_connections(tx, organization_id)
    require_way_in_beside(tx, organization_id, {each.id for each in enforced if _follows_domains(each)})


def let_go(
    tx: Transaction,
    connection: Connection,
    *,
    audit: AuditTrail,
    letters: EnforcementLetters,
    actor: Actor,
    is_confirmed: bool,
    now: datetime,
) -> None:
    """Take the enforcement of a connection back that is about to be turned off or deleted; nothing where it has none.

    Raises: `EnforcedStill` until somebody has read what follows, `LastWayIn`.
    """
    organization = tx.organizations.hold(connection.organization_id)
    current = tx.connections.by_id(connection.id)
    if current is None or organization is None or not current.is_enforced:
        return
    if not is_confirmed:
        raise EnforcedStill(organization=organization.name)
    require_way_in_left(tx, organization, without=connection.id)
    tx.enforcement.stop(connection.id, organization_id=organization.id)
    why = f"{actor.name} has turned it off or deleted it."
    still = enforced_connections(tx, organization.id)
    letters.taken_back(tx, connection, organization=organization, still=still, why=why, now=now)
    audit.write(
        tx,
        "connection.enforcement_stopped",
        organization_id=organization.id,
        actor=actor,
        subject=connection.id,
        facts={"provider": connection.provider},
        now=now,
    )


def stop_where_nobody_gets_in(
    tx: Transaction,
    organization_id: OrganizationId,
    *,
    closed: Collection[ConnectionId] = (),
    letters: EnforcementLetters,
    why: str,
    now: datetime,
) -> bool:
    """Take all enforcement back, if no owner or admin could sign in any more. Whether that was so.

    They are told by mail, once of all connections together. `closed`: connections by which nobody gets in who came by
    them before. `why`: a sentence for the mail.

    For what must not be refused, as a tested revision with another issuer: nobody is tied to that one yet.
    """
    organization = tx.organizations.hold(organization_id)
    enforced = enforced_connections(tx, organization_id)
    left = [each for each in enforced if each.id not in closed]
    doors = tuple(replace(door, proven_since=_EVER) for door in _open_doors(tx, left, organization_id))
    exempt = exempt_accounts(tx, organization_id)
    if (
        organization is None
        or not enforced
        or tx.lockouts.ways_in(doors, exempt=exempt, organization_id=organization_id)
    ):
        return False
    audit = AuditTrail(tx.run.vault.random)
    for connection in enforced:
        tx.enforcement.stop(connection.id, organization_id=organization_id)
        audit.write(
            tx,
            "connection.enforcement_stopped",
            organization_id=organization_id,
            actor=SERVER,
            subject=connection.id,
            facts={"provider": connection.provider, "why": "nobody_gets_in"},
            now=now,
        )
    letters.stopped(tx, enforced, organization=organization, why=why, now=now)
    return True


def _open_doors(
    tx: Transaction, connections: Sequence[Connection], organization_id: OrganizationId
) -> tuple[Door, ...]:
    """The doors that somebody can go through: at Google nobody where no domain is verified to go by."""
    following = {each.id for each in connections if _follows_domains(each)}
    if following and not any(domain.is_verified for domain in tx.domains.of(organization_id)):
        connections = [each for each in connections if each.id not in following]
    return doors_of(connections)


def _follows_domains(connection: Connection) -> bool:
    settings = connection.serving.settings if connection.serving else None
    return isinstance(settings, OidcSettings) and settings.follows_domains
