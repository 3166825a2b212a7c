from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ostiary import saml
from ostiary.kernel.report import NotRun, Passed, Refused
from ostiary.saml.errors import AudienceMismatch, CertificateUnknown, SamlRefusal, StatusDenied
from ostiary.saml.xmldsig import SignedElement
from tests.saml.circumstances import an_identity_provider, usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import ACS_URL, EMAIL, IDP_ENTITY_ID, REQUEST_ID, SP_ENTITY_ID, Signing, signed
from tests.vectors.refused import refused
from tests.vectors.vector import document, pem

FINGERPRINT = saml.read_certificates(pem("idp"))[0].fingerprint


def posted(*elements: str, how: Signing | None = None, message=OKTA) -> bytes:
    return b64encode(document(signed(message.tree(), *elements, how=how)))


def results(diagnosis: saml.Diagnosis) -> dict:
    return {result.name: result for result in diagnosis.results}


def test_everything_that_was_signed_is_returned():
    assertion = saml.read_response(posted("Assertion", "Response"), **usual())
    assert assertion == saml.Assertion(
        issuer=IDP_ENTITY_ID,
        id=OKTA.assertion_id,
        name_id=saml.NameId(value=EMAIL, format=saml.NAME_ID_EMAIL),
        attributes=assertion.attributes,
        session_index="_s7c1",
        session_not_on_or_after=None,
        authn_instant=datetime(2026, 3, 3, 9, 41, 50, tzinfo=UTC),
        authn_context="urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        not_on_or_after=datetime(2026, 3, 3, 9, 48, 51, tzinfo=UTC),
        in_response_to=REQUEST_ID,
        signed_by=FINGERPRINT,
        response_signed=True,
        assertion_signed=True,
    )
    assert assertion.attributes[0] == saml.Attribute(
        name="email",
        format="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
        friendly_name="",
        values=(EMAIL,),
    )


@pytest.mark.parametrize(
    ("elements", "signed_parts"),
    [(("Assertion",), (False, True)), (("Response",), (True, False)), (("Assertion", "Response"), (True, True))],
)
def test_it_is_told_which_part_was_signed(elements, signed_parts):
    assertion = saml.read_response(posted(*elements), **usual())
    assert (assertion.response_signed, assertion.assertion_signed) == signed_parts


def test_text_and_bytes_are_read_alike():
    form_value = posted("Assertion")
    assert saml.read_response(form_value.decode(), **usual()) == saml.read_response(form_value, **usual())


def test_the_key_that_fitted_is_named():
    provider = an_identity_provider("idp", "idp-next")
    assertion = saml.read_response(
        posted("Assertion", how=Signing(key="idp-next")), **usual(identity_provider=provider)
    )
    assert assertion.signed_by == saml.read_certificates(pem("idp-next"))[0].fingerprint


def test_an_assertion_is_remembered_as_long_as_it_could_be_accepted():
    """Until the last moment at which `read_response` accepts it, it must be remembered."""
    form_value = posted("Assertion")
    end = saml.read_response(form_value, **usual()).not_on_or_after
    last = datetime.fromtimestamp(end.timestamp() - 0.001, tz=UTC)
    assert saml.read_response(form_value, **usual(now=last)).not_on_or_after == end
    with pytest.raises(SamlRefusal) as caught:
        saml.read_response(form_value, **usual(now=end))
    assert caught.value.code == "saml.response_expired"


def test_no_pinned_key_accepts_nothing():
    provider = replace(an_identity_provider(), certificates=())
    with pytest.raises(CertificateUnknown):
        saml.read_response(posted("Assertion"), **usual(identity_provider=provider))


def test_a_stranger_is_compared_with_the_pinned_keys():
    with pytest.raises(CertificateUnknown) as caught:
        saml.read_response(posted("Assertion", how=Signing(key="stranger")), **usual())
    stranger = saml.read_certificates(pem("stranger"))[0]
    assert caught.value.facts() == {
        "element": "Assertion",
        "expected": (FINGERPRINT,),
        "received": stranger.fingerprint,
        "received_subject": "CN=stranger.acme.example",
    }


def test_the_report_shows_what_was_seen():
    diagnosis = saml.diagnose_response(posted("Assertion", "Response"), **usual())
    seen = {result.name: result.seen for result in diagnosis.results if isinstance(result, Passed)}
    assert seen.pop("could_be_read").endswith(" bytes")
    assert seen == {
        "destination": ACS_URL,
        "status": "Success",
        "one_assertion": "1",
        "response_signature": f"RSA-SHA256, {FINGERPRINT}",
        "assertion_signature": f"RSA-SHA256, {FINGERPRINT}",
        "contents": OKTA.assertion_id,
        "issuer": IDP_ENTITY_ID,
        "subject": "emailAddress",
        "conditions": "",
        "audience": SP_ENTITY_ID,
        "bearer": "1 of 1",
        "recipient": ACS_URL,
        "request": REQUEST_ID,
        "window": "09:36:51 to 09:46:51, 0.4 s old",
        "session": "no end given",
    }


def test_the_age_of_an_answer_says_nothing_of_the_clocks_but_where_it_was_written_in_the_future():
    assert _window_seen(later=timedelta(seconds=18)) == "09:36:51 to 09:46:51, 18.0 s old"
    assert _window_seen(later=timedelta(seconds=-18)) == "09:36:51 to 09:46:51, written 18.0 s in the future"


def _window_seen(*, later: timedelta) -> str:
    written = saml.unverified_outline(b64decode(posted("Assertion", "Response"))).issue_instant
    assert written is not None
    diagnosis = saml.diagnose_response(posted("Assertion", "Response"), **usual(now=written + later))
    return next(result.seen for result in diagnosis.results if result.name == "window" and isinstance(result, Passed))


def test_a_refused_check_lets_the_others_speak():
    wrong = replace(OKTA, audiences=((SP_ENTITY_ID + "/",),))
    diagnosis = saml.diagnose_response(posted("Assertion", message=wrong), **usual())
    assert [result.name for result in diagnosis.results if not isinstance(result, Passed)] == ["audience"]
    assert isinstance(diagnosis.refusal, AudienceMismatch)
    assert diagnosis.assertion is not None
    assert diagnosis.unverified is None


def test_nothing_that_needs_the_signature_is_judged_without_it():
    diagnosis = saml.diagnose_response(posted("Assertion", how=Signing(key="stranger")), **usual())
    by_name = results(diagnosis)
    assert isinstance(by_name["assertion_signature"], Refused)
    after = [by_name[name] for name in ("contents", "issuer", "audience", "recipient", "request", "window", "session")]
    assert all(isinstance(result, NotRun) for result in after)
    assert diagnosis.assertion is None
    assert diagnosis.unverified is not None
    assert diagnosis.unverified.issuer == IDP_ENTITY_ID
    assert diagnosis.unverified.name_id == saml.NameId(value=EMAIL, format=saml.NAME_ID_EMAIL)
    assert [each.name for each in diagnosis.unverified.attributes][:2] == ["email", "firstName"]


def test_a_status_of_refusal_is_the_only_cross_where_there_is_no_assertion():
    [vector] = [each for each in refused() if each.path == "refused/status_denied"]
    diagnosis = saml.diagnose_response(vector.form, **usual())
    assert isinstance(diagnosis.refusal, StatusDenied)
    assert [result.name for result in diagnosis.results if isinstance(result, Refused)] == ["status"]
    assert diagnosis.unverified is None


def test_what_cannot_be_read_leaves_every_other_check_unrun():
    diagnosis = saml.diagnose_response(b"!", **usual())
    first, *others = diagnosis.results
    assert isinstance(first, Refused)
    assert all(isinstance(result, NotRun) for result in others)
    assert (diagnosis.assertion, diagnosis.unverified) == (None, None)


def test_every_check_belongs_to_one_group_of_the_report():
    grouped = [name for _, names in saml.CHECK_GROUPS for name in names]
    assert sorted(grouped) == sorted(check.name for check in saml.CHECKS)


def test_every_check_needs_only_earlier_ones():
    names = [check.name for check in saml.CHECKS]
    assert all(set(check.needs) <= set(names[:at]) for at, check in enumerate(saml.CHECKS))


def test_nobody_else_can_say_that_something_was_signed():
    with pytest.raises(TypeError):
        SignedElement(b"<a/>", "AA", "RSA-SHA256", object())
