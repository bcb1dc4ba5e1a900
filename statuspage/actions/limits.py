"""How often has somebody tried, across all replicas?

Rows of (bucket, slot, count); what they mean is asked of ``rules.limits``. Looking comes
before counting: whoever is over a limit already costs one read and no write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.rules.limits import Allowed, Denied, Limit, decide, oldest_slot, slot_of
from statuspage.tables import Counter

_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def look(
    session: AsyncSession, limits: Mapping[str, Limit], now: datetime
) -> Allowed | Denied:
    """May one more hit pass? ``limits`` names the limit of each bucket. Counts nothing."""
    if not limits:
        return Allowed()
    oldest = min(oldest_slot(limit, now) for limit in limits.values())
    found = await session.execute(
        sa.select(col(Counter.bucket), col(Counter.window_at), col(Counter.count)).where(
            col(Counter.bucket).in_(list(limits)), col(Counter.window_at) > oldest
        )
    )
    counts: dict[str, dict[datetime, int]] = {}
    for bucket, slot, count in found:
        counts.setdefault(bucket, {})[slot] = count
    return decide(counts, limits, now)


async def take(
    session: AsyncSession, limits: Mapping[str, Limit], now: datetime
) -> Allowed | Denied:
    """Count one more hit, if it may pass. Look, count, and look again: of many at the same
    moment all may pass the first look, but counting makes them take turns.
    """
    verdict = await look(session, limits, now)
    if isinstance(verdict, Denied):
        return verdict
    await count(session, limits, now)
    with_this = {bucket: replace(limit, most=limit.most + 1) for bucket, limit in limits.items()}
    verdict = await look(session, with_this, now)
    if isinstance(verdict, Denied):
        await count(session, limits, now, by=-1)
    return verdict


async def count(
    session: AsyncSession, limits: Mapping[str, Limit], now: datetime, *, by: int = 1
) -> None:
    """One more hit in each bucket; two at the same moment are both counted. ``by`` may be
    negative: room for others.
    """
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](Counter)
    for bucket, limit in limits.items():
        hit = upsert.values(bucket=bucket, window_at=slot_of(limit, now), count=by)
        await session.execute(
            hit.on_conflict_do_update(
                index_elements=["bucket", "window_at"], set_={"count": Counter.count + by}
            )
        )
