"""One specimen held against what is known of a connection, by the checks of a sign-in."""

from dataclasses import replace
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.connection_report import AttributeLine, TestReport, check_line
from ostiary.domain.doctor.findings import JudgedAsOf, LaidOutAnew, OwnCertificateOnly, RequestTakenOver, UsedAlready
from ostiary.domain.doctor.inspection import Facts, Inspection, Remark, remark
from ostiary.domain.doctor.specimen import FOREIGN, METADATA, Carrier, Kind, Specimen
from ostiary.kernel.errors import Finding, Named, Refusal
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.certificates import examine_certificate
from ostiary.services.doctor.leaving_out import without_what_is_not_known
from ostiary.services.doctor.openid import examine_beside_openid
from ostiary.services.doctor.others import examine_address, examine_metadata, examine_other_message

_NOW = timedelta(minutes=1)


def examine(specimen: Specimen, *, against: Against, at: datetime | None, now: datetime) -> Inspection:
    """Everything that there is to say about it. `at`: when it arrived, where that is known. Raises no `Refusal`."""
    facts: Facts = ()
    found: list[Named] = []
    if against.openid is not None and specimen.kind not in FOREIGN and specimen.kind is not Kind.URL:
        facts, found = examine_beside_openid(specimen, now=now)
        return _inspection(specimen, facts, (*found, *specimen.findings))
    match specimen.kind:
        case Kind.RESPONSE | Kind.ASSERTION | Kind.OTHER_XML:
            return _examine_answer(specimen, against, at or specimen.sent_at, now)
        case Kind.AUTHN_REQUEST | Kind.LOGOUT_REQUEST | Kind.LOGOUT_RESPONSE:
            facts, found = examine_other_message(specimen, against)
        case Kind.CERTIFICATE | Kind.PRIVATE_KEY:
            facts, found = examine_certificate(specimen, against, now=now)
        case Kind.URL:
            facts, found = examine_address(specimen, against)
        case kind if kind in METADATA:
            facts, found = examine_metadata(specimen, against, now=now)
        case _:
            pass
    return _inspection(specimen, facts, (*specimen.findings, *found))


def _inspection(specimen: Specimen, facts: Facts, found: tuple[Named, ...]) -> Inspection:
    return Inspection(
        specimen=specimen,
        facts=(*travel(specimen), *specimen.facts, *facts),
        remarks=tuple(remark(each) for each in found),
    )


def travel(specimen: Specimen) -> Facts:
    """How it travelled, where that was recorded."""
    if specimen.kind in FOREIGN or specimen.kind is Kind.URL:
        return ()
    sent_at = f"{specimen.sent_at:%Y-%m-%dT%H:%M:%S%z}" if specimen.sent_at else ""
    told = (("sent_to", specimen.sent_to), ("sent_at", sent_at), ("relay_state", specimen.relay_state))
    return tuple((name, (value,)) for name, value in told if value)


def _examine_answer(specimen: Specimen, against: Against, at: datetime | None, now: datetime) -> Inspection:
    outline = _outline(specimen)
    moment = at or _moment(outline, now)
    request_id = (outline.in_response_to or None) if outline else None
    known = _completed(against, outline)
    if against.judge is not None:
        report = against.judge(specimen.form_value, request_id, moment)
    else:
        report = _report(specimen.form_value, known, request_id, moment)
    is_trusted = bool(against.certificates)
    report, used = _without_use(report)
    lines = report.checks if against.is_connection else without_what_is_not_known(report.checks, against, known)
    found: list[Named] = [*specimen.findings, *used]
    if request_id:
        found.append(RequestTakenOver(received=request_id))
    if abs(now - moment) > _NOW:
        found.append(JudgedAsOf(at=moment))
    if specimen.carrier is Carrier.BARE and outline and outline.is_laid_out and _is_wrongly_signed(report):
        found.insert(0, LaidOutAnew())
    if report.is_verified and not is_trusted and known.certificates:
        signer = known.certificates[0]
        found.append(OwnCertificateOnly(fingerprint=signer.fingerprint, subject=signer.subject))
    remarks = [remark(each) for each in found]
    remarks += [Remark(code=each.code, facts=each.facts, is_wrong=False) for each in report.findings]
    return Inspection(
        specimen=specimen,
        facts=(*travel(specimen), *(((each.name, each.values) for each in outline.parts) if outline else ())),
        checks=lines,
        remarks=tuple(remarks),
        is_verified=report.is_verified and is_trusted,
        name_id=report.name_id,
        name_id_format=report.name_id_format,
        attributes=report.attributes,
        would=report.would,
        judged_at=moment,
    )


def _outline(specimen: Specimen) -> saml.Outline | None:
    try:
        return saml.unverified_outline(specimen.octets)
    except Refusal:
        return None


def _moment(outline: saml.Outline | None, now: datetime) -> datetime:
    """When it says it was written; now where that lies in the future, so that a clock that is ahead shows.

    A message is looked at minutes or hours after it was sent, and "expired" would hide what was wrong then.
    """
    written = outline.issue_instant if outline else None
    return now if written is None else min(written, now)


def _completed(against: Against, outline: saml.Outline | None) -> Against:
    """What is not known is taken from the answer itself, so that the rest can be judged."""
    if outline is None or against.is_connection:
        return against
    return replace(
        against,
        entity_id=against.entity_id or next(iter(outline.audiences), ""),
        acs_url=against.acs_url or outline.destination or next(iter(outline.recipients), ""),
        idp_entity_id=against.idp_entity_id or outline.issuer,
        certificates=against.certificates or outline.certificates,
    )


def _report(form_value: bytes, known: Against, request_id: str | None, moment: datetime) -> TestReport:
    """The checks of a sign-in, without what only a store knows."""
    diagnosis = saml.diagnose_response(
        form_value,
        service_provider=saml.ServiceProvider(
            entity_id=known.entity_id, acs_url=known.acs_url, decryption_keys=known.decryption_keys
        ),
        identity_provider=saml.IdentityProvider(
            entity_id=known.idp_entity_id, sso_url=known.sso_url, certificates=known.certificates
        ),
        policy=known.policy,
        expected_request_id=request_id,
        now=moment,
    )
    shown = diagnosis.assertion or diagnosis.unverified
    return TestReport(
        checks=tuple(check_line(each) for each in diagnosis.results),
        is_verified=diagnosis.assertion is not None,
        name_id=shown.name_id.value if shown and shown.name_id else "",
        name_id_format=shown.name_id.format if shown and shown.name_id else "",
        attributes=tuple(
            AttributeLine(name=each.name, values=each.values, used_for="")
            for each in (shown.attributes if shown else ())
        ),
        findings=(),
        would=None,
        identity=None,
        size=len(form_value),
    )


def _without_use(report: TestReport) -> tuple[TestReport, tuple[Finding, ...]]:
    """Here it is looked at, not used: that it was used before is worth knowing, and wrong with nothing."""
    used = any(line.code == saml.errors.ResponseReplayed.code for line in report.checks)
    kept = tuple(line for line in report.checks if line.name != "not_replayed")
    return replace(report, checks=kept), (UsedAlready(),) if used else ()


def _is_wrongly_signed(report: TestReport) -> bool:
    return any(line.code == saml.errors.SignatureWrong.code for line in report.checks)
