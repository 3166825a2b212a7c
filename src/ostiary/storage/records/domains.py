"""Email domains: claimed, looked up, verified."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, delete, insert, null, select, update

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
    _c.missing_since,
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("domain")) & _MINE

_MOMENT = _c.due_at.type

_INSERT = Prepared(insert(domains), columns=[column.name for column in (*_COLUMNS, _c.due_at)])
_BY_ID = Prepared(select(*_COLUMNS).where(_THIS))
_OF = Prepared(select(*_COLUMNS).where(_MINE).order_by(_c.name))
_VERIFIED = Prepared(select(*_COLUMNS).where(_c.name == bindparam("wanted"), _c.verified_at.is_not(None)))
_RECORD = Prepared(update(domains).where(_THIS).values(found=bindparam("seen"), checked_at=bindparam("moment")))
_VERIFY = Prepared(
    update(domains)
    .where(_THIS)
    .values(
        verified_at=bindparam("moment", type_=_MOMENT), due_at=bindparam("due", type_=_MOMENT), missing_since=null()
    )
)
_PLAN = Prepared(
    update(domains)
    .where(_THIS, _c.verified_at.is_not(None))
    .values(due_at=bindparam("due", type_=_MOMENT), missing_since=bindparam("missing", type_=_MOMENT))
)
_ASK = Prepared(update(domains).where(_THIS, _c.verified_at.is_not(None)).values(due_at=bindparam("due")))
_DELETE = Prepared(delete(domains).where(_THIS))
# A claimed domain is due again when the lease ends, so a dead server loses none.
_CLAIM = Prepared(
    update(domains)
    .where(
        _c.id.in_(
            select(_c.id)
            .where(_c.due_at <= bindparam("moment", type_=_MOMENT), _c.verified_at.is_not(None))
            .order_by(_c.due_at, _c.id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True)
        )
    )
    .values(due_at=bindparam("leased_until", type_=_MOMENT))
    .returning(*_COLUMNS)
)


NEXT_CHECK = timedelta(days=1)


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
            missing_since=domain.missing_since,
            due_at=domain.verified_at,
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
        """The domain now counts, and is looked up again a day later. Raises: `AlreadyExists` if it is another's."""
        due = at + NEXT_CHECK
        return self.run.change(_VERIFY, domain=domain_id, organization=organization_id, moment=at, due=due) == 1

    def mark_unverified(self, domain_id: DomainId, *, organization_id: OrganizationId) -> bool:
        """The domain no longer counts. False if there is no such domain."""
        return self.run.change(_VERIFY, domain=domain_id, organization=organization_id, moment=None, due=None) == 1

    def plan(
        self,
        domain_id: DomainId,
        *,
        organization_id: OrganizationId,
        missing_since: datetime | None,
        due_at: datetime,
    ) -> bool:
        """Since when the record of a verified domain is gone, and when it is looked up next. False if there is none."""
        this = {"domain": domain_id, "organization": organization_id}
        return self.run.change(_PLAN, due=due_at, missing=missing_since, **this) == 1

    def ask(self, domain_id: DomainId, *, organization_id: OrganizationId, due_at: datetime) -> bool:
        """Look a verified domain up then. False if there is none."""
        return self.run.change(_ASK, domain=domain_id, organization=organization_id, due=due_at) == 1

    def claim_due(self, *, limit: int, lease: timedelta, now: datetime) -> tuple[EmailDomain, ...]:
        """Verified domains of all organizations to look up now, for one caller only until the lease ends."""
        rows = self.run.every(_CLAIM, most=limit, leased_until=now + lease, moment=now)
        return tuple(_read(row) for row in rows)

    def delete(self, domain_id: DomainId, *, organization_id: OrganizationId) -> bool:
        """Give it up. False if there is no such domain."""
        return self.run.change(_DELETE, domain=domain_id, organization=organization_id) == 1


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
        missing_since=row[8],
    )
