"""Ways to identity providers, with their revisions."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import and_, bindparam, case, delete, func, insert, select, update

from ostiary.domain.account import Role
from ostiary.domain.connection import (
    Allowance,
    AttributeNames,
    Binding,
    Connection,
    Protocol,
    Revision,
    SamlSettings,
    Tile,
)
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.storage.records.openid.settings_text import read_oidc_settings
from ostiary.storage.records.upkeep import Upkeep
from ostiary.storage.schema import connections, revisions
from ostiary.storage.statements import Prepared, Row, Statements

_c = connections.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.protocol,
    _c.provider,
    _c.entity_id,
    _c.created_at,
    _c.enabled_at,
    _c.was_ever_on,
    _c.access_confirmed_at,
    _c.access_confirmed_by,
    _c.enforced_at,
    _c.enforced_by,
    _c.enforced_from,
    _c.name,
)
# Whether a merely enabled connection still counts hangs on its neighbours: told with each, so no sign-in asks twice.
_neighbours = connections.alias("neighbours")
_ENFORCES_FROM = (
    select(func.min(_neighbours.c.enforced_from))
    .where(
        _neighbours.c.organization_id == _c.organization_id,
        _neighbours.c.enabled_at.is_not(None),
        _neighbours.c.serving_number.is_not(None),
    )
    .scalar_subquery()
    .label("enforces_from")
)
_latest = revisions.alias("latest")
_serving = revisions.alias("serving")
_LATEST_AT = len(_COLUMNS)
_WIDTH = 6
# Both revisions come with the connection, in one question.
_SELECT = (
    select(
        *_COLUMNS,
        *(
            column
            for r in (_latest.c, _serving.c)
            for column in (r.number, r.settings, r.saved_at, r.saved_by, r.tested_at, r.tested_by)
        ),
        _ENFORCES_FROM,
    )
    .select_from(connections)
    .outerjoin(_latest, and_(_latest.c.connection_id == _c.id, _latest.c.number == _c.latest_number))
    .outerjoin(_serving, and_(_serving.c.connection_id == _c.id, _serving.c.number == _c.serving_number))
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("connection")) & _MINE

_INSERT = Prepared(insert(connections), columns=[column.name for column in _COLUMNS])
_BY_ID = Prepared(_SELECT.where(_c.id == bindparam("connection")))
_OF = Prepared(_SELECT.where(_MINE).order_by(_c.created_at, _c.id))
_ENABLED_OF = Prepared(_SELECT.where(_MINE, _c.enabled_at.is_not(None)).order_by(_c.created_at, _c.id))
_INSERT_REVISION = Prepared(insert(revisions), columns=[column.name for column in revisions.c])
_SET_LATEST = Prepared(update(connections).where(_THIS).values(latest_number=bindparam("number")))
_SET_TESTED = Prepared(
    update(revisions)
    .where(
        revisions.c.connection_id == bindparam("connection"),
        revisions.c.organization_id == bindparam("organization"),
        revisions.c.number == bindparam("revision"),
    )
    .values(tested_at=bindparam("moment"), tested_by=bindparam("by"))
)
_SET_SETTINGS = Prepared(
    update(revisions)
    .where(
        revisions.c.connection_id == bindparam("connection"),
        revisions.c.organization_id == bindparam("organization"),
        revisions.c.number == bindparam("revision"),
    )
    .values(settings=bindparam("text"))
)
# Not FOR UPDATE: what refers to the connection, as a sign-in's session does, is written meanwhile.
_HOLD = Prepared(select(_c.id).where(_THIS).with_for_update(key_share=True))
# A test of an older revision that ends late must not take the place of a newer tested one.
_SET_SERVING = Prepared(
    update(connections)
    .where(_THIS, (_c.serving_number.is_(None)) | (_c.serving_number < bindparam("revision")))
    .values(serving_number=bindparam("revision"))
)
_SET_ENABLED = Prepared(
    update(connections)
    .where(_THIS)
    .values(
        enabled_at=bindparam("moment", type_=_c.enabled_at.type),
        was_ever_on=case((bindparam("moment", type_=_c.enabled_at.type).is_not(None), True), else_=_c.was_ever_on),
    )
)
_CONFIRM = Prepared(
    update(connections)
    .where(_THIS)
    .values(access_confirmed_at=bindparam("moment"), access_confirmed_by=bindparam("by"))
)
_RENAME = Prepared(update(connections).where(_THIS).values(name=bindparam("called")))
_DELETE = Prepared(delete(connections).where(_THIS))


@dataclass(frozen=True, slots=True)
class Connections:
    """Ways to identity providers, with their revisions."""

    run: Statements

    def insert(self, connection: Connection) -> None:
        """Keep a new one, without revisions."""
        self.run.change(
            _INSERT,
            id=connection.id,
            organization_id=connection.organization_id,
            protocol=connection.protocol.value,
            provider=connection.provider,
            entity_id=connection.entity_id,
            created_at=connection.created_at,
            enabled_at=connection.enabled_at,
            was_ever_on=connection.was_ever_on,
            access_confirmed_at=connection.access_confirmed_at,
            access_confirmed_by=connection.access_confirmed_by,
            enforced_at=connection.enforced_at,
            enforced_by=connection.enforced_by,
            enforced_from=connection.enforced_from,
            name=connection.name,
        )

    def by_id(self, connection_id: ConnectionId) -> Connection | None:
        """The connection, which tells whose it is. A question without an organization (decision 8)."""
        row = self.run.one(_BY_ID, connection=connection_id)
        return None if row is None else _read(row)

    def of(self, organization_id: OrganizationId) -> tuple[Connection, ...]:
        """All connections of the organization, the oldest first."""
        return tuple(_read(row) for row in self.run.every(_OF, organization=organization_id))

    def enabled_of(self, organization_id: OrganizationId) -> tuple[Connection, ...]:
        """The connections of the organization that people may sign in with, the oldest first."""
        found = (_read(row) for row in self.run.every(_ENABLED_OF, organization=organization_id))
        return tuple(connection for connection in found if connection.is_enabled)

    def save_revision(self, revision: Revision, *, organization_id: OrganizationId) -> None:
        """Keep new settings as the latest. Raises: `AlreadyExists` when somebody else saved this number meanwhile."""
        self.run.change(
            _INSERT_REVISION,
            connection_id=revision.connection_id,
            number=revision.number,
            organization_id=organization_id,
            settings=_write_settings(revision.settings),
            saved_at=revision.saved_at,
            saved_by=revision.saved_by,
            tested_at=revision.tested_at,
            tested_by=revision.tested_by,
        )
        this = {"connection": revision.connection_id, "organization": organization_id}
        self.run.change(_SET_LATEST, number=revision.number, **this)
        if revision.tested_at is not None:
            self._serve(revision.connection_id, organization_id, number=revision.number, at=revision.saved_at)

    def mark_tested(
        self,
        connection_id: ConnectionId,
        *,
        organization_id: OrganizationId,
        number: int,
        at: datetime,
        by: AccountId | None,
    ) -> bool:
        """This revision has passed its test and serves from now on. False if there is no such revision."""
        this = {"connection": connection_id, "organization": organization_id, "revision": number}
        if self.run.change(_SET_TESTED, moment=at, by=by, **this) != 1:
            return False
        self._serve(connection_id, organization_id, number=number, at=at)
        return True

    def _serve(
        self, connection_id: ConnectionId, organization_id: OrganizationId, *, number: int, at: datetime
    ) -> None:
        self.run.change(_SET_SERVING, connection=connection_id, organization=organization_id, revision=number)
        # Other settings may have another source of keys, and other certificates.
        Upkeep(self.run).plan(connection_id, organization_id=organization_id, due_at=at)

    def hold(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> Connection | None:
        """The connection of this organization, which nobody else changes before this transaction ends."""
        row = self.run.one(_HOLD, connection=connection_id, organization=organization_id)
        return None if row is None else self.by_id(connection_id)

    def confirm_keys(self, revision: Revision, *, unconfirmed: tuple[str, ...]) -> bool:
        """Note which keys of this revision still wait for an owner. False if there is no such revision."""
        settings = replace(revision.saml, unconfirmed=unconfirmed)
        changed = self.run.change(
            _SET_SETTINGS,
            connection=revision.connection_id,
            organization=revision.organization_id,
            revision=revision.number,
            text=_write_settings(settings),
        )
        return changed == 1

    def set_enabled(self, connection_id: ConnectionId, *, organization_id: OrganizationId, at: datetime | None) -> bool:
        """Turn it on since then, or off with None. False if there is no such connection."""
        return self.run.change(_SET_ENABLED, connection=connection_id, organization=organization_id, moment=at) == 1

    def confirm_access(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, at: datetime, by: AccountId | None
    ) -> bool:
        """Note who said that they have admin access at the provider. False if there is no such connection."""
        changed = self.run.change(_CONFIRM, connection=connection_id, organization=organization_id, moment=at, by=by)
        return changed == 1

    def rename(self, connection_id: ConnectionId, *, organization_id: OrganizationId, name: str) -> bool:
        """Call it so; empty: as its provider. False if there is no such connection."""
        return self.run.change(_RENAME, connection=connection_id, organization=organization_id, called=name) == 1

    def delete(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bool:
        """Delete it with its revisions, keys and links. False if there is no such connection."""
        return self.run.change(_DELETE, connection=connection_id, organization=organization_id) == 1


def _read(row: Row) -> Connection:
    connection_id, organization_id = ConnectionId(row[0]), OrganizationId(row[1])
    protocol = Protocol(row[2])
    latest = _revision(connection_id, organization_id, protocol, row[_LATEST_AT : _LATEST_AT + _WIDTH])
    of_serving = row[_LATEST_AT + _WIDTH : _LATEST_AT + 2 * _WIDTH]
    is_same = latest is not None and latest.number == of_serving[0]
    return Connection(
        id=connection_id,
        organization_id=organization_id,
        protocol=protocol,
        provider=row[3],
        entity_id=row[4],
        created_at=row[5],
        enabled_at=row[6],
        was_ever_on=row[7],
        access_confirmed_at=row[8],
        access_confirmed_by=row[9],
        latest=latest,
        serving=latest if is_same else _revision(connection_id, organization_id, protocol, of_serving),
        name=row[13],
        enforced_at=row[10],
        enforced_by=row[11],
        enforced_from=row[12],
        organization_enforces_from=row[-1],
    )


def _revision(
    connection_id: ConnectionId, organization_id: OrganizationId, protocol: Protocol, row: Row
) -> Revision | None:
    if row[0] is None:
        return None
    return Revision(
        connection_id=connection_id,
        organization_id=organization_id,
        number=row[0],
        settings=_read_settings(row[1]) if protocol is Protocol.SAML else read_oidc_settings(row[1]),
        saved_at=row[2],
        saved_by=row[3],
        tested_at=row[4],
        tested_by=row[5],
    )


def _write_settings(settings: SamlSettings | OidcSettings) -> str:
    return json.dumps(asdict(settings), ensure_ascii=False)


def _read_settings(text: str) -> SamlSettings:
    """The settings. Fields that this version does not know are left out: a newer one may run beside it."""
    stored = json.loads(text)
    if stored.pop("accepts_unsolicited", False):
        stored.setdefault("tile", Tile.ACCEPT)
    known = {name: value for name, value in stored.items() if name in SamlSettings.__dataclass_fields__}
    known["certificates"] = tuple(known["certificates"])
    names = known["attributes"]
    known["attributes"] = AttributeNames(**{n: v for n, v in names.items() if n in AttributeNames.__dataclass_fields__})
    known["default_role"] = Role(known["default_role"])
    for name in ("sso_binding", "slo_binding"):
        known[name] = Binding(known.get(name, Binding.REDIRECT))
    known["tile"] = Tile(known.get("tile", Tile.CONVERT))
    # An allowance that this version does not know is none: it is stricter then.
    known["unconfirmed"] = tuple(known.get("unconfirmed", ()))
    known["allowances"] = tuple(each for each in Allowance if each in known.get("allowances", ()))
    return SamlSettings(**known)
