import ast
from pathlib import Path

import pytest

import ostiary
from ostiary.domain.errors import DomainNotVerified
from ostiary.guides import ConnectionValues, Guide, guide
from ostiary.problems.timeline import KINDS, Mood, timeline_line
from ostiary.services.oidc.steps import Call

VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="https://sso.ringline.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.ringline.example/saml/c7f3k2m9q4",
)


def test_every_event_that_is_recorded_has_its_words() -> None:
    assert _recorded_kinds() | {call.value for call in Call} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "facts", "title", "detail"),
    [
        (
            "tile_clicked",
            {"fingerprint": "9F:3C"},
            "Clicked the Ringline tile in Okta",
            "Signed, addressed to this connection, in time. Turned into a sign-in of Ringline's own.",
        ),
        (
            "sent",
            {"sso_url": "https://acme.okta.example/sso", "request_id": "_c41be7a09d55aa"},
            "Sent to Okta",
            "Request _c41be7a09d5…",
        ),
        ("answered", {"bytes": "8206"}, "Okta answered", "8,206 bytes by POST."),
        ("checks_passed", {"fingerprint": "9F:3C:A1:47:0B:E2"}, "All checks passed", "Signed by 9F:3C:A1:47…"),
        (
            "person_read",
            {"email": "marcus@acme.example", "first_name": "Marcus", "last_name": ""},
            "Person read",
            "marcus@acme.example, Marcus.",
        ),
        (
            "person_read",
            {"email": "marcus@acme.example", "groups": ("Sales", "Support"), "more_groups": "0"},
            "Person read",
            "marcus@acme.example. Groups: Sales, Support.",
        ),
        (
            "person_read",
            {"email": "marcus@acme.example", "groups": ("Sales", "Support"), "more_groups": "131"},
            "Person read",
            "marcus@acme.example. Groups: Sales, Support and 131 more.",
        ),
        (
            "signed_in",
            {"account": "Marcus Oyelaran", "how": "create", "role": "member"},
            "Signed in as Marcus Oyelaran",
            "A new account was made. Role: member.",
        ),
        (
            "no_answer",
            {"code": "login.no_answer"},
            "Nothing has come back",
            "None of the checks could begin. Nothing was changed.",
        ),
        ("test_passed", {}, "Test passed", "A test makes no account and no session."),
    ],
)
def test_an_event_is_told_in_a_sentence(kind: str, facts: dict[str, str], title: str, detail: str) -> None:
    line = timeline_line(kind, facts, guide=_okta(), values=VALUES)
    assert (line.title, line.detail) == (title, detail)


def test_a_refusal_ends_the_timeline_with_its_label_and_its_sentence() -> None:
    refusal = DomainNotVerified(
        email="m@acme-labs.example", domain="acme-labs.example", verified=("acme.example",), organization="Acme"
    )
    line = timeline_line("refused", {"code": refusal.code, **refusal.facts()}, guide=_okta(), values=VALUES)
    assert line.title == "Refused: email not in a verified domain"
    assert line.detail == "The address is in acme-labs.example, a domain that Acme has not verified."
    assert line.mood is Mood.REFUSED


def test_the_address_that_the_browser_was_sent_to_is_set_apart_as_code() -> None:
    line = timeline_line("sent", {"sso_url": "https://idp.example/sso"}, guide=_okta(), values=VALUES)
    assert (line.code, line.detail) == ("https://idp.example/sso", "")


def test_an_event_of_a_newer_version_is_shown_by_its_name() -> None:
    line = timeline_line("walked_away", {}, guide=_okta(), values=VALUES)
    assert (line.title, line.detail, line.mood) == ("Walked away", "", Mood.PASSING)


def _recorded_kinds() -> set[str]:
    """Every `kind` that the services give to a TimelineEvent, read from their source."""
    folder = Path(ostiary.__file__).parent / "services"
    return {
        constant.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TimelineEvent"
        for keyword in node.keywords
        if keyword.arg == "kind"
        for constant in _outcomes(keyword.value)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def _outcomes(expression: ast.expr) -> list[ast.expr]:
    """What an expression can become: both ends of a conditional one, not what it asks."""
    if isinstance(expression, ast.IfExp):
        return [*_outcomes(expression.body), *_outcomes(expression.orelse)]
    return [expression]


def _okta() -> Guide:
    found = guide("okta")
    assert found is not None
    return found
