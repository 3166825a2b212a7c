"""What the settings promise: nothing is turned on by saving, a plan, a domain, another tenant, a switch."""

import pytest

from ostiary.domain.account import Role
from ostiary.domain.organization import Plan
from tests.journeys.steps import DANA, answer, okta_enabled, okta_ready, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"
SSO = f"{PRODUCT}/settings/security/single-sign-on"


def test_a_new_revision_serves_only_after_its_own_test(world: World) -> None:
    """Saving something wrong breaks nobody: the last tested revision goes on serving logins (decision 25)."""
    admin, page, copied = okta_enabled(world, assigned=(DANA, MARCUS))
    admin.open(page).press("Save Configuration", idp_entity_id="http://www.okta.com/exkSOMEBODYELSE")
    assert "Sign-ins use the tested settings until this revision has passed its test." in admin.text
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "saml.issuer_mismatch" in admin.text
    admin.open(page).press("Save Configuration", idp_entity_id=copied.issuer, default_role="admin")
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text


def test_a_switch_turns_the_connection_off_and_on(world: World) -> None:
    """That of an untested connection leads to its test, and turns nothing on."""
    admin, page, _ = okta_ready(world, assigned=(DANA, MARCUS))
    admin.open(SSO).press("Enable Okta")
    assert admin.url.rstrip("?") == page
    assert "Test Connection" in admin.text
    [enforce] = admin.open(SSO).document.xpath("//button[@aria-label='Enforce Okta']")
    assert enforce.get("aria-disabled") == "true"
    assert "Untested" in admin.text
    admin.open(page).press("Test Connection")
    answer(admin)
    admin.open(SSO).press("Enable Okta")
    assert "Turned off." in admin.text
    closed = sign_in_with_sso(world.walker(), MARCUS)
    assert closed.url.startswith(PRODUCT)
    assert "Password" in closed.text
    admin.press("Enable Okta")
    assert "Enabled. People can sign in with it now." in admin.text
    opened = sign_in_with_sso(world.walker(), MARCUS)
    answer(opened, MARCUS)
    assert opened.title == "You are signed in as Marcus Oyelaran"


def test_why_a_connection_cannot_be_enforced_yet_stands_beside_the_button(world: World) -> None:
    admin, page, _ = okta_enabled(world)
    admin.open(f"{page}/enforce")
    [button] = admin.document.xpath("//button[text()='Enforce Okta']")
    [reason] = admin.document.xpath("//form[@class='begin']//*[@id=$id]", id=button.get("aria-describedby"))
    assert "nobody keeps a way in" in reason.text_content()


def test_after_a_downgrade_sign_in_goes_on_for_fourteen_days(world: World) -> None:
    """With notices; then it is refused for the plan, and says so to the admin."""
    admin, _, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    world.services.organizations.set_plan(world.acme.id, Plan.STARTER)
    told = world.mails()
    assert [mail.to for mail in told] == ["dana.whitfield@acme.example", "first@acme.example"]
    assert "goes on until 17 March 2026" in told[0].text
    world.pass_time(days=1)
    admin = world.signed_in().open(SSO)
    assert "Sign-in with SSO goes on for 13 more days" in admin.text
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"
    world.pass_time(days=13, minutes=1)
    late = sign_in_with_sso(world.walker(), MARCUS)
    assert late.url.startswith(PRODUCT)
    assert "Password" in late.text
    tile = world.walker().open("https://acme.okta.example/login").press("Sign in", email=MARCUS, password=PASSWORD)
    tile.open("https://acme.okta.example/app/UserHome").follow("RiRingline").press("Continue to Ringline")
    assert tile.status >= 400
    reference = tile.document.xpath("//dd/text()")[0]
    admin = world.signed_in().open(f"{PRODUCT}/settings/attempts/{reference}")
    assert "setup.plan_without_sso" in admin.text


def test_without_the_plan_no_connection_can_be_made(world: World) -> None:
    """The prerequisite says so beside the button."""
    world.services.organizations.set_plan(world.acme.id, Plan.STARTER)
    world.pass_time(days=15)
    admin = world.signed_in().open(SSO)
    assert "SSO is part of Ringline Business." in admin.text
    button = next(each for each in admin.document.xpath("//button") if each.text_content() == "Enable SSO")
    assert button.get("aria-disabled") == "true"


@pytest.mark.parametrize(
    ("typed", "code_words"),
    [
        ("gmail.com", "everyone"),
        ("not a domain", "domain"),
        ("localhost", "domain"),
        ("acme", "domain"),
        ("https://acme.example/sso", "domain"),
    ],
)
def test_a_domain_that_cannot_be_ones_own_is_refused(world: World, typed: str, code_words: str) -> None:
    """Consumer domains, and what is no domain."""
    admin = world.signed_in().open(f"{PRODUCT}/settings/security/domains")
    admin.press("Add the domain", domain=typed)
    assert admin.status == 422
    assert code_words in admin.text


@pytest.mark.parametrize(
    "typed", ["https://Acme.example/", "HTTP://acme.example", "acme.example/", "@ACME.example", " acme.example. "]
)
def test_a_domain_is_read_out_of_what_people_copy(world: World, typed: str) -> None:
    """The address of a browser, or the end of an email address."""
    admin = world.signed_in().open(f"{PRODUCT}/settings/security/domains")
    admin.press("Add the domain", domain=typed)
    assert admin.value_of("The name of the record") == "_ostiary-challenge.acme.example"


def test_a_domain_is_verified_by_a_real_look_up(world: World) -> None:
    """Nothing there, something else there, then the record: each is said."""
    admin = world.signed_in().open(f"{PRODUCT}/settings/security/domains")
    admin.press("Add the domain", domain="Acme.EXAMPLE.")
    name, value = admin.value_of("The name of the record"), admin.value_of("The value of the record")
    assert name == "_ostiary-challenge.acme.example"
    admin.press("Check again")
    assert admin.status == 422
    assert "No TXT record of this name" in admin.text
    world.dns.set_txt(name, ["v=spf1 -all"])
    admin.press("Check again")
    assert "v=spf1 -all" in admin.text
    world.dns.set_txt(name, ["v=spf1 -all", value])
    admin.press("Check again")
    assert "Verified" in admin.text


def test_a_verified_domain_belongs_to_one_organization(world: World) -> None:
    """A second claim is refused while the first is verified (decision 30)."""
    world.verify_domain(world.signed_in())
    other = world.services.organizations.add(
        "globex", name="Globex", owner_email="owner@globex.example", plan=Plan.BUSINESS
    )
    world.add_account("hank@globex.example", role=Role.OWNER, organization=other.organization)
    hank = world.signed_in("hank@globex.example").open(f"{PRODUCT}/settings/security/domains")
    hank.press("Add the domain", domain="acme.example")
    assert hank.status == 422
    assert "acme.example" in hank.text


def test_another_organizations_connection_is_as_unknown_as_none(world: World) -> None:
    """By page, by form, by test, by attempt: 404 and no word of it."""
    admin, page, _ = okta_enabled(world)
    test_page = admin.url
    reference = admin.document.xpath("//dt[text()='Reference']/following-sibling::dd//text()")[0]
    other = world.services.organizations.add(
        "globex", name="Globex", owner_email="owner@globex.example", plan=Plan.BUSINESS
    )
    world.add_account("hank@globex.example", role=Role.OWNER, organization=other.organization)
    hank = world.signed_in("hank@globex.example")
    for url in (page, f"{page}/delete", test_page, f"{test_page}/state", f"{PRODUCT}/settings/attempts/{reference}"):
        assert hank.open(url).status == 404, url
        assert "Okta" not in hank.text
    for form, fields in (
        (f"{page}/switch", "on=no"),
        (f"{page}/delete", ""),
        (f"{page}/test", ""),
        (f"{page}/access", "access=yes"),
    ):
        hank.post(form, fields.encode())
        assert hank.status == 404, form
    assert "Enabled" in admin.open(page).text


def test_members_see_no_settings(world: World) -> None:
    """Neither a link nor a page."""
    world.add_account(MARCUS, role=Role.MEMBER)
    marcus = world.signed_in(MARCUS)
    assert "Security" not in marcus.text
    for path in ("/settings/security/single-sign-on", "/settings/attempts", "/settings/security/domains"):
        assert marcus.open(f"{PRODUCT}{path}").status == 403


def test_deleting_asks_first(world: World) -> None:
    """A page of its own, with the way out named."""
    admin, page, _ = okta_enabled(world)
    admin.open(page).follow("Delete this connection")
    assert admin.title == "Delete Okta?"
    admin.follow("Keep it")
    assert admin.url == page
    admin.follow("Delete this connection").press("Delete Okta")
    assert "Deleted." in admin.text
    assert admin.open(page).status == 404


def test_swapped_and_pasted_back_values_are_told_at_their_field(world: World) -> None:
    """The SSO URL that is an issuer, our own URL pasted back, and what is missing."""
    admin = world.signed_in()
    world.verify_domain(admin)
    admin.open(f"{SSO}/new?protocol=saml").press("Okta…")
    acs_url = admin.value_of("ACS URL")
    admin.press("Save Configuration", sso_url="http://www.okta.com/exk8r2w6tLq1ZbN5d7", idp_entity_id=f" {acs_url} ")
    assert admin.status == 422
    assert "Not saved: 3 values need a change." in admin.text
    wrong = [" ".join(note.text_content().split()) for note in admin.document.xpath("//p[contains(@class, 'error')]")]
    assert len(wrong) == 3
    assert wrong[0].startswith("This is Okta's Identity Provider Issuer, not its Identity Provider Single Sign-On URL.")
    assert "empty" in wrong[2]
    assert admin.document.xpath("//title/text()")[0].startswith("Error:")


def test_a_domain_is_given_up_after_a_question(world: World) -> None:
    """New people are refused then; those who signed in before go on."""
    admin, _, _ = okta_enabled(world, assigned=(DANA, MARCUS))
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    admin.open(f"{PRODUCT}/settings/security/domains").follow("Remove")
    assert admin.title == "Remove acme.example?"
    admin.press("Remove acme.example")
    assert "Removed." in admin.text
    known = world.walker().open(f"{PRODUCT}/o/acme")
    answer(known, MARCUS)
    known.press("Continue as Marcus Oyelaran")
    assert known.title == "You are signed in as Marcus Oyelaran"
    person = world.okta.add_user("priya.raman@acme.example", first_name="", last_name="", password="")
    world.okta.assign(next(app for name, app in world.okta.saml_apps() if name == "Ringline"), person)
    new = world.walker().open(f"{PRODUCT}/o/acme")
    answer(new, "priya.raman@acme.example")
    assert new.status == 403


def test_settings_lead_to_single_sign_on(world: World) -> None:
    """Both paths of the brief: Settings → Security → Single Sign-On, and Account → Settings → Single Sign-on."""
    admin = world.signed_in()
    assert admin.open(f"{PRODUCT}/").follow("Security").url == SSO
    assert admin.title == "Single Sign-On"
    admin.open(f"{PRODUCT}/").follow("Settings")
    assert "Account" in admin.text
    assert admin.follow("Single Sign-on").url == SSO
    assert admin.open(f"{PRODUCT}/settings/security").url == SSO


def test_exchanged_values_are_told_at_both_fields(world: World) -> None:
    """The Issuer in the SSO URL and the endpoint in the Issuer."""
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press("OneLogin…")
    admin.press(
        "Save Configuration",
        sso_url="https://acme.onelogin.example/saml/metadata/123",
        idp_entity_id="https://acme.onelogin.example/trust/saml2/http-post/sso/123",
    )
    assert "Not saved: 3 values need a change." in admin.text
    assert "This is OneLogin's Issuer URL, not its SAML 2.0 Endpoint (HTTP)." in admin.text
    assert "This is OneLogin's SAML 2.0 Endpoint (HTTP), not its Issuer URL." in admin.text
