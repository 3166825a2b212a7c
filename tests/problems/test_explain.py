"""A stored code and its facts, as each reader reads them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary import saml
from ostiary.domain.connection import Connection, Protocol, Revision, SamlSettings
from ostiary.domain.errors import DomainNotVerified, NameMissing, NoAnswer
from ostiary.guides import ConnectionValues, Guide, SpanKind, guide, guides
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId, ConnectionId, OrganizationId
from ostiary.problems import Explanation, Fixer, Reader, described, explain, explain_named
from ostiary.problems.catalogue import BY_CODE

ENTITY_ID = "https://sso.ringline.example/saml/c7f3k2m9q4"
ACS_URL = f"{ENTITY_ID}/acs"
VALUES = ConnectionValues(product="Ringline", organization="Acme", acs_url=ACS_URL, entity_id=ENTITY_ID)
AUDIENCE_PATH = "Applications → Applications → Ringline → General → SAML Settings → Edit → Audience URI (SP Entity ID)"
NOON = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)


def test_a_slash_at_the_end_is_the_first_thing_that_the_admin_reads() -> None:
    """The whole picture look/08: cause, difference, fix."""
    read = _explained(saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(f"{ENTITY_ID}/",)))
    assert read.headline == "Invalid SAML response"
    assert read.title == ("Okta's Audience URI (SP Entity ID) ends with a slash. This connection's Entity ID does not.")
    assert read.second == "Nobody can sign in with Okta until the two are the same. This test changed nothing."
    assert [(row.label, row.note) for row in read.rows] == [
        ("Expected", "Entity ID of this connection"),
        ("Received", "Audience in Okta's answer"),
    ]
    assert [mark.text for mark in read.rows[1].values[0] if mark.differs] == ["/"]
    assert read.difference == "1 character too many: a slash at the end"
    assert read.short == "Differs by a slash at the end"
    assert read.fix_heading == "Fix it in Okta"
    assert read.fixer is Fixer.IDP_ADMIN
    assert read.steps_as_text.splitlines() == [
        f"1. Go to {AUDIENCE_PATH} and put in exactly this: {ENTITY_ID}",
        "2. Click Next, then Finish.",
        "3. Test again.",
    ]
    assert [span.text for span in read.steps[0].spans if span.kind is SpanKind.COPY] == [ENTITY_ID]


def test_silence_is_told_as_what_we_suppose_and_not_as_what_we_know() -> None:
    """The whole picture look/12."""
    silence = NoAnswer(email="dana@acme.example", sso_url="https://acme.okta.example/sso", acs_url=ACS_URL)
    read = _explained(silence)
    assert read.headline == ""
    assert read.title == "Okta has not answered. Most likely you are not assigned to Ringline yet."
    assert read.steps_as_text.splitlines() == [
        "1. Go to Applications → Applications → Ringline → Assignments → Assign → Assign to People.",
        "2. Select dana@acme.example, click Assign, then Save and Go Back.",
        "3. Test again.",
    ]
    assert read.otherwise_title == "By what Okta shows"
    assert [text.plain for text in read.otherwise[1].then] == [
        f"Single sign-on URL in Okta must be exactly this: {ACS_URL}"
    ]


def test_a_silence_without_facts_still_shows_what_to_put_in() -> None:
    read = _explained(NoAnswer(email="", sso_url="", acs_url=""))
    assert "2. Select your own user, click Assign, then Save and Go Back." in read.steps_as_text
    assert read.otherwise[1].then[0].plain == f"Single sign-on URL in Okta must be exactly this: {ACS_URL}"
    assert read.rows == ()


def test_an_admin_reads_of_another_person_by_their_address() -> None:
    silence = NoAnswer(email="marcus@acme.example", sso_url="https://acme.okta.example/sso", acs_url=ACS_URL)
    read = _explained(silence, key="onelogin", reader=Reader.ADMIN)
    assert read.title == ("OneLogin has not answered. Most likely marcus@acme.example is not assigned to Ringline yet.")
    assert read.steps_as_text.splitlines()[-1] == "3. Ask marcus@acme.example to sign in once more."


def test_a_sha1_answer_is_refused_with_exactly_the_step_that_helps() -> None:
    refusal = saml.errors.AlgorithmRefused(element="Assertion", algorithm="SHA-1", uri="http://x/#rsa-sha1")
    read = _explained(refusal, key="onelogin")
    assert read.title == "OneLogin signs with SHA-1, which is no longer safe."
    assert read.steps[0].plain == (
        "Go to Applications → Applications → Ringline → SSO → SAML Signature Algorithm and choose SHA-256."
    )


def test_the_expired_certificate_is_the_headline_when_no_pinned_key_fits() -> None:
    refusal = saml.errors.CertificateExpired(
        element="Response", not_after=NOON, expired_fingerprint="9F:3C", expected=("9F:3C",), received="AA:BB",
        received_subject="CN=acme",
    )  # fmt: skip
    read = _explained(refusal)
    assert read.title == (
        "The certificate saved in this connection expired on 14 May 2026, and Okta signs with another one."
    )
    assert read.fix_heading == "Fix it in the Single Sign-On settings"
    assert [row.label for row in read.rows] == ["Expired", "Received", "Its subject"]


def test_an_attribute_name_in_another_case_is_named_as_the_reason() -> None:
    refusal = saml.errors.AttributeMissing(
        expected=("email",), received=("firstName", "Email"), name_id_format="persistent"
    )
    read = _explained(refusal, key="onelogin")
    assert read.title == "OneLogin sends Email. This connection reads email."
    assert read.difference == "1 letter in another case"
    assert [_shown(marks) for row in read.rows[:2] for marks in row.values] == ["[e]mail", "[E]mail", "firstName"]


def test_attributes_that_did_not_arrive_are_sought_where_the_brief_says() -> None:
    refusal = saml.errors.AttributeMissing(expected=("email",), received=("department",), name_id_format="persistent")
    read = _explained(refusal, key="onelogin")
    assert read.title == "OneLogin did not send the email address."
    assert read.difference == ""
    assert any("check Include in SAML assertion" in step.plain for step in read.steps)
    assert not any(mark.differs for row in read.rows for marks in row.values for mark in marks)


def test_a_finding_stands_under_no_headline_and_says_that_sign_ins_go_on() -> None:
    read = _explained(NameMissing(expected=("firstName", "lastName"), received=("email",)), reader=Reader.ADMIN)
    assert (read.headline, read.status) == ("", 200)
    assert read.title == "Okta does not send firstName and lastName."
    assert read.second.startswith("Sign-ins go on.")


def test_a_provider_without_a_guide_of_its_own_is_spoken_of_in_plain_words() -> None:
    refusal = saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(ENTITY_ID.upper(),))
    read = explain_named(refusal, guide=None, values=VALUES, reader=Reader.TESTER)
    assert read.title == (
        "The identity provider's Audience (SP Entity ID) differs from this connection's Entity ID in letter case."
    )
    assert read.fix_heading == "Fix it at the identity provider"


def test_a_time_is_told_in_the_zone_of_the_reader() -> None:
    refusal = saml.errors.ResponseExpired(
        attribute="Conditions NotOnOrAfter", not_on_or_after=NOON, received_at=NOON + timedelta(seconds=312),
        issued_at=NOON - timedelta(minutes=5), seconds=312, allowed_seconds=60,
    )  # fmt: skip
    read = explain_named(
        refusal, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN, zone=timezone(timedelta(hours=2), "CEST")
    )
    assert read.title == "By its own clock Okta wrote this answer 10 minutes before it arrived."
    assert read.label == "5 min 12 s too old"
    assert _shown(read.rows[0].values[0]) == "14 May 2026, 14:05:12 CEST"


def test_what_is_stored_is_explained_as_what_was_raised() -> None:
    refusal = DomainNotVerified(
        email="m@acme-labs.example", domain="acme-labs.example", verified=("acme.example",), organization="Acme"
    )
    stored: dict[str, Fact] = refusal.facts()
    read = explain(refusal.code, stored, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read == _explained(refusal, reader=Reader.ADMIN)
    assert read.title == "The address is in acme-labs.example, a domain that Acme has not verified."


@pytest.mark.parametrize(
    ("code", "facts", "title"),
    [
        ("setup.value_missing", {"field": "idp_entity_id"}, "Issuer / Entity ID is empty."),
        (
            "saml.attribute_case_differs",
            {"expected": "email", "received": "Email"},
            "Okta sends Email. This connection reads email.",
        ),
        (
            "setup.certificate_unreadable",
            {"detail": "cut short"},
            "No certificate can be read from this: it is cut short.",
        ),
        (
            "outbound.url_refused",
            {"url": "http://x", "reason": "not_https"},
            "This address can't be fetched: it does not begin with https://.",
        ),
        (
            "setup.certificate_expires_soon",
            {"not_after": "2026-05-14T10:28:04+00:00", "days": "12"},
            "The last day of Okta's certificate: 14 May 2026, in 12 days.",
        ),
        (
            "setup.certificate_expires_soon",
            {"not_after": "2026-05-14T10:28:04+00:00", "days": "-1"},
            "The last day of Okta's certificate: 14 May 2026, 1 day ago.",
        ),
        ("setup.domain_record_missing", {"name": "_x.acme.example", "expected": "v=1", "received": ()},
         "There is no TXT record at _x.acme.example yet."),
        ("saml.destination_mismatch", {"expected": ACS_URL, "received": ""},
         "Okta's answer does not say where it was sent (Destination)."),
        ("saml.destination_mismatch", {"expected": ACS_URL, "received": ENTITY_ID},
         "Okta's Single sign-on URL is the Entity ID, not this connection's ACS URL."),
        ("saml.issuer_mismatch", {"expected": "http://www.okta.com/exk1", "received": "http://www.okta.com/exk2"},
         "Okta's Identity Provider Issuer is not the Issuer / Entity ID saved here."),
        ("login.too_many_attempts", {"wait_seconds": "90"},
         "There were too many attempts to sign in. The next one counts in 1 min 30 s."),
    ],
)  # fmt: skip
def test_facts_become_words(code: str, facts: dict[str, Fact], title: str) -> None:
    assert explain(code, facts, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN).title == title


def test_the_values_of_a_connection_are_those_of_its_last_saved_revision() -> None:
    values = ConnectionValues.of(
        _connection(), product="Ringline", organization="Acme", public_url="https://sso.ringline.example"
    )
    assert (values.acs_url, values.entity_id, values.sso_url) == (ACS_URL, ENTITY_ID, "https://idp.example/sso")


@pytest.mark.parametrize("is_on", [True, False])
def test_a_test_of_newer_settings_says_that_nobody_signs_in_with_them_yet(is_on: bool) -> None:
    """Sign-ins use the settings that were tested before, so nobody is kept out by those that fail their test."""
    values = ConnectionValues.of(
        _connection(name="Okta 2", is_on=is_on), product="Ringline", organization="Acme", public_url="https://x.example"
    )
    refusal = saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(f"{ENTITY_ID}/",))
    tested = explain_named(refusal, guide=guide("okta"), values=values, reader=Reader.TESTER)
    refused = explain_named(refusal, guide=guide("okta"), values=values, reader=Reader.ADMIN)
    goes_on = (
        "Sign-ins use the settings tested before. "
        "Nobody can sign in with the new ones until the two are the same. This test changed nothing."
    )
    nobody = "Nobody can sign in with Okta 2 until the two are the same."
    assert tested.second == (goes_on if is_on else f"{nobody} This test changed nothing.")
    assert refused.second == f"{nobody} No account was changed."


def test_a_way_in_our_settings_bears_the_name_of_the_connection_and_theirs_that_of_the_vendor() -> None:
    values = replace(VALUES, name="Okta 2")
    refusal = saml.errors.StatusDenied(status="Requester", substatus="InvalidNameIDPolicy", message="")
    read = explain_named(refusal, guide=guide("okta"), values=values, reader=Reader.ADMIN)
    assert "Single Sign-On → Okta 2 → Advanced" in read.steps_as_text
    assert read.title == "Okta has no NameID for this person in the format that was asked for."


def test_a_code_of_a_newer_version_is_told_as_such() -> None:
    read = explain("saml.of_tomorrow", {"x": "y"}, guide=None, values=VALUES, reader=Reader.ADMIN)
    assert read.code == "saml.of_tomorrow"
    assert read.title == "It was refused for a reason that this version of Ringline has no words for."


def test_a_fact_that_an_older_version_did_not_record_breaks_nothing() -> None:
    read = explain("login.no_account", {}, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert read.title == "(not recorded) has no account at Acme, and this connection makes none."


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_the_person_at_the_sign_in_page_reads_no_fact_no_code_and_no_step(code: str) -> None:
    facts = dict.fromkeys(("expected", "received", "email", "domain", "organization", "detail", "message"), "SECRET-7")
    read = explain(code, facts, guide=guide("okta"), values=VALUES, reader=Reader.USER, person="SECRET-7")
    assert "SECRET-7" not in repr(read)
    assert (read.code, read.rows, read.steps, read.headline, read.otherwise) == ("", (), (), "", ())
    assert read.title == BY_CODE[code].user.title
    assert read.second == BY_CODE[code].user.text


@given(
    code=st.sampled_from(sorted(BY_CODE)),
    facts=st.dictionaries(
        st.sampled_from(
            (
                "expected",
                "received",
                "seconds",
                "wait_seconds",
                "days",
                "not_after",
                "until",
                "email",
                "field",
                "domain",
            )
        ),
        st.one_of(
            st.text(max_size=40),
            st.tuples(st.text(max_size=20), st.text(max_size=20)),
            st.sampled_from(
                ("2026-99-99T99:99:99+00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "-")
            ),
            st.integers(-(10**12), 10**12).map(str),
        ),
    ),
    of=st.sampled_from(guides()),
    reader=st.sampled_from(list(Reader)),
)
def test_no_code_and_no_fact_can_break_an_explanation(
    code: str, facts: dict[str, Fact], of: Guide, reader: Reader
) -> None:
    read = explain(code, facts, guide=of, values=VALUES, reader=reader)
    assert read.title
    assert read.user_text == BY_CODE[code].user.text


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_code_can_be_described_without_an_attempt(code: str) -> None:
    read = described(code, guide=guide("onelogin"), values=VALUES)
    assert read is not None
    assert read.rows == ()
    assert "(not recorded)" not in repr(read)
    assert read.steps or code.startswith("login.")


def test_a_code_that_is_not_known_has_no_help_page() -> None:
    assert described("saml.of_tomorrow", guide=None, values=VALUES) is None


def test_only_where_an_admin_can_fix_it_is_the_person_asked_to_sign_in_again() -> None:
    again = "Ask this person to sign in once more."
    fixed = explain("saml.signature_missing", {}, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert fixed.steps[-1].plain == again
    theirs = explain("login.attempt_used", {}, guide=guide("okta"), values=VALUES, reader=Reader.ADMIN)
    assert again not in theirs.steps_as_text


@given(text=st.text(max_size=80))
def test_what_was_received_is_shown_whole_and_never_stands_in_a_step(text: str) -> None:
    received = f"¤{text}¤"
    read = _explained(saml.errors.AudienceMismatch(expected=ENTITY_ID, received=(received,)))
    assert "".join(mark.text for mark in read.rows[1].values[0]) == received
    assert not any("¤" in span.text for step in read.steps for span in step.spans)


def _explained(
    named: saml.errors.SamlRefusal | NoAnswer | NameMissing | DomainNotVerified,
    *,
    key: str = "okta",
    reader: Reader = Reader.TESTER,
) -> Explanation:
    return explain_named(named, guide=guide(key), values=VALUES, reader=reader)


def _shown(marks: tuple[object, ...]) -> str:
    return "".join(f"[{mark.shown}]" if mark.differs else mark.text for mark in marks)  # type: ignore[attr-defined]


def _connection(*, name: str = "", is_on: bool = False) -> Connection:
    """One of Okta whose last saved revision is its second; where it is on, the first one serves."""
    organization, owner, connection_id = OrganizationId("o1"), AccountId("a1"), ConnectionId("c7f3k2m9q4")
    settings = SamlSettings(sso_url="https://idp.example/sso", idp_entity_id="urn:idp", certificates=())
    revision = Revision(
        connection_id=connection_id, organization_id=organization, number=2, settings=settings, saved_at=NOON,
        saved_by=owner, tested_at=None, tested_by=None,
    )  # fmt: skip
    return Connection(
        id=connection_id, organization_id=organization, protocol=Protocol.SAML, provider="okta", entity_id=ENTITY_ID,
        created_at=NOON, enabled_at=NOON if is_on else None, was_ever_on=is_on, access_confirmed_at=None,
        access_confirmed_by=None, latest=revision, name=name,
        serving=replace(revision, number=1, tested_at=NOON, tested_by=owner) if is_on else None,
    )  # fmt: skip
