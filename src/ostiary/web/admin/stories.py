"""An attempt's timeline as the page shows it."""

from collections.abc import Sequence

from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.guides import guides
from ostiary.problems.timeline import Mood, timeline_line
from ostiary.services import Services
from ostiary.web.admin.quoted import guide_of, values_of
from ostiary.web.context import Incoming

_TONES = {Mood.DONE: "ok", Mood.PASSING: "plain", Mood.NOTED: "plain", Mood.REFUSED: "bad", Mood.SILENT: "waiting"}


def story(
    events: Sequence[TimelineEvent], *, connection: Connection | None, incoming: Incoming, services: Services
) -> list[dict[str, object]]:
    """The events in words, as the timeline component takes them."""
    guide = guide_of(connection) or guides()[-1]
    values = values_of(connection, incoming, services)
    # As on the page of the attempt: whether a clock is behind depends on when the question was asked.
    began = {"began_at": events[0].at.isoformat(timespec="seconds")} if events else {}
    lines: list[dict[str, object]] = []
    for event in events:
        line = timeline_line(event.kind, {**event.facts, **began}, guide=guide, values=values)
        lines.append(
            {
                "at": event.at,
                "tone": _TONES[line.mood],
                "text": line.title,
                "detail": line.code or line.detail,
                "mono": bool(line.code),
            }
        )
    return lines
