"""A row of the attempts, as an attempt."""

from ostiary.domain.attempt import LoginAttempt, Origin, Outcome, Purpose
from ostiary.storage.schema import attempts
from ostiary.storage.statements import Row

_NAMES = (
    "id",
    "reference",
    "organization_id",
    "connection_id",
    "revision",
    "purpose",
    "origin",
    "outcome",
    "request_id",
    "browser_hash",
    "return_to",
    "started_at",
    "expires_at",
    "answered_at",
    "finished_at",
    "email_hint",
    "person",
    "account_id",
    "tested_by",
    "code",
    "facts",
    "client_address",
    "user_agent",
)
COLUMNS = tuple(attempts.c[name] for name in _NAMES)


def read_attempt(row: Row) -> LoginAttempt:
    """The attempt in a row of `COLUMNS`."""
    return LoginAttempt(
        id=row[0],
        reference=row[1],
        organization_id=row[2],
        connection_id=row[3],
        revision=row[4],
        purpose=Purpose(row[5]),
        origin=Origin(row[6]),
        outcome=Outcome(row[7]),
        request_id=row[8],
        browser_hash=row[9],
        return_to=row[10],
        started_at=row[11],
        expires_at=row[12],
        answered_at=row[13],
        finished_at=row[14],
        email_hint=row[15],
        person=row[16],
        account_id=row[17],
        tested_by=row[18],
        code=row[19],
        facts=row[20],
        client_address=row[21],
        user_agent=row[22],
    )
