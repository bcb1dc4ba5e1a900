"""What of the board need not be read and composed again?

An incident that has been over for a while looks as it did as long as its row is the same: whoever
changes a word of it raises its revision (``raise_revision``), as the archive needs it too. What
hangs on most of the board's incidents, a thousand words and promises, is thus read once. So that
nothing stays for ever that came about without, one of them is read again each round.

This is no job but a part of ``publish``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from statuspage.rules.board import Board, IncidentView
from statuspage.rules.composing import Rows
from statuspage.tables import Incident

OVER_FOR = timedelta(hours=1)
"""Until then the last letters leave, and others note when they showed it."""
_COLUMNS = tuple(Incident.model_fields)

State = tuple[object, ...]
"""All that its row says."""


class Settled:
    """The views of what is over, as they were composed last; the longest known first."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[State, IncidentView]] = {}

    def views(self, rows: Iterable[Incident], now: datetime) -> dict[str, IncidentView]:
        """Those that are still right, by id."""
        if self._known:
            del self._known[next(iter(self._known))]
        found: dict[str, IncidentView] = {}
        for row in rows:
            state, view = self._known.get(row.id, (None, None))
            if view is not None and _is_over(row, now) and state == _state(row):
                found[row.id] = view
        return found

    def keep(self, rows: Rows, board: Board, now: datetime) -> None:
        """``board`` is what was composed of ``rows``; what is not on it is kept no longer."""
        shown = {view.id: view for view in board.past_incidents}
        kept = {id: known for id, known in self._known.items() if id in rows.views and id in shown}
        for row in rows.incidents:
            if row.id in shown and row.id not in kept and _is_over(row, now):
                kept[row.id] = _state(row), shown[row.id]
        self._known = kept

    def forget(self) -> None:
        self._known.clear()


def _is_over(row: Incident, now: datetime) -> bool:
    return row.resolved_at is not None and now - row.resolved_at > OVER_FOR


def _state(row: Incident) -> State:
    return tuple(getattr(row, name) for name in _COLUMNS)
