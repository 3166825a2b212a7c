"""Every code, in the words of every provider: nothing is left over from a general text, and nobody is sent nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ostiary
from ostiary.guides import ConnectionValues, Guide, Recipe, RichText, guides, rich
from ostiary.problems import Explanation, Reader, explain
from ostiary.problems.catalogue import BY_CODE, facts_of
from ostiary.problems.openid import form as openid_form
from ostiary.problems.problem import Fixer
from ostiary.problems.quoting import placeholders

ENTITY_ID = "https://sso.ringline.example/saml/c7f3k2m9q4"
VALUES = ConnectionValues(
    product="Ringline",
    organization="Acme",
    acs_url=f"{ENTITY_ID}/acs",
    entity_id=ENTITY_ID,
    slo_url=f"{ENTITY_ID}/slo",
    metadata_url=ENTITY_ID,
    sso_url="https://idp.example/sso",
    idp_entity_id="urn:idp",
)
OPENID_ALONE = frozenset(named.code for named in openid_form.CATALOGUE)
"""Codes of a form that a provider which speaks SAML alone has no words for, and needs none."""
EVERY_GUIDE = pytest.mark.parametrize("guide", guides(), ids=lambda guide: guide.key)
NAMED = pytest.mark.parametrize("guide", guides()[:-1], ids=lambda guide: guide.key)
FORBIDDEN = re.compile(
    r"\binvalid\b(?! (requester|redirect))|failed to|\boops\b|\bplease\b|!|try again later|you entered|\bwrongly\b",
    re.IGNORECASE,
)
GENERAL = re.compile(r"your provider|provider's console|the identity provider|admin console of", re.IGNORECASE)
PLACE = re.compile(r"\{our_form\} → ([^*]+)\*\*")
TEMPLATES = Path(ostiary.__file__).parent / "web" / "templates" / "admin"
ALLOWED = (
    "If it happens again, send the reference to the support of Ringline, with the name of the identity provider.",
    "Ask who sent it: an identity provider does not write this by itself.",
)


@EVERY_GUIDE
def test_every_code_reads_whole_in_the_words_of_every_provider(guide: Guide) -> None:
    for code in BY_CODE:
        read = _read(code, guide)
        for text in _texts(read):
            assert text.strip(), code
            assert not re.search(r"\{[a-z_]*\}|\(not recorded\)|\*\*|→ *(→|\.|,|$)|  ", text), f"{code}: {text}"
            assert not FORBIDDEN.search(text), f"{code}: {text}"
        assert read.steps, code


@NAMED
def test_where_the_guide_knows_the_place_no_general_word_is_left(guide: Guide) -> None:
    left = [
        f"{code}: {step.plain}"
        for code in BY_CODE
        if code.split(".")[0] in {"saml", "setup"} and code not in OPENID_ALONE
        for step in _read(code, guide).steps
        if GENERAL.search(step.plain) and step.plain not in ALLOWED
    ]
    assert left == []


@EVERY_GUIDE
def test_no_step_of_the_catalogue_sends_anybody_to_a_field_that_this_console_is_not_known_to_have(guide: Guide) -> None:
    """What takes a place must be a recipe where some guide knows none: only a recipe can say so."""
    unseen = {f"{field.value}_path" for field, console in guide.fields.items() if console.path == console.name}
    lost = {
        (code, name)
        for code, problem in BY_CODE.items()
        for step in problem.steps
        if isinstance(step, str) and not isinstance(step, Recipe)
        for name in rich(step).names() & unseen
    }
    assert lost == set()


@NAMED
def test_what_has_to_be_changed_at_the_provider_is_told_with_its_name_or_a_path(guide: Guide) -> None:
    """Of the refusals that the admin of the provider mends, by a change of a setting there."""
    settings = (
        "saml.audience_mismatch", "saml.audience_missing", "saml.destination_mismatch", "saml.recipient_mismatch",
        "saml.signature_missing", "saml.attribute_missing", "saml.subject_missing", "saml.subject_transient",
        "saml.name_missing", "saml.key_too_weak", "saml.decryption_failed", "login.no_answer",
    )  # fmt: skip
    for code in settings:
        read = _read(code, guide)
        first = next(step.plain for step in read.steps if "In Ringline, open" not in step.plain)
        short = guide.name.split(" ")[0]
        assert "→" in first or short in first or guide.key == "adfs", f"{code}: {first}"
        assert read.fix_heading in {guide.fix_heading, "Fix it in the Single Sign-On settings"}


@EVERY_GUIDE
def test_our_own_values_are_offered_to_copy_where_they_are_to_be_put_in(guide: Guide) -> None:
    for code, value in (
        ("saml.audience_mismatch", VALUES.entity_id),
        ("saml.destination_mismatch", VALUES.acs_url),
        ("saml.recipient_mismatch", VALUES.acs_url),
    ):
        spans = [span for step in _read(code, guide).steps for span in step.spans if span.kind == "copy"]
        assert value in [span.text for span in spans], code


@EVERY_GUIDE
def test_what_a_provider_shows_on_its_own_page_is_explained_under_its_silence(guide: Guide) -> None:
    read = _read("login.no_answer", guide)
    shown = [each.when.removeprefix("Its page says ") for each in read.otherwise if each.when.startswith("Its page")]
    assert shown == [page.says for page in guide.pages]
    assert all(text.plain for each in read.otherwise for text in each.then)


def test_the_codes_of_microsoft_come_on_its_own_page_and_say_what_to_change() -> None:
    entra = next(guide for guide in guides() if guide.key == "entra")
    then = {each.when: " ".join(text.plain for text in each.then) for each in _read("login.no_answer", entra).otherwise}
    assert "Users and groups" in then["Its page says AADSTS50105"]
    assert f"Identifier (Entity ID) and put in exactly this: {ENTITY_ID}" in then["Its page says AADSTS700016"]
    assert f"put in exactly this: {ENTITY_ID}/acs" in then["Its page says AADSTS50011"]
    assert "AADSTS75011" in " ".join(then)


@EVERY_GUIDE
@pytest.mark.parametrize("missing", ["first", "last"])
def test_where_one_name_is_missing_the_one_that_came_is_not_to_be_added(guide: Guide, missing: str) -> None:
    names = {"first": "firstName", "last": "lastName"}
    came = next(name for name in names if name != missing)
    facts = {"expected": (names[missing],), "received": ("email", names[came])}
    read = explain("saml.name_missing", facts, guide=guide, values=VALUES, reader=Reader.ADMIN)
    assert read.second == f"Sign-ins go on. New people appear under their {came} name alone."
    steps = [step.plain for step in read.steps]
    assert any(names[missing] in step for step in steps)
    assert [step for step in steps if names[came] in step and names[missing] not in step] == []
    # Under another name that is not read, it is not there.
    unread = facts | {"received": ("email", "given")}
    read = explain("saml.name_missing", unread, guide=guide, values=VALUES, reader=Reader.ADMIN)
    assert read.second == "Sign-ins go on. New people appear under their email address."


def test_every_place_in_our_own_settings_that_a_step_names_stands_in_the_pages() -> None:
    """A field that was renamed on the page would be sought in vain."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    steps = [step for problem in BY_CODE.values() for step in problem.steps if isinstance(step, str)]
    steps += [each.markdown() for guide in guides() for recipe in guide.recipes.values() for each in recipe]
    steps += [each.markdown() for guide in guides() for error in (*guide.pages, *guide.messages) for each in error.then]
    named = {part for step in steps for place in PLACE.findall(step) for part in place.split(" → ")}
    assert {"SSO URL", "Certificate", "Our keys", "Give the metadata", "Advanced"} <= named
    assert sorted(part for part in named if part not in pages and part[0] != "{") == []


def _read(code: str, guide: Guide) -> Explanation:
    facts = placeholders(facts_of(code), values=VALUES)
    if "allowance" in facts:
        facts["allowance"] = "allow_sha1"
    return explain(code, facts, guide=guide, values=VALUES, reader=Reader.ADMIN, person="dana@acme.example")


def _texts(read: Explanation) -> Iterator[str]:
    yield from (read.title, read.second, read.label)
    yield from (step.plain for step in (*read.steps, *_thens(read)))
    yield from (each.when for each in read.otherwise)
    assert read.fixer in Fixer


def _thens(read: Explanation) -> Iterator[RichText]:
    for each in read.otherwise:
        yield from each.then
