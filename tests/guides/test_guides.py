from dataclasses import replace
from importlib import resources

import pytest

from ostiary import guides as package
from ostiary.guides import KEYS, ConnectionValues, Field, Guide, Recipe, RichText, guide, guides
from ostiary.guides.guide import TheirError
from ostiary.guides.library import COPIED, GuideIncomplete, read_guide
from ostiary.guides.rich_text import rich
from ostiary.problems.quoting import READER_WORDS

VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="https://sso.ringline.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.ringline.example/saml/c7f3k2m9q4",
)


EVERY = pytest.mark.parametrize("key", KEYS)


def test_there_is_a_guide_for_each_provider_and_the_last_is_for_any_other() -> None:
    assert [(each.key, each.tile, each.name) for each in guides()] == [
        ("okta", "Ok", "Okta"),
        ("onelogin", "OL", "OneLogin"),
        ("entra", "En", "Microsoft Entra ID"),
        ("google", "Go", "Google Workspace"),
        ("adfs", "AD", "AD FS"),
        ("keycloak", "Kc", "Keycloak"),
        ("jumpcloud", "JC", "JumpCloud"),
        ("ping", "Pi", "PingOne"),
        ("saml", "S2", "the identity provider"),
    ]


def test_a_provider_without_a_guide_is_told_as_such() -> None:
    assert guide("shibboleth") is None


def test_the_two_boxes_of_the_brief_are_there_to_be_ticked() -> None:
    assert _guide("onelogin").admin_access == "I have admin access at OneLogin"
    assert _guide("okta").admin_access == "I have admin access at Okta (Super Admin or Application Admin)"


def test_each_section_of_the_form_says_to_which_steps_it_belongs() -> None:
    form = _guide("okta").form
    assert (form.gives.where, form.takes.where, form.people.where) == ("Step 2", "Steps 3 and 4", "Steps 2 and 4")
    form = _guide("onelogin").form
    assert (form.gives.where, form.takes.where, form.people.where) == ("Step 3", "Steps 5 and 6", "Steps 4 and 6")


def test_only_onelogin_wants_the_acs_url_as_an_escaped_expression() -> None:
    assert [each.key for each in guides() if each.acs_validator] == ["onelogin"]
    rows = [
        row
        for step in _guide("onelogin").filled(VALUES.quoted()).steps
        for item in step.items
        if item.table
        for row in item.table.rows
    ]
    validator = next(row for row in rows if row.field.plain == "ACS URL Validator")
    assert validator.copies == r"https:\/\/sso\.ringline\.example\/saml\/c7f3k2m9q4\/acs"


def test_what_we_have_added_to_the_page_of_onelogin_is_marked_as_ours() -> None:
    ours = [item.text.plain for step in _guide("onelogin").steps for item in step.items if item.is_ours]
    assert ours == [
        "Set SAML Signature Algorithm to SHA-256 and click Save. {product} refuses answers that are signed with SHA-1."
    ]


@EVERY
def test_a_guide_quotes_nothing_that_a_connection_does_not_have(key: str) -> None:
    filled = _guide(key).filled(VALUES.quoted())
    texts = [filled.title, filled.plan, filled.verified_domain, *filled.login_flow]
    texts += [text for step in filled.steps for item in step.items for text in (item.text, *item.bullets)]
    assert [text.plain for text in texts if text.names()] == []


@EVERY
def test_a_recipe_quotes_only_the_guide_the_connection_and_the_reader(key: str) -> None:
    known = {*_guide(key).values(), *VALUES.quoted(), *READER_WORDS}
    quoted = {name for steps in _guide(key).recipes.values() for step in steps for name in step.names()}
    told = {name for error in _errors(_guide(key)) for step in error.then for name in step.names()}
    meant = {name for error in _errors(_guide(key)) for name in rich(error.means).names()}
    assert (quoted | told | meant) - known == set()


@EVERY
def test_a_recipe_never_names_a_place_that_this_console_is_not_known_to_have(key: str) -> None:
    """Where nobody has seen a field its path is its bare name: a step that sends somebody there sends them nowhere."""
    unseen = {f"{field.value}_path" for field, console in _guide(key).fields.items() if console.path == console.name}
    lost = {recipe for recipe, steps in _guide(key).recipes.items() for step in steps if step.names() & unseen}
    assert lost == set()


@EVERY
def test_every_guide_takes_the_reader_from_the_first_click_to_a_test_and_to_who_may_sign_in(key: str) -> None:
    steps = _guide(key).filled(VALUES.quoted()).steps
    assert [step.title.plain.partition(":")[0] for step in steps] == [f"Step {n}" for n in range(1, len(steps) + 1)]
    assert (steps[0].key, steps[-2].key, steps[-1].key) == ("enable", "complete", "assign")
    copied = {row.copies for step in steps[1:] for item in step.items if item.table for row in item.table.rows}
    assert {VALUES.acs_url, VALUES.entity_id} <= copied


@EVERY
def test_our_two_values_stand_beside_the_fields_that_explanations_name(key: str) -> None:
    """Whoever reads "Entity ID ends with a slash" must find the same label in the step where it was put in."""
    found = _guide(key).filled(VALUES.quoted())
    rows = [row for step in found.steps[1:] for item in step.items if item.table for row in item.table.rows]
    for field, ours in ((Field.AUDIENCE, VALUES.entity_id), (Field.ACS, VALUES.acs_url)):
        console = found.fields[field]
        labels = {row.field.plain for row in rows if row.copies == ours}
        known = {console.name, console.name.partition(" (Service")[0], *console.also_called}
        assert labels & known, f"{key}: {labels} has none of {known}"


@EVERY
def test_the_names_that_a_new_connection_reads_are_those_that_its_guide_has_sent(key: str) -> None:
    preset = _guide(key).preset.attributes
    values = replace(VALUES, attributes=preset)
    filled = _guide(key).filled(values.quoted())
    rows = [row for step in filled.steps for item in step.items if item.table for row in item.table.rows]
    shown = " ".join(f"{row.field.plain} {row.value.plain} " for row in rows)
    assert [name for name in (preset.email, preset.first_name, preset.last_name) if f"{name} " not in shown] == []


@EVERY
def test_the_steps_of_the_form_are_steps_of_the_guide(key: str) -> None:
    found = _guide(key)
    by_number = {step.number: step.key for step in found.steps}
    assert all(
        by_number[number] for part in (found.form.gives, found.form.takes, found.form.people) for number in part.steps
    )
    assert [by_number[number] for number in found.form.takes.steps] == ["copy_details", "complete"]


def test_what_a_vendor_sends_by_itself_is_read_under_the_vendors_names() -> None:
    claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
    for key in ("entra", "adfs"):
        assert _guide(key).preset.attributes.email == f"{claims}emailaddress"
    assert _guide("keycloak").preset.attributes.email == "urn:oid:1.2.840.113549.1.9.1"
    assert [each.key for each in guides() if each.preset.signs_requests] == ["keycloak"]


def test_no_guide_sends_anybody_to_a_weaker_setting() -> None:
    texts = [step.plain for each in guides() for steps in each.recipes.values() for step in steps]
    weak = ("SHA-1", "SHA1", "1024", "RSA-1.5", "3DES", "TRIPLEDES")
    assert [text for text in texts if any(word in text for word in weak)] == []


@EVERY
def test_a_path_ends_with_the_name_of_its_field_or_where_it_is_shown(key: str) -> None:
    for field, console in _guide(key).fields.items():
        shown_elsewhere = {Field.SSO_URL, Field.ISSUER, Field.CERTIFICATE, Field.ASSIGNMENT, Field.METADATA}
        names = (console.name, console.name.partition(" (")[0])
        assert console.path.endswith(names) or field in shown_elsewhere, f"{key}: {console.path}"
        is_of_the_app = "{product}" in console.path or " → " not in console.path
        assert is_of_the_app or field in shown_elsewhere, f"{key}: {console.path}"


def test_every_copied_value_is_one_of_a_connection() -> None:
    assert set(VALUES.quoted()) >= COPIED


@pytest.mark.parametrize("line", ['name = "Okta"', 'tile = "Ok"', "[fields.audience]", "[recipes]", "set_audience = ["])
def test_a_guide_that_lacks_something_is_refused_whole(line: str) -> None:
    with pytest.raises(GuideIncomplete):
        read_guide(_toml("okta").replace(line, line.replace(line.strip('[] ="').split(" ")[0], "other"), 1))


def test_an_entry_that_no_guide_has_is_refused_because_it_is_a_slip() -> None:
    with pytest.raises(GuideIncomplete, match="colour"):
        read_guide('colour = "blue"\n' + _toml("okta"))


@pytest.mark.parametrize(
    ("written", "instead", "why"),
    [
        ('tile = "Ok"', "tile = 7", "is no str"),
        ('tile = "Ok"', 'tile = " "', "is empty"),
        ('"acs_url"]', '"cs_url"]', "no value of ours"),
        ('heads = ["Field", "Value"]', 'heads = ["Field"]', "heads"),
        ('    ["Name ID format", "EmailAddress"],', '    ["Name ID format"],', "cells"),
        ("steps = [2]", 'steps = ["2"]', "is no int"),
    ],
)
def test_a_guide_with_a_value_of_the_wrong_kind_is_refused(written: str, instead: str, why: str) -> None:
    assert written in _toml("okta")
    with pytest.raises(GuideIncomplete, match=why):
        read_guide(_toml("okta").replace(written, instead, 1))


def test_the_values_of_a_provider_can_never_become_markup() -> None:
    found = RichText.filled(
        _guide("okta").recipes[Recipe.SET_AUDIENCE][0],
        {**_guide("okta").values(), **VALUES.quoted(), "audience_path": "**x** {product} `y`"},
    )
    assert found.spans[1].text == "**x** {product} `y`"


def _guide(key: str) -> Guide:
    found = guide(key)
    assert found is not None
    return found


def _errors(of: Guide) -> tuple[TheirError, ...]:
    return (*of.pages, *of.messages)


def _toml(key: str) -> str:
    return resources.files(package).joinpath(f"{key}.toml").read_text(encoding="utf-8")
