"""How much waits, how did it go, is there room left, and must the operators hear of it?

Queue and disk are looked at every few seconds, and so is what has gone round. Stuck mail is
called about like anything else; a full disk takes no rows, so that call is sent at once,
without the store.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.alarms import Alarm, DiskFull, HeldBack, MailStuck
from statuspage.actions import calls, canary
from statuspage.jobs import fanouts
from statuspage.jobs.recording import mail_is_stuck
from statuspage.premises import Premises
from statuspage.tables import Delivery
from statuspage.tables.deliveries import HELD_BACK, is_queued

FULL_SHARE, FULL_BYTES = 0.02, 16 * 1024 * 1024
"""A disk is full when less than both is free."""


class Measure:
    """Remembers what it has called about: one call an occasion."""

    def __init__(
        self, premises: Premises, call_at_once: Callable[[Alarm], Awaitable[None]]
    ) -> None:
        self.premises = premises
        self.call_at_once = call_at_once
        self._full: set[Path] = set()
        self._stuck = self._holding = False

    async def tick(self, now: datetime) -> None:
        await self._look_at_disks(now)
        async with self.premises.store.read() as session:
            queue = await _queue(session, now)
            stuck = queue.oldest is not None and await mail_is_stuck(session, now)
        self._show(queue, now)
        if stuck and queue.oldest is not None and not self._stuck:
            await self._call_about_mail(queue.oldest, queue.waiting, now)
        if queue.held_until is not None and not self._holding:
            await self._call_about_limits(queue.held, queue.held_until, now)
        self._stuck, self._holding = stuck, queue.held > 0
        if await fanouts.measure(self.premises.store, now):
            self.premises.nudges.nudge("publish")

    def _show(self, queue: _Queue, now: datetime) -> None:
        metrics = self.premises.metrics
        metrics.letters_queued.set(queue.waiting)
        metrics.letters_held_back.set(queue.held)
        age = (now - queue.oldest).total_seconds() if queue.oldest is not None else 0
        metrics.oldest_unsent.set(age)

    async def _call_about_mail(self, oldest: datetime, waiting: int, now: datetime) -> None:
        async with self.premises.store.write() as session:
            # the oldest may have waited for days, for a recipient who asks us to come later
            last = await session.scalar(sa.select(sa.func.max(col(Delivery.accepted_at))))
            since = max(oldest, last) if last is not None else oldest
            reason = await session.scalar(
                sa.select(col(Delivery.reason))
                .where(is_queued(), col(Delivery.reason) != HELD_BACK)
                .limit(1)
            )
            alarm = MailStuck(
                since=since, at=now, waiting=waiting, reason=reason or "it has not answered yet"
            )
            key = f"mail_stuck:{since.isoformat()}"
            await calls.call(session, self.premises.settings, key, alarm, now)
        self.premises.nudges.nudge("call")

    async def _call_about_limits(self, customers: int, until: datetime, now: datetime) -> None:
        """Until none is held any more this is one occasion; also after a restart in it, unless
        the first of them has gone meanwhile.
        """
        settings = self.premises.settings
        alarm = HeldBack(
            customers=customers,
            per_hour=settings.letters.per_hour,
            per_day=settings.letters.per_day,
            until=until,
            at=now,
        )
        async with self.premises.store.write() as session:
            await calls.call(session, settings, f"held_back:{until.isoformat()}", alarm, now)
        self.premises.nudges.nudge("call")

    async def _look_at_disks(self, now: datetime) -> None:
        for folder in self._folders():
            is_full = await asyncio.to_thread(_is_full, folder)
            if is_full and folder not in self._full:
                await self.call_at_once(DiskFull(where=str(folder), at=now))
            (self._full.add if is_full else self._full.discard)(folder)

    def _folders(self) -> list[Path]:
        file = self.premises.store.file
        kept = [self.premises.settings.site.state_dir, *([file.parent] if file else [])]
        return [folder for folder in dict.fromkeys(kept) if folder.exists()]


def _is_full(folder: Path) -> bool:
    usage = shutil.disk_usage(folder)
    return usage.free < min(FULL_BYTES, usage.total * FULL_SHARE)


@dataclass(frozen=True, slots=True)
class _Queue:
    """``waiting``: letters that are due and not sent, the first since ``oldest``; ``held``:
    customers whose limits hold one back, the first until ``held_until``.
    """

    waiting: int
    oldest: datetime | None
    held: int
    held_until: datetime | None


async def _queue(session: AsyncSession, now: datetime) -> _Queue:
    is_held = col(Delivery.reason) == HELD_BACK
    found = await session.execute(
        sa.select(
            sa.func.count(),
            sa.func.min(col(Delivery.created_at)),
            sa.func.count(sa.distinct(sa.case((is_held, col(Delivery.subscriber_id))))),
            sa.func.min(sa.case((is_held, col(Delivery.due_at)))),
        ).where(
            is_queued(), col(Delivery.created_at) <= now, col(Delivery.subscriber_id) != canary.ID
        )
    )
    return _Queue(*found.one())
