"""Does this letter have to say why it comes?

The first that reaches somebody whom an operator added does: they never asked for it, and may
not know us. It is the first until the relay has taken it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.jobs.batches import among
from statuspage.tables import Subscriber

_SUBSCRIBERS: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]


def columns() -> tuple[sa.ColumnElement[Any], ...]:
    """``added_at`` and ``source`` of a subscriber whose next letter says why it comes."""
    theirs = _SUBSCRIBERS.c
    added_at = sa.func.coalesce(theirs.confirmed_at, theirs.created_at)
    return (
        sa.case((theirs.to_introduce, added_at), else_=None).label("added_at"),
        sa.case((theirs.to_introduce, theirs.source), else_=None).label("source"),
    )


async def made(session: AsyncSession, subscribers: Collection[str]) -> None:
    """The relay has taken the letter that said it to these."""
    if subscribers:
        await session.execute(
            sa.update(_SUBSCRIBERS)
            .where(among(session, _SUBSCRIBERS.c.id, subscribers))
            .values(to_introduce=False)
        )
