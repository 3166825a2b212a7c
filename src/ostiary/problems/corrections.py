"""What was put right in a form without asking, in words. It is told beside the field."""

from typing import Final

CORRECTIONS: Final = {
    "space_removed": "White space around it was removed.",
    "read_as_metadata": "This is metadata, and it is read as such.",
    "read_as_metadata_url": "This is an address, and the metadata is looked up there.",
}
"""By the name of the correction."""


def correction(what: str) -> str:
    """The sentence of this correction; for one that this version has no words for, that something was put right."""
    return CORRECTIONS.get(what, "A character that does not belong there was removed.")
