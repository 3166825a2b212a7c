import ast
import re

import pytest

from ostiary.storage.schema import METADATA
from tests.house.source import Module, modules

RECORDS = "storage/records/"

# What may be asked without an organization, and why. Before the organization is known, only something that nobody can
# guess or that names one tenant's thing is looked up; it gives the organization (decision 8).
WITHOUT_ORGANIZATION: dict[str, str] = {}


def test_every_question_about_a_tenants_table_names_the_tenant():
    """Every public method of `storage/records` that touches a tenant's table takes the organization.

    The breach that every product of this kind fears is not a broken cipher. It is a query that finds the right row
    of the wrong customer, because somebody passed an id from a URL and forgot whose it must be. Here the
    organization is an argument that can't be forgotten, except for the few methods in the list above.
    """
    nameless = [name for name in nameless_questions(modules()) if name not in WITHOUT_ORGANIZATION]
    assert nameless == []


def test_every_exception_is_still_needed():
    """A list of exceptions that only grows is a list of holes."""
    nameless = nameless_questions(modules())
    assert [name for name in WITHOUT_ORGANIZATION if name not in nameless] == []


def test_every_tenants_table_has_the_organization_in_it():
    """A table without the column can't be asked by organization, so each of those must be nobody's."""
    nobodys = {"meta", "organizations", "jobs", "throttle", "replays"}
    lacking = {name for name, table in METADATA.tables.items() if "organization_id" not in table.c}
    assert lacking == nobodys


def test_the_rule_sees_the_records():
    """A rule that looks into an empty folder is satisfied with anything."""
    questions = [name for module in modules() if module.path.startswith(RECORDS) for name in _questions(module)]
    assert len(questions) > 40


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
    text = f"class Accounts:\n    def find(self, {parameters}):\n        return self.run(accounts.select())\n"
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


def _questions(module: Module) -> dict[str, ast.FunctionDef]:
    return {
        f"{node.name}.{method.name}": method
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for method in node.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
    }


def _touches_a_tenants_table(module: Module) -> bool:
    """Whether the file names such a table: a record's file is about one table and its parts."""
    tenants = {name for name, table in METADATA.tables.items() if "organization_id" in table.c}
    return bool(tenants & set(re.findall(r"\w+", module.text)))


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
