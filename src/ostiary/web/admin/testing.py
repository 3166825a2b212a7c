"""Test Connection: a real sign-in in a second tab, and the page that follows it and shows its report."""

from ostiary.domain.attempt import Outcome
from ostiary.domain.connection import Connection
from ostiary.domain.errors import ConnectionUnknown, NoAnswer
from ostiary.guides import ConnectionValues, Guide, called
from ostiary.guides.guide import GuideStep
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import AttemptId, ConnectionId
from ostiary.problems import Explanation, Reader
from ostiary.problems.checks import counts, report
from ostiary.services import Services
from ostiary.services.testing import TestView
from ostiary.web.admin.quoted import explained, explained_in_full, guide_of, values_of
from ostiary.web.admin.remedies import domains_path, switch_path, use_name_path
from ostiary.web.admin.stories import story
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.login.start import leave
from ostiary.web.responses import Answer, Csp, Json, Page, SeeOther

_USED_FOR = {"email": "Email", "first_name": "First name", "last_name": "Last name", "groups": "Groups"} | {
    "subject": "Recognising the person",
    "checked": "The checks",
}


def start(incoming: Incoming, services: Services) -> Answer:
    """Sends this tab, the second one, to the identity provider."""
    going = services.connection_test.start(
        _connection_id(incoming), account=incoming.signed_in.account, client=client_of(incoming, services)
    )
    return leave(going, services)


def latest(incoming: Incoming, services: Services) -> Answer:
    """Where the first tab goes: to the test that has just begun, or a page that waits for it to begin."""
    connection_id = _connection_id(incoming)
    account = incoming.signed_in.account
    newest = services.connection_test.latest(connection_id, organization_id=account.organization_id)
    before = incoming.query.optional("after")
    if newest is not None and newest.id != before:
        return SeeOther(location=test_path(connection_id, newest.id))
    view = services.connections.view(connection_id, organization_id=account.organization_id)
    return Page(template="admin/test_begins.html", values={"view": view, "after": before}, csp=Csp.FORMS_LEAVE)


def test(incoming: Incoming, services: Services) -> Answer:
    """The test as it stands: waiting, silent, failed or passed."""
    return _page(_view(incoming, services), incoming, services)


def state(incoming: Incoming, services: Services) -> Answer:
    """What the page that follows a test asks every second or so: whether there is news."""
    return Json(content={"version": _version(_view(incoming, services))})


def use_identity(incoming: Incoming, services: Services) -> Answer:
    """Use this identity for my account: confirmed with the password (decision 24)."""
    view = _view(incoming, services)
    try:
        services.connection_test.use_identity(
            view.attempt.id,
            account=incoming.signed_in.account,
            password=incoming.form.one("password"),
            client=client_of(incoming, services),
        )
    except Refusal as refusal:
        return _page(view, incoming, services, refusal=refusal)
    return SeeOther(location=f"{test_path(view.connection.id, view.attempt.id)}?done=identity-used")


def test_path(connection_id: ConnectionId, attempt_id: AttemptId) -> str:
    """The address of a test's page."""
    return f"/settings/security/connections/{connection_id}/test/{attempt_id}"


def _connection_id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])


def _view(incoming: Incoming, services: Services) -> TestView:
    view = services.connection_test.view(
        AttemptId(incoming.path_parameters["attempt_id"]), account=incoming.signed_in.account
    )
    if view.connection.id != _connection_id(incoming):
        raise ConnectionUnknown
    return view


def _version(view: TestView) -> str:
    """What changes whenever the page has to change."""
    return f"{view.attempt.outcome}{'-silent' if view.is_silent else ''}"


def _page(view: TestView, incoming: Incoming, services: Services, *, refusal: Refusal | None = None) -> Page:
    connection = view.connection
    guide, values = guide_of(connection), values_of(connection, incoming, services)
    words = _words(view, incoming, services)
    identity_error = (
        explained(refusal.code, refusal.facts(), connection=connection, incoming=incoming, services=services)
        if refusal
        else None
    )
    return Page(
        template="admin/test.html",
        values={
            "view": view,
            "guide": guide,
            "name": called(connection),
            "kind": _kind(view),
            "policy": services.enforcement.policy(incoming.signed_in.organization)[0],
            "follows": _follows(view, incoming),
            "words": words,
            "use_path": use_name_path(view.attempt.code or "", view.attempt.facts, connection=connection),
            "domains_path": domains_path(view.attempt.code or "", view.attempt.facts, connection=connection),
            "allow_path": switch_path(words.allowance.allowance, connection=connection)
            if words and words.allowance
            else "",
            "version": _version(view),
            "groups": report(view.report.checks, guide=guide, values=values) if view.report else (),
            "counts": counts(view.report.checks) if view.report else "",
            "called": _called(view),
            "findings": _findings(view, incoming, services),
            "used_for": _USED_FOR,
            "assign": _assign_step(guide, values) if guide else None,
            "timeline": story(view.timeline, connection=connection, incoming=incoming, services=services),
            "identity_error": identity_error,
            "is_error": refusal is not None or _kind(view) == "failed",
            "message": _linked(connection) if incoming.query.optional("done") == "identity-used" else None,
        },
        status=422 if refusal else 200,
        csp=Csp.FORMS_LEAVE,
    )


def _linked(connection: Connection) -> tuple[str, str, str]:
    return ("passed", "Linked.", f"You can sign in with {called(connection)} yourself now.")


def _findings(view: TestView, incoming: Incoming, services: Services) -> list[tuple[Explanation, str]]:
    """What is worth a look, though nobody is refused for it, each with where a name can be taken over."""
    return [
        (
            explained(
                finding.code,
                finding.facts,
                connection=view.connection,
                incoming=incoming,
                services=services,
                reader=Reader.TESTER,
            ),
            use_name_path(finding.code, finding.facts, connection=view.connection),
        )
        for finding in (view.report.findings if view.report else ())
    ]


def _assign_step(guide: Guide, values: ConnectionValues) -> GuideStep | None:
    """What comes after a passed test: the guide's step about people."""
    filled = guide.filled(guide.quoted(values.quoted()))
    return next((step for step in filled.steps if step.key == "assign"), None)


def _kind(view: TestView) -> str:
    match view.attempt.outcome:
        case Outcome.TEST_PASSED:
            return "passed"
        case Outcome.WAITING:
            return "silent" if view.is_silent else "waiting"
        case Outcome.NO_ANSWER:
            return "silent"
        case _:
            return "failed"


def _follows(view: TestView, incoming: Incoming) -> bool:
    """Whether the page looks for an answer by itself: as long as none came, unless the reader stopped waiting."""
    return view.attempt.outcome is Outcome.WAITING and not (view.is_silent and incoming.query.optional("wait") == "no")


def _words(view: TestView, incoming: Incoming, services: Services) -> Explanation | None:
    """The explanation at the top: of the first refusal, or of the silence."""
    attempt = view.attempt
    code, facts = attempt.code, attempt.facts
    if _kind(view) == "silent":
        silence = NoAnswer(email=attempt.email_hint, sso_url="", acs_url="")
        code, facts = silence.code, silence.facts()
    if not code:
        return None
    return explained_in_full(
        code,
        facts,
        began_at=attempt.started_at,
        connection=view.connection,
        incoming=incoming,
        services=services,
        reader=Reader.TESTER,
        person=attempt.email_hint,
    )


def _called(view: TestView) -> float:
    """How many seconds our own calls to the provider took together; 0 with SAML, which has none."""
    told = [event.facts.get("milliseconds", "") for event in view.timeline]
    return sum(int(each) for each in told if isinstance(each, str) and each.isdecimal()) / 1000
