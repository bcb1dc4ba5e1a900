"""Who wanted one letter only, and has it?

"Only this time" is the last word of one incident; then the address is erased by itself. It is
theirs also where an operator ends the incident without writing to customers (``notify``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.tables import Announcement, Delivery, Incident, Subscriber

LAST_WORDS = ("over", "worded")
AT_THE_LATEST = timedelta(days=7)
"""After the end: a last word that an operator holds so long is none."""
A_SLICE = 50


async def is_over(session: AsyncSession, incident_id: str, now: datetime) -> bool:
    """No last word of it is to come: it is over and has been told, or is no more."""
    incident = await session.get(Incident, incident_id)
    if incident is None or incident.withdrawn_at is not None:
        return True
    if incident.resolved_at is None:
        return False
    return incident.resolved_at < now - AT_THE_LATEST or not await _is_to_come(session, incident_id)


async def anybody_waits(session: AsyncSession, incident_id: str) -> bool:
    """Whether anybody has asked for the end of it, and for nothing else."""
    found = await session.scalar(
        sa.select(col(Subscriber.id))
        .where(col(Subscriber.only_incident_id) == incident_id, col(Subscriber.state) == "active")
        .limit(1)
    )
    return found is not None


async def served(session: AsyncSession, now: datetime) -> Sequence[str]:
    """Some of those for whom nothing is to come: told as far as that was possible. Who has not
    confirmed is forgotten anyhow.
    """
    over = [id for id in await _waited_for(session) if await is_over(session, id, now)]
    if not over:  # the usual case, and SQLite would look at every subscriber to find nobody
        return []
    waits = sa.select(col(Delivery.id)).where(
        col(Delivery.subscriber_id) == col(Subscriber.id), col(Delivery.state) == "queued"
    )
    found = await session.scalars(
        sa.select(col(Subscriber.id))
        .where(
            col(Subscriber.only_incident_id).in_(over),
            col(Subscriber.state).in_(("active", "resting", "left")),
            sa.not_(waits.exists()),
        )
        .limit(A_SLICE)
    )
    return found.all()


async def _waited_for(session: AsyncSession) -> Sequence[str]:
    found = await session.scalars(
        sa.select(col(Subscriber.only_incident_id))
        .where(col(Subscriber.only_incident_id).is_not(None))
        .distinct()
    )
    return [id for id in found if id is not None]


async def _is_to_come(session: AsyncSession, incident_id: str) -> bool:
    found = await session.scalar(
        sa.select(col(Announcement.id))
        .where(
            col(Announcement.incident_id) == incident_id,
            col(Announcement.occasion).in_(LAST_WORDS),
            col(Announcement.only_told),
            col(Announcement.spread_at).is_(None),
            col(Announcement.withdrawn_at).is_(None),
        )
        .limit(1)
    )
    return found is not None
