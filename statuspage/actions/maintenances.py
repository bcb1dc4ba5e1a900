"""Which maintenances are there, and how does one begin, end and come again?

The pieces that both hands use: the clock's (``jobs.maintain``) and a person's
(``actions.planning``). ``started_at`` and ``ended_at`` are set once: whoever comes second
finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import audit
from statuspage.actions.incidents import new_id
from statuspage.actions.maintenance_words import is_being_told, tell, withdraw
from statuspage.errors import Unknown
from statuspage.rules import maintenances, occurrences
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Window
from statuspage.settings import Settings
from statuspage.tables import Maintenance, Step
from statuspage.vocabulary import By, Stage


async def get(session: AsyncSession, maintenance_id: str) -> Maintenance:
    """Raises ``Unknown``."""
    row = await session.get(Maintenance, maintenance_id)
    if row is None:
        raise Unknown(f"There is no maintenance {maintenance_id!r}.")
    return row


async def open_ones(session: AsyncSession) -> Sequence[Maintenance]:
    """Scheduled or under way, the first to begin first."""
    found = await session.scalars(
        sa.select(Maintenance)
        .where(col(Maintenance.ended_at).is_(None))
        .order_by(col(Maintenance.scheduled_for), col(Maintenance.id))
    )
    return found.all()


def row_of(settings: Settings, asked: Plan, id: str, who: str, now: datetime) -> Maintenance:
    begins_at, ends_at = asked.window.begins_at, asked.window.ends_at
    return Maintenance(
        id=id,
        series_id=id,
        occurs_at=begins_at,
        name=asked.name,
        body=asked.body,
        language=asked.language or settings.site.languages[0],
        translations={code: dict(told) for code, told in asked.translations.items()},
        components=list(asked.components),
        scheduled_for=begins_at,
        scheduled_until=ends_at,
        announced_until=ends_at,
        repeat=asked.repeat.stored() if asked.repeat else None,
        anchor_for=begins_at,
        anchor_until=ends_at,
        notify=asked.notify,
        created_at=now,
        created_by=who,
        updated_at=now,
    )


def as_planned(row: Maintenance) -> Plan:
    """What was asked for, as it stands now."""
    return Plan(
        window=Window(row.scheduled_for, row.scheduled_until),
        components=tuple(row.components),
        name=row.name,
        body=row.body,
        language=row.language,
        translations=row.translations,
        repeat=occurrences.stored(row.repeat),
        notify=row.notify,
    )


async def begin(session: AsyncSession, row: Maintenance, who: str | None, now: datetime) -> None:
    """Its components are under maintenance from here on. Once begun, it is not begun again."""
    if row.started_at is not None or row.ended_at is not None:
        return
    row.started_at = max(row.scheduled_for, row.created_at) if row.scheduled_for <= now else now
    row.status = Stage.IN_PROGRESS.value
    row.updated_at = now
    await note(session, row, "begun", who, row.started_at)


async def complete(
    session: AsyncSession, settings: Settings, row: Maintenance, who: str | None, now: datetime
) -> None:
    """Over: at its time, or when a person says so. What repeats is followed by the next one."""
    if row.ended_at is not None:
        return
    row.ended_at = min(row.scheduled_until, now)
    row.status = Stage.COMPLETED.value
    row.updated_at = now
    await withdraw(session, row.id, "over meanwhile", now)
    await note(session, row, "completed", who, row.ended_at)
    if who is not None:
        audit.note(session, who, "maintenance ended", row.id, now)
    await follow(session, settings, row, now)


async def tell_again(
    session: AsyncSession, settings: Settings, row: Maintenance, now: datetime
) -> None:
    """The day before."""
    if await is_being_told(session, row.id):
        row.told_at = now  # a person's word that is about to leave says it already
        return
    await tell(session, settings, row, "tomorrow", now)


async def tell_over(
    session: AsyncSession, settings: Settings, row: Maintenance, now: datetime
) -> None:
    """It took longer than announced, and all is well."""
    was = Window(row.scheduled_for, row.announced_until)
    await tell(session, settings, row, "finished", now, was=was)
    row.told_at = now


async def follow(
    session: AsyncSession, settings: Settings, row: Maintenance, now: datetime
) -> None:
    """The next row of what repeats; the same night can't be made twice (a unique key)."""
    window = maintenances.next_window(row, settings.site.time_zone, now)
    if window is None:
        return
    id = maintenances.later_id(row, window)
    there = await session.get(Maintenance, id)
    if there is not None and there.ended_at is not None:
        id = new_id()  # left out once, and planned again by the rule that was given since
    later = row_of(settings, replace(as_planned(row), window=window), id, row.created_by, now)
    later.series_id = row.series_id
    later.anchor_for, later.anchor_until = row.anchor_for, row.anchor_until
    later.told_at = row.told_at
    """The announcement of the series told of this night too."""
    later.occurs_at = await free_place(session, later)
    session.add(later)
    await session.flush()
    await note(session, later, "announced", None, now)


async def free_place(session: AsyncSession, row: Maintenance) -> datetime:
    """When it begins by its rule. A night that was cancelled, or is over, keeps its place in the
    series: what is planned for the same time comes a moment behind it.
    """
    place = row.scheduled_for
    with session.no_autoflush:  # the row itself may stand where it cannot stay
        over = await session.scalars(
            sa.select(col(Maintenance.occurs_at)).where(
                col(Maintenance.series_id) == row.series_id,
                col(Maintenance.id) != row.id,
                col(Maintenance.occurs_at) >= place,
                col(Maintenance.ended_at).is_not(None),
            )
        )
    taken = set(over.all())
    while place in taken:
        place += timedelta.resolution
    return place


async def note(
    session: AsyncSession, row: Maintenance, kind: str, who: str | None, at: datetime
) -> None:
    n = await session.scalar(
        sa.select(sa.func.max(col(Step.n))).where(col(Step.maintenance_id) == row.id)
    )
    session.add(
        Step(
            maintenance_id=row.id,
            n=int(n or 0) + 1,
            at=at,
            kind=kind,
            status=row.status,
            by=(By.HUMAN if who else By.MACHINE).value,
            author=who,
            scheduled_for=row.scheduled_for,
            scheduled_until=row.scheduled_until,
        )
    )
    await session.flush()
