"""What a column can hold, in both engines: moments in UTC, facts, lists of texts."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from ostiary.kernel.errors import Fact

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment, in UTC: timestamptz on PostgreSQL, microseconds since 1970 on SQLite. A naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[int]:
        """The column's type in this engine."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """The value as it is stored. Raises: `ValueError` for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value if dialect.name == "postgresql" else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:
        """The moment that was stored, in UTC."""
        del dialect
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Facts(TypeDecorator[Mapping[str, Fact]]):
    """The facts of a refusal, an event or a job, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Fact] | None, dialect: Dialect) -> str | None:
        """The facts as JSON."""
        del dialect
        return None if value is None else json.dumps(dict(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Fact] | None:
        """The facts; lists become tuples again."""
        del dialect
        if value is None:
            return None
        if value == "{}":
            return {}
        return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in json.loads(value).items()}


class Texts(TypeDecorator[tuple[str, ...]]):
    """Several texts in their order, as JSON."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """The texts as JSON."""
        del dialect
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """The texts."""
        del dialect
        return None if value is None else tuple(json.loads(value))
