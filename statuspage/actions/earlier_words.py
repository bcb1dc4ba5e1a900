"""Which earlier words about the same have reached a subscriber?

Conditions on subscribers, for statements of others; nothing is asked here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.tables import Announcement, Delivery, Maintenance, Subscriber, Update

SPARED = "maintenance_spared"
"""To those whom a maintenance does not concern any more, and who had read that it does."""
ON_ITS_WAY = timedelta(seconds=1)
"""How long after a change of its words a letter may still leave with those of before."""


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
            recipients.is_on_its_way(),
            *more,
            *_not_spared_since(announcement),
        )
        .exists()
    )
    if more or announcement.incident_id is None:
        return by_letter
    return sa.or_(by_letter, recipients.are_remembered(announcement.incident_id))


def is_quiet(incident_id: Any, update_n: Any) -> sa.ColumnElement[bool]:
    """Whether an operator said this without writing to customers: its letter, if there is one,
    goes to those alone who asked for nothing but this one.
    """
    return (
        sa.select(col(Update.n))
        .where(
            col(Update.incident_id) == incident_id,
            col(Update.n) == update_n,
            col(Update.kind) == "words",
            col(Update.notify).is_(False),
        )
        .exists()
    )


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
            recipients.is_on_its_way(later),
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
