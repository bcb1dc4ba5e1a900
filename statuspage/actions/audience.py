"""Who is written to, and in which language?

``announce`` writes to those whom this names; the counts are of this moment, and nobody is
written to by them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.rules import subscriptions
from statuspage.rules.maintenance_facts import public_ids
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Maintenance, Share, Subscriber

SPARED = "maintenance_spared"
"""To those whom a maintenance does not concern any more, and who had read that it does."""
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
    left = await still_concerned(session, settings, announcement)
    counts: Counter[str] = Counter()
    for code, written, count in found:
        wishes = json.loads(written)
        if about is None or (subscriptions.wants(wishes, about) and not left(wishes)):
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
    if announcement.occasion == SPARED:
        return set(announcement.facts["of"])
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


async def still_concerned(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> Callable[[Collection[str]], bool]:
    """Of a choice: does a maintenance that spares some of its components concern it all the
    same? Of anything else it is never so.
    """
    touched: tuple[str, ...] = ()
    if announcement.occasion == SPARED:
        row = await session.get_one(Maintenance, announcement.maintenance_id)
        touched = public_ids(settings, row.components)
    return lambda chosen: bool(touched) and subscriptions.wants(chosen, touched)


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
            *_not_spared_since(announcement),
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
    letters = sa.select(col(Announcement.id)).where(
        col(Announcement.maintenance_id).in_(_nights(announcement)),
        col(Announcement.occasion) != SPARED,
    )
    return col(Delivery.announcement_id).in_(letters)


def _not_spared_since(announcement: Announcement) -> list[sa.ColumnElement[bool]]:
    """Whoever has read that a maintenance does not concern them hears no more of it, until they
    are told again that it does.
    """
    if announcement.maintenance_id is None:
        return []
    later, word = aliased(Delivery), aliased(Announcement)
    spared = (
        sa.select(col(later.id))
        .join(word, col(word.id) == col(later.announcement_id))
        .where(
            col(later.subscriber_id) == col(Delivery.subscriber_id),
            col(later.id) > col(Delivery.id),
            col(later.state).in_(recipients.ON_THEIR_WAY),
            col(word.maintenance_id).in_(_nights(announcement)),
            col(word.occasion) == SPARED,
        )
    )
    return [sa.not_(spared.exists())]


def _nights(announcement: Announcement) -> sa.Select[str]:
    series = sa.select(col(Maintenance.series_id)).where(
        col(Maintenance.id) == announcement.maintenance_id
    )
    return sa.select(col(Maintenance.id)).where(
        col(Maintenance.series_id) == series.scalar_subquery()
    )
