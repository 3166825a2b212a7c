"""Whom an organization would lock out, reckoned by the database in one question, for 50,000 accounts as for five."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select

from ostiary.domain.account import ADMIN_ROLES, Account, Role
from ostiary.domain.attempt import Outcome, Purpose
from ostiary.domain.enforcement.lockout import Door, LockedOut, Reason, WayIn
from ostiary.domain.openid.errors import PossessionNeeded
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.kernel.values import DomainName
from ostiary.storage.records.accounts import Accounts
from ostiary.storage.schema import accounts, attempts, identities, sessions
from ostiary.storage.statements import Row, Statements

LATE = timedelta(days=30)
"""How far back attempts are looked at."""
_MOST_ATTEMPTS = 5000
"""And how many of an organization's at most: there is no index by address, and the page must not wait for one."""
_MOST_ADMINS = 1000

_c = accounts.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What would count: the doors, the addresses, and the accounts that are let in through break-glass."""

    doors: tuple[Door, ...]
    domains: Collection[DomainName]
    exempt: Collection[AccountId]
    tries_at: Collection[ConnectionId]
    """By which connections somebody tried to sign in, where that is told: another one's refusal says nothing here."""
    leaves_no_admin: bool
    """Whether nobody who may change the settings would be let in."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Lockouts:
    """Whom an organization would lock out."""

    run: Statements

    def active(self, *, organization_id: OrganizationId) -> int:
        """How many open accounts there are."""
        asked = select(func.count()).select_from(accounts).where(_c.organization_id == organization_id, _c.is_active)
        return int(self.run.rows(asked)[0][0])

    def by_break_glass(self, question: Question, *, organization_id: OrganizationId) -> int:
        """How many open accounts are let in through break-glass, and by none of the doors."""
        if not question.exempt:
            return 0
        asked = (
            select(func.count())
            .select_from(accounts)
            .where(
                _c.organization_id == organization_id,
                _c.is_active,
                _c.id.in_(sorted(question.exempt)),
                ~_is_let_in(question),
            )
        )
        return int(self.run.rows(asked)[0][0])

    def lets_in(self, question: Question, account_id: AccountId, *, organization_id: OrganizationId) -> bool:
        """Whether one of the doors lets this account in."""
        asked = select(_c.id).where(_c.organization_id == organization_id, _c.id == account_id, _is_let_in(question))
        return bool(self.run.rows(asked))

    def first_of_each(
        self, question: Question, *, organization_id: OrganizationId, limit: int
    ) -> tuple[Mapping[Reason, int], Mapping[Reason, Sequence[LockedOut]]]:
        """How many would be locked out, by reason in the order of the page; and the first people of each."""
        found = _locked_out(question, organization_id).subquery()
        place = func.row_number().over(partition_by=found.c.reason, order_by=(found.c.email_key, found.c.id))
        count = func.count().over(partition_by=found.c.reason)
        numbered = select(*found.c, count.label("count"), place.label("place")).subquery()
        rows = self.run.rows(
            select(*(column for column in numbered.c if column.name != "place"))
            .where(numbered.c.place <= limit)
            .order_by(numbered.c.email_key, numbered.c.id)
        )
        counts = {Reason(row[6]): int(row[-1]) for row in rows}
        people = self._with_attempts([_read(row[:-1]) for row in rows], question, organization_id)
        return (
            {reason: counts[reason] for reason in Reason if reason in counts},
            {reason: [each for each in people if each.reason is reason] for reason in Reason},
        )

    def page(
        self,
        question: Question,
        *,
        organization_id: OrganizationId,
        reason: Reason | None = None,
        after_email: str = "",
        limit: int = 100,
    ) -> tuple[LockedOut, ...]:
        """The people after this address, of one reason or of all, in the order of their addresses."""
        found = _locked_out(question, organization_id).subquery()
        asked = select(found).where(found.c.email_key > after_email).order_by(found.c.email_key, found.c.id)
        if reason is not None:
            asked = asked.where(found.c.reason == reason.value)
        people = [_read(row) for row in self.run.rows(asked.limit(limit))]
        return tuple(self._with_attempts(people, question, organization_id))

    def every(self, question: Question, *, organization_id: OrganizationId) -> tuple[LockedOut, ...]:
        """All of them, by reason and address."""
        found = _locked_out(question, organization_id).subquery()
        people = [_read(row) for row in self.run.rows(select(found).order_by(found.c.email_key, found.c.id))]
        order = {reason: place for place, reason in enumerate(Reason)}
        return tuple(sorted(people, key=lambda each: order[each.reason]))

    def ways_in(
        self, doors: tuple[Door, ...], *, exempt: Collection[AccountId], organization_id: OrganizationId
    ) -> tuple[WayIn, ...]:
        """Owners and admins who have come by one of the doors as they stand now, or are proven break-glass."""
        # The few admins first: no index of identities leads to them, and there may be 50,000 others.
        admins = Accounts(self.run).admins(organization_id=organization_id, limit=_MOST_ADMINS)
        used_at = func.coalesce(identities.c.last_used_at, identities.c.created_at)
        proven = or_(false(), *(and_(_fits(door), used_at >= door.proven_since) for door in doors))
        asked = (
            select(identities.c.account_id, identities.c.connection_id, used_at)
            .where(
                identities.c.account_id.in_([admin.id for admin in admins]),
                identities.c.organization_id == organization_id,
                proven,
            )
            .order_by(used_at.desc(), identities.c.account_id)
        )
        known = {admin.id: admin for admin in admins}
        came = [(known[row[0]], row[1], row[2]) for row in self.run.rows(asked)]
        broken = [(admin, None, None) for admin in admins if admin.id in exempt]
        ways = [_way(account, connection_id, at) for account, connection_id, at in (*came, *broken)]
        return tuple({(way.account_id, way.connection_id): way for way in ways}.values())

    def _with_attempts(
        self, people: list[LockedOut], question: Question, organization_id: OrganizationId
    ) -> list[LockedOut]:
        """The same people, with what came of their last try of late."""
        if not people:
            return people
        latest = _latest(question, organization_id).subquery()
        address = func.lower(latest.c.email_hint)
        wanted = [each.email.lower() for each in people]
        columns = (latest.c.outcome, latest.c.started_at, latest.c.code, latest.c.facts)
        tried: dict[tuple[str, bool], Row] = {}
        rows = self.run.rows(select(address, latest.c.connection_id, *columns).where(address.in_(wanted)))
        for row in sorted(rows, key=lambda row: row[3]):
            tried[row[0], row[1] in question.tries_at] = row
        return [_tried(each, tried) for each in people]


def _tried(person: LockedOut, tried: Mapping[tuple[str, bool], Row]) -> LockedOut:
    """The person with their last try: of those where they were asked for a code, at any connection that counts."""
    key = person.email.lower()
    found = [tried[key, True]] if (key, True) in tried else []
    if person.reason is Reason.CODE_NEEDED and (key, False) in tried:
        found.append(tried[key, False])
    if not found:
        return person
    _, _, outcome, at, code, facts = max(found, key=lambda row: row[3])
    return replace(person, outcome=Outcome(outcome), tried_at=at, code=code or "", facts=facts)


def _locked_out(question: Question, organization_id: OrganizationId) -> Select[tuple[object, ...]]:
    """Every open account that none of the doors lets in, with the first reason that fits."""
    own = _own_links()
    doors = [door.connection_id for door in question.doors]
    at_doors = exists().where(own, identities.c.connection_id.in_(doors))
    latest = _latest(question, organization_id).subquery()
    asked_for_code = _c.email_key.in_(
        select(func.lower(latest.c.email_hint)).where(
            latest.c.code == PossessionNeeded.code, latest.c.connection_id.in_(doors)
        )
    )
    signed_in = (
        select(func.max(sessions.c.created_at))
        .where(
            sessions.c.account_id == _c.id,
            sessions.c.organization_id == _c.organization_id,
            sessions.c.connection_id.is_(None),
            sessions.c.not_after > question.now,
        )
        .scalar_subquery()
    )
    is_inside = or_(false(), *(_c.email_key.endswith(f"@{name}", autoescape=True) for name in question.domains))
    is_password_only = and_(_c.password_hash.is_not(None), signed_in.is_not(None), ~exists().where(own))
    whens: list[tuple[ColumnElement[bool], str]] = [
        (asked_for_code, Reason.CODE_NEEDED.value),
        (_c.role == Role.OWNER.value, Reason.OWNER_NOT_LINKED.value),
        (at_doors, Reason.OTHER_IDENTITY.value),
        (~is_inside, Reason.OUTSIDE_DOMAINS.value),
        (is_password_only, Reason.PASSWORD_ONLY.value),
    ]
    if question.leaves_no_admin:
        whens.insert(0, (_c.role.in_(sorted(role.value for role in ADMIN_ROLES)), Reason.LAST_ADMIN.value))
    reason = case(*whens, else_=Reason.NO_SIGN_IN.value).label("reason")
    return select(
        _c.id, _c.email, _c.email_key, _c.first_name, _c.last_name, _c.role, reason, signed_in.label("signed_in_at")
    ).where(
        _c.organization_id == organization_id,
        _c.is_active,
        ~_is_let_in(question),
        _c.id.not_in(sorted(question.exempt)),
    )


def _latest(
    question: Question, organization_id: OrganizationId
) -> Select[tuple[str, str, datetime, str | None, dict[str, Fact], str]]:
    """The sign-ins of late, by the connections that count and by those whose tries are told."""
    c = attempts.c
    return (
        select(c.email_hint, c.outcome, c.started_at, c.code, c.facts, c.connection_id)
        .where(
            c.organization_id == organization_id,
            c.started_at >= question.now - LATE,
            c.purpose == Purpose.LOGIN.value,
            c.connection_id.in_({*question.tries_at, *(door.connection_id for door in question.doors)}),
        )
        .order_by(c.id.desc())
        .limit(_MOST_ATTEMPTS)
    )


def _own_links() -> ColumnElement[bool]:
    return and_(identities.c.account_id == _c.id, identities.c.organization_id == _c.organization_id)


def _is_let_in(question: Question) -> ColumnElement[bool]:
    """Whether one of the doors lets the account in."""
    return exists().where(_own_links(), or_(false(), *(_fits(door) for door in question.doors)))


def _fits(door: Door) -> ColumnElement[bool]:
    """A link that opens this door: of its connection, and of the issuer that it trusts now."""
    is_of_door = identities.c.connection_id == door.connection_id
    return and_(is_of_door, identities.c.issuer == door.issuer) if door.issuer else is_of_door


def _read(row: Row) -> LockedOut:
    account_id, email, _, first, last, role, reason, signed_in_at = row
    return LockedOut(
        account_id=account_id,
        email=email,
        name=f"{first} {last}".strip() or email,
        role=Role(role),
        reason=Reason(reason),
        signed_in_at=signed_in_at,
    )


def _way(account: Account, connection_id: ConnectionId | None, at: datetime | None) -> WayIn:
    return WayIn(account_id=account.id, name=account.name, role=account.role, connection_id=connection_id, at=at)
