"""What have the checks measured, and when did they look?

Asked by check, for the rows of each lie together. What is of the last five minutes is not in
the figures yet and is read from the looks themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.rules import tally
from statuspage.rules.looks import SLOT
from statuspage.rules.tally import Tally
from statuspage.rules.uptime import Span, joined
from statuspage.rules.watched import WHOLE_HOUR, spans
from statuspage.settings import Component, Settings
from statuspage.tables import Check, Figures, Looks
from statuspage.tables.history import DAY, HOUR

_DAY = timedelta(minutes=DAY)


async def watched(
    session: AsyncSession, settings: Settings, component: Component, since: datetime
) -> list[Span]:
    """When at least one of its checks looked, oldest first, also one that it has no longer. It
    may begin up to a day before ``since``.
    """
    its_checks = sa.select(col(Check.id)).where(col(Check.component_id) == component.id)
    looked = await _seen(session, since, its_checks)
    return joined((span for _, span in looked), reach(settings, component))


async def seen_by_all(
    session: AsyncSession, since: datetime, until: datetime | None = None
) -> list[tuple[str, Span]]:
    """When each check looked that there is or was; likewise. ``until``: on the days before this
    one alone; of those that are over nothing changes any more.
    """
    return await _seen(session, since, sa.select(col(Check.id)), until)


def reach(settings: Settings, component: Component) -> timedelta:
    """How long a look at it stands for what follows."""
    gaps = [settings.policy(check).gap for check in component.checks]
    return max(gaps, default=timedelta(0))


async def _seen(
    session: AsyncSession, since: datetime, checks: sa.Select[str], until: datetime | None = None
) -> list[tuple[str, Span]]:
    parts: dict[str, dict[datetime, int]] = {}
    for id, begun, bits in await _bits(session, HOUR, since - _DAY, checks, until):
        parts.setdefault(id, {})[begun] = bits
    days: dict[str, list[tuple[datetime, int]]] = {}
    for id, begun, bits in await _bits(session, DAY, since - _DAY, checks, until):
        days.setdefault(id, []).append((begun, bits))
    seen = [(id, span) for id, own in days.items() for span in spans(own, parts.get(id, {}))]
    return seen if until else seen + await _seen_just_now(session, checks)


async def _bits(
    session: AsyncSession,
    minutes: int,
    since: datetime,
    checks: sa.Select[str],
    until: datetime | None,
) -> Sequence[sa.Row[str, datetime, int]]:
    """Of hours only those in which there was not always a look."""
    asked = sa.select(col(Figures.check_id), col(Figures.begins_at), col(Figures.seen)).where(
        col(Figures.check_id).in_(checks),
        col(Figures.minutes) == minutes,
        col(Figures.begins_at) > since,
    )
    if until is not None:
        asked = asked.where(col(Figures.begins_at) < until)
    if minutes == HOUR:
        asked = asked.where(col(Figures.seen) != WHOLE_HOUR)
    return (await session.execute(asked)).all()


async def _seen_just_now(session: AsyncSession, checks: sa.Select[str]) -> list[tuple[str, Span]]:
    """What is not in the figures yet."""
    found = await session.execute(
        sa.select(col(Looks.check_id), col(Looks.slot_at)).where(
            sa.not_(col(Looks.rolled_up)), col(Looks.check_id).in_(checks)
        )
    )
    return [(id, Span(at, at + SLOT)) for id, at in found.all()]


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
