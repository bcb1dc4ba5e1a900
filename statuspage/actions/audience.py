"""Who is written to, and in which language?

``announce`` writes to those whom this names; the counts are of this moment, and nobody is
written to by them.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.rules import subscriptions
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Maintenance, Share, Subscriber

ON_ITS_WAY = timedelta(seconds=1)
"""How long after a change of its words a letter may still leave with those of before."""


async def by_language(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> dict[str, int]:
    """Language -> how many; those who chose alike are one row, so a hundred thousand are few."""
    about = await concerned(session, settings, announcement)
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


def _only_told(announcement: Announcement) -> list[sa.ColumnElement[bool]]:
    if announcement.only_told_of is not None:
        return [got_the_word(announcement)]
    return [was_told(announcement)] if announcement.only_told else []


async def concerned(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> set[str] | None:
    """The components that it is about; None: it is for everybody. Who was told of an
    incident hears its end, whatever they have chosen since.
    """
    if announcement.only_told or announcement.only_told_of:
        return None
    if announcement.maintenance_id is not None:
        row = await session.get_one(Maintenance, announcement.maintenance_id)
        return set(row.components)
    if announcement.incident_id is None:
        return None
    shares = await session.execute(
        sa.select(col(Share.component_id), col(Share.role)).where(
            col(Share.incident_id) == announcement.incident_id
        )
    )
    roles = {share.component_id: share.role for share in shares}
    depends_on = {component.id: component.depends_on for component in settings.components}
    return subscriptions.concerned(roles, depends_on)


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


def was_told(announcement: Announcement, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Of a subscriber: have they got, or are they about to get, another letter about the same?
    Of an incident it is known also when the letters themselves are forgotten, unless ``more``
    is asked of them.
    """
    by_letter = (
        sa.select(col(Delivery.id))
        .where(
            col(Delivery.subscriber_id) == col(Subscriber.id),
            _about_the_same(announcement),
            col(Delivery.announcement_id) != announcement.id,
            col(Delivery.state).in_(recipients.ON_THEIR_WAY),
            *more,
        )
        .exists()
    )
    if more or announcement.incident_id is None:
        return by_letter
    return sa.or_(by_letter, recipients.are_remembered(announcement.incident_id))


def _about_the_same(announcement: Announcement) -> sa.ColumnElement[bool]:
    """About the same incident; or about any night of the same series, which was announced once."""
    if announcement.maintenance_id is None:
        return col(Delivery.incident_id) == announcement.incident_id
    series = sa.select(col(Maintenance.series_id)).where(
        col(Maintenance.id) == announcement.maintenance_id
    )
    nights = sa.select(col(Maintenance.id)).where(
        col(Maintenance.series_id) == series.scalar_subquery()
    )
    letters = sa.select(col(Announcement.id)).where(col(Announcement.maintenance_id).in_(nights))
    return col(Delivery.announcement_id).in_(letters)
