"""Does the page show what the store knows?

Every process publishes for itself: when the revision has moved, and now and then so that
"last looked" is true. The store is read, the board composed, the pages rendered, memory
filled, and the files in ``state_dir`` renewed; a view of a page needs none of it. While
the store is away, what was shown last stays; so does a page that cannot be written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage import snapshots
from statuspage.actions import fanouts
from statuspage.actions.revision import not_before, revision
from statuspage.actions.standings import standings
from statuspage.jobs.fanouts import show
from statuspage.memory import Page
from statuspage.pages import render
from statuspage.premises import Premises
from statuspage.rules.board import Board
from statuspage.rules.composing import Rows, compose
from statuspage.rules.promises import COUNTED
from statuspage.settings import Settings
from statuspage.snapshots import Snapshots
from statuspage.tables import (
    Announcement,
    Cause,
    Check,
    Component,
    Delivery,
    House,
    Incident,
    Maintenance,
    PostmortemAction,
    Promise,
    Share,
    Step,
    Update,
)

logger = logging.getLogger(__name__)

_Row = TypeVar("_Row", Share, Cause, Update, Promise)

MOST_INCIDENTS = 50
MOST_MAINTENANCES = 100
REFRESH = timedelta(seconds=5)
SAVE_AT_LEAST = timedelta(minutes=1)


class Publish:
    """What this process showed last, and when."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self._rendered_at: datetime | None = None
        self._saved_at: datetime | None = None
        self._shown: int | None = None
        self._to_save: Snapshots | None = None
        self._saving: asyncio.Task[None] | None = None
        self._not_before = 0

    async def tick(self, now: datetime) -> None:
        """Publish when something has changed, or the last time is a while ago."""
        async with self.premises.store.read() as session:
            newest = await revision(session)
            if newest == self._shown and not _passed(self._rendered_at, REFRESH, now):
                return
            rows = await read_rows(session, self.premises.settings, now)
            self._not_before = await not_before(session)
            show(self.premises.metrics, await fanouts.newest(session))
        await self._show(compose(self.premises.settings, rows, now), now)
        self._shown = newest

    async def _show(self, board: Board, now: datetime) -> None:
        gates = frozenset(component.id for component in board.components)
        shut = frozenset(one.id for one in board.components if one.gate_shut)
        # in a thread: a long history takes a tenth of a second; visitors are served meanwhile
        rendered = await asyncio.to_thread(render, board, board.site.languages)
        pages, is_whole = rendered.pages, not rendered.faults
        if not is_whole:
            pages += self._as_they_were(pages)
        memory = self.premises.memory
        revision = board.revision if is_whole else memory.revision
        await memory.replace(pages, gates=gates, shut_gates=shut, revision=revision)
        self._rendered_at = now
        self.premises.metrics.revision.set(board.revision)
        self.premises.metrics.incidents_open.set(len(board.open_incidents))
        if self._shown != board.revision or _passed(self._saved_at, SAVE_AT_LEAST, now):
            self._save_soon(Snapshots(pages, gates, shut, board.revision))
            self._saved_at = now
        for fault in rendered.faults:
            raise fault  # the scheduler says so in the log, and tries again

    def _as_they_were(self, pages: Sequence[Page]) -> tuple[Page, ...]:
        """What was shown of the paths that could not be written now."""
        written = {page.path for page in pages}
        shown = self.premises.memory.pages.items()
        stale = (variants for path, variants in shown if path not in written)
        return tuple(one.page for variants in stale for one in variants)

    async def close(self) -> None:
        """What is shown is on the disk before the process ends."""
        if self._saving is not None:
            await self._saving

    def _save_soon(self, shown: Snapshots) -> None:
        """One at a time, and the newest next: a slow disk must keep no page from being shown."""
        self._to_save = shown
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_all())

    async def _save_all(self) -> None:
        while self._to_save is not None:
            newest, self._to_save = self._to_save, None
            await self._save(newest)

    async def _save(self, shown: Snapshots) -> None:
        """Files are for the next start: a full disk costs nobody a page now."""
        try:
            await asyncio.to_thread(
                snapshots.save,
                self.premises.settings.site.state_dir,
                shown.pages,
                gates=shown.gates,
                shut_gates=shown.shut_gates,
                revision=shown.revision,
                not_before=self._not_before,
            )
        except snapshots.SnapshotsNotSaved as error:
            self.premises.metrics.snapshot_failures.inc()
            logger.error("The pages could not be saved for the next start: %s.", error)  # noqa: TRY400


async def read_rows(session: AsyncSession, settings: Settings, now: datetime) -> Rows:
    """All that the board needs, in one consistent view."""
    house = await session.get_one(House, 1)
    components = await session.scalars(sa.select(Component))
    incidents = list((await session.scalars(_newest_incidents())).all())
    ids = [row.id for row in incidents]
    planned = (await session.scalars(_nearest_maintenances())).all()
    looked_at = await session.scalar(sa.select(sa.func.max(col(Check.looked_at))))
    return Rows(
        revision=house.revision,
        components={row.id: row for row in components.all()},
        standings=await standings(session, settings),
        incidents=incidents,
        shares=(await session.scalars(_of(Share, ids).order_by(col(Share.position)))).all(),
        causes=(await session.scalars(_of(Cause, ids).order_by(col(Cause.id)))).all(),
        updates=(await session.scalars(_of(Update, ids).order_by(col(Update.n)))).all(),
        promises=(await session.scalars(_of(Promise, ids).order_by(col(Promise.id)))).all(),
        maintenances=planned,
        steps=await _steps(session, [row.id for row in planned]),
        actions=(await session.scalars(_actions_of(ids))).all(),
        mailed=await _mailed(session, ids),
        fanouts=await fanouts.of_incidents(session, ids),
        lately_due=(await session.scalars(_due_since(now - COUNTED))).all(),
        looked_at=looked_at,
        blind=house.blind_since is not None,
    )


def _newest_incidents() -> sa.Select[Incident]:
    """Open ones first whatever their age, then the newest."""
    return (
        sa.select(Incident)
        .order_by(col(Incident.resolved_at).is_not(None), sa.desc(col(Incident.created_at)))
        .limit(MOST_INCIDENTS)
    )


def _due_since(since: datetime) -> sa.Select[Promise]:
    """Of what was shown: a word that was taken back promised nothing."""
    shown = sa.select(col(Incident.id)).where(col(Incident.withdrawn_at).is_(None))
    return sa.select(Promise).where(
        col(Promise.due_at) > since,
        col(Promise.dropped_at).is_(None),
        col(Promise.incident_id).in_(shown),
    )


def _nearest_maintenances() -> sa.Select[Maintenance]:
    """Those not over in their order, whatever their number may be, then the newest."""
    is_over = col(Maintenance.ended_at).is_not(None)
    begins = col(Maintenance.scheduled_for)
    return (
        sa.select(Maintenance)
        .order_by(
            is_over, sa.case((is_over, None), else_=begins), sa.desc(begins), col(Maintenance.id)
        )
        .limit(MOST_MAINTENANCES)
    )


async def _steps(session: AsyncSession, ids: list[str]) -> Sequence[Step]:
    found = await session.scalars(
        sa.select(Step).where(col(Step.maintenance_id).in_(ids)).order_by(col(Step.n))
    )
    return found.all()


def _of(table: type[_Row], ids: list[str]) -> sa.Select[_Row]:
    return sa.select(table).where(col(table.incident_id).in_(ids))


def _actions_of(ids: list[str]) -> sa.Select[PostmortemAction]:
    return (
        sa.select(PostmortemAction)
        .where(col(PostmortemAction.incident_id).in_(ids))
        .order_by(col(PostmortemAction.update_n), col(PostmortemAction.n))
    )


async def _mailed(session: AsyncSession, ids: list[str]) -> frozenset[tuple[str, int]]:
    """Updates that reached a mailbox: not those stopped before anybody got them, nor those that
    nobody had asked for.
    """
    left = sa.select(col(Delivery.id)).where(
        col(Delivery.announcement_id) == col(Announcement.id),
        col(Delivery.state).in_(("accepted", "merged")),
    )
    found = await session.execute(
        sa.select(col(Announcement.incident_id), col(Announcement.update_n)).where(
            col(Announcement.incident_id).in_(ids),
            col(Announcement.update_n).is_not(None),
            col(Announcement.spread_at).is_not(None),
            sa.or_(col(Announcement.mailed_at).is_not(None), left.exists()),
        )
    )
    return frozenset((str(incident_id), int(n or 0)) for incident_id, n in found.all())


def _passed(last: datetime | None, pause: timedelta, now: datetime) -> bool:
    return last is None or now - last >= pause or now < last
