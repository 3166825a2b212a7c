from importlib import resources

import pytest

from ostiary import guides as package
from ostiary.guides import ConnectionValues, Field, Guide, Recipe, RichText, guide, guides
from ostiary.guides.library import COPIED, GuideIncomplete, read_guide
from ostiary.problems.quoting import READER_WORDS

VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="https://sso.ringline.example/saml/c7f3k2m9q4/acs",
    entity_id="https://sso.ringline.example/saml/c7f3k2m9q4",
)


def test_there_is_a_guide_for_okta_onelogin_and_any_other_provider() -> None:
    assert [each.key for each in guides()] == ["okta", "onelogin", "saml"]


def test_a_provider_without_a_guide_is_told_as_such() -> None:
    assert guide("entra") is None


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


@pytest.mark.parametrize("key", ["okta", "onelogin", "saml"])
def test_a_guide_quotes_nothing_that_a_connection_does_not_have(key: str) -> None:
    filled = _guide(key).filled(VALUES.quoted())
    texts = [filled.title, filled.plan, filled.verified_domain, *filled.login_flow]
    texts += [text for step in filled.steps for item in step.items for text in (item.text, *item.bullets)]
    assert [text.plain for text in texts if text.names()] == []


@pytest.mark.parametrize("key", ["okta", "onelogin", "saml"])
def test_a_recipe_quotes_only_the_guide_the_connection_and_the_reader(key: str) -> None:
    known = {*_guide(key).values(), *VALUES.quoted(), *READER_WORDS}
    quoted = {name for steps in _guide(key).recipes.values() for step in steps for name in step.names()}
    assert quoted - known == set()


@pytest.mark.parametrize("key", ["okta", "onelogin", "saml"])
def test_a_path_ends_with_the_name_of_its_field_or_where_it_is_shown(key: str) -> None:
    for field, console in _guide(key).fields.items():
        shown_elsewhere = {Field.SSO_URL, Field.ISSUER, Field.CERTIFICATE, Field.ASSIGNMENT, Field.METADATA}
        assert console.path.endswith(console.name) or field in shown_elsewhere, f"{key}: {console.path}"
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


def _toml(key: str) -> str:
    return resources.files(package).joinpath(f"{key}.toml").read_text(encoding="utf-8")
