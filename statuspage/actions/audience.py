"""Who would be written to, and in which language?

Counts those whom ``announce`` would write to at this moment; nobody is written to by it.
"""

from __future__ import annotations

import json
from collections import Counter

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import incidents
from statuspage.rules import subscriptions
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Subscriber

_TOLD = ("accepted", "queued", "merged")


async def by_language(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> dict[str, int]:
    """Language -> how many; those who chose alike are one row, so a hundred thousand are few."""
    about = await _concerned(session, settings, announcement)
    # json has no equality on PostgreSQL: its text has
    chosen = sa.cast(col(Subscriber.components), sa.Text).label("chosen")
    language = col(Subscriber.language)
    found = await session.execute(
        sa.select(language, chosen, sa.func.count())
        .where(col(Subscriber.state) == "active", *_only_told(announcement))
        .group_by(language, chosen)
    )
    counts: Counter[str] = Counter()
    for code, written, count in found:
        if about is None or subscriptions.wants(json.loads(written), about):
            counts[code] += count
    return dict(sorted(counts.items()))


async def _concerned(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> set[str] | None:
    """None: everybody. Who was told of an incident hears its end, whatever they chose since."""
    if announcement.incident_id is None or announcement.only_told:
        return None
    shares = await incidents.shares_of(session, announcement.incident_id)
    depends_on = {component.id: component.depends_on for component in settings.components}
    return subscriptions.concerned({one.component_id: one.role for one in shares}, depends_on)


def _only_told(announcement: Announcement) -> list[sa.ColumnElement[bool]]:
    if not announcement.only_told:
        return []
    told = sa.select(col(Delivery.id)).where(
        col(Delivery.subscriber_id) == col(Subscriber.id),
        col(Delivery.incident_id) == announcement.incident_id,
        col(Delivery.state).in_(_TOLD),
    )
    return [told.exists()]
