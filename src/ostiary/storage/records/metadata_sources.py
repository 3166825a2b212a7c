"""Where providers publish their keys: which is due, who asks it now, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, bindparam, case, delete, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ostiary.domain.attempt import Outcome
from ostiary.domain.upkeep.metadata_source import MetadataSource
from ostiary.kernel.ids import ConnectionId, OrganizationId
from ostiary.storage.schema import attempt_events, attempts, connections, metadata_sources
from ostiary.storage.statements import Prepared, Row, Statements

_c = metadata_sources.c
_COLUMNS = tuple(_c)
_MOMENT = _c.due_at.type
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_THIS = (_c.connection_id == bindparam("connection")) & (_c.organization_id == bindparam("organization"))
_is_free = or_(_c.lease_until.is_(None), _c.lease_until <= bindparam("moment", type_=_MOMENT))

_first = insert(metadata_sources).values(
    {column.name: bindparam(f"its_{column.name}", type_=column.type) for column in _c}
)
# Another URL is another source: nothing that was found at the old one counts for it.
_PIN = Prepared(
    _first.on_conflict_do_update(
        index_elements=["connection_id"],
        set_={column.name: _first.excluded[column.name] for column in _c if column.name != "connection_id"},
        where=(_c.url != _first.excluded.url) & (_c.organization_id == bindparam("organization")),
    )
)
_UNPIN = Prepared(delete(metadata_sources).where(_THIS))
_OF = Prepared(select(*_COLUMNS).where(_THIS))
# By way of the connections, which have an index by organization: this page must not grow with those of others.
_EVERY = Prepared(
    select(*_COLUMNS)
    .join(connections, connections.c.id == _c.connection_id)
    .where(connections.c.organization_id == bindparam("organization"), _c.organization_id == bindparam("organization"))
)
_CLAIM = Prepared(
    update(metadata_sources)
    .where(
        _c.connection_id.in_(
            select(_c.connection_id)
            .where(_c.due_at <= bindparam("moment", type_=_MOMENT), _is_free)
            .order_by(_c.due_at, _c.connection_id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    .values(lease_until=bindparam("leased_until", type_=_MOMENT))
    .returning(*_COLUMNS)
)
_CLAIM_ONE = Prepared(
    update(metadata_sources)
    .where(_THIS, _is_free)
    .values(lease_until=bindparam("leased_until", type_=_MOMENT))
    .returning(*_COLUMNS)
)
_ASK = Prepared(
    update(metadata_sources)
    .where(_THIS, or_(_c.asked_at.is_(None), _c.asked_at <= bindparam("before", type_=_MOMENT)))
    .values(asked_at=bindparam("moment", type_=_MOMENT), due_at=bindparam("moment", type_=_MOMENT))
)
_FOUND = tuple(
    column
    for column in _c
    if column.name
    not in {"connection_id", "organization_id", "url", "due_at", "asked_at", "lease_until", "is_put_aside"}
)
# Only the one that holds the lease writes down what it found: a slow one must not overwrite a newer answer.
_SAVE = Prepared(
    update(metadata_sources)
    .where(_THIS, _c.lease_until == bindparam("held", type_=_MOMENT))
    .values(
        {
            "lease_until": null(),
            # Asked for again while it was being asked: what was just read may be from before the change.
            "due_at": case(
                (_c.asked_at > bindparam("asked_before", type_=_MOMENT), _c.asked_at),
                else_=bindparam("its_due_at", type_=_MOMENT),
            ),
            "is_put_aside": bindparam("its_is_put_aside", type_=_c.is_put_aside.type),
            **{column.name: bindparam(f"its_{column.name}", type_=column.type) for column in _FOUND},
        }
    )
)
_SIGNERS = Prepared(
    select(attempt_events.c.facts)
    .join(attempts, attempts.c.id == attempt_events.c.attempt_id)
    .where(
        attempts.c.connection_id == bindparam("connection"),
        attempts.c.organization_id == bindparam("organization"),
        attempts.c.outcome == Outcome.SIGNED_IN.value,
        attempts.c.finished_at >= bindparam("since", type_=attempts.c.finished_at.type),
        attempt_events.c.kind == "checks_passed",
    )
    .order_by(attempts.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_PUT_ASIDE = Prepared(update(metadata_sources).where(_THIS).values(is_put_aside=True))


@dataclass(frozen=True, slots=True)
class MetadataSources:
    """Where providers publish their keys."""

    run: Statements

    def pin(self, source: MetadataSource) -> None:
        """Keep a connection's source; one with the same URL stays as it is."""
        self.run.change(_PIN, organization=source.organization_id, **_written(source))

    def unpin(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bool:
        """Forget it. False if there was none."""
        return self.run.change(_UNPIN, connection=connection_id, organization=organization_id) == 1

    def of(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> MetadataSource | None:
        """The connection's source."""
        row = self.run.one(_OF, connection=connection_id, organization=organization_id)
        return None if row is None else _read(row)

    def every_of(self, organization_id: OrganizationId) -> tuple[MetadataSource, ...]:
        """The sources of the organization's connections."""
        return tuple(_read(row) for row in self.run.every(_EVERY, organization=organization_id))

    def claim(self, *, limit: int, lease: timedelta, now: datetime) -> tuple[MetadataSource, ...]:
        """Sources to ask now, the longest due first, for one caller only until the lease ends."""
        rows = self.run.every(_CLAIM, most=limit, leased_until=now + lease, moment=now)
        return tuple(sorted((_read(row) for row in rows), key=lambda source: (source.due_at, source.connection_id)))

    def claim_one(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, lease: timedelta, now: datetime
    ) -> MetadataSource | None:
        """The connection's source, due or not, for one caller only; None while another one asks it."""
        row = self.run.one(
            _CLAIM_ONE, connection=connection_id, organization=organization_id, leased_until=now + lease, moment=now
        )
        return None if row is None else _read(row)

    def ask(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, cooldown: timedelta, now: datetime
    ) -> bool:
        """Make it due now. False if there is none, or it was asked out of turn less than `cooldown` ago."""
        changed = self.run.change(
            _ASK, connection=connection_id, organization=organization_id, before=now - cooldown, moment=now
        )
        return changed == 1

    def save(self, source: MetadataSource) -> bool:
        """Write down what was found, and give the lease back. False when the lease has passed to somebody else."""
        values = _written(source)
        found = {f"its_{column.name}": values[f"its_{column.name}"] for column in _FOUND}
        changed = self.run.change(
            _SAVE,
            connection=source.connection_id,
            organization=source.organization_id,
            held=source.lease_until,
            asked_before=source.asked_at or _LONG_AGO,
            its_due_at=source.due_at,
            its_is_put_aside=source.is_put_aside,
            **found,
        )
        return changed == 1

    def signers(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, since: datetime, limit: int = 50
    ) -> frozenset[str]:
        """The fingerprints of the keys that the last successful sign-ins bore."""
        rows = self.run.every(_SIGNERS, connection=connection_id, organization=organization_id, since=since, most=limit)
        return frozenset(str(row[0].get("fingerprint", "")) for row in rows)

    def put_aside(self, connection_id: ConnectionId, *, organization_id: OrganizationId) -> bool:
        """Note that an admin does not want what it proposes. False if there is no such source."""
        return self.run.change(_PUT_ASIDE, connection=connection_id, organization=organization_id) == 1


def _written(source: MetadataSource) -> Mapping[str, object]:
    return {f"its_{column.name}": getattr(source, column.name) for column in _c}


def _read(row: Row) -> MetadataSource:
    return MetadataSource(**{column.name: value for column, value in zip(_COLUMNS, row, strict=True)})
