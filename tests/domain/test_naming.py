"""Names of connections: free ones are found, and what is typed is shown as it can be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.errors import NameTaken, ValueTooLong
from ostiary.domain.naming import LONGEST_NAME, free_name, listed, read_name


@pytest.mark.parametrize(
    ("taken", "free"),
    [([], "Okta"), (["OneLogin"], "Okta"), (["okta"], "Okta 2"), (["Okta", "Okta 2"], "Okta 3"), (["Okta 2"], "Okta")],
)
def test_the_first_free_name_is_taken(taken: list[str], free: str) -> None:
    assert free_name("Okta", taken=taken) == free


@given(st.lists(st.text(max_size=5)))
def test_a_free_name_is_free(taken: list[str]) -> None:
    assert free_name("a", taken=taken).casefold() not in {each.casefold() for each in taken}


@pytest.mark.parametrize(
    ("typed", "name"),
    [("  Okta   of the staff ", "Okta of the staff"), ("a\u202eb", "a b"), ("\u200b", ""), ("", ""), ("x\n y", "x y")],
)
def test_a_name_is_read_as_it_can_be_shown(typed: str, name: str) -> None:
    assert read_name(typed, taken=()) == name


def test_a_name_that_a_neighbour_has_is_refused_in_whatever_case() -> None:
    with pytest.raises(NameTaken):
        read_name("OKTA", taken=["Okta"])


def test_a_name_that_is_too_long_is_refused() -> None:
    assert read_name("x" * LONGEST_NAME, taken=()) == "x" * LONGEST_NAME
    with pytest.raises(ValueTooLong):
        read_name("x" * (LONGEST_NAME + 1), taken=())


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Okta"], "Okta"),
        (["Okta", "Keycloak"], "Okta or Keycloak"),
        (["Okta", "OneLogin", "Okta", "Keycloak"], "Okta, OneLogin or Keycloak"),
    ],
)
def test_names_are_listed_each_once_with_a_word_before_the_last(names: list[str], said: str) -> None:
    assert listed(names, by="or") == said
    assert listed(iter(names), by="and") == said.replace(" or ", " and ")
