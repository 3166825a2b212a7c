"""The customer companies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.organization import Organization, Plan
from ostiary.kernel.ids import OrganizationId
from ostiary.storage.schema import organizations
from ostiary.storage.statements import Prepared, Row, Statements

_c = organizations.c
_COLUMNS = (_c.id, _c.slug, _c.name, _c.plan, _c.plan_since, _c.sso_until, _c.created_at)

_INSERT = Prepared(insert(organizations), columns=[column.name for column in _COLUMNS])
_BY_ID = Prepared(select(*_COLUMNS).where(_c.id == bindparam("organization_id")))
# Not FOR UPDATE: whatever refers to the organization, as a sign-in's session does, is written meanwhile.
_HOLD = Prepared(select(*_COLUMNS).where(_c.id == bindparam("organization_id")).with_for_update(key_share=True))
_BY_SLUG = Prepared(select(*_COLUMNS).where(_c.slug == bindparam("wanted")))
_EVERY = Prepared(select(*_COLUMNS).order_by(_c.slug))
_SET_PLAN = Prepared(
    update(organizations)
    .where(_c.id == bindparam("organization_id"))
    .values(plan=bindparam("new_plan"), plan_since=bindparam("since"), sso_until=bindparam("until"))
)
_DELETE = Prepared(delete(organizations).where(_c.id == bindparam("organization_id")))


@dataclass(frozen=True, slots=True)
class Organizations:
    """The customer companies."""

    run: Statements

    def insert(self, organization: Organization) -> None:
        """Keep a new one. Raises: `AlreadyExists` when the slug is taken."""
        self.run.change(
            _INSERT,
            id=organization.id,
            slug=organization.slug,
            name=organization.name,
            plan=organization.plan.value,
            plan_since=organization.plan_since,
            sso_until=organization.sso_until,
            created_at=organization.created_at,
        )

    def by_id(self, organization_id: OrganizationId) -> Organization | None:
        """The organization."""
        row = self.run.one(_BY_ID, organization_id=organization_id)
        return None if row is None else _read(row)

    def hold(self, organization_id: OrganizationId) -> Organization | None:
        """The organization; whoever else holds it waits until this transaction ends."""
        row = self.run.one(_HOLD, organization_id=organization_id)
        return None if row is None else _read(row)

    def by_slug(self, slug: str) -> Organization | None:
        """The organization with this slug."""
        row = self.run.one(_BY_SLUG, wanted=slug)
        return None if row is None else _read(row)

    def every(self) -> tuple[Organization, ...]:
        """All organizations, in the order of their slugs; for the operator."""
        return tuple(_read(row) for row in self.run.every(_EVERY))

    def set_plan(
        self, organization_id: OrganizationId, *, plan: Plan, since: datetime, sso_until: datetime | None
    ) -> None:
        """Change what the organization has bought."""
        self.run.change(_SET_PLAN, organization_id=organization_id, new_plan=plan.value, since=since, until=sso_until)

    def delete(self, organization_id: OrganizationId) -> bool:
        """Delete it with everything that belongs to it. False if there is none."""
        return self.run.change(_DELETE, organization_id=organization_id) == 1


def _read(row: Row) -> Organization:
    return Organization(
        id=row[0],
        slug=row[1],
        name=row[2],
        plan=Plan(row[3]),
        plan_since=row[4],
        sso_until=row[5],
        created_at=row[6],
    )
