"""A colour as hue, lightness and saturation, and the contrast of two (WCAG 2.2, "contrast ratio")."""

import colorsys
from dataclasses import dataclass, replace
from typing import Self

# Below it sRGB is a straight line (IEC 61966-2-1).
_DARKEST_CURVED = 0.04045


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A colour of sRGB. Every part lies between 0 and 1."""

    hue: float
    lightness: float
    saturation: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """The colour that is written as #rrggbb. Raises: `ValueError`."""
        red, green, blue = (int(text[index : index + 2], 16) / 255 for index in (1, 3, 5))
        hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
        return cls(hue=hue, lightness=lightness, saturation=saturation)

    def with_lightness(self, lightness: float) -> Self:
        """The same hue, lighter or darker."""
        return replace(self, lightness=lightness)

    def with_saturation(self, saturation: float) -> Self:
        """The same hue, more or less of it."""
        return replace(self, saturation=saturation)

    def contrast(self, other: Self) -> float:
        """The contrast ratio: 1 for equal colours, 21 for black and white."""
        lighter, darker = sorted((self._luminance(), other._luminance()), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    def _luminance(self) -> float:
        red, green, blue = (_linear(int(str(self)[index : index + 2], 16) / 255) for index in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def __str__(self) -> str:
        parts = colorsys.hls_to_rgb(self.hue, self.lightness, self.saturation)
        return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _linear(part: float) -> float:
    return part / 12.92 if part <= _DARKEST_CURVED else float(((part + 0.055) / 1.055) ** 2.4)
