"""Since when does the page show an incident, and what of the last 90 days stands on it?

This is no job but a part of ``publish``, which says what it showed. What happened in 90 days
is counted once a minute, behind what was shown: it moves slowly, and reads much.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.actions import how_told
from statuspage.premises import Premises
from statuspage.rules.board import Board
from statuspage.rules.lately import Lately

COUNTED_AGAIN = timedelta(minutes=1)


class Showing:
    """What this process has shown, and has yet to write down."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._to_note: dict[str, datetime] = {}
        self._noted: set[str] = set()
        self._began: datetime | None = None
        self.lately = Lately()
        """As counted last; the next rendering has it."""
        self._counted_at: datetime | None = None

    def shows(self, board: Board) -> None:
        """Memory has it now. Of what was over before we began, nobody knows any more."""
        at = self.premises.clock()
        self._began = self._began or board.composed_at
        for one in (*board.open_incidents, *board.past_incidents):
            is_known = one.told.shown_at or one.id in self._noted
            if not is_known and (one.resolved_at is None or one.resolved_at >= self._began):
                self._to_note.setdefault(one.id, at)

    async def count(self, now: datetime) -> None:
        """Once a minute."""
        counted_at = self._counted_at
        if counted_at is None or not timedelta(0) <= now - counted_at < COUNTED_AGAIN:
            async with self.premises.store.read() as session:
                self.lately = await how_told.of_the_last(session, self.premises.settings, now)
            self._counted_at = now

    async def keep(self) -> None:
        """Write it down; what cannot be written stays, with the time that was right."""
        if not self._to_note:
            return
        async with self.premises.store.write() as session:
            for id, at in sorted(self._to_note.items()):
                await how_told.note_shown(session, id, at)
        self._noted |= self._to_note.keys()
        self._to_note.clear()
