"""What was put right in a form without asking, in words. It is told beside the field."""

from typing import Final

CORRECTIONS: Final = {
    "space_removed": "White space around it was removed.",
    "scheme_added": "https:// was put in front.",
    "well_known_removed": "What was pasted is the address of its configuration.",
    "endpoint_removed": "What was pasted is one of its endpoints.",
    "quotes_removed": "What stood around it was removed.",
    "rest_removed": "What stands behind ? or # is no part of it.",
    "console_address": "What was pasted is the address of its console.",
    "admin_host": "The address with -admin is that of the console.",
    "tenant_completed": "What was pasted is the ID of the tenant.",
    "entra_v2": "It is the one of version 2.0.",
    "issuer_of_document": "The provider itself writes it so.",
    "read_as_metadata": "This is metadata, and it is read as such.",
    "read_as_metadata_url": "This is an address, and the metadata is looked up there.",
}
"""By the name of the correction."""


def correction(what: str) -> str:
    """The sentence of this correction; for one that this version has no words for, that something was put right."""
    return CORRECTIONS.get(what, "A character that does not belong there was removed.")
