"""What the pages that take something away say where it is the last way in."""

from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.services import Services
from ostiary.web.admin.quoted import explained
from ostiary.web.context import Incoming


def explained_last_way(
    refusal: LastWayIn | None, incoming: Incoming, services: Services
) -> tuple[dict[str, object], int]:
    """The values for the page that asks, and its status."""
    if refusal is None:
        return {"last_way": None}, 200
    words = explained(refusal.code, refusal.facts(), connection=None, incoming=incoming, services=services)
    return {"last_way": words, "is_error": True}, words.status
