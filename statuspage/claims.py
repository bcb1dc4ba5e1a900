"""How does one worker take rows that no other works on?

One statement, the same on both engines: rows that are due and unclaimed (or whose claim
has lapsed, because its worker died) are picked in a CTE under FOR UPDATE SKIP LOCKED and
leased by an UPDATE … RETURNING. SQLite drops the lock clause; BEGIN IMMEDIATE serialises
there. The pick stands in a CTE, since a bare sub-select with LIMIT may be run twice.
Work is finished fenced: ``lease_by`` must still be ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


async def claim(
    session: AsyncSession,
    table: sa.Table,
    *,
    due: Sequence[sa.ColumnElement[bool]],
    order: Sequence[sa.ColumnElement[Any]],
    most: int,
    who: str,
    now: datetime,
    lease: timedelta,
) -> Sequence[sa.Row[Any]]:
    """Claim up to ``most`` rows that meet ``due`` until ``now + lease``; answers them whole."""
    key = next(iter(table.primary_key.columns))
    free = sa.or_(table.c.lease_until.is_(None), table.c.lease_until < now)
    picked = (
        sa.select(key)
        .where(free, *due)
        .order_by(*order)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    found = await session.execute(
        sa.update(table)
        .where(key.in_(sa.select(picked.c[key.name])))
        .values(lease_by=who, lease_until=now + lease)
        .returning(table)
    )
    claimed: Sequence[sa.Row[Any]] = found.all()
    return claimed
