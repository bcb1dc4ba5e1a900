"""Who was told of an incident, however long ago?

The deliveries say it while they are kept; the sweep remembers it beyond that. There, and not
where letters are accepted: a fan-out to a hundred thousand pays nothing for it, and what is
remembered is remembered once, in the transaction that forgets the letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.tables import Announcement, Delivery, Recipient, Subscriber
from statuspage.tables.claims import until

GOT = ("accepted", "merged")
_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def were_told(incident_id: str | None, *letters: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Of a subscriber: did a letter of this incident reach them, or is one on its way?
    ``letters`` narrows which letters count.
    """
    return sa.or_(were_told_lately(incident_id, *letters), are_remembered(incident_id))


def were_told_lately(
    incident_id: str | None, *letters: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """The same by the letters that are still kept: only they know when."""
    theirs = col(Delivery.subscriber_id) == col(Subscriber.id)
    found = sa.select(col(Delivery.id)).where(theirs, *_letters_of(incident_id), *letters)
    return found.exists()


async def anybody(session: AsyncSession, incident_id: str) -> bool:
    """Has anybody got, or is anybody about to get, a letter of this incident?"""
    found = await session.execute(
        sa.select(
            sa.or_(
                sa.select(col(Delivery.id)).where(*_letters_of(incident_id)).exists(),
                sa.select(col(Recipient.subscriber_id))
                .where(col(Recipient.incident_id) == incident_id)
                .exists(),
            )
        )
    )
    return bool(found.scalar_one())


def is_on_its_way(delivery: Any = Delivery) -> sa.ColumnElement[bool]:
    """Has this letter reached somebody, or will it, or may it have?"""
    its_state = col(delivery.state)
    return sa.or_(its_state.in_((*GOT, "queued")), may_have_left(delivery))


def may_have_left(delivery: Any = Delivery) -> sa.ColumnElement[bool]:
    """Was it withdrawn after somebody who had it was gone without a word? The relay may have
    taken it: a living worker writes down what it sent, and gives back what it let fall.
    """
    lapses = col(delivery.lease_until)
    is_in_dead_hands = sa.and_(
        col(delivery.lease_by).is_not(None),
        sa.or_(lapses.is_(None), lapses < until(timedelta(0))),
    )
    return sa.and_(
        col(delivery.state) == "withdrawn",
        sa.or_(col(delivery.may_have_left), is_in_dead_hands),
    )


async def remember(session: AsyncSession, deliveries: Sequence[int]) -> None:
    """Of deliveries that are about to be forgotten: who got what, and that it was mailed."""
    await session.execute(_remembering(session, deliveries))
    got_at = sa.func.coalesce(col(Delivery.accepted_at), col(Delivery.ended_at))
    first = sa.select(sa.func.min(got_at)).where(
        col(Delivery.announcement_id) == col(Announcement.id),
        col(Delivery.state).in_(GOT),
        col(Delivery.channel) == "email",
    )
    touched = sa.select(col(Delivery.announcement_id)).where(col(Delivery.id).in_(deliveries))
    await session.execute(
        sa.update(Announcement)
        .where(col(Announcement.id).in_(touched), col(Announcement.mailed_at).is_(None))
        .values(mailed_at=first.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


async def forget(session: AsyncSession, subscriber_id: str) -> None:
    """Who has left is not written to again, and need not be remembered."""
    await session.execute(
        sa.delete(Recipient)
        .where(col(Recipient.subscriber_id) == subscriber_id)
        .execution_options(synchronize_session=False)
    )


def _letters_of(incident_id: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Delivery.incident_id) == incident_id, is_on_its_way()


def are_remembered(incident_id: str | None) -> sa.ColumnElement[bool]:
    found = sa.select(col(Recipient.subscriber_id)).where(
        col(Recipient.incident_id) == incident_id,
        col(Recipient.subscriber_id) == col(Subscriber.id),
    )
    return found.exists()


def _remembering(session: AsyncSession, deliveries: Sequence[int]) -> Any:
    got = (
        sa.select(col(Delivery.incident_id), col(Delivery.subscriber_id))
        .join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id))
        .where(
            col(Delivery.id).in_(deliveries),
            col(Delivery.incident_id).is_not(None),
            sa.or_(col(Delivery.state).in_(GOT), may_have_left()),
            col(Subscriber.state).not_in(("left", "erased")),
        )
        .distinct()
    )
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](Recipient)
    return upsert.from_select(["incident_id", "subscriber_id"], got).on_conflict_do_nothing()
