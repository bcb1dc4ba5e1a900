"""Has the clock jumped?

When the wall clock steps back an hour, everything that is due "in a minute" is due in an
hour: APScheduler's jobs and our own rows alike. The difference of the wall clock and the
monotonic one tells; then all is planned anew. A row that was made in the future is one of
those: it is put back into the present with its order and its pauses. Forward steps look like
a long sleep: the verdicts forget what they saw before the gap by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.jobs import lease
from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Announcement, Call, Check, Delivery

STEP = timedelta(seconds=2)


def has_stepped(before: tuple[datetime, float], after: tuple[datetime, float]) -> bool:
    """Two readings of (wall clock, monotonic seconds), in that order."""
    wall = (after[0] - before[0]).total_seconds()
    steady = after[1] - before[1]
    return abs(wall - steady) > STEP.total_seconds()


async def plan_anew(premises: Premises, now: datetime) -> None:
    """No check is due later than its interval allows, nothing that was said waits for a time
    that went by already, and no claim outlives its time.
    """
    async with premises.store.write() as session:
        await _put_words_back(session, now)
        for table in (Delivery, Call):
            await _let_go_now(session, table, now)
        await lease.shorten(session)
        for interval, checks in _by_interval(premises.settings).items():
            await session.execute(
                sa.update(Check)
                .where(col(Check.id).in_(checks), col(Check.next_due_at) > now + interval)
                .values(next_due_at=now, lease_by=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )


async def _put_words_back(session: AsyncSession, now: datetime) -> None:
    """All by the same length: which was said first, and how long it may be taken back, stays."""
    found = await session.scalars(
        sa.select(Announcement).where(
            col(Announcement.created_at) > now + STEP, col(Announcement.spread_at).is_(None)
        )
    )
    ahead = found.all()
    step = max((one.created_at - now for one in ahead), default=timedelta(0))
    for one in ahead:
        one.created_at -= step
        one.due_at = one.due_at and one.due_at - step


async def _let_go_now(session: AsyncSession, table: type[Delivery | Call], now: datetime) -> None:
    """What waits to be tried again is tried now; what a limit holds back is weighed again."""
    whole: sa.Table = table.__table__  # type: ignore[union-attr]
    await session.execute(
        sa.update(whole)
        .where(
            whole.c.state == sa.literal_column("'queued'"),
            whole.c.created_at > now + STEP,
            whole.c.due_at > now,
        )
        .values(due_at=now)
    )


def _by_interval(settings: Settings) -> Mapping[timedelta, list[str]]:
    """One statement an interval: one a check would hold a thousand checks up for seconds."""
    checks: dict[timedelta, list[str]] = {}
    for component in settings.components:
        for check in component.checks:
            checks.setdefault(settings.interval_of(check), []).append(check.id)
    return checks
