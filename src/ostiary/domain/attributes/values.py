"""The values of an answer's attributes by name, however often a name came."""

from typing import Final

from ostiary import saml
from ostiary.domain.attributes.errors import GroupsCut
from ostiary.domain.errors import AttributeAmbiguous

MOST_GROUPS: Final = 500
"""Read of one person. Entra ID sends at most 150; a thousand of them would be kept with each sign-in."""
LONGEST_GROUP: Final = 256
"""Characters of a group's name: those of Active Directory have 256 at most."""
_BETWEEN_GROUPS = ";"
"""LemonLDAP::NG joins its groups with it. A comma is none: it stands in distinguished names."""
_JOINERS = "\u200c\u200d"
"""They are not printable by themselves, and no name in Persian or Sinhala is right without them."""


class Values:
    """The values by name. Attributes of one name are merged: Keycloak sends one for each role."""

    __slots__ = ("_by_name",)

    def __init__(self, attributes: tuple[saml.Attribute, ...]) -> None:
        self._by_name: dict[str, dict[str, None]] = {}
        for attribute in attributes:
            values = self._by_name.setdefault(attribute.name, {})
            for value in attribute.values:
                stripped = value.strip()
                if stripped:
                    values[stripped] = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that came, each once, in the order in which they came."""
        return tuple(self._by_name)

    def only(self, name: str) -> str:
        """The value of this attribute, empty if it did not come. Raises: `AttributeAmbiguous` for several."""
        values = self._by_name.get(name, {})
        if len(values) > 1:
            # Never "first wins": whoever can add a second value would choose whom to be.
            raise AttributeAmbiguous(attribute=name, received=tuple(values))
        # Whole: of "owner@acme.example", filler and ".evil.example" a cut left an address of Acme.
        return next(iter(values), "")

    def groups(self, name: str) -> tuple[tuple[str, ...], GroupsCut | None]:
        """The groups under this name, each once, and what to tell of those that were left out."""
        found: dict[str, None] = {}
        for value in self._by_name.get(name, {}):
            for part in value.split(_BETWEEN_GROUPS):
                group = part.strip()
                if group:
                    found[group] = None
        # Left out whole: a name that was cut, or put right, could be that of another group.
        kept = tuple(group for group in found if len(group) <= LONGEST_GROUP and all(map(is_showable, group)))
        kept = kept[:MOST_GROUPS]
        if len(kept) == len(found):
            return kept, None
        return kept, GroupsCut(attribute=name, kept=len(kept), received=len(found))


def is_showable(character: str) -> bool:
    """Whether it can be shown beside others: it neither turns the line round nor hides nor breaks it (UAX 9)."""
    return character.isprintable() or character in _JOINERS
