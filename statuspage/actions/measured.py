"""What have the checks measured, and when did they look?

Asked by check, for the rows of each lie together. What is of the last five minutes is not in
the figures yet and is read from the looks themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.rules import tally
from statuspage.rules.looks import SLOT, slot_of
from statuspage.rules.tally import Tally
from statuspage.rules.uptime import Span
from statuspage.rules.watched import spans
from statuspage.settings import Component, Settings
from statuspage.tables import Check, Figures, Looks
from statuspage.tables.history import HOUR

_HOUR = timedelta(minutes=HOUR)


async def watched(
    session: AsyncSession, settings: Settings, component: Component, since: datetime
) -> list[Span]:
    """When at least one of its checks looked, oldest first, also one that it has no longer. It
    may begin up to an hour before ``since``.
    """
    gaps = [settings.policy(check).gap for check in component.checks]
    found = await session.scalars(
        sa.select(col(Check.id)).where(col(Check.component_id) == component.id)
    )
    ids = found.all()
    hours = [*await _hours(session, ids, since), *await _not_rolled_up(session, ids)]
    return spans(hours, max(gaps, default=timedelta(0)))


async def _hours(
    session: AsyncSession, ids: Collection[str], since: datetime
) -> list[tuple[datetime, int]]:
    found = await session.execute(
        sa.select(col(Figures.begins_at), col(Figures.seen)).where(
            col(Figures.check_id).in_(ids),
            col(Figures.minutes) == HOUR,
            col(Figures.begins_at) > since - _HOUR,
        )
    )
    return [(begun, bits) for begun, bits in found.all()]


async def _not_rolled_up(
    session: AsyncSession, ids: Collection[str]
) -> Iterator[tuple[datetime, int]]:
    found = await session.scalars(
        sa.select(col(Looks.slot_at)).where(
            sa.not_(col(Looks.rolled_up)), col(Looks.check_id).in_(ids)
        )
    )
    slots = found.all()
    hours = ((slot_of(at, _HOUR), at) for at in slots)
    return ((hour, 1 << (at - hour) // SLOT) for hour, at in hours)


async def figures(
    session: AsyncSession, check_id: str, minutes: int, since: datetime
) -> list[tuple[datetime, Tally]]:
    """By five minutes, hours or days (``tables.history``): when each began, and what was
    measured in it, oldest first; of a time in which nobody looked there is none.
    """
    found = await session.execute(
        sa.select(
            col(Figures.begins_at),
            col(Figures.asked),
            col(Figures.failed),
            col(Figures.slow),
            col(Figures.times),
        )
        .where(
            col(Figures.check_id) == check_id,
            col(Figures.minutes) == minutes,
            col(Figures.begins_at) >= since,
        )
        .order_by(col(Figures.begins_at))
    )
    return [
        (begun, Tally(asked, failed, slow, tally.unpack(times)))
        for begun, asked, failed, slow, times in found.all()
    ]
