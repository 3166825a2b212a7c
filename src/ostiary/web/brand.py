"""One colour of the product → the accents of every page, light and dark, readable in both.

Lightness is moved until the contrast holds (WCAG 2.2, 1.4.3 and 1.4.11); hue stays. Status colours are never touched.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ostiary.web.colour import Colour

OURS = "#2c4fb0"
"""The colour whose accents stand in app.css, chosen by hand."""

# The darkest light and the lightest dark background that an accent stands on; see the table of the look.
_LIGHT_GROUND = Colour.parse("#eeeeea")
_DARK_GROUND = Colour.parse("#23262a")
_DARK_SURFACE = Colour.parse("#191b1e")
_WHITE = Colour.parse("#ffffff")
_INK_2_LIGHT = Colour.parse("#53555a")
_INK_2_DARK = Colour.parse("#b3b6bb")
_TEXT = 5.0
_LINK = 6.0
_SHAPE = 3.0
_STEPS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Accents:
    """The accents of one theme."""

    accent: Colour
    hover: Colour
    on_accent: Colour
    accent_ink: Colour
    soft: Colour


def light_accents(product: Colour) -> Accents:
    """The accents on light pages: 5 : 1 and more under white text, 6 : 1 and more as a link on every background."""
    accent = _nearest(product, lambda colour: min(colour.contrast(_WHITE), colour.contrast(_LIGHT_GROUND)) >= _TEXT)
    return Accents(
        accent=accent,
        hover=accent.with_lightness(accent.lightness * 0.82),
        on_accent=_WHITE,
        accent_ink=_nearest(accent, lambda colour: colour.contrast(_LIGHT_GROUND) >= _LINK),
        soft=_nearest(accent.with_lightness(0.96), lambda colour: colour.contrast(_INK_2_LIGHT) >= _LINK),
    )


def dark_accents(product: Colour) -> Accents:
    """The accents on dark pages: white text keeps 5 : 1, a link 6 : 1, a switch stands out from its ground."""
    bright = product.with_lightness(max(product.lightness, 0.54))
    accent = _nearest(
        bright, lambda colour: colour.contrast(_WHITE) >= _TEXT and colour.contrast(_DARK_SURFACE) >= _SHAPE
    )
    pale = product.with_lightness(max(product.lightness, 0.72))
    tint = accent.with_saturation(0.4 * accent.saturation).with_lightness(0.17)
    return Accents(
        accent=accent,
        hover=accent.with_lightness(accent.lightness * 0.92),
        on_accent=_WHITE,
        accent_ink=_nearest(pale, lambda colour: colour.contrast(_DARK_GROUND) >= _LINK),
        soft=_nearest(tint, lambda colour: colour.contrast(_INK_2_DARK) >= _LINK),
    )


def _nearest(wanted: Colour, holds: Callable[[Colour], bool]) -> Colour:
    """The colour of this hue that holds and whose lightness is nearest to the wanted one."""
    lightnesses = [wanted.lightness, *(step / _STEPS for step in range(_STEPS + 1))]
    by_distance = sorted(lightnesses, key=lambda lightness: abs(lightness - wanted.lightness))
    return next(colour for colour in map(wanted.with_lightness, by_distance) if holds(colour))


def stylesheet(product_colour: str) -> str:
    """The stylesheet that lays the product's accents over ours. `product_colour` is #rrggbb."""
    if product_colour.lower() == OURS:
        return "/* The accents of app.css stand. */\n"
    product = Colour.parse(product_colour)
    light, dark = light_accents(product), dark_accents(product)
    pairs = {
        "accent": (light.accent, dark.accent),
        "accent-hover": (light.hover, dark.hover),
        "on-accent": (light.on_accent, dark.on_accent),
        "accent-ink": (light.accent_ink, dark.accent_ink),
        "accent-soft": (light.soft, dark.soft),
    }
    lines = [f"  --{name}: light-dark({on_light}, {on_dark});" for name, (on_light, on_dark) in pairs.items()]
    return ":root {\n" + "\n".join(lines) + "\n}\n"
