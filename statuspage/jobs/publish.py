"""Does the page show what the store knows?

Every process publishes for itself: when the revision has moved, and now and then so that
"last looked" is true. The store is read, the board composed, the pages rendered, memory
filled, and the files in ``state_dir`` renewed; a view of a page needs none of it. While
the store is away, what was shown last stays; so does a page that cannot be written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.actions import fanouts
from statuspage.actions.revision import not_before, revision
from statuspage.jobs.fanouts import show
from statuspage.jobs.faring import Faring
from statuspage.jobs.keeping import Followed
from statuspage.jobs.past import Past
from statuspage.jobs.rows import read_rows
from statuspage.jobs.saving import Saving
from statuspage.jobs.settled import Settled
from statuspage.jobs.showing import Showing
from statuspage.jobs.speeds import Speeds
from statuspage.jobs.staleness import Staleness
from statuspage.memory import Page
from statuspage.pages import render
from statuspage.premises import Premises
from statuspage.rules.composing import compose
from statuspage.snapshots import Snapshots

REFRESH = timedelta(seconds=5)
SAVE_AT_LEAST = timedelta(minutes=1)


class Publish:
    """What this process showed last, and when."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._rendered_at: datetime | None = None
        self._saved_at: datetime | None = None
        self._shown: int | None = None
        self._not_before = 0
        self._showing = Showing(premises)
        self._staleness = Staleness(premises)
        self._settled = Settled()
        self._saving = Saving(premises)
        self.past = Past(premises)
        self.faring = Faring(premises)
        self.speeds = Speeds(premises)

    async def tick(self, now: datetime) -> None:
        """Publish when something has changed, or the last time is a while ago."""
        async with self.premises.store.read() as session:
            newest = await revision(session)
            if newest == self._shown and not _passed(self._rendered_at, REFRESH, now):
                return
            erased_in = await not_before(session)
            is_erased = erased_in != self._not_before
            if is_erased or newest < (self._shown or 0):  # or it is a restored backup
                self._settled.forget()
            rows = await read_rows(session, self.premises.settings, now, settled=self._settled)
            fared = await self.faring.of_all(session, rows, now)
            left = await self.past.left(session, newest, rows, now)
            show(self.premises.metrics, await fanouts.newest(session))
        rows = replace(rows, lately=self._showing.lately, fared=fared)
        board = compose(self.premises.settings, rows, now)
        self._settled.keep(rows, board, now)
        board = replace(board, speeds=self.speeds.of_all)
        followed = await self.past.follow(board, left, erased=is_erased)
        self._not_before = erased_in
        faults = await self._show(followed, now, erased=is_erased)
        if not faults:
            self._shown = newest
        await self._showing.keep()
        await self._showing.count(now)
        await self._staleness.tell(faults, now)
        for fault in faults:
            raise fault  # the scheduler says so in the log, and tries again

    async def _show(
        self, followed: Followed, now: datetime, *, erased: bool
    ) -> Sequence[Exception]:
        """Whatever can be written; answers why the rest could not."""
        board = followed.board
        gates = frozenset(component.id for component in board.components)
        shut = frozenset(one.id for one in board.components if one.gate_shut)
        # in a thread: a long history takes a tenth of a second; visitors are served meanwhile
        rendered = await asyncio.to_thread(render, board, board.site.languages)
        faults = (*followed.faults, *rendered.faults)
        pages, is_whole = (*rendered.pages, *followed.unkept), not faults
        if not is_whole:
            pages += self._as_they_were(pages)
        memory = self.premises.memory
        revision = board.revision if is_whole else memory.revision
        await memory.replace(pages, gates=gates, shut_gates=shut, revision=revision)
        self._showing.shows(board)
        self._rendered_at = now
        self.premises.metrics.revision.set(board.revision)
        self.premises.metrics.incidents_open.set(len(board.open_incidents))
        if self._shown != board.revision or _passed(self._saved_at, SAVE_AT_LEAST, now):
            whole = Snapshots(pages, gates, shut, board.revision)
            self._saving.soon(whole, self._not_before, at_once=erased)
            self._saved_at = now
        return faults

    def _as_they_were(self, pages: Sequence[Page]) -> tuple[Page, ...]:
        """What was shown of the paths that could not be written now."""
        written = {page.path for page in pages}
        shown = self.premises.memory.pages.items()
        stale = (variants for path, variants in shown if path not in written)
        return tuple(one.page for variants in stale for one in variants)

    async def close(self) -> None:
        """What is shown is on the disk before the process ends."""
        await self._saving.close()
        self.premises.archive.close()


def _passed(last: datetime | None, pause: timedelta, now: datetime) -> bool:
    return last is None or now - last >= pause or now < last
