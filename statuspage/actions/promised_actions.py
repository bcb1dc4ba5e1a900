"""Which actions did a postmortem promise, and what becomes of them when it is said again?"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.rules import postmortems
from statuspage.rules.postmortems import Learned
from statuspage.tables import Postmortem, PostmortemAction


async def actions_of(session: AsyncSession, row: Postmortem) -> Sequence[PostmortemAction]:
    """In the order in which they were said."""
    found = await session.scalars(
        sa.select(PostmortemAction)
        .where(
            col(PostmortemAction.incident_id) == row.incident_id,
            col(PostmortemAction.update_n) == row.update_n,
        )
        .order_by(col(PostmortemAction.n))
    )
    return found.all()


async def put_actions(session: AsyncSession, row: Postmortem, learned: Learned) -> None:
    """The list as it is said now; what was there before keeps its number and its mark."""
    before = {action.n: action for action in await actions_of(session, row)}
    numbers = postmortems.kept(
        {n: action.text for n, action in before.items()}, [one.text for one in learned.actions]
    )
    fresh = max(before, default=0)
    for said, n in zip(learned.actions, numbers, strict=True):
        action = before.pop(n, None) if n is not None else None
        if action is None:
            fresh += 1
            action = PostmortemAction(
                incident_id=row.incident_id,
                update_n=row.update_n,
                n=fresh,
                text=said.text,
                due=said.due,
            )
            session.add(action)
        action.text, action.due, action.translations = said.text, said.due, dict(said.translations)
    for gone in before.values():
        await session.delete(gone)
    await session.flush()
