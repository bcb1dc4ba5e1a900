"""What has happened here before, month by month?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from statuspage.pages.card import lasted, phase_of, title
from statuspage.pages.reader import Reader
from statuspage.pages.tone import tone_of
from statuspage.rules.board import Board, IncidentView


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident in the list."""

    id: str
    tone: str
    title: Markup
    phase: str
    lasted: Markup


def by_month(board: Board, reader: Reader) -> Iterator[tuple[str, list[Entry]]]:
    """The months that saw something, newest first, each with its incidents."""
    known = sorted(
        (*board.open_incidents, *board.past_incidents),
        key=lambda incident: incident.started_at,
        reverse=True,
    )
    for month, incidents in groupby(known, lambda incident: reader.month(incident.started_at)):
        yield month, [_entry(incident, reader) for incident in incidents]


def _entry(incident: IncidentView, reader: Reader) -> Entry:
    return Entry(
        id=incident.id,
        tone=tone_of(incident),
        title=title(incident, reader),
        phase=phase_of(incident, reader),
        lasted=lasted(incident, reader),
    )
