"""Signed-in browsers, and every way by which they end (decision 12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary import saml
from ostiary.domain.session import Session
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId, SessionId
from ostiary.storage.fingerprints import fingerprint_of
from ostiary.storage.schema import sessions
from ostiary.storage.statements import Prepared, Row, Statements

_c = sessions.c
_COLUMNS = (
    _c.id,
    _c.token_hash,
    _c.organization_id,
    _c.account_id,
    _c.connection_id,
    _c.issuer,
    _c.subject,
    _c.session_index,
    _c.auth_time,
    _c.acr,
    _c.amr,
    _c.created_at,
    _c.idle_until,
    _c.not_after,
    _c.must_reauth,
    _c.client_address,
    _c.user_agent,
    _c.name_id,
)
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.id == bindparam("session")) & _MINE
_OF_ACCOUNT = (_c.account_id == bindparam("account")) & _MINE
_OF_SUBJECT = (_c.connection_id == bindparam("connection")) & (_c.subject_key == bindparam("key")) & _MINE
_OF_INDEX = (_c.connection_id == bindparam("connection")) & (_c.session_index == bindparam("its_index")) & _MINE

_INSERT = Prepared(insert(sessions), columns=[*(column.name for column in _COLUMNS), "subject_key"])
_BY_TOKEN = Prepared(select(*_COLUMNS).where(_c.token_hash == bindparam("wanted")))
_TOUCH = Prepared(update(sessions).where(_THIS).values(idle_until=bindparam("until")))
_FOR_ACCOUNT = Prepared(select(*_COLUMNS).where(_OF_ACCOUNT).order_by(_c.id.desc()))
_END = Prepared(delete(sessions).where(_THIS))
_END_ALL = Prepared(delete(sessions).where(_OF_ACCOUNT))
_EXPIRE_SUBJECT = Prepared(update(sessions).where(_OF_SUBJECT).values(must_reauth=True))
_INVALIDATE_SUBJECT = Prepared(delete(sessions).where(_OF_SUBJECT))
_FOR_SUBJECT = Prepared(select(*_COLUMNS).where(_OF_SUBJECT).order_by(_c.id))
_INVALIDATE_INDEX = Prepared(delete(sessions).where(_OF_INDEX))


@dataclass(frozen=True, slots=True)
class Sessions:
    """Signed-in browsers."""

    run: Statements

    def insert(self, session: Session) -> None:
        """Keep a new one."""
        subject_key = None
        if session.issuer is not None and session.subject is not None:
            subject_key = fingerprint_of(session.issuer, session.subject)
        self.run.change(
            _INSERT,
            id=session.id,
            token_hash=session.token_hash,
            organization_id=session.organization_id,
            account_id=session.account_id,
            connection_id=session.connection_id,
            issuer=session.issuer,
            subject=session.subject,
            subject_key=subject_key,
            session_index=session.session_index,
            auth_time=session.auth_time,
            acr=session.acr,
            amr=session.amr,
            created_at=session.created_at,
            idle_until=session.idle_until,
            not_after=session.not_after,
            must_reauth=session.must_reauth,
            client_address=session.client_address,
            user_agent=session.user_agent,
            name_id=_written(session.name_id),
        )

    def by_token_hash(self, token_hash: str) -> Session | None:
        """The session, live or not, which tells whose it is. A question without an organization (decision 8)."""
        row = self.run.one(_BY_TOKEN, wanted=token_hash)
        return None if row is None else _read(row)

    def touch(self, session_id: SessionId, *, organization_id: OrganizationId, idle_until: datetime) -> bool:
        """Move its idle time on. False if it has ended meanwhile."""
        return self.run.change(_TOUCH, session=session_id, organization=organization_id, until=idle_until) == 1

    def of_account(self, account_id: AccountId, *, organization_id: OrganizationId) -> tuple[Session, ...]:
        """The sessions of an account, the newest first."""
        rows = self.run.every(_FOR_ACCOUNT, account=account_id, organization=organization_id)
        return tuple(_read(row) for row in rows)

    def end(self, session_id: SessionId, *, organization_id: OrganizationId) -> bool:
        """End it. False if there is no such session."""
        return self.run.change(_END, session=session_id, organization=organization_id) == 1

    def end_all(self, account_id: AccountId, *, organization_id: OrganizationId) -> int:
        """End all sessions of an account, and tell how many."""
        return self.run.change(_END_ALL, account=account_id, organization=organization_id)

    def expire_subject(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str, subject: str
    ) -> int:
        """Make this person sign in again before the next page, and tell how many sessions that are."""
        return self._of_subject(_EXPIRE_SUBJECT, connection_id, organization_id, issuer, subject)

    def invalidate_subject(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str, subject: str
    ) -> int:
        """End all sessions that this person began by this connection, and tell how many."""
        return self._of_subject(_INVALIDATE_SUBJECT, connection_id, organization_id, issuer, subject)

    def of_subject(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, issuer: str, subject: str
    ) -> tuple[Session, ...]:
        """The sessions that this person began by this connection, the oldest first."""
        key = fingerprint_of(issuer, subject)
        rows = self.run.every(_FOR_SUBJECT, connection=connection_id, organization=organization_id, key=key)
        return tuple(_read(row) for row in rows)

    def invalidate_index(
        self, connection_id: ConnectionId, *, organization_id: OrganizationId, session_index: str
    ) -> int:
        """End the sessions with the identity provider's SessionIndex or sid, and tell how many."""
        return self.run.change(
            _INVALIDATE_INDEX, connection=connection_id, organization=organization_id, its_index=session_index
        )

    def _of_subject(
        self,
        statement: Prepared,
        connection_id: ConnectionId,
        organization_id: OrganizationId,
        issuer: str,
        subject: str,
    ) -> int:
        key = fingerprint_of(issuer, subject)
        return self.run.change(statement, connection=connection_id, organization=organization_id, key=key)


def _read(row: Row) -> Session:
    return Session(
        id=row[0],
        token_hash=row[1],
        organization_id=row[2],
        account_id=row[3],
        connection_id=row[4],
        issuer=row[5],
        subject=row[6],
        session_index=row[7],
        auth_time=row[8],
        acr=row[9],
        amr=row[10],
        created_at=row[11],
        idle_until=row[12],
        not_after=row[13],
        must_reauth=row[14],
        client_address=row[15],
        user_agent=row[16],
        name_id=_read_name_id(row[17]),
    )


def _written(name_id: saml.NameId | None) -> dict[str, Fact] | None:
    """As it was received: where the message named no format, there is none."""
    if name_id is None:
        return None
    return {
        "value": name_id.value,
        "format": name_id.format if name_id.states_format else "",
        "name_qualifier": name_id.name_qualifier,
        "sp_name_qualifier": name_id.sp_name_qualifier,
    }


def _read_name_id(facts: Mapping[str, Fact] | None) -> saml.NameId | None:
    """As it was kept. A session of an earlier version has none."""
    if facts is None:
        return None
    kept = {name: str(fact) for name, fact in facts.items()}
    states_format = bool(kept["format"])
    return saml.NameId(**{**kept, "format": kept["format"] or saml.NAME_ID_UNSPECIFIED}, states_format=states_format)
