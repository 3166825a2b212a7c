"""Times at the ends of the calendar, as .NET writes "for ever", are times like any others and break nothing."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest

from ostiary import saml
from ostiary.kernel.errors import Refusal
from ostiary.saml import logout
from ostiary.services.doctor.against import Against
from ostiary.services.doctor.examining import examine
from ostiary.services.doctor.recognising import specimens_in
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.logout import posted, request
from tests.vectors.message import SAML, Signing, signed
from tests.vectors.vector import ROOT, document

FOR_EVER = ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00")
NEVER = ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00")
CONDITIONS = f"{{{SAML}}}Assertion/{{{SAML}}}Conditions"
STATEMENT = f"{{{SAML}}}Assertion/{{{SAML}}}AuthnStatement"
CONFIRMED = f"{{{SAML}}}Assertion/{{{SAML}}}Subject/{{{SAML}}}SubjectConfirmation/{{{SAML}}}SubjectConfirmationData"
ENDS = ((CONDITIONS, "NotOnOrAfter"), (STATEMENT, "SessionNotOnOrAfter"), (CONFIRMED, "NotOnOrAfter"))
BEGINNINGS = ((CONDITIONS, "NotBefore"), (STATEMENT, "AuthnInstant"))


def read(path: str, name: str, moment: str) -> saml.Assertion:
    tree = OKTA.tree()
    element = tree.find(path)
    assert element is not None
    element.set(name, moment)
    return saml.read_response(b64encode(document(signed(tree, "Assertion", how=Signing(key="idp")))), **usual())


@pytest.mark.parametrize("moment", FOR_EVER[:2])
@pytest.mark.parametrize(("path", "name"), ENDS)
def test_what_never_ends_is_accepted(path: str, name: str, moment: str) -> None:
    """It was a sign-in that broke: adding the difference of clocks left the calendar."""
    assert read(path, name, moment).name_id is not None


@pytest.mark.parametrize(("path", "name"), BEGINNINGS)
def test_what_has_always_been_is_accepted(path: str, name: str) -> None:
    assert read(path, name, NEVER[0]).name_id is not None


@pytest.mark.parametrize("moment", [FOR_EVER[2], NEVER[1]])
def test_what_lies_outside_of_the_calendar_is_no_time(moment: str) -> None:
    for path, name in (*ENDS, *BEGINNINGS):
        with pytest.raises(Refusal) as refused:
            read(path, name, moment)
        assert refused.value.code == "saml.time_unreadable"


@pytest.mark.parametrize("moment", ["2027-W10-3T09:36:51Z", "20270303T093651Z", "2027-03-03T09:36Z", "2027-03-03T09Z"])
def test_a_time_in_another_writing_than_that_of_xml_schema_is_no_time(moment: str) -> None:
    """Python reads all of ISO 8601, and other readers of the same message do not. SAML Core 1.3.3."""
    for path, name in ENDS:
        with pytest.raises(Refusal) as refused:
            read(path, name, moment)
        assert refused.value.code == "saml.time_unreadable"


@pytest.mark.parametrize("moment", [FOR_EVER[0], NEVER[0]])
@pytest.mark.parametrize("name", ["IssueInstant", "NotOnOrAfter"])
def test_a_logout_message_is_judged_too(name: str, moment: str) -> None:
    usually = usual()
    parties = logout.LogoutParties(
        service_provider=usually["service_provider"],
        identity_provider=usually["identity_provider"],
        policy=usually["policy"],
        slo_url=usually["service_provider"].entity_id + "/slo",
    )
    arrival = logout.arrival_of_form(request=posted(request(**{name: moment})).decode(), response=None, relay_state="")
    report = logout.diagnose_logout(arrival, parties=parties, expected_request_id=None, now=usually["now"])
    refused = report.refusal.code if report.refusal else ""
    assert refused == {
        ("IssueInstant", FOR_EVER[0]): "saml.logout_not_yet_valid",
        ("NotOnOrAfter", FOR_EVER[0]): "",
    }.get((name, moment), "saml.logout_expired")


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_doctor_may_be_told_any_moment(at: datetime) -> None:
    [specimen] = specimens_in((ROOT / "accepted/okta-both-signed/response.xml").read_bytes(), limit=10**6)
    usually = usual()
    known = Against(
        entity_id=usually["service_provider"].entity_id,
        acs_url=usually["service_provider"].acs_url,
        certificates=usually["identity_provider"].certificates,
    )
    assert examine(specimen, against=known, at=at, now=usually["now"]).wrong
