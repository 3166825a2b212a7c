"""What a new connection begins with: what its provider really does, and never anything weak."""

from importlib import resources

import pytest

from ostiary.domain.attributes.well_known import NAMES, PersonField
from ostiary.domain.connection import AttributeNames, Binding, Tile
from ostiary.guides import Guide, guide, guides
from ostiary.guides.library import GuideIncomplete, read_guide
from ostiary.services.connection_form import NAME_ID_FORMATS

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
BRIEF = AttributeNames(email="email", first_name="firstName", last_name="lastName")


@pytest.mark.parametrize("key", ["okta", "onelogin", "saml"])
def test_the_briefs_names_stay_where_the_brief_has_them(key: str) -> None:
    found = guide(key)
    assert found is not None
    assert found.preset.attributes == BRIEF
    assert (found.preset.tile, found.preset.sso_binding, found.preset.name_id_format) == (
        Tile.CONVERT,
        Binding.REDIRECT,
        "",
    )


def test_microsofts_providers_begin_with_their_claims() -> None:
    groups = {
        "entra": "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
        "adfs": "http://schemas.xmlsoap.org/claims/Group",
    }
    for key, group in groups.items():
        found = guide(key)
        assert found is not None
        assert found.preset.attributes == AttributeNames(
            email=f"{CLAIMS}emailaddress",
            first_name=f"{CLAIMS}givenname",
            last_name=f"{CLAIMS}surname",
            groups=group,
        )


@pytest.mark.parametrize("of", guides(), ids=lambda each: each.key)
def test_a_preset_names_only_what_is_known_and_asks_for_nothing_that_recognises_nobody(of: Guide) -> None:
    names = of.preset.attributes
    for field in PersonField:
        value = getattr(names, field.value)
        assert value in NAMES[field] or (field is PersonField.GROUPS and not value)
    assert of.preset.name_id_format in {"", *NAME_ID_FORMATS}
    # Accepting answers that nobody asked for is a choice of the admin's, never a beginning.
    assert of.preset.tile is not Tile.ACCEPT


def test_a_preset_with_a_word_that_is_none_is_refused() -> None:
    toml = resources.files("ostiary.guides").joinpath("keycloak.toml").read_text()
    for written in ('tile = "maybe"', 'sso_binding = "soap"', "allowances = ['allow_sha1']"):
        with pytest.raises(GuideIncomplete, match=r"guide\.preset"):
            read_guide(toml.replace("[preset]\n", f"[preset]\n{written}\n"))
