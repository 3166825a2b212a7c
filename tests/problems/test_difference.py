from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.problems.comparing.marks import Mark
from ostiary.problems.difference import Difference, Kind, compare
from tests.processor_time import least_of_three

OURS = "https://sso.ringline.example/saml/c7f3k2m9q4"
NAMES = {"ACS URL": f"{OURS}/acs", "Entity ID": OURS}

CASES = [
    (f"{OURS}/", Kind.SLASH_TOO_MANY, "1 character too many: a slash at the end", f"{OURS}[/]"),
    (f"{OURS}//", Kind.SLASH_TOO_MANY, "2 characters too many: 2 slashes at the end", f"{OURS}[//]"),
    (f"{OURS} ", Kind.SPACE, "1 character too many: a space at the end", f"{OURS}[␣]"),
    (f" {OURS}", Kind.SPACE, "1 character too many: a space at the beginning", f"[␣]{OURS}"),
    (f"{OURS}\n", Kind.SPACE, "1 character too many: a line break at the end", f"{OURS}[⏎]"),
    (
        f"{OURS}\u200b",
        Kind.SPACE,
        "1 character too many: a character that can't be seen at the end",
        f"{OURS}[[U+200B]]",
    ),
    (f'"{OURS}"', Kind.QUOTES, "2 characters too many: quotation marks around the value", f'["]{OURS}["]'),
    (
        "http://sso.ringline.example/saml/c7f3k2m9q4",
        Kind.SCHEME,
        "http, not https",
        "[http]://sso.ringline.example/saml/c7f3k2m9q4",
    ),
    (
        "https://staging.ringline.example/saml/c7f3k2m9q4",
        Kind.OUR_HOST,
        "The address of this connection at another host: staging.ringline.example, not sso.ringline.example",
        "https://[staging.ringline.example]/saml/c7f3k2m9q4",
    ),
    (
        "http://localhost:8000/saml/c7f3k2m9q4",
        Kind.OUR_HOST,
        "The address of this connection at another host: localhost:8000, not sso.ringline.example",
        "[http://localhost:8000]/saml/c7f3k2m9q4",
    ),
    (
        "https://www.sso.ringline.example/saml/c7f3k2m9q4",
        Kind.WWW,
        "4 characters too many: www. at the beginning of the host",
        "https://[www.]sso.ringline.example/saml/c7f3k2m9q4",
    ),
    (
        "https://sso.ringline.example/saml%2Fc7f3k2m9q4",
        Kind.ENCODED,
        "The same characters, some of them written with % and two digits",
        "https://sso.ringline.example/saml[%2F]c7f3k2m9q4",
    ),
    (
        "https://sso.ringline.example:8443/saml/c7f3k2m9q4",
        Kind.PORT,
        "port 8443, not none",
        "https://sso.ringline.example[:8443]/saml/c7f3k2m9q4",
    ),
    (
        "https://sso.ringline.example/saml/C7f3k2m9q4",
        Kind.LETTER_CASE,
        "1 letter in another case",
        "https://sso.ringline.example/saml/[C]7f3k2m9q4",
    ),
    (
        "https://sso.ringline.example/saml/c0000000000",
        Kind.OTHER_CONNECTION,
        "The address of another connection",
        "https://sso.ringline.example/saml/[c0000000000]",
    ),
    (f"{OURS}/acs", Kind.SWAPPED, "This is the ACS URL", f"[{OURS}/acs]"),
    ("{audience}", Kind.PLACEHOLDER, "A placeholder: the field is empty there", "[{audience}]"),
    ("urn:example:other", Kind.OTHER, "Another value altogether", "[urn:example:other]"),
]


@pytest.mark.parametrize(("received", "kind", "words", "shown"), CASES)
def test_a_difference_is_named_marked_and_told(received: str, kind: Kind, words: str, shown: str) -> None:
    difference = compare(OURS, [received], ours=NAMES)
    assert (difference.kind, difference.words, _shown(difference.received[0])) == (kind, words, shown)


def test_what_is_missing_is_marked_where_it_is_expected() -> None:
    difference = compare(f"{OURS}/", [OURS], ours={})
    assert difference.kind is Kind.SLASH_MISSING
    assert difference.words == "1 character missing: a slash at the end"
    assert _shown(difference.expected) == f"{OURS}[/]"
    assert _shown(difference.received[0]) == OURS


def test_a_space_that_is_missing_is_not_told_as_one_too_many() -> None:
    difference = compare("Acme Corp", ["AcmeCorp"], ours={})
    assert (difference.kind, difference.words) == (Kind.SPACE_MISSING, "1 character missing: a space inside")


def test_another_kind_of_space_is_told_as_such() -> None:
    difference = compare("Acme Corp", ["Acme\u00a0Corp"], ours={})
    assert (difference.kind, difference.words) == (Kind.SPACE, "There is another kind of white space inside")
    assert _shown(difference.received[0]) == "Acme[⍽]Corp"


def test_a_host_of_somebody_else_is_no_host_of_ours() -> None:
    difference = compare("https://idp.example/sso", ["https://idp2.example/sso"], ours=NAMES)
    assert (difference.kind, difference.words) == (Kind.HOST, "Another host: idp2.example, not idp.example")


def test_www_that_is_missing_is_marked_where_it_is_expected() -> None:
    difference = compare("https://www.idp.example/x", ["https://idp.example/x"], ours={})
    assert (difference.kind, _shown(difference.expected)) == (Kind.WWW_MISSING, "https://[www.]idp.example/x")


def test_characters_that_were_turned_back_are_told() -> None:
    difference = compare("urn:x:a%2Fb", ["urn:x:a/b"], ours={})
    assert difference.kind is Kind.ENCODED
    assert difference.words == "The same characters: those with % and two digits were turned back"


def test_the_value_of_another_connection_is_told_by_its_name() -> None:
    ours = NAMES | {"Entity ID of the connection OneLogin": "https://sso.ringline.example/saml/c0000000000"}
    difference = compare(OURS, ["https://sso.ringline.example/saml/c0000000000"], ours=ours)
    assert (difference.kind, difference.words) == (Kind.SWAPPED, "This is the Entity ID of the connection OneLogin")


def test_what_an_admin_of_ours_has_put_into_the_wrong_field_is_told_as_saved_here() -> None:
    ours = {"SSO URL": "https://idp.example/sso"}
    difference = compare("https://idp.example/sso", ["urn:idp"], ours=ours, is_saved=True)
    assert (difference.kind, difference.words) == (Kind.SAVED_SWAPPED, "What is saved here is the SSO URL")
    assert compare("urn:saved", ["urn:idp"], ours=ours, is_saved=True).kind is not Kind.SAVED_SWAPPED


def test_two_ports_are_told_as_two_ports() -> None:
    difference = compare("https://a.example:8443/x", ["https://a.example:9443/x"], ours={})
    assert (difference.kind, difference.words) == (Kind.PORT, "port 9443, not 8443")


def test_of_several_values_the_nearest_is_compared_and_comes_first() -> None:
    difference = compare(OURS, ["urn:example:other", f"{OURS}/"], ours=NAMES)
    assert difference.kind is Kind.SEVERAL
    assert [_shown(marks) for marks in difference.received] == [f"{OURS}[/]", "[urn:example:other]"]
    assert "1 character too many: a slash at the end" in difference.words


def test_one_right_value_among_several_is_no_difference() -> None:
    others = [f"urn:example:{number}" for number in range(30)]
    difference = compare(OURS, [*others, OURS], ours=NAMES)
    assert difference.kind is Kind.EQUAL
    assert not any(mark.differs for marks in difference.received for mark in marks)


@pytest.mark.parametrize("received", [[], [""]])
def test_nothing_received_is_told_as_nothing(received: list[str]) -> None:
    difference = compare(OURS, received, ours=NAMES)
    assert (difference.kind, difference.words) == (Kind.NOTHING, "Nothing was received")


def test_an_identity_providers_address_is_never_taken_for_one_of_our_connections() -> None:
    difference = compare("https://idp.example/saml/aaaa1", ["https://idp.example/saml/aaaa2"], ours=NAMES)
    assert (difference.kind, difference.words) == (Kind.OTHER, "1 character differs")


def test_what_turns_the_direction_of_writing_is_shown_by_its_number() -> None:
    difference = compare("report", ["rep\u202etro"], ours={})
    assert "[U+202E]" in _shown(difference.received[0])


def test_values_that_were_made_to_be_slow_are_compared_in_a_moment() -> None:
    many = [f"{'ab' * 2000}{number}" for number in range(5000)]
    assert least_of_three(lambda: compare("a" * 4000, many, ours=NAMES)) < 1
    assert least_of_three(lambda: compare("a" * 240, ["ab" * 120], ours=NAMES)) < 1


def test_a_long_value_is_compared_in_a_moment() -> None:
    difference = compare("a" * 200_000, ["b" * 200_000], ours={})
    assert difference.kind is Kind.OTHER
    assert _rejoined(difference.received[0]) == "b" * 200_000


def _texts() -> st.SearchStrategy[str]:
    """Anything, and above all values that are almost the expected one."""
    return st.one_of(
        st.text(max_size=60),
        st.builds(str.__add__, st.sampled_from([OURS, OURS.upper(), f"{OURS}/acs"]), st.text(max_size=3)),
        st.builds(str.__add__, st.text(max_size=3), st.sampled_from([OURS, f"{OURS}/"])),
        st.builds("{}://{}{}/saml/{}".format, *map(st.sampled_from, (
            ["http", "https", "HTTPS", "ftp"],
            ["sso.ringline.example", "SSO.ringline.example", "a@sso.ringline.example", "[::1]", ""],
            ["", ":443", ":", ":99999", ":x"],
            ["c7f3k2m9q4", "c7f3k2m9q5", "c7f3k2m9q4/acs", "", "?a", "#b"],
        ))),
    )  # fmt: skip


@given(expected=_texts(), received=st.lists(_texts(), max_size=3))
def test_what_is_marked_adds_up_to_the_values(expected: str, received: list[str]) -> None:
    difference = compare(expected, received, ours=NAMES)
    assert _rejoined(difference.expected) == expected
    distinct = list(dict.fromkeys(received))
    assert sorted(_rejoined(marks) for marks in difference.received) == sorted(distinct)


@given(expected=_texts(), received=_texts())
def test_there_is_a_mark_exactly_where_the_values_differ(expected: str, received: str) -> None:
    difference = compare(expected, [received], ours=NAMES)
    marked = any(mark.differs for mark in _all_marks(difference))
    assert marked == (expected != received)
    assert bool(difference.words) == (expected != received)
    assert (difference.kind is Kind.EQUAL) == (expected == received)


@given(expected=_texts(), received=_texts())
def test_the_runs_that_do_not_differ_are_the_same_on_both_sides(expected: str, received: str) -> None:
    difference = compare(expected, [received], ours=NAMES)
    same = [_same(marks) for marks in (difference.expected, *difference.received)]
    assert len(set(same)) == 1


@given(expected=_texts(), received=_texts())
def test_no_run_is_empty_and_neighbours_are_of_two_kinds(expected: str, received: str) -> None:
    difference = compare(expected, [received], ours=NAMES)
    for marks in (difference.expected, *difference.received):
        assert all(mark.text for mark in marks)
        assert all(one.differs != other.differs for one, other in pairwise(marks))


def _all_marks(difference: Difference) -> list[Mark]:
    return [mark for marks in (difference.expected, *difference.received) for mark in marks]


def _rejoined(marks: tuple[Mark, ...]) -> str:
    return "".join(mark.text for mark in marks)


def _same(marks: tuple[Mark, ...]) -> str:
    return "".join(mark.text for mark in marks if not mark.differs)


def _shown(marks: tuple[Mark, ...]) -> str:
    return "".join(f"[{mark.shown}]" if mark.differs else mark.text for mark in marks)
