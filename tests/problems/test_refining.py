"""What facts say beyond their code: the provider's own errors, the clocks, whose certificate it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ostiary import saml
from ostiary.guides import ConnectionValues, Sibling, guide, guides
from ostiary.problems import Explanation, Reader, explain
from ostiary.problems.refining.clocks import about

ENTITY_ID = "https://sso.ringline.example/saml/c7f3k2m9q4"
OTHER = "https://sso.ringline.example/saml/c0000000000"
SIBLING = Sibling(
    name="OneLogin",
    acs_url=f"{OTHER}/acs",
    entity_id=OTHER,
    sso_url="https://acme.onelogin.example/sso",
    idp_entity_id="https://app.onelogin.example/saml/metadata/1",
    fingerprints=("AA:BB",),
)
VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url=f"{ENTITY_ID}/acs",
    entity_id=ENTITY_ID,
    sso_url="https://acme.okta.example/app/x/sso/saml",
    idp_entity_id="http://www.okta.com/exk1",
    siblings=(SIBLING,),
)
NOON = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)


# --- what the provider reports ----------------------------------------------


@pytest.mark.parametrize(
    ("status", "substatus", "title", "step"),
    [
        ("Responder", "AuthnFailed", "The sign-in at Okta did not succeed.", "System Log"),
        ("Responder", "RequestDenied", "Okta refuses to sign this person in to Ringline.", "Assignments"),
        ("Responder", "NoAuthnContext", "Okta can't sign the person in by the way that is asked for.", "Sign out"),
        ("Responder", "NoPassive", "Okta was asked to show no page, and the person was not signed in there.", "sign"),
        (
            "Requester",
            "InvalidNameIDPolicy",
            "Okta has no NameID for this person in the format that was asked for.",
            "Name ID format",
        ),
        ("Requester", "RequestUnsupported", "Okta does not take requests of this kind.", "View IdP metadata"),
        ("Responder", "UnknownPrincipal", "Okta does not know the person.", "Assignments"),
        ("Responder", "NoSupportedIDP", "Okta passes sign-ins on to another provider, and none could be reached.", "L"),
        ("Requester", "", "Okta says that something in Ringline's request does not fit.", ENTITY_ID),
        ("Responder", "", "Okta could not finish the sign-in, for a reason of its own.", "System Log"),
        ("VersionMismatch", "", "Okta takes another version of SAML than 2.0.", "SSO URL"),
        ("Requester", "RequestVersionTooHigh", "Okta takes another version of SAML than 2.0.", "SSO URL"),
    ],
)  # fmt: skip
def test_a_status_code_is_told_in_plain_words_with_steps_in_the_console(
    status: str, substatus: str, title: str, step: str
) -> None:
    read = _denied("okta", status=status, substatus=substatus)
    assert read.title == title
    assert step in read.steps_as_text


def test_a_status_that_no_version_knows_is_still_told_as_a_refusal_of_the_provider() -> None:
    read = _denied("okta", status="urn:x", substatus="urn:y")
    assert read.title == "Okta answered that it has signed nobody in."
    assert [row.label for row in read.rows] == ["Status", "In detail"]


@pytest.mark.parametrize(
    ("key", "substatus", "message", "means", "step"),
    [
        (
            "entra",
            "RequestUnsupported",
            "AADSTS75011: Authentication method 'X509, MultiFactor' doesn't match requested authentication method",
            "The person had signed in to Microsoft in another way than the request asks for.",
            "Sign out of Microsoft",
        ),
        ("adfs", "InvalidNameIDPolicy", "MSIS7070: The SAML request contained a NameIDPolicy", "AD FS issues no NameID",
         "Transform an Incoming Claim"),
        ("saml", "", "Unable to encrypt assertion", "wants to encrypt", "download the certificate"),
        ("saml", "", "Message did not meet security requirements", "could not check our request", "Our keys"),
        ("keycloak", "InvalidNameIDPolicy", "", "no email address", "Email"),
    ],
)  # fmt: skip
def test_what_a_vendor_writes_beside_the_status_is_recognised(
    key: str, substatus: str, message: str, means: str, step: str
) -> None:
    read = _denied(key, status="Responder", substatus=substatus, message=message)
    assert means in read.second
    assert step in read.steps_as_text
    if message:
        assert read.rows[-1].note == "not verified"


def test_a_connection_without_a_guide_of_its_own_recognises_the_words_of_every_vendor() -> None:
    assert "Microsoft" in _denied("saml", status="Responder", substatus="", message="aadsts75011: x").second
    assert _denied("okta", status="Responder", substatus="", message="AADSTS75011").title == (
        "Okta could not finish the sign-in, for a reason of its own."
    )


def test_what_a_provider_writes_never_becomes_markup_or_a_step() -> None:
    read = _denied("okta", status="Responder", substatus="", message="**x** {copy:acs_url} {idp}")
    assert [mark.text for mark in read.rows[-1].values[0]] == ["**x** {copy:acs_url} {idp}"]
    assert "**x**" not in read.steps_as_text


# --- silence ----------------------------------------------------------------


@pytest.mark.parametrize("key", ["adfs", "keycloak"])
def test_where_nobody_is_assigned_silence_is_not_told_as_a_missing_assignment(key: str) -> None:
    read = explain("login.no_answer", {}, guide=guide(key), values=VALUES, reader=Reader.ADMIN)
    assert "Most likely its own page shows an error" in read.title
    assert "assigned" not in read.title
    assert read.otherwise_title == "What its page may say"
    assert [each.when for each in read.otherwise if each.when.startswith("Its page says")]


# --- clocks -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "title"),
    [
        (7, "Okta's clock is 7 minutes ahead of Ringline's."),
        (60, "Okta's clock is 60 minutes ahead of Ringline's."),
        (120, "Okta's clock is 2 hours ahead of Ringline's."),
        (3 * 24 * 60, "Okta's clock is 3 days ahead of Ringline's."),
    ],
)
def test_a_clock_that_is_ahead_is_told_with_by_how_much(minutes: int, title: str) -> None:
    read = _too_early(written=NOON + timedelta(minutes=minutes), counts_from=NOON + timedelta(minutes=minutes))
    assert read.title == title
    assert read.label == f"clocks differ by {about(minutes * 60)}"
    assert read.short == f"Clocks differ by {about(minutes * 60)}"


def test_an_answer_that_counts_from_later_is_no_matter_of_clocks() -> None:
    read = _too_early(written=NOON, counts_from=NOON + timedelta(seconds=312))
    assert read.title == "Okta's answer counts only from 5 min 12 s after it arrived."
    assert "The two clocks agree" in read.second


def test_a_clock_that_is_behind_is_certain_where_the_answer_is_older_than_the_question() -> None:
    read = _too_late(written=NOON - timedelta(minutes=7), began=NOON - timedelta(seconds=20))
    assert read.title == "Okta's clock is 7 minutes behind Ringline's."
    assert "A difference of 2 minutes is allowed." in read.second
    assert read.fix_heading == "What to do"


def test_an_old_answer_may_as_well_have_waited_on_a_page() -> None:
    for began in (NOON - timedelta(minutes=13), None):
        read = _too_late(written=NOON - timedelta(minutes=12), began=began)
        assert read.title == "By its own clock Okta wrote this answer 12 minutes before it arrived."
        assert "Either the answer waited that long" in read.second
        assert "or Okta's clock is 12 minutes behind Ringline's." in read.second
        assert [step.plain for step in read.steps] == ["Sign in once more, without a pause."]
        assert read.fix_heading == "What to do"
        assert read.otherwise_title == "If the same comes back at once"
        assert "kept right by Okta" in read.otherwise[0].then[0].plain


def test_nobody_waits_for_whole_hours_so_the_clock_is_suspected() -> None:
    read = _too_late(written=NOON - timedelta(hours=2), began=None)
    assert "time zone" in read.steps_as_text
    assert "kept right by Okta" in read.steps_as_text


def test_an_answer_that_counts_too_short_is_no_matter_of_clocks() -> None:
    read = _too_late(written=NOON - timedelta(seconds=2), began=NOON - timedelta(seconds=9))
    assert read.title == "Okta's answer counted for so short a time that it was over when it arrived."


@pytest.mark.parametrize(("minutes", "is_told"), [(60, True), (121, True), (90, False), (7, False), (24 * 60, False)])
def test_a_difference_of_whole_hours_is_most_often_a_time_zone(minutes: int, is_told: bool) -> None:
    read = _too_early(written=NOON + timedelta(minutes=minutes), counts_from=NOON + timedelta(minutes=minutes))
    assert ("time zone" in read.steps_as_text) == is_told


def test_whose_clock_to_set_depends_on_who_keeps_it() -> None:
    for key, step in (("okta", "kept right by Okta"), ("adfs", "w32tm /resync"), ("keycloak", "Keycloak's server")):
        read = _too_early(written=NOON + timedelta(minutes=7), counts_from=NOON + timedelta(minutes=7), key=key)
        assert step in read.steps_as_text


@pytest.mark.parametrize("junk", ["", "yesterday", "2026-99-99T00:00:00+00:00", "2026-05-14T12:00:00"])
def test_a_time_that_was_not_recorded_changes_nothing(junk: str) -> None:
    facts = {"issued_at": junk, "received_at": NOON.isoformat(), "seconds": "312"}
    read = explain("saml.response_expired", facts, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "Okta's answer was 5 min 12 s too old when it arrived."


# --- values of another connection -------------------------------------------


def test_a_certificate_of_another_connection_is_called_by_its_name() -> None:
    read = _unknown(received="AA:BB")
    assert read.title == "Okta signed with the certificate of another connection: OneLogin."
    assert "It is saved in OneLogin, and not in this connection." in read.second
    assert read.label == "signed by another connection's certificate"


@pytest.mark.parametrize("received", ["CC:DD", ""])
def test_a_certificate_of_nobody_is_told_as_unknown(received: str) -> None:
    assert _unknown(received=received).title == "Okta signed with a certificate that is not saved in this connection."


@pytest.mark.parametrize(
    ("refusal", "title"),
    [
        (
            saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(OTHER,)),
            (
                "Okta's Audience URI (SP Entity ID) is the Entity ID of the connection OneLogin, "
                "not this connection's Entity ID."
            ),
        ),
        (
            saml.errors.DestinationMismatch(expected=f"{ENTITY_ID}/acs", received=f"{OTHER}/acs"),
            "Okta's Single sign-on URL is the ACS URL of the connection OneLogin, not this connection's ACS URL.",
        ),
        (
            saml.errors.RecipientMismatch(expected=f"{ENTITY_ID}/acs", received=f"{OTHER}/acs"),
            (
                "Okta's recipient (Single sign-on URL) is the ACS URL of the connection OneLogin, "
                "not this connection's ACS URL."
            ),
        ),
        (
            saml.errors.IssuerMismatch(
                element="Assertion", expected="http://www.okta.com/exk1", received=SIBLING.idp_entity_id
            ),
            (
                "Okta's Identity Provider Issuer is the Issuer / Entity ID of the connection OneLogin, "
                "not the Issuer / Entity ID saved here."
            ),
        ),
        (
            saml.errors.IssuerMismatch(
                element="Assertion", expected=VALUES.sso_url, received="http://www.okta.com/exk1"
            ),
            "The Issuer / Entity ID saved here is the SSO URL. Okta's Identity Provider Issuer is another value.",
        ),
        (
            saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(f"{ENTITY_ID}/acs",)),
            "Okta's Audience URI (SP Entity ID) is the ACS URL, not this connection's Entity ID.",
        ),
        (
            saml.errors.AudienceMismatch(expected=ENTITY_ID, received=("https://old.ringline.example/saml/c7f3k2m9q4",)),
            (
                "Okta's Audience URI (SP Entity ID) is the address of this connection at another host: "
                "old.ringline.example."
            ),
        ),
        (
            saml.errors.RecipientMismatch(
                expected=f"{ENTITY_ID}/acs", received="http://localhost:8080/saml/c7f3k2m9q4/acs"
            ),
            "Okta's recipient (Single sign-on URL) is the address of this connection at another host: localhost:8080.",
        ),
        (
            saml.errors.IssuerMismatch(
                element="Response", expected="http://www.okta.com/exk1", received="https://www.okta.com/exk1"
            ),
            "Okta's Identity Provider Issuer begins with https. The Issuer / Entity ID saved here does not.",
        ),
    ],
)  # fmt: skip
def test_a_value_of_another_place_is_called_by_its_name(refusal: saml.errors.SamlRefusal, title: str) -> None:
    read = explain(refusal.code, refusal.facts(), guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == title


def test_the_name_of_another_connection_can_not_become_a_quote() -> None:
    odd = replace(VALUES, siblings=(replace(SIBLING, name="{email}"),))
    facts = {"received": "AA:BB"}
    read = explain("saml.certificate_unknown", facts, guide=guides()[0], values=odd, reader=Reader.ADMIN)
    assert read.title == "Okta signed with the certificate of another connection: (email)."


def _denied(key: str, *, status: str, substatus: str, message: str = "") -> Explanation:
    refusal = saml.errors.StatusDenied(status=status, substatus=substatus, message=message)
    return explain(refusal.code, refusal.facts(), guide=guide(key), values=VALUES, reader=Reader.ADMIN)


def _too_early(*, written: datetime, counts_from: datetime, key: str = "okta") -> Explanation:
    refusal = saml.errors.ResponseNotYetValid(
        attribute="Conditions NotBefore",
        not_before=counts_from,
        received_at=NOON,
        issued_at=written,
        seconds=round((counts_from - NOON).total_seconds()),
        allowed_seconds=120,
    )
    return explain(refusal.code, refusal.facts(), guide=guide(key), values=VALUES, reader=Reader.ADMIN)


def _too_late(*, written: datetime, began: datetime | None) -> Explanation:
    refusal = saml.errors.ResponseExpired(
        attribute="Conditions NotOnOrAfter",
        not_on_or_after=written + timedelta(seconds=1),
        received_at=NOON,
        issued_at=written,
        seconds=round((NOON - written).total_seconds()) - 1,
        allowed_seconds=120,
    )
    facts = refusal.facts() | ({"began_at": began.isoformat()} if began else {})
    return explain(refusal.code, facts, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)


def _unknown(*, received: str) -> Explanation:
    refusal = saml.errors.CertificateUnknown(
        element="Response", expected=("9F:3C",), received=received, received_subject="CN=x"
    )
    return explain(refusal.code, refusal.facts(), guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
