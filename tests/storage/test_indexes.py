"""Every statement of a login finds its row by an index, on both engines, however many rows there are."""

from sqlalchemy import select

from ostiary.storage.records import (
    accounts,
    attempt_papers,
    attempts,
    connections,
    domains,
    identities,
    links,
    sessions,
)
from ostiary.storage.records.break_glass import holders, passkeys, recovery_codes
from ostiary.storage.records.enforcement import switches
from ostiary.storage.records.openid import (
    attempt_secrets,
    client_secrets,
    possessions,
    provider_documents,
    session_tokens,
)
from ostiary.storage.schema import accounts as accounts_table
from ostiary.storage.schema import attempts as attempts_table
from ostiary.storage.statements import Prepared
from tests.storage.builders import NOW, an_attempt, ground

LOGIN = {
    "connection by id": connections._BY_ID,
    "connections of an organization": connections._OF,
    "domain by name": domains._VERIFIED,
    "attempt by id": attempts._BY_ID,
    "attempt by request": attempts._BY_REQUEST,
    "attempt by reference": attempts._BY_REFERENCE,
    "consume": attempts._CONSUME,
    "finish": attempts._FINISH,
    "tile": attempts._FROM_TILE,
    "waiting too long": attempts._WAITING_PAST,
    "timeline": attempt_papers._TIMELINE,
    "trim": attempt_papers._TRIM,
    "identity by subject": identities._BY_SUBJECT,
    "identity of an account": identities._OF_ACCOUNT,
    "account by id": accounts._BY_ID,
    "account by email": accounts._BY_EMAIL,
    "account anywhere": accounts._ANYWHERE,
    "session by token": sessions._BY_TOKEN,
    "session touched": sessions._TOUCH,
    "sessions of a subject": sessions._INVALIDATE_SUBJECT,
    "sessions of an index": sessions._INVALIDATE_INDEX,
    "sessions of an account": sessions._END_ALL,
    "link": links._CONSUME,
    "secrets of an attempt": attempt_secrets._OF,
    "secrets of an attempt, taken": attempt_secrets._TAKE,
    "client secrets": client_secrets._OPENED,
    "client secrets of an organization": client_secrets._OF_ORGANIZATION,
    "documents of a provider": provider_documents._OF,
    "proof that is waited for": possessions._OF,
    "try of a proof": possessions._TRY,
    "ID token of a session": session_tokens._OF,
    "what is enforced": switches._OF,
    "who is proven": holders._PROVEN,
    "passkey by credential": passkeys._BY_CREDENTIAL,
    "recovery code": recovery_codes._USE,
}


def test_a_statement_of_a_login_reads_no_whole_table(store):
    with store.write() as tx:
        if tx.run.is_postgres:
            tx.run.core.exec_driver_sql("SET LOCAL enable_seqscan = off")  # with few rows it is cheaper to read all
        scans = {name: [line for line in _plan(tx, LOGIN[name]) if _is_scan(line)] for name in LOGIN}
    assert {name: lines for name, lines in scans.items() if lines} == {}


def test_the_plan_of_a_whole_table_is_told_from_one_with_an_index(store):
    """The judgement of the test above, on a statement that does read a whole table."""
    with store.write() as tx:
        lines = _plan(tx, Prepared(select(accounts_table.c.id).where(accounts_table.c.last_name == "x")))
    assert any(_is_scan(line) for line in lines)


def test_the_newest_page_of_a_long_list_is_read_from_its_index(store):
    g = ground(store)
    with store.write() as tx:
        for _ in range(20):
            tx.attempts.insert(an_attempt(g.connection))
        if tx.run.is_postgres:
            tx.run.core.exec_driver_sql("SET LOCAL enable_seqscan = off")
        newest = select(attempts_table.c.id).where(attempts_table.c.organization_id == g.organization.id)
        lines = _plan(tx, Prepared(newest.order_by(attempts_table.c.id.desc()).limit(5)))
    assert not any(_is_scan(line) or "SORT" in line.upper() or "B-TREE" in line.upper() for line in lines)


def _plan(tx, prepared: Prepared) -> list[str]:
    plan = prepared.plan(tx.run.core.dialect)
    names = [name for name, _ in plan._binders]
    values: dict[str, object] = {name: NOW if name in {"moment", "since", "before", "until"} else "x" for name in names}
    values.update({name: 1 for name in names if name in {"most", "number", "revision"}})
    values.update({"new_facts": {}} if "new_facts" in names else {})
    return _explain(tx, plan.sql, plan.parameters(values))


def _explain(tx, text: str, parameters) -> list[str]:
    prefix = "EXPLAIN " if tx.run.is_postgres else "EXPLAIN QUERY PLAN "
    rows = tx.run._raw.execute(prefix + text, parameters).fetchall()
    return [str(row[-1]) for row in rows]


def _is_scan(line: str) -> bool:
    # SQLite: "SCAN accounts" reads all, "SCAN x USING INDEX" follows an index; PostgreSQL: "Seq Scan on accounts".
    return "Seq Scan" in line or (line.startswith("SCAN ") and "USING" not in line and "CONSTANT" not in line)
