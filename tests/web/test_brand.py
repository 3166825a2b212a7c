import re

from hypothesis import given
from hypothesis import strategies as st

from ostiary.web.brand import OURS, dark_accents, light_accents, stylesheet
from ostiary.web.colour import Colour

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
LIGHT_GROUNDS = ("#fdfdfc", "#f6f6f3", "#ffffff", "#f7f7f5", "#eeeeea")
DARK_GROUNDS = ("#131416", "#0e0f11", "#191b1e", "#131518", "#23262a")


def contrast(one: Colour, other: str) -> float:
    return Colour.parse(str(one)).contrast(Colour.parse(other))


def test_the_contrast_of_black_and_white_is_21():
    assert round(Colour.parse("#000000").contrast(Colour.parse("#ffffff")), 2) == 21
    assert round(Colour.parse("#767676").contrast(Colour.parse("#ffffff")), 2) == 4.54


@given(COLOURS)
def test_every_product_colour_is_readable_on_light_pages(text):
    accents = light_accents(Colour.parse(text))
    assert contrast(accents.accent, str(accents.on_accent)) >= 4.95
    assert contrast(accents.hover, str(accents.on_accent)) >= 4.95
    assert min(contrast(accents.accent_ink, ground) for ground in LIGHT_GROUNDS) >= 5.9
    assert contrast(accents.soft, "#53555a") >= 5.9


@given(COLOURS)
def test_every_product_colour_is_readable_on_dark_pages(text):
    accents = dark_accents(Colour.parse(text))
    assert contrast(accents.accent, str(accents.on_accent)) >= 4.95
    assert contrast(accents.hover, str(accents.on_accent)) >= 4.95
    assert min(contrast(accents.accent_ink, ground) for ground in DARK_GROUNDS) >= 5.9
    assert contrast(accents.soft, "#b3b6bb") >= 5.9
    # A switch that is on has to stand out from its ground (WCAG 1.4.11).
    assert contrast(accents.accent, "#191b1e") >= 3


def test_another_product_gets_its_own_accents_and_keeps_our_status_colours():
    sheet = stylesheet("#7f2f5f")
    accents = {"accent", "accent-hover", "on-accent", "accent-ink", "accent-soft"}
    assert set(re.findall(r"--([a-z-]+):", sheet)) == accents
    assert "#7f2f5f" in sheet


def test_our_own_colour_leaves_the_accents_that_were_chosen_by_hand():
    assert "--accent" not in stylesheet(OURS)
