"""Judges a test's answer: the protocol's checks and the person's, and what a sign-in with it would do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.admission import Admission, Create, Link, SignIn, admit, rules_of
from ostiary.domain.connection import AttributeNames, Connection, Revision
from ostiary.domain.connection_report import (
    AttributeLine,
    CheckLine,
    ReceivedIdentity,
    Result,
    TestReport,
    WouldHappen,
    check_line,
    finding_line,
)
from ostiary.domain.errors import DomainNotVerified, LinkNeedsConfirmation
from ostiary.domain.identity import Reading, from_saml
from ostiary.domain.organization import Organization
from ostiary.kernel.errors import Refusal
from ostiary.services.complete_login import know
from ostiary.services.saml.evidence import GROUPS_SHOWN
from ostiary.services.saml.parties import Parties
from ostiary.storage import Store, Transaction

NOT_REPLAYED = "not_replayed"
EMAIL = "email"
NAMES = "names"
GROUPS = "groups"
DOMAIN = "domain"
ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What arrived at the ACS."""

    form_value: bytes
    relay_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestJudge:
    """Writes the report of a test. It makes no account and no session."""

    __test__ = False

    store: Store

    def judge(
        self,
        answer: Answer,
        *,
        connection: Connection,
        organization: Organization,
        revision: Revision,
        parties: Parties,
        expected_request_id: str | None,
        authenticated_since: datetime | None = None,
        now: datetime,
    ) -> TestReport:
        """The report of this answer, by the settings of this revision."""
        diagnosis = saml.diagnose_response(
            answer.form_value,
            service_provider=parties.service_provider,
            identity_provider=parties.identity_provider,
            policy=parties.policy,
            expected_request_id=expected_request_id,
            authenticated_since=authenticated_since,
            now=now,
        )
        lines = [check_line(result) for result in diagnosis.results]
        blocker = next((line.name for line in lines if line.result is not Result.PASSED), "")
        with self.store.read() as tx:
            lines.append(self._not_replayed(tx, diagnosis.assertion, connection, blocker))
            person, reading, would = _person(
                tx,
                diagnosis.assertion,
                connection=connection,
                organization=organization,
                revision=revision,
                blocker=blocker,
            )
        lines.extend(person)
        return _report(
            tuple(lines), diagnosis, reading=reading, would=would, answer=answer, names=revision.saml.attributes
        )

    @staticmethod
    def _not_replayed(
        tx: Transaction, assertion: saml.Assertion | None, connection: Connection, blocker: str
    ) -> CheckLine:
        if assertion is None or blocker:
            return _not_run(NOT_REPLAYED, blocker)
        if tx.replays.is_known(connection.id, issuer=assertion.issuer, assertion_id=assertion.id):
            return _refused(NOT_REPLAYED, saml.errors.ResponseReplayed(assertion_id=assertion.id))
        return _passed(NOT_REPLAYED)


def _person(
    tx: Transaction,
    assertion: saml.Assertion | None,
    *,
    connection: Connection,
    organization: Organization,
    revision: Revision,
    blocker: str,
) -> tuple[list[CheckLine], Reading | None, WouldHappen | None]:
    """The checks of the person. Those on what arrived run as soon as it was signed; the last needs everything."""
    if assertion is None:
        return [_not_run(name, blocker) for name in (EMAIL, NAMES, DOMAIN, ACCOUNT)], None, None
    names = revision.saml.attributes
    try:
        reading = from_saml(assertion, names, entity_id=connection.entity_id)
    except Refusal as unreadable:
        rest = [_not_run(name, EMAIL) for name in (NAMES, *([GROUPS] if names.groups else []), DOMAIN, ACCOUNT)]
        return [_refused(EMAIL, unreadable), *rest], None, None
    lines = [_passed(EMAIL, reading.identity.address), _names(reading)]
    if names.groups:
        lines.append(_passed(GROUPS, _groups_seen(reading.identity.groups)))
    known = know(tx, reading.identity, connection=connection, organization=organization)
    admission, refusal = _tried(lambda: admit(reading.identity, known=known, rules=rules_of(revision.saml)))
    if isinstance(refusal, DomainNotVerified):
        return [*lines, _refused(DOMAIN, refusal), _not_run(ACCOUNT, DOMAIN)], reading, None
    lines.append(_passed(DOMAIN, reading.identity.address.rpartition("@")[2]))
    would = _would(reading, admission, refusal)
    if blocker:
        lines.append(_not_run(ACCOUNT, blocker))
    elif refusal is not None and not isinstance(refusal, LinkNeedsConfirmation):
        lines.append(_refused(ACCOUNT, refusal))
    else:
        # An owner walks the brief too and is never linked by an answer: the report offers it (decision 24).
        lines.append(_passed(ACCOUNT, would.account))
    return lines, reading, would


def _tried(judge: Callable[[], Admission]) -> tuple[Admission | None, Refusal | None]:
    try:
        return judge(), None
    except Refusal as refusal:
        return None, refusal


def _would(reading: Reading, admission: Admission | None, refusal: Refusal | None) -> WouldHappen:
    email = reading.identity.address
    match admission:
        case SignIn(account) | Link(account):
            kind = "sign_in" if isinstance(admission, SignIn) else "link"
            return WouldHappen(kind=kind, account=account.name, email=email, role=account.role, facts={})
        case Create(role):
            return WouldHappen(kind="create", account=reading.identity.name, email=email, role=role, facts={})
        case _:
            code, facts = (refusal.code, refusal.facts()) if refusal else ("", {})
            return WouldHappen(
                kind="refused", account=reading.identity.name, email=email, role="", code=code, facts=facts
            )


def _report(
    checks: tuple[CheckLine, ...],
    diagnosis: saml.Diagnosis,
    *,
    reading: Reading | None,
    would: WouldHappen | None,
    answer: Answer,
    names: AttributeNames,
) -> TestReport:
    shown = diagnosis.assertion or diagnosis.unverified
    used = {
        names.email: "email",
        names.first_name: "first_name",
        names.last_name: "last_name",
        **({names.groups: "groups"} if names.groups else {}),
    }
    identity = reading.identity if reading else None
    return TestReport(
        checks=checks,
        is_verified=diagnosis.assertion is not None,
        name_id=shown.name_id.value if shown and shown.name_id else "",
        name_id_format=shown.name_id.format if shown and shown.name_id else "",
        attributes=tuple(
            AttributeLine(name=each.name, values=each.values, used_for=used.get(each.name, ""))
            for each in (shown.attributes if shown else ())
        ),
        findings=tuple(finding_line(finding) for finding in (reading.findings if reading else ())),
        would=would,
        identity=ReceivedIdentity(issuer=identity.issuer, subject=identity.subject, email=identity.address)
        if identity
        else None,
        size=len(answer.form_value),
        signed_by=diagnosis.assertion.signed_by if diagnosis.assertion else "",
    )


def _names(reading: Reading) -> CheckLine:
    pairs = (
        (reading.names.first_name, reading.identity.first_name),
        (reading.names.last_name, reading.identity.last_name),
    )
    return CheckLine(
        name=NAMES,
        result=Result.PASSED if reading.has_both_names else Result.NOTED,
        seen=", ".join(name for name, value in pairs if value),
        facts={},
    )


def _groups_seen(groups: tuple[str, ...]) -> str:
    more = len(groups) - GROUPS_SHOWN
    return ", ".join(groups[:GROUPS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _passed(name: str, seen: str = "") -> CheckLine:
    return CheckLine(name=name, result=Result.PASSED, seen=seen, facts={})


def _refused(name: str, refusal: Refusal) -> CheckLine:
    return CheckLine(name=name, result=Result.REFUSED, code=refusal.code, facts=refusal.facts())


def _not_run(name: str, because_of: str) -> CheckLine:
    return CheckLine(name=name, result=Result.NOT_RUN, because_of=because_of, facts={})
