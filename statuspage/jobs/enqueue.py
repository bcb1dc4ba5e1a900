"""How do some people's letters get into the outbox?

One statement for all of them, in the order in which they are to be sent, which is that of
their ids. Where the letter gives each reader a code, it is bound in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import calls, credit_codes
from statuspage.jobs import batches
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Subscriber

_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]


async def enqueue(
    session: AsyncSession,
    settings: Settings,
    announcement: Announcement,
    subscribers: Sequence[str],
    now: datetime,
) -> bool:
    """One delivery for each who has none of this yet. False, and nothing: there are too few
    codes for them.
    """
    if not await _have_codes(session, settings, announcement, subscribers, now):
        return False
    await _insert(session, announcement, subscribers, now)
    return True


async def _have_codes(
    session: AsyncSession,
    settings: Settings,
    announcement: Announcement,
    subscribers: Sequence[str],
    now: datetime,
) -> bool:
    """Each of these has their own code, if the letter gives one: bound with the delivery, so
    that no letter is ever composed without. False: they are too few, and operators know.
    """
    incident_id = announcement.incident_id
    if announcement.occasion != "postmortem" or incident_id is None:
        return True
    told = await session.get_one(Announcement, announcement.id)
    credit = told.facts.get("credit")
    if not credit or credit["kind"] != "code":
        return True
    if await credit_codes.bind(session, incident_id, subscribers, now):
        return True
    await calls.codes_missing(session, settings, incident_id, announcement.id, now)
    return False


async def _insert(
    session: AsyncSession, announcement: Announcement, subscribers: Sequence[str], now: datetime
) -> None:
    row = {
        "announcement_id": announcement.id,
        "incident_id": announcement.incident_id,
        "state": "queued",
        "urgency": 0 if announcement.subscriber_id else 1,
        "created_at": now,
        "due_at": now,
        "attempts": 0,
    }
    each = batches.texts(session, subscribers)
    same = [sa.literal(value, _DELIVERIES.c[name].type).label(name) for name, value in row.items()]
    # not joined: a planner could begin with the other table, and the order would be lost
    way = sa.select(col(Subscriber.channel)).where(col(Subscriber.id) == each.c.value)
    rows = sa.select(each.c.value, way.scalar_subquery(), *same).where(sa.true())
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](_DELIVERIES)
    insert = upsert.from_select(["subscriber_id", "channel", *row], rows)
    await session.execute(
        insert.on_conflict_do_nothing(index_elements=["announcement_id", "subscriber_id"])
    )
