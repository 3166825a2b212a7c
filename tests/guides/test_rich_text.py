import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.guides.rich_text import RichText, Span, SpanKind, fill, rich


def test_a_text_is_parsed_into_plain_bold_code_and_what_is_copied() -> None:
    assert rich("Set **App name** to `x`: {copy:acs_url}").spans == (
        Span(SpanKind.PLAIN, "Set "),
        Span(SpanKind.BOLD, "App name"),
        Span(SpanKind.PLAIN, " to "),
        Span(SpanKind.CODE, "x"),
        Span(SpanKind.PLAIN, ": "),
        Span(SpanKind.COPY, "{acs_url}"),
    )


def test_names_are_filled_in_once_so_that_a_value_can_not_ask_for_another() -> None:
    assert fill("{a} and {b}", {"a": "{b}", "b": "x"}) == "{b} and x"


def test_a_name_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        rich("{nothing}").filled({})


def test_markdown_keeps_a_backslash_and_a_star_as_they_are() -> None:
    assert rich(r"replace . with \. and * with **\/**").markdown() == r"replace . with \\. and \* with **\\/**"


@given(value=st.text(max_size=60))
def test_a_value_never_becomes_markup(value: str) -> None:
    filled: RichText = rich("Put **{value}** into {copy:value}").filled({"value": value})
    assert [(span.kind, span.text) for span in filled.spans] == [
        (SpanKind.PLAIN, "Put "),
        (SpanKind.BOLD, value),
        (SpanKind.PLAIN, " into "),
        (SpanKind.COPY, value),
    ]
