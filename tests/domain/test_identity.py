"""Who an answer speaks of: subjects by the format of the NameID, values by name, groups, and names that are near."""

from datetime import UTC, datetime

import pytest

from ostiary import saml
from ostiary.domain.attributes import LONGEST_GROUP, MOST_GROUPS
from ostiary.domain.attributes.errors import (
    AttributeNamedOtherwise,
    EmailNamedOtherwise,
    GroupsCut,
    GroupsOmitted,
    SubjectIsEntity,
)
from ostiary.domain.connection import AttributeNames
from ostiary.domain.errors import (
    AttributeAmbiguous,
    AttributeCaseDiffers,
    EmailFromNameId,
    NameMissing,
    TransientSubject,
)
from ostiary.domain.identity import Reading, from_saml
from ostiary.kernel.errors import Finding
from ostiary.saml.errors import AttributeMissing

OURS = "https://sso.ringline.example/saml/c1"
IDP = "https://idp.example/metadata"
F11 = "urn:oasis:names:tc:SAML:1.1:nameid-format:"
F20 = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
FULL = (("email", "dana@acme.example"), ("firstName", "Dana"), ("lastName", "Whitfield"))
WITH_GROUPS = AttributeNames(groups="groups")


def attribute(name: str, *values: str, friendly: str = "") -> saml.Attribute:
    return saml.Attribute(name=name, format="", friendly_name=friendly, values=values)


def assertion(
    *attributes: saml.Attribute,
    name_id: str = "dana",
    form: str = F11 + "unspecified",
    giver: str = "",
    taker: str = "",
) -> saml.Assertion:
    return saml.Assertion(
        issuer=IDP,
        id="_1",
        name_id=saml.NameId(value=name_id, format=form, name_qualifier=giver, sp_name_qualifier=taker),
        attributes=attributes,
        session_index="",
        session_not_on_or_after=None,
        authn_instant=None,
        authn_context="",
        not_on_or_after=datetime(2026, 3, 3, tzinfo=UTC),
        in_response_to=None,
        signed_by="",
        response_signed=False,
        assertion_signed=True,
    )


def full(*more: saml.Attribute) -> tuple[saml.Attribute, ...]:
    return (*(attribute(name, value) for name, value in FULL), *more)


def read(given: saml.Assertion, names: AttributeNames | None = None) -> Reading:
    return from_saml(given, names or AttributeNames(), entity_id=OURS)


def subject(value: str, form: str, *, giver: str = "", taker: str = "") -> str:
    return read(assertion(*full(), name_id=value, form=form, giver=giver, taker=taker)).identity.subject


# --- subjects -------------------------------------------------------------------


def test_a_transient_name_is_refused_as_a_key() -> None:
    with pytest.raises(TransientSubject):
        read(assertion(*full(), form=F20 + "transient"))


def test_the_name_of_a_system_is_nobodys_key() -> None:
    """It is the same for everybody: the whole company would be one account."""
    with pytest.raises(SubjectIsEntity) as refused:
        read(assertion(*full(), name_id=IDP, form=F20 + "entity"))
    assert refused.value.facts() == {"received": IDP}


@pytest.mark.parametrize(
    "form", ["", F11 + "unspecified", "urn:oasis:names:tc:SAML:1.0:nameid-format:unspecified", F20 + "persistent"]
)
def test_an_opaque_name_keeps_its_letter_case(form: str) -> None:
    assert subject("AbC", form) == "AbC"
    assert subject("abc", form) != subject("ABC", form)


def test_an_address_and_a_windows_name_have_no_letter_case() -> None:
    assert subject("Dana@Acme.Example", F11 + "emailAddress") == "dana@acme.example"
    assert subject("ACME\\Dana", F11 + "WindowsDomainQualifiedName") == "acme\\dana"


def test_what_is_no_address_is_a_key_as_it_is() -> None:
    assert subject("Dana", F11 + "emailAddress") == "Dana"


def test_qualifiers_that_name_the_two_of_us_change_nothing() -> None:
    assert subject("x1", F20 + "persistent", giver=IDP, taker=OURS) == "x1"
    assert subject("x1", F20 + "persistent") == "x1"


def test_one_name_under_two_qualifiers_is_two_people() -> None:
    keys = {
        subject("x1", F20 + "persistent", giver=giver, taker=taker)
        for giver in ("", "https://a.example", "https://b.example")
        for taker in ("", "https://other.example")
    }
    assert len(keys) == 6
    # No name can be written so that it reads as a qualified one: XML has no such character.
    assert all("\x1f" in key for key in keys - {"x1"})


def test_qualifiers_count_for_persistent_names_alone() -> None:
    assert subject("dana", F11 + "unspecified", giver="https://a.example", taker="x") == "dana"


# --- values ---------------------------------------------------------------------


def test_one_value_that_comes_twice_is_one_value() -> None:
    twice = (*full(), attribute("email", " dana@acme.example "))
    assert str(read(assertion(*twice)).identity.email) == "dana@acme.example"


@pytest.mark.parametrize("more", [attribute("email", "eve@acme.example"), attribute("lastName", "Eve", "Whitfield")])
def test_several_values_of_what_is_single_are_refused(more: saml.Attribute) -> None:
    """In one attribute or in two: never the first, never the last."""
    for attributes in (full(more), (more, *full())):
        with pytest.raises(AttributeAmbiguous) as refused:
            read(assertion(*attributes))
        assert refused.value.attribute == more.name


# --- groups ---------------------------------------------------------------------


def groups(*attributes: saml.Attribute) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    reading = read(assertion(*full(*attributes)), WITH_GROUPS)
    return reading.identity.groups, reading.findings


def test_groups_take_all_values_of_all_attributes_of_their_name() -> None:
    came = (attribute("groups", "Support", "Sales"), attribute("groups", "Sales", "Finance"))
    assert groups(*came) == (("Support", "Sales", "Finance"), ())


def test_groups_joined_by_semicolons_are_taken_apart_and_those_with_commas_are_not() -> None:
    came = attribute("groups", "Support; Sales ;;Finance", "CN=Support,OU=Groups,DC=acme")
    assert groups(came) == (("Support", "Sales", "Finance", "CN=Support,OU=Groups,DC=acme"), ())


def test_groups_are_read_only_where_the_connection_has_a_name_for_them() -> None:
    reading = read(assertion(*full(attribute("groups", "Support"))))
    assert (reading.identity.groups, reading.findings) == ((), ())


def test_that_somebody_is_in_no_group_is_nothing_to_tell() -> None:
    assert groups() == ((), ())


def test_groups_are_bounded_and_what_is_left_out_is_left_out_whole() -> None:
    many = [f"g{number}" for number in range(MOST_GROUPS + 7)]
    kept, findings = groups(attribute("groups", *many))
    assert kept == tuple(many[:MOST_GROUPS])
    assert findings == (GroupsCut(attribute="groups", kept=MOST_GROUPS, received=MOST_GROUPS + 7),)
    long, turned = "g" * (LONGEST_GROUP + 1), "Admins\u202e"
    assert groups(attribute("groups", "Support", long, turned)) == (
        ("Support",),
        (GroupsCut(attribute="groups", kept=1, received=3),),
    )


def test_entras_link_in_place_of_groups_is_told() -> None:
    link = "http://schemas.microsoft.com/claims/groups.link"
    came = attribute(link, "https://graph.microsoft.com/v1.0/users/1/getMemberObjects")
    assert groups(came) == ((), (GroupsOmitted(expected="groups", received=link),))


# --- names that are near ---------------------------------------------------------


@pytest.mark.parametrize(
    "name", [CLAIMS + "emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "mail", "user.email", "User.email"]
)
def test_an_address_under_a_well_known_name_is_named_and_not_read(name: str) -> None:
    with pytest.raises(EmailNamedOtherwise) as refused:
        read(assertion(attribute("department", "x"), attribute(name, "dana@acme.example")))
    assert refused.value.facts() == {"expected": "email", "received": name}


def test_a_friendly_name_suggests_and_decides_nothing() -> None:
    oid = attribute("urn:oid:1.2.3.4", "dana@acme.example", friendly="email")
    with pytest.raises(EmailNamedOtherwise) as refused:
        read(assertion(oid))
    assert refused.value.received == "urn:oid:1.2.3.4"


def test_where_nothing_near_came_the_attribute_is_missing() -> None:
    for came in (attribute("department", "x"), attribute("mail", " "), attribute("Email", "dana@acme.example")):
        with pytest.raises(AttributeMissing):
            read(assertion(came))


def test_the_name_id_stands_in_for_the_address_and_the_near_name_is_told() -> None:
    came = (attribute("mail", "d@acme.example"), *full()[1:])
    reading = read(assertion(*came, name_id="dana@acme.example", form=F11 + "emailAddress"))
    assert str(reading.identity.email) == "dana@acme.example"
    assert reading.findings == (
        EmailFromNameId(expected="email", received=("mail", "firstName", "lastName")),
        AttributeNamedOtherwise(field="email", expected="email", received="mail"),
    )


def test_names_and_groups_under_well_known_names_are_told_one_by_one() -> None:
    came = (
        attribute("email", "dana@acme.example"),
        attribute("urn:oid:2.5.4.42", "Dana", friendly="givenName"),
        attribute("memberOf", "Support"),
    )
    reading = read(assertion(*came), WITH_GROUPS)
    assert (reading.identity.first_name, reading.identity.groups) == ("", ())
    assert reading.findings == (
        AttributeNamedOtherwise(field="first_name", expected="firstName", received="urn:oid:2.5.4.42"),
        NameMissing(expected=("lastName",), received=("email", "urn:oid:2.5.4.42", "memberOf")),
        AttributeNamedOtherwise(field="groups", expected="groups", received="memberOf"),
    )


def test_a_name_that_is_read_already_is_never_suggested_for_something_else() -> None:
    names = AttributeNames(email="mail", first_name="givenName", last_name="sn", groups="groups")
    reading = read(assertion(attribute("mail", "dana@acme.example"), attribute("sn", "Whitfield")), names)
    assert reading.findings == (NameMissing(expected=("givenName",), received=("mail", "sn")),)


def test_a_difference_in_letter_case_keeps_its_own_words() -> None:
    reading = read(assertion(*full()[:2], attribute("LastName", "Whitfield")))
    assert reading.findings == (AttributeCaseDiffers(expected="lastName", received="LastName"),)
