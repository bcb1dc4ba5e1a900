"""Who would be written to, and in which language?

Counts those whom ``announce`` would write to at this moment; nobody is written to by it.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from statuspage.actions import incidents
from statuspage.rules import subscriptions
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Subscriber

ON_ITS_WAY = timedelta(seconds=1)
"""How long after a change of its words a letter may still leave with those of before."""
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
    if announcement.incident_id is None or announcement.only_told or announcement.only_told_of:
        return None
    shares = await incidents.shares_of(session, announcement.incident_id)
    depends_on = {component.id: component.depends_on for component in settings.components}
    return subscriptions.concerned({one.component_id: one.role for one in shares}, depends_on)


def got_the_word(announcement: Announcement) -> sa.ColumnElement[bool]:
    """Whether a subscriber had got the word that this corrects, when it was corrected: letters
    that left later have the right words.
    """
    word = aliased(Announcement)
    return (
        sa.select(col(Delivery.id))
        .join(word, col(word.id) == col(Delivery.announcement_id))
        .where(
            col(Delivery.subscriber_id) == col(Subscriber.id),
            col(word.incident_id) == announcement.incident_id,
            col(word.update_n) == announcement.only_told_of,
            col(Delivery.state).in_(("accepted", "merged")),
            col(Delivery.ended_at) <= announcement.created_at + ON_ITS_WAY,
        )
        .exists()
    )


def _only_told(announcement: Announcement) -> list[sa.ColumnElement[bool]]:
    if announcement.only_told_of is not None:
        return [got_the_word(announcement)]
    if not announcement.only_told:
        return []
    told = sa.select(col(Delivery.id)).where(
        col(Delivery.subscriber_id) == col(Subscriber.id),
        col(Delivery.incident_id) == announcement.incident_id,
        col(Delivery.state).in_(_TOLD),
    )
    return [told.exists()]
