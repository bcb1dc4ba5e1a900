"""What have we promised, and did we keep it?

A promise is open until it is kept (by a word of a person, or by the end), missed, or
dropped (undone, or passed on by the machine to its next one).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.tables import Promise
from statuspage.vocabulary import By


async def open_promise(session: AsyncSession, incident_id: str) -> Promise | None:
    """The one that customers wait for now."""
    found = await session.scalars(
        sa.select(Promise)
        .where(
            sa.column("incident_id") == incident_id,
            sa.column("kept_at").is_(None),
            sa.column("missed_at").is_(None),
            sa.column("dropped_at").is_(None),
        )
        .order_by(sa.desc(sa.column("id")))
        .limit(1)
    )
    return found.first()


async def keep(session: AsyncSession, incident_id: str, by: By, now: datetime) -> None:
    """A word was said, or it is over. The machine's own words pass its promise on; only a
    person's word, or the end, keeps it. One that was due before is missed.
    """
    promise = await open_promise(session, incident_id)
    if promise is None:
        return
    if promise.due_at < now and promise.by == By.HUMAN:
        promise.missed_at = promise.due_at
    elif by is By.MACHINE and promise.by == By.MACHINE:
        promise.dropped_at = now
    else:
        promise.kept_at = now


def make(
    session: AsyncSession, incident_id: str, n: int, due_at: datetime, by: By, now: datetime
) -> None:
    session.add(
        Promise(incident_id=incident_id, update_n=n, made_at=now, due_at=due_at, by=by.value)
    )
