"""Has everything that the board no longer holds its page, and the right one?

What leaves the board is rendered into the archive before its page leaves memory, and so is
what is older and was changed; where the disk takes nothing, these pages stay in memory until
it does. ``walk`` goes through all of the past, a few at a time, for ever: it fills a fresh
archive, brings a new edition or configuration to old pages, and mends whatever was missed.

This is no job but a part of two: ``publish`` follows, and the walk has its own beat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.jobs import rows as reading
from statuspage.jobs.keeping import Followed, Keeping, Left
from statuspage.pages.kept import name_of
from statuspage.premises import Premises
from statuspage.rules.board import Board
from statuspage.rules.composing import compose
from statuspage.rules.desk import Rows
from statuspage.tables import House, Incident, Maintenance

AT_ONCE = 20
"""So many old ones in one step, and each of them in less than 10 ms."""
SOON, LATER = timedelta(milliseconds=200), timedelta(seconds=5)
"""Until the next step: while there is something to do, and while there is not."""
_TABLES: Mapping[str, type[Incident | Maintenance]] = {
    "incidents": Incident,
    "maintenances": Maintenance,
}


class Past:
    """What this process has followed so far."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self.keeping = Keeping(premises)
        self._seen: int | None = None
        self._board: Board | None = None
        self._step = 0

    async def left(self, session: AsyncSession, newest: int, rows: Rows, now: datetime) -> Left:
        """What has left the board or, older than it, was changed since we last looked."""
        seen = await self._seen_before(session, newest)
        on_board = _paths_of(rows)
        paths = {path for path in self.premises.memory.pages if _is_of_one(path)} - on_board
        for family, table in _TABLES.items():
            changed = sa.select(col(table.id)).where(col(table.revision) > seen)
            paths |= {f"/{family}/{id}" for id in await session.scalars(changed)} - on_board
        self._seen = newest
        return await self._read(session, paths, _before(rows, self.premises, now), now)

    async def follow(self, board: Board, left: Left, *, erased: bool) -> Followed:
        """The board with what the archive adds to it; ``left`` has its pages there by now."""
        followed = await asyncio.to_thread(self.keeping.follow, board, left, erased=erased)
        self._board = followed.board
        return followed

    async def walk(self, now: datetime) -> timedelta:
        """The next step through all of the past."""
        board = self._board
        if board is None or not board.earlier.before:
            return LATER
        async with self.premises.store.read() as session:
            paths = set(await self._next(session)) - self.premises.memory.pages.keys()
            left = await self._read(session, paths, board.earlier.before, now)
        done, faults = await asyncio.to_thread(self.keeping.mend, left, board)
        for fault in faults:
            raise fault
        return SOON if done else LATER

    async def _seen_before(self, session: AsyncSession, newest: int) -> int:
        """A fresh archive is filled by the walk; so is one that is of another store."""
        if self._seen is None:
            house = await session.scalar(sa.select(col(House.secret)))
            self._seen = await asyncio.to_thread(self.keeping.take_up, name_of(house or ""), newest)
        if self._seen > newest:
            await asyncio.to_thread(self.premises.archive.drop)
            return newest
        return self._seen

    async def _next(self, session: AsyncSession) -> Iterable[str]:
        """The newest first: so a month is soon whole."""
        first = self._step * AT_ONCE
        self._step += 1
        found: list[str] = []
        for family, table in _TABLES.items():
            began = col(Incident.started_at if table is Incident else Maintenance.scheduled_for)
            ids = sa.select(col(table.id)).order_by(sa.desc(began), col(table.id))
            some = await session.scalars(ids.offset(first).limit(AT_ONCE))
            found += [f"/{family}/{id}" for id in some]
        if not found:
            self._step = 0
        return found

    async def _read(
        self, session: AsyncSession, paths: Collection[str], before: str, now: datetime
    ) -> Left:
        if not paths:
            return Left(before)
        ids = {path.rsplit("/", 1)[1] for path in paths}
        settings = self.premises.settings
        rows = await reading.read_old_rows(session, settings, now, ids)
        return Left(before, frozenset(paths), compose(settings, rows, now))


def _paths_of(rows: Rows) -> set[str]:
    incidents = {f"/incidents/{row.id}" for row in rows.incidents}
    return incidents | {f"/maintenances/{row.id}" for row in rows.maintenances}


def _is_of_one(path: str) -> bool:
    return path.startswith(("/incidents/", "/maintenances/"))


def _before(rows: Rows, premises: Premises, now: datetime) -> str:
    """The first month of which the store may have more than these rows; "" where they are all."""
    zone, cuts = premises.settings.site.zone, list[datetime]()
    if len(rows.incidents) >= reading.MOST_INCIDENTS:
        cuts += [min((one.created_at for one in rows.incidents if one.resolved_at), default=now)]
    if len(rows.maintenances) >= reading.MOST_MAINTENANCES:
        over = (one.started_at or one.scheduled_for for one in rows.maintenances if one.ended_at)
        cuts += [min(over, default=now)]
    return f"{max(cuts).astimezone(zone):%Y-%m}" if cuts else ""
