"""Email domains: claimed, looked up, verified."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, insert, or_, select, update

from ostiary.domain.email_domain import EmailDomain
from ostiary.kernel.ids import DomainId, OrganizationId
from ostiary.kernel.values import DomainName
from ostiary.storage.schema import domains
from ostiary.storage.statements import Prepared, Row, Statements

_c = domains.c
_COLUMNS = (
    _c.id,
    _c.organization_id,
    _c.name,
    _c.challenge,
    _c.created_at,
    _c.verified_at,
    _c.checked_at,
    _c.found,
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("domain")) & _MINE

_INSERT = Prepared(insert(domains), columns=[column.name for column in _COLUMNS])
_BY_ID = Prepared(select(*_COLUMNS).where(_THIS))
_OF = Prepared(select(*_COLUMNS).where(_MINE).order_by(_c.name))
_VERIFIED = Prepared(select(*_COLUMNS).where(_c.name == bindparam("wanted"), _c.verified_at.is_not(None)))
_RECORD = Prepared(update(domains).where(_THIS).values(found=bindparam("seen"), checked_at=bindparam("moment")))
_VERIFY = Prepared(update(domains).where(_THIS).values(verified_at=bindparam("moment")))
_DELETE = Prepared(delete(domains).where(_THIS))
_FOR_RECHECK = Prepared(
    select(*_COLUMNS)
    .where(or_(_c.checked_at.is_(None), _c.checked_at < bindparam("before")), _c.verified_at.is_not(None))
    .order_by(_c.checked_at, _c.id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Domains:
    """Email domains: claimed, looked up, verified."""

    run: Statements

    def insert(self, domain: EmailDomain) -> None:
        """Keep a new claim. Raises: `AlreadyExists` when the organization has claimed it."""
        self.run.change(
            _INSERT,
            id=domain.id,
            organization_id=domain.organization_id,
            name=domain.name.text,
            challenge=domain.challenge,
            created_at=domain.created_at,
            verified_at=domain.verified_at,
            checked_at=domain.checked_at,
            found=domain.found,
        )

    def by_id(self, domain_id: DomainId, *, organization_id: OrganizationId) -> EmailDomain | None:
        """The domain."""
        row = self.run.one(_BY_ID, domain=domain_id, organization=organization_id)
        return None if row is None else _read(row)

    def of(self, organization_id: OrganizationId) -> tuple[EmailDomain, ...]:
        """All domains of the organization, by name."""
        return tuple(_read(row) for row in self.run.every(_OF, organization=organization_id))

    def verified_owner(self, name: DomainName) -> EmailDomain | None:
        """The verified domain of this name, which tells whose it is: without an organization (decision 8)."""
        row = self.run.one(_VERIFIED, wanted=name.text)
        return None if row is None else _read(row)

    def record_check(
        self, domain_id: DomainId, *, organization_id: OrganizationId, found: tuple[str, ...], checked_at: datetime
    ) -> bool:
        """Note what a look-up found. False if there is no such domain."""
        changed = self.run.change(
            _RECORD, domain=domain_id, organization=organization_id, seen=tuple(found), moment=checked_at
        )
        return changed == 1

    def mark_verified(self, domain_id: DomainId, *, organization_id: OrganizationId, at: datetime) -> bool:
        """The domain now counts. Raises: `AlreadyExists` when another organization has verified it."""
        return self.run.change(_VERIFY, domain=domain_id, organization=organization_id, moment=at) == 1

    def mark_unverified(self, domain_id: DomainId, *, organization_id: OrganizationId) -> bool:
        """The domain no longer counts. False if there is no such domain."""
        return self.run.change(_VERIFY, domain=domain_id, organization=organization_id, moment=None) == 1

    def delete(self, domain_id: DomainId, *, organization_id: OrganizationId) -> bool:
        """Give it up. False if there is no such domain."""
        return self.run.change(_DELETE, domain=domain_id, organization=organization_id) == 1

    def page_for_recheck(self, *, before: datetime, limit: int) -> tuple[EmailDomain, ...]:
        """Verified domains of all organizations that were not looked up since then, for the job that does."""
        return tuple(_read(row) for row in self.run.every(_FOR_RECHECK, before=before, most=limit))


def _read(row: Row) -> EmailDomain:
    return EmailDomain(
        id=row[0],
        organization_id=row[1],
        name=DomainName(row[2]),
        challenge=row[3],
        created_at=row[4],
        verified_at=row[5],
        checked_at=row[6],
        found=row[7],
    )
