"""What has happened here before, month by month?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup

from statuspage.pages.card import lasted, phase_of, title
from statuspage.pages.planned import work
from statuspage.pages.postmortem import is_late, owed
from statuspage.pages.reader import Reader
from statuspage.pages.tone import tone_of
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.planned import MaintenanceView


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident or maintenance in the list."""

    path: str
    tone: str
    title: Markup
    phase: str
    lasted: Markup
    late: Markup | None = None
    """That we still owe what we learned."""


def by_month(board: Board, reader: Reader) -> Iterator[tuple[str, list[Entry]]]:
    """The months that saw something, newest first, each with its incidents and with the
    maintenances that have begun.
    """
    known: list[tuple[datetime, IncidentView | MaintenanceView]] = [
        (one.started_at, one) for one in (*board.open_incidents, *board.past_incidents)
    ]
    known += [(one.starts_at, one) for one in board.maintenances if one.has_begun]
    known.sort(key=lambda pair: pair[0], reverse=True)
    for month, found in groupby(known, lambda pair: reader.month(pair[0])):
        yield month, [_entry(one, reader) for _, one in found]


def _entry(one: IncidentView | MaintenanceView, reader: Reader) -> Entry:
    if isinstance(one, MaintenanceView):
        told = work(one, reader)
        return Entry(f"/maintenances/{one.id}", "plan", told.title, told.state, told.when)
    return Entry(
        path=f"/incidents/{one.id}",
        tone=tone_of(one),
        title=title(one, reader),
        phase=phase_of(one, reader),
        lasted=lasted(one, reader),
        late=owed(one, reader) if is_late(one, reader) else None,
    )
