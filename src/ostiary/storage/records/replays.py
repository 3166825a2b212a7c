"""Assertions that were used: each is accepted once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from ostiary.kernel.ids import ConnectionId
from ostiary.storage.fingerprints import fingerprint_of
from ostiary.storage.schema import replays
from ostiary.storage.statements import Prepared, Statements

# One atomic statement, the same text on both engines.
_REMEMBER = Prepared(
    insert(replays)
    .values({name: bindparam(f"its_{name}") for name in ("connection_id", "assertion_key", "until")})
    .on_conflict_do_nothing(index_elements=["connection_id", "assertion_key"])
)

_KNOWN = Prepared(
    select(replays.c.until).where(
        replays.c.connection_id == bindparam("connection"), replays.c.assertion_key == bindparam("key")
    )
)


@dataclass(frozen=True, slots=True)
class Replays:
    """Assertions that were used."""

    run: Statements

    def remember(self, connection_id: ConnectionId, *, issuer: str, assertion_id: str, until: datetime) -> bool:
        """True the first time, for one caller only; False ever after. It may be forgotten after `until`."""
        changed = self.run.change(
            _REMEMBER,
            its_connection_id=connection_id,
            its_assertion_key=fingerprint_of(issuer, assertion_id),
            its_until=until,
        )
        return changed == 1

    def is_known(self, connection_id: ConnectionId, *, issuer: str, assertion_id: str) -> bool:
        """Whether it was used, for the report of a test. Never a gate: between the question and the use lies time."""
        key = fingerprint_of(issuer, assertion_id)
        return self.run.one(_KNOWN, connection=connection_id, key=key) is not None
