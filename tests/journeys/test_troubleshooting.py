"""Every row of the brief's two Troubleshooting tables leads to its own explanation, in the words of that console."""

import pytest

from ostiary.simulator import Fault, Simulator
from tests.journeys.steps import (
    DANA,
    answer,
    begin,
    complete,
    create_okta_app,
    create_onelogin_app,
    okta_enabled,
    okta_ready,
    sign_in_with_sso,
)
from tests.journeys.walker import Walker
from tests.journeys.world import PASSWORD, PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"


def ringline(simulator: Simulator):
    """The app at this identity provider."""
    return next(app for name, app in simulator.saml_apps() if name == "Ringline")


def onelogin_ready(world: World) -> tuple[Walker, str]:
    """Acme with OneLogin set up and Dana assigned, the test not run yet."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "OneLogin")
    page = admin.url
    copied = create_onelogin_app(
        admin,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        validator=admin.value_of("ACS URL Validator"),
    )
    person = world.onelogin.add_user(DANA, first_name="", last_name="", password="")
    world.onelogin.assign(ringline(world.onelogin), person)
    complete(admin, page, copied)
    return admin, page


def test_invalid_saml_response_names_the_slash_at_the_end(world: World) -> None:
    """Okta: "Verify the ACS URL and Entity ID match … Check for trailing slashes."."""
    admin, page, _ = okta_ready(world)
    world.okta.set_fault(ringline(world.okta), Fault.AUDIENCE_SLASH)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "Test Connection failed: Invalid SAML response" in admin.text
    assert "saml.audience_mismatch" in admin.text
    assert admin.title == "Okta's Audience URI (SP Entity ID) ends with a slash. This connection's Entity ID does not."
    assert "1 character too many: a slash at the end" in admin.text
    assert "General → SAML Settings → Edit → Audience URI (SP Entity ID)" in admin.text
    assert admin.document.xpath("//mark/text()") == ["/"]
    # It changed nothing: the connection is off, and mending it makes the next test pass.
    assert "Untested" in admin.open(page).text
    world.okta.set_fault(ringline(world.okta), Fault.AUDIENCE_SLASH, on=False)
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text


def test_invalid_audience_names_onelogins_field(world: World) -> None:
    """OneLogin: "Verify the Audience (EntityID) in OneLogin matches the Entity ID … exactly."."""
    admin, page = onelogin_ready(world)
    world.onelogin.set_fault(ringline(world.onelogin), Fault.WRONG_AUDIENCE)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "Invalid SAML response" in admin.text
    assert "OneLogin's Audience (EntityID)" in admin.title
    assert "Configuration → Audience (EntityID)" in admin.text


def test_not_assigned_is_found_by_the_persons_email(world: World) -> None:
    """Okta: "Assign the user to the JustCall app in Okta (Assignments tab)."; OneLogin: "Check that the user is …"."""
    okta_enabled(world)
    user = sign_in_with_sso(world.walker(), MARCUS)
    user.press("Sign in", email=MARCUS, password=PASSWORD)
    assert user.status == 403
    world.pass_time(seconds=24)
    early = world.signed_in().open(f"{PRODUCT}/settings/attempts?q={MARCUS}").follow(MARCUS)
    assert early.title == f"Okta has not answered. Most likely {MARCUS} is not assigned to Ringline yet."
    assert "is on the way" in early.text
    world.pass_time(minutes=16)
    world.services.housekeeping.expire_attempts(world.clock.now())
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts?q={MARCUS}")
    assert "No answer" in admin.text
    admin.follow(MARCUS)
    assert "login.no_answer" in admin.text
    assert "not assigned" in admin.title
    assert "Assignments → Assign → Assign to People" in admin.text
    assert MARCUS in admin.text
    # A later answer is refused as expired, and says so.
    person = world.okta.add_user(MARCUS, first_name="", last_name="", password="")
    world.okta.assign(ringline(world.okta), person)
    user.open(f"{PRODUCT}/login")
    late = sign_in_with_sso(user, MARCUS)
    world.pass_time(minutes=16)
    late.press("Continue to Ringline")
    assert late.title == "This sign-in is over"
    reference = late.document.xpath("//dd/text()")[0]
    admin.open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "15 minutes" in admin.text


@pytest.mark.parametrize("row", ["Attributes missing", "Attributes not received"])
def test_missing_attributes_are_a_finding_where_the_nameid_stands_in(world: World, row: str) -> None:
    """The sign-in goes on; the report says which statements are missing (decision 27)."""
    if row == "Attributes missing":
        admin, page, _ = okta_ready(world)
        simulator = world.okta
    else:
        admin, page = onelogin_ready(world)
        simulator = world.onelogin
    simulator.set_fault(ringline(simulator), Fault.ATTRIBUTE_MISSING)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "Worth a look" in admin.text
    assert "1 worth a look" in admin.text
    assert "firstName" in admin.text
    wanted = "Attribute Statements" if simulator is world.okta else "Include in SAML assertion"
    assert wanted in admin.text


def test_missing_attributes_are_refused_where_the_nameid_is_no_address(world: World) -> None:
    """And a name that differs only in letter case is pointed out."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "Okta")
    page = admin.url
    copied = create_okta_app(
        admin,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        names=("Email", "firstName", "lastName"),
    )
    admin.open(f"{copied.app}/edit/saml").press("Next", name_id_format="Unspecified").press("Finish")
    person = world.okta.add_user(DANA, first_name="", last_name="", password="")
    world.okta.assign(ringline(world.okta), person)
    complete(admin, page, copied)
    admin.press("Test Connection")
    answer(admin)
    assert "saml.attribute_missing" in admin.text
    assert "letter case" in admin.text
    assert "Attribute Statements" in admin.text


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (Fault.OTHER_CERTIFICATE, "saml.certificate_unknown", "certificate"),
        (Fault.EXPIRED_CERTIFICATE, "saml.certificate_expired", "expired"),
    ],
)
def test_a_certificate_error_says_which_certificate(world: World, fault: Fault, code: str, says: str) -> None:
    """Okta: "Re-download the active certificate"; OneLogin: "Re-copy the certificate from OneLogin."."""
    admin, page, copied = okta_ready(world)
    app = ringline(world.okta)
    if fault is Fault.EXPIRED_CERTIFICATE:
        certificate = app.expired_certificate_pem
        admin.open(page).press("Save Configuration", certificate=certificate)
        assert admin.status == 422
        assert "expired" in admin.text
        admin.press("Save Configuration", certificate=certificate, confirms_expired="yes")
        assert "Saved." in admin.text
    world.okta.set_fault(app, fault)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert code in admin.text, admin.text[:900]
    assert says in admin.title
    assert "SAML Signing Certificates" in admin.text
    assert copied.sso_url


def test_a_certificate_is_read_however_it_was_pasted(world: World) -> None:
    """OneLogin: "Ensure no extra whitespace." We remove it."""
    admin, page, copied = okta_ready(world)
    body = "".join(copied.certificate.split("\n")[1:-2])
    for pasted in (f"   {copied.certificate}\r\n\r\n", body, copied.certificate.replace("\n", "\r\n"), f" {body} \n"):
        admin.open(page).press("Save Configuration", certificate=pasted)
        assert "Saved." in admin.text, pasted
    admin.open(page).press(
        "Save Configuration", certificate="-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"
    )
    assert admin.status == 422
    assert "private key" in admin.text
    assert "MIIB" not in admin.response.text


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.UNSIGNED, "saml.signature_missing"),
        (Fault.SHA1, "saml.algorithm_refused"),
        (Fault.CLOCK_SLOW, "saml.response_expired"),
    ],
)
def test_the_other_faults_have_their_own_explanations(world: World, fault: Fault, code: str) -> None:
    """Unsigned, SHA-1, and a clock that is off."""
    admin, page = onelogin_ready(world)
    world.onelogin.set_fault(ringline(world.onelogin), fault)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert code in admin.text, admin.text[:900]
    if fault is Fault.SHA1:
        assert "SAML Signature Algorithm" in admin.text
        assert "SHA-256" in admin.text


def test_the_user_reads_a_safe_text_and_the_admin_the_whole_story(world: World) -> None:
    """A reference leads from the one to the other."""
    admin, _, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    world.okta.set_fault(ringline(world.okta), Fault.WRONG_AUDIENCE)
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.status == 403
    assert "audience" not in user.text.lower()
    assert MARCUS not in user.text
    assert "saml." not in user.text
    reference = user.document.xpath("//dd/text()")[0]
    admin.open(f"{PRODUCT}/settings/attempts?q={reference}")
    assert admin.url.endswith(reference)
    assert "saml.audience_mismatch" in admin.text
    assert "was refused" in admin.text
    assert "Timeline" in admin.text
