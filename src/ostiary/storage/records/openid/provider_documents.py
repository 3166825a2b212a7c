"""What OpenID Connect providers publish, one row for each connection, shared by all servers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ostiary.domain.openid.provider_document import ProviderDocument
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.storage.schema import provider_documents
from ostiary.storage.statements import Prepared, Statements

_c = provider_documents.c
_MOMENT = _c.fetched_at.type
_THIS = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))

_first = insert(provider_documents).values(
    {column.name: bindparam(f"its_{column.name}", type_=column.type) for column in _c}
)
_KEPT = {"connection_id", "organization_id"}
_SAVE = Prepared(
    _first.on_conflict_do_update(
        index_elements=["connection_id"],
        set_={column.name: _first.excluded[column.name] for column in _c if column.name not in _KEPT},
        where=_c.organization_id == bindparam("organization"),
    )
)
_OF = Prepared(select(*_c).where(_THIS))
_FORCE = Prepared(
    update(provider_documents)
    .where(_THIS, or_(_c.forced_at.is_(None), _c.forced_at <= bindparam("before", type_=_MOMENT)))
    .values(forced_at=bindparam("moment", type_=_MOMENT))
)
_PUT_OFF = Prepared(update(provider_documents).where(_THIS).values(fresh_until=bindparam("until", type_=_MOMENT)))
_NOTE = Prepared(update(provider_documents).where(_THIS).values(unknown_keys=bindparam("names")))
_FORGET = Prepared(delete(provider_documents).where(_THIS))


@dataclass(frozen=True, slots=True)
class ProviderDocuments:
    """What providers publish."""

    run: Statements

    def save(self, document: ProviderDocument) -> None:
        """Keep what was fetched, in place of what was there."""
        values = {f"its_{name.name}": getattr(document, name.name) for name in _c}
        self.run.change(_SAVE, organization=document.organization_id, **values)

    def of(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> ProviderDocument | None:
        """The connection's, however old."""
        row = self.run.one(_OF, connection=connection_id, organization=organization_id)
        if row is None:
            return None
        return ProviderDocument(**{column.name: value for column, value in zip(_c, row, strict=True)})

    def force(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, before: datetime, at: datetime
    ) -> bool:
        """Whether the caller may fetch out of turn: one in all servers, and none if one has since `before`."""
        changed = self.run.change(
            _FORCE, connection=connection_id, organization=organization_id, before=before, moment=at
        )
        return changed == 1

    def put_off(self, connection_id: ConnectionId, *, organization_id: OrganizationId, until: datetime) -> None:
        """Ask no sooner than then: the provider is down, and what is kept serves meanwhile."""
        self.run.change(_PUT_OFF, connection=connection_id, organization=organization_id, until=until)

    def note_unknown(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, names: Mapping[str, str]
    ) -> None:
        """Remember keys that were asked for and are not published, each with the moment of it."""
        self.run.change(_NOTE, connection=connection_id, organization=organization_id, names=names)

    def forget(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bool:
        """Forget them: the connection has another issuer. False if there were none."""
        return self.run.change(_FORGET, connection=connection_id, organization=organization_id) == 1
