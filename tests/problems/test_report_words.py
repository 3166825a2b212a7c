import ast
import re
from pathlib import Path

import ostiary
from ostiary import saml
from ostiary.domain.connection_report import CheckLine, Result
from ostiary.guides import ConnectionValues, guide
from ostiary.problems.checks import GROUPS, OPENID_GROUPS, OPENID_TITLES, TITLES, counts, report
from ostiary.problems.corrections import CORRECTIONS, correction
from ostiary.saml.checks import CHECKS
from ostiary.services.oidc import judge as oidc_judge
from ostiary.services.saml import judge

VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="https://sso.ringline.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.ringline.example/saml/c7f3k2m9q4",
)
PERSON = (judge.NOT_REPLAYED, judge.EMAIL, judge.NAMES, judge.GROUPS, judge.DOMAIN, judge.ACCOUNT)


def test_every_check_has_a_title_and_stands_in_one_group_in_the_order_in_which_it_runs() -> None:
    run = [check.name for check in CHECKS] + list(PERSON)
    grouped = [name for _, names in GROUPS for name in names]
    assert grouped == run
    assert set(TITLES) == set(run)


def test_every_check_of_openid_connect_has_a_title_and_stands_in_one_group() -> None:
    first = (oidc_judge.PROVIDER, oidc_judge.REQUEST, oidc_judge.ANSWER, oidc_judge.CODE)
    own = [*first, oidc_judge.ENCRYPTION, *oidc_judge.CHECKS, oidc_judge.USERINFO]
    grouped = [name for _, names in OPENID_GROUPS for name in names]
    assert set(OPENID_TITLES) == set(own)
    assert sorted(grouped) == sorted([*own, *PERSON[1:]])


def test_the_groups_are_those_of_the_report_in_words() -> None:
    assert [title for title, _ in GROUPS] == [
        "The message", "The signature", "Addressed to this connection", "Time", "The person",
    ]  # fmt: skip


def test_a_refused_check_says_how_it_differs_and_one_that_was_not_run_says_why() -> None:
    refusal = saml.errors.AudienceMismatch(expected=VALUES.entity_id, received=(f"{VALUES.entity_id}/",))
    checks = [
        CheckLine(name="status", result=Result.PASSED, seen="Success", facts={}),
        CheckLine(name="audience", result=Result.REFUSED, code=refusal.code, facts=refusal.facts()),
        CheckLine(name="not_replayed", result=Result.NOT_RUN, because_of="audience", facts={}),
        CheckLine(name="account", result=Result.NOT_RUN, because_of="audience", facts={}),
    ]
    groups = report(checks, guide=guide("okta"), values=VALUES)
    assert [(group.title, [(line.title, line.seen) for line in group.lines]) for group in groups] == [
        ("The message", [("Okta reports success (Status)", "Success")]),
        ("Addressed to this connection", [("Audience", "Differs by a slash at the end")]),
        ("Time", [("Not used before", "Not run: a refused answer is not used up")]),
        ("The person", [("Account and role", "Not run: needs Audience")]),
    ]
    assert counts(checks) == "1 passed, 1 refused, 2 not run"


def test_a_name_that_did_not_come_is_told_apart_from_what_has_passed() -> None:
    checks = [
        CheckLine(name="email", result=Result.PASSED, seen="ana@example.com", facts={}),
        CheckLine(name="names", result=Result.NOTED, facts={}),
    ]
    (person,) = report(checks, guide=guide("okta"), values=VALUES)
    assert person.lines[1].seen == "Not received. Nobody is refused for it"
    assert counts(checks) == "1 passed, 1 worth a look"
    half = CheckLine(name="names", result=Result.NOTED, seen="firstName", facts={})
    (person,) = report([half], guide=guide("okta"), values=VALUES)
    assert person.lines[0].seen == "Only firstName. Nobody is refused for it"


def test_a_check_of_a_newer_version_is_shown_last_and_by_its_name() -> None:
    checks = [CheckLine(name="proof_of_possession", result=Result.PASSED, facts={})]
    groups = report(checks, guide=None, values=VALUES)
    assert [(group.title, group.lines[0].title) for group in groups] == [("Other checks", "Proof of possession")]


def test_every_correction_that_a_form_can_make_has_its_sentence() -> None:
    made = {
        keyword.value.value
        for path in Path(ostiary.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Correction"
        for keyword in node.keywords
        if keyword.arg == "what" and isinstance(keyword.value, ast.Constant)
    }
    # Those of a Discovery URL are put together where it is read.
    issuers = (Path(ostiary.__file__).parent / "oidc" / "relying_party" / "issuer_input.py").read_text()
    of_issuers = set(re.findall(r'"([a-z]+_[a-z0-9_]+)"', issuers))
    assert made | of_issuers | {"issuer_of_document"} == set(CORRECTIONS)
    assert correction("space_removed") == "White space around it was removed."
