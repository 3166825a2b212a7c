"""The guides over OpenID Connect: whole, in the words of their consoles, and nowhere weaker than they must be."""

from importlib import resources

import pytest

from ostiary import guides as package
from ostiary.domain.connection import Protocol
from ostiary.domain.openid.settings import Authentication, SubjectClaim, UserinfoUse
from ostiary.guides import OPENID_KEYS, ConnectionValues, Field, Guide, Recipe, guide, guides
from ostiary.guides.library import COPIED, GuideIncomplete, read_guide
from ostiary.guides.protocols import FIELDS, RECIPES
from ostiary.guides.rich_text import rich
from ostiary.oidc.relying_party.config import ResponseMode
from ostiary.oidc.relying_party.userinfo import Method
from ostiary.problems.quoting import READER_WORDS

OPENID = guides(protocol=Protocol.OIDC)
EVERY = pytest.mark.parametrize("of", OPENID, ids=lambda of: of.key)
VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url="the ACS URL",
    entity_id="the Entity ID",
    redirect_uri="https://sso.ringline.example/oauth2/idpresponse/c7f3k2m9q4",
    initiate_login_uri="https://sso.ringline.example/oidc/c7f3k2m9q4/start",
)
OF_THE_FORM = {"Client ID", "Client Secret", "Discovery URL", "Method", "Advanced"}
"""The fields of the page of the brief, and what stands behind them."""


def test_there_is_a_guide_for_each_provider_of_the_page_and_the_last_is_for_any_other() -> None:
    assert tuple(of.key for of in OPENID) == OPENID_KEYS
    assert {"google", "okta", "onelogin", "entra", "keycloak"} <= set(OPENID_KEYS)
    assert {of.protocol for of in OPENID} == {Protocol.OIDC}
    assert OPENID[-1].name == "the identity provider"


def test_a_provider_is_asked_for_by_its_protocol_and_saml_is_meant_where_none_is_named() -> None:
    saml, openid = guide("okta"), guide("okta", protocol=Protocol.OIDC)
    assert saml is not None
    assert openid is not None
    assert (saml.protocol, openid.protocol) == (Protocol.SAML, Protocol.OIDC)
    assert guide("auth0") is None
    assert guide("adfs", protocol=Protocol.OIDC) is None


def test_the_choice_of_a_provider_shows_the_saml_guides_alone() -> None:
    assert {of.protocol for of in guides()} == {Protocol.SAML}
    assert all(of.openid is None for of in guides())


@EVERY
def test_a_guide_has_every_field_and_every_change_of_its_protocol_and_no_other(of: Guide) -> None:
    assert set(of.fields) == set(FIELDS[Protocol.OIDC])
    assert set(of.recipes) == set(RECIPES[Protocol.OIDC])
    assert Field.AUDIENCE not in of.fields
    assert of.written(Recipe.SET_AUDIENCE) == ()


@EVERY
def test_a_guide_quotes_nothing_that_a_connection_does_not_have(of: Guide) -> None:
    filled = of.filled(VALUES.quoted())
    texts = [filled.title, *filled.login_flow, *(trouble.solution for trouble in filled.troubleshooting)]
    texts += [text for step in filled.steps for item in step.items for text in (item.text, *item.bullets)]
    texts += [note for step in filled.steps for note in step.notes]
    texts += [filled.form.discovery_url_help, filled.form.gives.hint, filled.form.takes.hint]
    # The page's own `{tenant}` stays, for the reader to replace.
    assert {name for text in texts for name in text.names()} <= {"tenant"}


@EVERY
def test_a_recipe_quotes_only_the_guide_the_connection_and_the_reader(of: Guide) -> None:
    known = {*of.values(), *VALUES.quoted(), *READER_WORDS}
    texts = [step for steps in of.recipes.values() for step in steps]
    texts += [step for error in (*of.pages, *of.messages) for step in (*error.then, rich(error.means))]
    assert {name for text in texts for name in text.names()} - known == set()


@EVERY
def test_no_step_leads_to_a_place_that_this_console_is_not_known_to_have(of: Guide) -> None:
    unseen = {f"{field.value}_path" for field, console in of.fields.items() if console.path == console.name}
    texts = [step for steps in of.recipes.values() for step in steps]
    texts += [step for error in (*of.pages, *of.messages) for step in error.then]
    assert [text.plain for text in texts if text.names() & unseen] == []


@EVERY
def test_a_path_ends_with_the_name_of_its_field(of: Guide) -> None:
    for field, console in of.fields.items():
        if field is not Field.ASSIGNMENT:
            assert console.path.endswith(console.name), f"{of.key}: {console.path}"


@EVERY
def test_every_place_in_our_own_settings_that_a_step_names_is_a_field_of_the_page(of: Guide) -> None:
    texts = [step.markdown() for steps in of.recipes.values() for step in steps]
    texts += [step.markdown() for error in (*of.pages, *of.messages) for step in error.then]
    named = {text.partition("{our_form} → ")[2].partition("**")[0] for text in texts if "{our_form} → " in text}
    assert named <= OF_THE_FORM


@EVERY
def test_the_steps_go_from_the_toggle_to_a_test_and_to_who_may_sign_in(of: Guide) -> None:
    steps = of.filled(VALUES.quoted()).steps
    assert [step.title.plain.partition(":")[0] for step in steps] == [f"Step {n}" for n in range(1, len(steps) + 1)]
    assert (steps[0].key, steps[-2].key, steps[-1].key) == ("enable", "complete", "assign")
    assert any("Test Connection" in item.text.plain for item in steps[-2].items)
    copied = {row.copies for step in steps for item in step.items if item.table for row in item.table.rows}
    assert (VALUES.redirect_uri in copied) == (of.key != "google")
    assert all(number in {step.number for step in steps} for number in (*of.form.gives.steps, *of.form.takes.steps))


@EVERY
def test_a_preset_asks_for_what_is_needed_and_vouches_for_nobody(of: Guide) -> None:
    assert of.openid is not None
    assert of.openid.scopes == ("openid", "profile", "email")
    assert (of.openid.claims.email, of.openid.claims.first_name) == ("email", "given_name")
    assert (of.openid.claims.last_name, of.openid.claims.groups) == ("family_name", "")
    assert of.openid.issuer.startswith("https://")
    assert (of.openid.userinfo_method, of.openid.response_mode) == (Method.GET, ResponseMode.QUERY)
    assert of.openid.asks_nothing == (of.key == "google")


def test_presets_are_what_vendors_really_do() -> None:
    found = {of.key: of.openid for of in OPENID if of.openid is not None}
    assert [key for key, each in found.items() if each.userinfo_use is UserinfoUse.ALWAYS] == ["okta", "ping"]
    assert [key for key, each in found.items() if each.userinfo_use is UserinfoUse.NEVER] == ["entra"]
    assert [key for key, each in found.items() if each.subject_claim is SubjectClaim.OID] == ["entra"]
    assert found["entra"].issuer == "https://login.microsoftonline.com/{tenant}/v2.0"
    assert [key for key, each in found.items() if each.issuer.endswith("/")] == ["auth0", "jumpcloud"]
    assert found["onelogin"].authentication is Authentication.BASIC
    assert found["google"].authentication is Authentication.POST


def test_every_copied_value_is_one_of_a_connection() -> None:
    assert set(VALUES.quoted()) >= COPIED


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('protocol = "oidc"', 'protocol = "oauth"'),
        ('userinfo_use = "always"', 'userinfo_use = "sometimes"'),
        ('userinfo_method = "GET"', 'userinfo_method = "PUT"'),
        ("[fields.redirect_uri]", "[fields.acs]"),
        ("new_secret = [", "set_acs = ["),
        ("discovery_url_help =", "entity_id_help ="),
    ],
)
def test_a_guide_that_lacks_something_or_has_something_of_saml_is_refused_whole(written: str, instead: str) -> None:
    toml = resources.files(package).joinpath("openid", "okta.toml").read_text(encoding="utf-8")
    assert written in toml
    with pytest.raises(GuideIncomplete):
        read_guide(toml.replace(written, instead, 1))
