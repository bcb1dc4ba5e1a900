"""Which letters are ours to send now?

The claim of ``deliver``, one short transaction. Rules: it looks at the rows again, so who
left and what was withdrawn since is not sent; all that waits for one customer is claimed
together, so that limits and merging see the whole; what may not go yet gets a later due
time, and what is not wanted any more is closed.

Most of a fan-out goes to people for whom nothing else waits and whom no limit concerns:
that is seen of all of them in two statements. The others' words are weighed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.jobs import introductions, lease, weighing
from statuspage.jobs.batches import among
from statuspage.jobs.outgoing import Addressee, Claimed, Outgoing, addressee
from statuspage.rules.deliveries import DAY, Limits
from statuspage.tables import Announcement, Delivery, Subscriber
from statuspage.tables.deliveries import is_queued

__all__ = ["Addressee", "Claimed", "Outgoing", "claim", "leaves_by"]
_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
_SUBSCRIBERS: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]


async def claim(
    session: AsyncSession, limits: Limits, now: datetime, who: str, most: int, kind: str
) -> Claimed:
    """Take up to so many due deliveries that leave by this kind of channel, the most urgent
    first, and decide about each.
    """
    due = await lease.claim(
        session,
        Delivery,
        is_queued(),
        col(Delivery.due_at) <= now,
        leaves_by(kind),
        order_by=(col(Delivery.urgency), col(Delivery.due_at), col(Delivery.id)),
        limit=most,
        who=who,
    )
    if not due:
        return Claimed()
    rows = await _rows(session, due, now)
    words = await _words(session, {row.announcement_id for row in rows})
    fewest = min(limits.per_hour, limits.per_day)
    alone = [row for row in rows if _stands_alone(row, words[row.announcement_id], fewest)]
    wanted = [row for row in alone if _is_wanted(row, words[row.announcement_id])]
    letters = [_letter(row, words[row.announcement_id]) for row in wanted]
    silent = list({row.id for row in alone} - {row.id for row in wanted})
    await weighing.put(session, silent, state="withdrawn", ended_at=now, reason=weighing.UNWANTED)
    if len(alone) < len(rows):
        others = {row.subscriber_id for row in rows} - {row.subscriber_id for row in alone}
        letters += await weighing.weigh(session, others, due, limits, now, who)
    return Claimed(tuple(letters), len(due))


def leaves_by(kind: str) -> sa.ColumnElement[bool]:
    return col(Delivery.channel) == kind


async def _rows(session: AsyncSession, ids: Collection[int], now: datetime) -> list[Any]:
    """What we have claimed, and to whom it goes, in the order in which it is sent.
    ``others``: does any other word wait for them? ``told``: how many letters they got in the
    last day, at least.
    """
    mine, theirs = _DELIVERIES.c, _SUBSCRIBERS.c
    found = await session.execute(
        sa.select(
            *(mine.id, mine.urgency, mine.subscriber_id, mine.announcement_id),
            *(mine.attempts, mine.first_tried_at),
            *(theirs.state, theirs.channel, theirs.address, theirs.language),
            *(theirs.code, theirs.confirm_code, theirs.owner, theirs.secret, theirs.ends_only),
            *introductions.columns(),
            _others().label("others"),
            _told(now).label("told"),
        )
        .join_from(_DELIVERIES, _SUBSCRIBERS, theirs.id == mine.subscriber_id)
        .where(among(session, mine.id, ids))
        .order_by(mine.urgency, mine.due_at, mine.id)
    )
    return list(found.all())


def _others() -> sa.ColumnElement[bool]:
    other = _DELIVERIES.alias("other").c
    return (
        sa.select(other.id)
        .where(
            other.subscriber_id == _DELIVERIES.c.subscriber_id,
            other.state == "queued",
            other.urgency > 0,
            other.id != _DELIVERIES.c.id,
        )
        .exists()
    )


def _told(now: datetime) -> sa.ScalarSelect[int]:
    """Letters to confirm count here, which makes too many at the worst."""
    told = _DELIVERIES.alias("told").c
    return (
        sa.select(sa.func.count())
        .where(
            told.subscriber_id == _DELIVERIES.c.subscriber_id,
            told.state == "accepted",
            told.accepted_at > now - DAY,
        )
        .scalar_subquery()
    )


async def _words(session: AsyncSession, ids: Collection[str]) -> Mapping[str, Any]:
    """What the letters say; a handful. ``newest``: nobody can have been told a later word."""
    said = _ANNOUNCEMENTS.c
    found = await session.execute(
        sa.select(
            *(said.id, said.withdrawn_at),
            sa.func.coalesce(said.incident_id, said.maintenance_id).label("matter"),
            sa.not_(sa.or_(_has_later("incident_id"), _has_later("maintenance_id"))).label(
                "newest"
            ),
        ).where(among(session, said.id, ids))
    )
    return {row.id: row for row in found}


def _has_later(about: str) -> sa.ColumnElement[bool]:
    """Has a later word about the same incident, or the same maintenance, begun to be spread?"""
    said, later = _ANNOUNCEMENTS.c, _ANNOUNCEMENTS.alias("later").c
    return (
        sa.select(later.id)
        .where(
            later[about] == said[about],
            later.created_at > said.created_at,
            later.slices.is_not(None),
        )
        .exists()
    )


def _stands_alone(row: Any, word: Any, fewest: int) -> bool:
    """Whether nothing but this word need be looked at to decide about it."""
    if row.urgency == 0:
        return True
    if row.others or row.told >= fewest:
        return False
    return not row.told or bool(word.newest)


def _is_wanted(row: Any, word: Any) -> bool:
    return weighing.is_wanted(row.urgency, row.state, word.withdrawn_at)


def _letter(row: Any, word: Any) -> Outgoing:
    return Outgoing(
        (row.id,),
        (row.announcement_id,),
        (word.matter,) if word.matter else (),
        addressee(row),
        row.urgency > 0,
        row.attempts,
        row.first_tried_at,
    )
