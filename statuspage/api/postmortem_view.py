"""How is a postmortem told to a program?

Its words are one of the incident's updates; here stands what hangs on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.tables import Postmortem, PostmortemAction, Update


class ActionView(BaseModel):
    """One thing that changes against a repeat."""

    n: int
    text: str
    due: date
    translations: dict[str, str]
    done_at: datetime | None
    done_by: str | None


class CreditView(BaseModel):
    kind: Literal["applied", "code"]
    text: str
    translations: dict[str, str]


class PostmortemView(BaseModel):
    update_n: int = Field(description="which of the updates says it")
    published_at: datetime
    corrected_at: datetime | None
    actions: list[ActionView]
    credit: CreditView | None


async def tell_postmortems(
    session: AsyncSession, incidents: Sequence[str]
) -> dict[str, PostmortemView]:
    """Incident -> its postmortem, of those that have one."""
    words = sa.and_(
        col(Update.incident_id) == col(Postmortem.incident_id),
        col(Update.n) == col(Postmortem.update_n),
    )
    found = await session.execute(
        sa.select(Postmortem, col(Update.at))
        .join(Update, words)
        .where(col(Postmortem.incident_id).in_(incidents), col(Update.withdrawn_at).is_(None))
    )
    rows = {row.incident_id: (row, at) for row, at in found.all()}
    actions = await _actions(session, list(rows))
    return {
        id: _view(row, at, [one for one in actions if _belongs(one, row)])
        for id, (row, at) in rows.items()
    }


async def _actions(session: AsyncSession, incidents: Sequence[str]) -> Sequence[PostmortemAction]:
    found = await session.scalars(
        sa.select(PostmortemAction)
        .where(col(PostmortemAction.incident_id).in_(incidents))
        .order_by(col(PostmortemAction.n))
    )
    return found.all()


def _belongs(action: PostmortemAction, row: Postmortem) -> bool:
    return (action.incident_id, action.update_n) == (row.incident_id, row.update_n)


def _view(row: Postmortem, at: datetime, actions: Sequence[PostmortemAction]) -> PostmortemView:
    return PostmortemView(
        update_n=row.update_n,
        published_at=at,
        corrected_at=row.corrected_at,
        actions=[ActionView.model_validate(one, from_attributes=True) for one in actions],
        credit=CreditView(**row.credit) if row.credit else None,
    )
