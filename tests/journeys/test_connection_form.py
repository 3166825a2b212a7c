"""The connection's own ways out: a name taken over, a switch looked at and turned on, metadata given in its place."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ostiary.simulator import Fault
from tests.journeys.steps import (
    DANA,
    answer,
    assign_in_okta,
    begin,
    complete,
    create_okta_app,
    create_onelogin_app,
    sign_in_with_sso,
)
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World
from tests.services.connection_form.certificates import POST, certificate, entity, federation

SSO = f"{PRODUCT}/settings/security/single-sign-on"
MARCUS = "marcus.oyelaran@acme.example"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def onelogin_ready(world: World, *, parameters: tuple[tuple[str, str], ...] = ()) -> tuple[Walker, str]:
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
    for name, value in parameters:
        admin.open(f"{copied.app}/parameters").follow("+ New parameter").press("Save", name=name, included="yes")
        admin.press("Save", value=value)
    app = next(app for name, app in world.onelogin.saml_apps() if name == "Ringline")
    for email in (DANA, MARCUS):
        world.onelogin.assign(app, world.onelogin.add_user(email, first_name="", last_name="", password=""))
    complete(admin, page, copied)
    return admin, page


def ticked(walker: Walker) -> list[str]:
    """The allowances that are ticked in the form."""
    return list(walker.document.xpath("//input[@name='allowance'][@checked]/@value"))


def audited(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log says of allowances, the oldest first."""
    with world.store.read() as tx:
        events = tx.audit.page(organization_id=world.acme.id)
    found: list[tuple[str, dict[str, Any]]] = [
        (each.action, dict(each.facts)) for each in events if each.action == "connection.allowances_changed"
    ]
    return sorted(found, key=lambda each: str(each[1]["revision"]))


def test_an_old_signature_is_explained_both_ways_and_let_through_by_a_switch(world: World) -> None:
    """First the fix in OneLogin, then the switch with its risk: looked at, ticked, tested, seen, and taken back."""
    admin, page = onelogin_ready(world)
    app = next(app for name, app in world.onelogin.saml_apps() if name == "Ringline")
    world.onelogin.set_fault(app, Fault.SHA1)
    admin.open(page).press("Test Connection")
    answer(admin)
    text = admin.text
    assert "saml.algorithm_refused" in text
    assert text.index("SAML Signature Algorithm") < text.index("The risk:")
    assert "A signature with SHA-1 can be forged by whoever pays for the computing time." in text

    admin.follow("Look at the switch")
    assert (parse_qs(urlsplit(admin.url).query), urlsplit(admin.url).fragment) == (
        {"allow": ["allow_sha1"]},
        "allow_sha1",
    )
    assert admin.document.xpath("//details[@id='advanced']/@open") != []
    switch = admin.document.get_element_by_id("allow_sha1")
    assert (switch.get("autofocus") is not None, ticked(admin)) == (True, [])
    admin.press("Save Configuration", allowance="allow_sha1")
    assert "Saved." in admin.text
    assert "This connection accepts SHA-1 signatures." in admin.text
    assert ticked(admin) == ["allow_sha1"]

    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "This connection accepts SHA-1 signatures." in admin.open(SSO).text
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"

    admin.open(page).press("Save Configuration", allowance=[])
    assert ticked(admin) == []
    # What serves logins still puts up with it, until the newer settings have passed their test.
    assert "This connection accepts SHA-1 signatures." in admin.text
    assert audited(world) == [
        ("connection.allowances_changed", {"revision": "2", "on": ("allow_sha1",)}),
        ("connection.allowances_changed", {"revision": "3", "off": ("allow_sha1",)}),
    ]


def test_a_name_that_came_is_taken_over_from_the_refusal(world: World) -> None:
    """Nothing is read from it before it stands in the form, was saved and tested."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "Okta")
    page = admin.url
    copied = create_okta_app(
        admin,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        names=(f"{CLAIMS}emailaddress", "givenName", "lastName"),
    )
    admin.open(f"{copied.app}/edit/saml").press("Next", name_id_format="Unspecified").press("Finish")
    assign_in_okta(admin, copied.app, DANA)
    complete(admin, page, copied)
    admin.press("Test Connection")
    answer(admin)
    assert "saml.email_named_otherwise" in admin.text
    assert admin.title == (f"Okta sends the email address as {CLAIMS}emailaddress. This connection reads email.")
    admin.follow("Use this name")
    assert admin.field("Email") == f"{CLAIMS}emailaddress"
    assert "Filled in by the link. Save to use it, then test again." in admin.text
    assert "revision 1" in admin.text
    admin.press("Save Configuration").press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "Okta sends givenName. This connection reads firstName." in admin.text
    admin.follow("Use this name")
    assert (admin.field("Email"), admin.field("First name")) == (f"{CLAIMS}emailaddress", "givenName")
    admin.press("Save Configuration").press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert "Worth a look" not in admin.text


def test_groups_are_shown_in_the_report_and_on_the_attempt(world: World) -> None:
    """They are read where the connection has a name for them."""
    admin, page = onelogin_ready(world, parameters=(("memberOf", "First Name"),))
    admin.open(page).press("Save Configuration", attribute_groups="groups").press("Test Connection")
    answer(admin)
    assert "OneLogin sends memberOf. This connection reads groups." in admin.text
    admin.follow("Use this name")
    assert admin.document.xpath("//details[@id='advanced']/@open") != []
    admin.press("Save Configuration").press("Test Connection")
    answer(admin)
    assert "Worth a look" not in admin.text
    rows = {
        row.xpath(".//code/text()")[0]: row.xpath("./td")[-1].text_content()
        for row in admin.document.xpath("//tr[.//code]")
        if row.xpath("./td[@data-label='Used for']")
    }
    assert rows["memberOf"] == "Groups"
    checks = " ".join(admin.text.split("All checks")[1].split())
    assert "Groups Dana" in checks
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    assert user.title == "You are signed in as Marcus Oyelaran"
    link = admin.open(f"{PRODUCT}/settings/attempts?outcome=signed_in").document.xpath("//tbody//a/@href")[0]
    assert "Groups: Marcus" in admin.open(link).text


def test_a_new_connection_begins_with_what_its_provider_really_sends(world: World) -> None:
    """The brief's names for Okta and OneLogin; claim names for Microsoft's."""
    admin = world.signed_in()
    names = {}
    for provider in ("Okta", "OneLogin", "Microsoft Entra ID"):
        admin.open(f"{SSO}/new?protocol=saml").press(f"{provider}…")
        names[provider] = [admin.field(label) for label in ("Email", "First name", "Last name")]
        assert ticked(admin) == []
    brief = ["email", "firstName", "lastName"]
    assert names == {
        "Okta": brief,
        "OneLogin": brief,
        "Microsoft Entra ID": [f"{CLAIMS}emailaddress", f"{CLAIMS}givenname", f"{CLAIMS}surname"],
    }


def test_metadata_pasted_into_the_certificate_is_all_that_is_needed(world: World) -> None:
    """A provider that takes POST alone; then a document of several, of which one is chosen."""
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press("Okta…")
    admin.press("Save Configuration", certificate=entity(bindings=(POST,)))
    assert "Saved." in admin.text
    assert admin.field("SSO URL") == "https://idp.example/sso/post"
    assert admin.document.xpath("//select[@name='sso_binding']/option[@selected]/@value") == ["post"]
    several = federation(entity("https://a.example"), entity("https://b.example"))
    admin.press("Save Configuration", files={"metadata_file": ("federation.xml", several.encode())})
    assert admin.status == 422
    assert "This metadata describes several identity providers. One has to be chosen." in admin.text
    options = admin.document.xpath("//select[@name='metadata_entity']/option/@value")
    assert options == ["", "https://a.example", "https://b.example"]
    # The file was kept as text: a browser sends none twice.
    admin.press("Save Configuration", metadata_entity="https://b.example")
    assert "Saved." in admin.text
    assert admin.field("Issuer / Entity ID") == "https://b.example"


def test_a_weak_key_leads_to_its_switch_in_the_form(world: World) -> None:
    """A certificate of 1024 bits, pasted; the sentence at the field names the switch, and the section is open."""
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press("Okta…")
    typed: dict[str, Any] = {"sso_url": "https://idp.example/sso", "idp_entity_id": "https://idp.example"}
    weak = certificate("old", bits=1024).decode()
    admin.press("Save Configuration", certificate=weak, **typed)
    assert admin.status == 422
    assert "Advanced → Put up with something older → RSA keys of 1024 bits." in admin.text
    assert admin.document.xpath("//details[@id='advanced']/@open") != []
    admin.press("Save Configuration", certificate=weak, allowance="minimum_rsa_bits")
    assert "This connection accepts RSA keys of 1024 bits." in admin.text


def test_a_pinned_source_is_shown_and_can_be_given_up(world: World) -> None:
    """Saving something else neither asks it again nor loses it."""
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press("Okta…").press("Save Configuration", certificate=entity())
    assert "Saved." in admin.text
    connection = world.services.connections.overview(world.acme).connections[0].connection
    assert connection.latest is not None
    url = "https://idp.example/metadata.xml"
    pinned = replace(connection.latest.saml, metadata_url=url)
    with world.store.write() as tx:
        tx.connections.save_revision(
            replace(connection.latest, number=2, settings=pinned), organization_id=world.acme.id
        )
    page = admin.url.partition("?")[0]
    for ticked_boxes in (["yes"], []):
        admin.open(page)
        assert f"Kept fresh from {url}" in admin.text
        admin.press("Save Configuration", default_role="admin", keeps_fresh=ticked_boxes)
        assert "Saved." in admin.text
    assert "Kept fresh from" not in admin.text


def test_every_choice_of_the_advanced_section_is_shown_again_as_it_was_saved(world: World) -> None:
    """Also after a save that was refused."""
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press("Okta…")
    chosen: dict[str, Any] = {
        "sso_binding": "post",
        "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "forces_authentication": "yes",
        "wants_encryption": "yes",
        "signs_requests": "yes",
        "tile": "refuse",
        "attribute_groups": "memberOf",
        "slo_url": "https://idp.example/slo",
        "slo_response_url": "https://idp.example/slo/done",
        "slo_binding": "post",
        "allowance": ["allow_sha1", "allow_cbc"],
    }
    typed: dict[str, Any] = {"sso_url": "https://idp.example/sso", "idp_entity_id": "https://idp.example"}
    admin.press("Save Configuration", **typed, **chosen)
    assert admin.status == 422
    for _ in range(2):
        assert shown(admin, chosen) == chosen
        admin.press("Save Configuration", certificate=entity().split("<X509Certificate>")[1].split("<")[0])
        assert "Saved." in admin.text
    assert "This connection accepts SHA-1 signatures." in admin.text
    assert "This connection accepts AES-CBC encryption." in admin.text


def shown(walker: Walker, names: dict[str, object]) -> dict[str, object]:
    """What stands in the controls of these names."""
    found: dict[str, object] = {}
    for name in names:
        ticks = walker.document.xpath(f"//input[@name='{name}'][@checked]/@value")
        chosen = walker.document.xpath(f"//select[@name='{name}']/option[@selected]/@value")
        written = walker.document.xpath(f"//input[@name='{name}'][not(@type='checkbox' or @type='radio')]/@value")
        values = [*ticks, *chosen, *written]
        found[name] = values if name == "allowance" else values[0]
    return found
