"""A moment comes back as the same moment, in UTC, to the microsecond, whatever zone it came in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from tests.storage.builders import an_organization


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2))),  # in the hour that Berlin skips
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),  # in the hour that it has twice
        datetime(2026, 1, 1, 0, 15, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_in_utc(store, moment):
    organization = an_organization(plan_since=moment)
    with store.write() as tx:
        tx.organizations.insert(organization)
        found = tx.organizations.by_id(organization.id)
    assert found == organization
    assert found is not None
    assert found.plan_since.utcoffset() == timedelta()
    assert found.plan_since.isoformat() == moment.astimezone(UTC).isoformat()


def test_a_moment_does_not_depend_on_the_zone_of_the_database(store):
    organization = an_organization()
    with store.write() as tx:
        if tx.run.is_postgres:
            tx.run.core.execute(text("SET LOCAL timezone = 'Asia/Kathmandu'"))
        tx.organizations.insert(organization)
        found = tx.organizations.by_id(organization.id)
    assert found is not None
    assert found.created_at.isoformat() == organization.created_at.isoformat()


def test_a_time_without_a_zone_is_refused(store):
    naive = datetime(2026, 11, 21, 9, 30)
    with pytest.raises(ValueError, match="time zone"), store.write() as tx:
        tx.organizations.insert(an_organization(created_at=naive))
