import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import ClauseElement, Insert, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.visitors import iterate

from ostiary.storage import records
from ostiary.storage.schema import METADATA
from ostiary.storage.statements import Prepared
from tests.house.source import Module, imported_names, modules

RECORDS = "storage/records/"

# What may be asked without an organization, and why. Before the organization is known, only something that nobody can
# guess or that names one tenant's thing is looked up; it gives the organization (decision 8).
QUESTIONS_WITHOUT_ORGANIZATION = {
    "Accounts.by_email_anywhere": "the password decides whose account it is",
    "Attempts.by_id": "the id is 128 random bits, and the browser's cookie must fit it",
    "Attempts.by_request_id": "the connection belongs to one organization, and stands in the URL",
    "Attempts.waiting_from_tile": "the connection belongs to one organization; the browser's cookie must fit",
    "Attempts.waiting_past": "a job, for all organizations",
    "Connections.by_id": "the connection stands in the URL, and tells whose it is",
    "Domains.claim_due": "a job, for all organizations",
    "Enforcement.claim_warning": "the job that tells people of enforcement, for all organizations",
    "Enforcement.ended_with_plan": "the job that tells of ended plans, for all organizations",
    "Domains.verified_owner": "an address leads to its organization; a verified domain has one",
    "Links.consume": "the link is a secret, and tells whose it is",
    "Links.peek": "the link is a secret, and tells whose it is",
    "MetadataSources.claim": "the job that asks the sources, for all organizations",
    "Logouts.by_id": "the id is 128 random bits, and the connection in the URL must fit it",
    "Outbox.claim": "the job that sends mail, for all organizations",
    "Outbox.failed": "the job that sends mail, for all organizations",
    "Outbox.put": "the mail carries its organization, if it has one",
    "Outbox.sent": "the job that sends mail, for all organizations",
    "Upkeep.claim": "the job that looks after connections, for all organizations",
    "Passkeys.by_credential": "an authenticator's own random id, told before anybody is known; its signature decides",
    "Sessions.by_token_hash": "the token is a secret, and tells whose session it is",
}
# Their statements, and which of the questions above each of them serves.
STATEMENTS_WITHOUT_ORGANIZATION = {
    "accounts:_ANYWHERE": "Accounts.by_email_anywhere",
    "attempts:_BY_ID": "Attempts.by_id",
    "attempts:_BY_REQUEST": "Attempts.by_request_id",
    "attempts:_FROM_TILE": "Attempts.waiting_from_tile",
    "attempts:_WAITING_PAST": "Attempts.waiting_past",
    "connections:_BY_ID": "Connections.by_id",
    "domains:_CLAIM": "Domains.claim_due",
    "domains:_VERIFIED": "Domains.verified_owner",
    "enforcement.switches:_CLAIM": "Enforcement.claim_warning",
    "enforcement.switches:_ENDED_WITH_PLAN": "Enforcement.ended_with_plan",
    "links:_CONSUME": "Links.consume",
    "links:_PEEK": "Links.peek",
    "metadata_sources:_CLAIM": "MetadataSources.claim",
    "logouts:_BY_ID": "Logouts.by_id",
    "outbox:_CLAIM": "Outbox.claim",
    "outbox:_FAILED": "Outbox.failed",
    "outbox:_SENT": "Outbox.sent",
    "upkeep:_CLAIM": "Upkeep.claim",
    "break_glass.passkeys:_BY_CREDENTIAL": "Passkeys.by_credential",
    "sessions:_BY_TOKEN": "Sessions.by_token_hash",
}


def test_every_question_about_a_tenants_table_names_the_tenant():
    """Every public method of `storage/records` that touches a tenant's table takes the organization.

    The breach that every product of this kind fears is not a broken cipher. It is a query that finds the right row
    of the wrong customer, because somebody passed an id from a URL and forgot whose it must be. Here the
    organization is an argument that can't be forgotten, except for the few methods in the list above.
    """
    nameless = nameless_questions(modules())
    assert [name for name in nameless if name not in QUESTIONS_WITHOUT_ORGANIZATION] == []


def test_every_statement_on_a_tenants_table_compares_the_organization():
    """The same rule one step deeper: an argument that is taken and then not used protects nobody.

    Every prepared statement that reads, changes or deletes a tenant's rows has `organization_id = ` in its condition,
    and every one that inserts fills the column.
    """
    nameless = nameless_statements()
    assert [name for name in nameless if name not in STATEMENTS_WITHOUT_ORGANIZATION] == []


def test_every_exception_is_still_needed():
    """A list of exceptions that only grows is a list of holes."""
    assert set(QUESTIONS_WITHOUT_ORGANIZATION) - set(nameless_questions(modules())) == set()
    assert set(STATEMENTS_WITHOUT_ORGANIZATION) - set(nameless_statements()) == set()
    assert set(STATEMENTS_WITHOUT_ORGANIZATION.values()) - set(QUESTIONS_WITHOUT_ORGANIZATION) == set()


def test_every_tenants_table_has_the_organization_in_it():
    """A table without the column can't be asked by organization, so each of those must be nobody's."""
    nobodys = {"meta", "organizations", "jobs", "throttle", "replays"}
    lacking = {name for name, table in METADATA.tables.items() if "organization_id" not in table.c}
    assert lacking == nobodys


def test_the_rule_sees_the_records():
    """A rule that looks into an empty folder is satisfied with anything."""
    questions = [name for module in modules() if module.path.startswith(RECORDS) for name in _questions(module)]
    assert len(questions) > 40
    assert len(dict(_statements())) > 40


@pytest.mark.parametrize(
    ("parameters", "is_nameless"),
    [
        ("account_id: AccountId", True),
        ("account_id: AccountId, *, organization_id: OrganizationId", False),
        ("account: Account", False),
        ("session: Session", False),
    ],
)
def test_the_rule_tells_a_tenants_question_from_a_nameless_one(parameters, is_nameless):
    """The rule itself, on four signatures: an id alone is not enough, a value that knows its organization is."""
    text = "from ostiary.storage.schema import accounts\n\n"
    text += f"class Accounts:\n    def find(self, {parameters}):\n        return self.run(accounts.select())\n"
    module = Module(path=f"{RECORDS}accounts.py", text=text, tree=ast.parse(text))
    assert bool(nameless_questions([module, *modules()])[:1] == ["Accounts.find"]) is is_nameless


def nameless_questions(judged) -> list[str]:
    """The public methods, as `Class.method`, that touch a tenant's table and are not told whose row is meant."""
    carriers = _values_with_an_organization()
    return [
        name
        for module in judged
        if module.path.startswith(RECORDS)
        for name, method in _questions(module).items()
        if _touches_a_tenants_table(module) and not _is_told_the_organization(method, carriers=carriers)
    ]


def nameless_statements() -> list[str]:
    """The prepared statements, as `file:NAME`, that touch a tenant's table in whatever organization."""
    return [name for name, statement in _statements() if _is_nameless(statement)]


def _statements() -> Iterator[tuple[str, ClauseElement]]:
    prefix = f"{records.__name__}."
    for found in pkgutil.walk_packages(records.__path__, prefix):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isinstance(value, Prepared):
                assert isinstance(value._statement, ClauseElement)
                yield f"{found.name.removeprefix(prefix)}:{name}", value._statement


def _is_nameless(statement: ClauseElement) -> bool:
    tables = {table.name for table in iterate(statement) if isinstance(table, Table)}
    if not any("organization_id" in METADATA.tables[name].c for name in tables):
        return False
    text = str(statement.compile(dialect=sqlite.dialect()))
    if isinstance(statement, Insert):
        return "organization_id" not in text.split("VALUES", maxsplit=1)[0]
    # Compared with a value: a question that only joins by the column is as nameless as before.
    return "organization_id = ?" not in text.partition("WHERE")[2]


def _questions(module: Module) -> dict[str, ast.FunctionDef]:
    return {
        f"{node.name}.{method.name}": method
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for method in node.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
    }


def _touches_a_tenants_table(module: Module) -> bool:
    tenants = {name for name, table in METADATA.tables.items() if "organization_id" in table.c}
    imported = {name for name, _ in imported_names(module.tree)}
    return bool(imported & {f"ostiary.storage.schema.{name}" for name in tenants})


def _is_told_the_organization(method: ast.FunctionDef, *, carriers: set[str]) -> bool:
    parameters = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
    annotations = " ".join(ast.unparse(parameter.annotation) for parameter in parameters if parameter.annotation)
    return bool(set(re.findall(r"\w+", annotations)) & {"OrganizationId", *carriers})


def _values_with_an_organization() -> set[str]:
    """The classes of the product with a field `organization_id: OrganizationId`."""
    return {
        node.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and ast.unparse(field) == "organization_id: OrganizationId"
    } | {"Organization"}
