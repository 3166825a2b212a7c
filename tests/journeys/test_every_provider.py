"""Every provider that can be chosen, and what is told where two connections of one organization were exchanged."""

import pytest

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Field, Guide, guides
from ostiary.simulator import Fault, Simulator
from ostiary.web.admin.single_sign_on.rows import LISTED, name_of
from tests.journeys.steps import DANA, answer, assign_in_okta, begin, complete, create_okta_app, okta_ready
from tests.journeys.world import PRODUCT, World

ANY = ConnectionValues(product="Ringline", organization="Acme", acs_url="the ACS URL", entity_id="the Entity ID")


def test_every_provider_stands_in_the_picker_with_its_letters_and_any_other_below(world: World) -> None:
    admin = world.signed_in().open(f"{PRODUCT}/settings/security/single-sign-on/new?protocol=saml")
    assert "Provider not listed?" in admin.text
    choices = admin.document.xpath("//button[@name='provider']")
    assert [choice.get("value") for choice in choices] == [each.key for each in guides()]
    assert [choice.xpath(".//*[@class='tile']/text()")[0] for choice in choices] == [each.tile for each in guides()]
    names = [choice.xpath(".//b/text()")[0] for choice in choices]
    assert names == [*(each.name_at_start for each in guides()[:-1]), "Another provider"]


@pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.key)
def test_a_connection_of_every_provider_begins_with_its_guide_and_its_names(world: World, guide: Guide) -> None:
    admin = world.signed_in()
    begin(admin, "Another provider" if guide.key == "saml" else guide.name_at_start)
    assert admin.title == guide.title.filled(ANY.quoted()).plain
    assert f"{guide.name_at_start}: {guide.fields[Field.AUDIENCE].name}" in admin.text
    for step in guide.filled(ANY.quoted()).steps:
        assert step.title.plain.partition(": ")[2] in admin.text
    others = [other for field in guide.fields.values() for other in field.also_called]
    assert [other for other in others if other not in admin.text] == []
    names = guide.preset.attributes
    inputs = {each.get("name"): each.get("value") for each in admin.document.xpath("//input[@name and @value]")}
    # A long name wraps in a field of several lines, so that it is seen whole.
    longer = {each.text_content() for each in admin.document.xpath("//textarea[@name]")}
    assert {names.email, names.first_name, names.last_name} <= {*inputs.values(), *longer}


BY_FORM = [each for each in guides(protocol=Protocol.OIDC) if each.openid and not each.openid.asks_nothing]


@pytest.mark.parametrize("guide", BY_FORM, ids=lambda guide: guide.key)
def test_a_switch_or_the_choice_begins_each_provider_over_openid_connect(world: World, guide: Guide) -> None:
    """Google by a client of one's own is chosen on Google's page; any other provider behind "Provider not listed?"."""
    admin = world.signed_in().open(f"{PRODUCT}/settings/security/single-sign-on")
    if guide.key in LISTED:
        admin.press(f"Enable {name_of(guide.key)}")
    elif guide.key == "google_own":
        admin.follow("Set up").press("GoGoogle, with a client of your own…")
    else:
        admin.follow("generic set-up").press("IDOpenID Connect…")
    assert admin.title == guide.title.filled(ANY.quoted()).plain
    assert "OpenID Connect · not saved yet" in admin.text
    assert admin.document.xpath("//input[@name='client_id']")


def test_the_entity_id_of_another_connection_is_told_by_its_name(world: World) -> None:
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "JumpCloud")
    other = admin.value_of("Entity ID")
    begin(admin, "Okta")
    page = admin.url
    copied = create_okta_app(admin, acs_url=admin.value_of("ACS URL"), entity_id=other)
    assign_in_okta(admin, copied.app, DANA)
    complete(admin, page, copied)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert admin.title == (
        "Okta's Audience URI (SP Entity ID) is the Entity ID of the connection JumpCloud, "
        "not this connection's Entity ID."
    )


def test_a_clock_that_is_seven_minutes_behind_is_told_as_such(world: World) -> None:
    admin, page, _ = okta_ready(world)
    world.okta.set_fault(_app(world.okta), Fault.CLOCK_SLOW)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert admin.title == "Okta's clock is 7 minutes behind Ringline's."
    assert "Okta's clock is kept right by Okta" in admin.text
    assert admin.text.count("Okta's clock is 7 minutes behind Ringline's.") == 2, "the headline and the timeline"


def _app(simulator: Simulator):
    return next(app for name, app in simulator.saml_apps() if name == "Ringline")
