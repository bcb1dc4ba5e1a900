"""Has the clock jumped?

When the wall clock steps back an hour, everything that is due "in a minute" is due in an
hour: APScheduler's jobs and our own rows alike. The difference of the wall clock and the
monotonic one tells; then all is planned anew. Forward steps look like a long sleep: the
verdicts forget what they saw before the gap by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Check

STEP = timedelta(seconds=2)


def has_stepped(before: tuple[datetime, float], after: tuple[datetime, float]) -> bool:
    """Two readings of (wall clock, monotonic seconds), in that order."""
    wall = (after[0] - before[0]).total_seconds()
    steady = after[1] - before[1]
    return abs(wall - steady) > STEP.total_seconds()


async def plan_anew(premises: Premises, now: datetime) -> None:
    """No check is due later than its interval allows, and no claim outlives its time."""
    async with premises.store.write() as session:
        for interval, checks in _by_interval(premises.settings).items():
            await session.execute(
                sa.update(Check)
                .where(col(Check.id).in_(checks), col(Check.next_due_at) > now + interval)
                .values(next_due_at=now, lease_by=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )


def _by_interval(settings: Settings) -> Mapping[timedelta, list[str]]:
    """One statement an interval: one a check would hold a thousand checks up for seconds."""
    checks: dict[timedelta, list[str]] = {}
    for component in settings.components:
        for check in component.checks:
            checks.setdefault(settings.interval_of(check), []).append(check.id)
    return checks
